/** A refusal as a card; what an earlier card had is left out, and the card says where it stands. */
import { cardText, isAdvice } from '../../../presentation/card.ts';
import { inEach, inLanguage } from '../../../i18n/language.ts';
import type { CardBlock, ReportedRow } from '../../../presentation/types/report.ts';
import { element } from '../element.ts';
import type { Html } from '../element.ts';
import type { PageContext } from './context.ts';
import { definitions } from './text.ts';

export function card({ card: { headline, rows }, rest }: CardBlock, { toStep }: PageContext): Html {
  const href = rest && toStep(rest.step);
  const shown = rows
    .filter(({ isAgain }) => !isAgain)
    .map((row) => ({ kind: isAdvice(row.kind) ? 'advice' : row.kind, label: row.label, text: textOf(row) }));
  return element(
    'article',
    { class: 'card' },
    element('h3', {}, headline),
    definitions([
      ...shown,
      ...(rest
        ? [
            {
              kind: 'rest',
              label: rest.label,
              text: href === undefined ? rest.text : element('a', { href }, rest.text),
            },
          ]
        : []),
    ]),
  );
}

const textOf = ({ text, hint, isHintAgain }: ReportedRow): CardBlock['card']['headline'] =>
  inEach((language) => cardText(inLanguage({ text, ...(hint && !isHintAgain ? { hint } : {}) }, language)));

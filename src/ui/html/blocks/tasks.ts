/** The tasks of a lab, with what was found of each, and what happened while it was up. */
import { cardText } from '../../../presentation/card.ts';
import { inEach, inLanguage } from '../../../i18n/language.ts';
import type { JournalBlock, TaskBlock } from '../../../presentation/types/lab.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { definitions, inline, mark, paragraphs } from './text.ts';

export const task = ({ number, id, title, text, state, finding, hints, shows }: TaskBlock): Html =>
  element(
    'article',
    { class: state?.isDone ? 'task done' : 'task' },
    element('h3', {}, `${number}. `, title, ' ', element('code', {}, `(${id})`)),
    paragraphs(text),
    state && element('p', { class: 'state' }, state.isDone ? mark('✓') : undefined, state.text),
    finding && found(finding),
    hints.map(({ label, text: hint }) =>
      element('div', { class: 'hint' }, element('p', { class: 'dim' }, label), paragraphs(hint)),
    ),
    shows && element('div', { class: 'shows' }, paragraphs(shows)),
  );

const found = ({ reason, says, details, card }: NonNullable<TaskBlock['finding']>): Content =>
  [
    element('p', {}, reason && [element('strong', {}, reason, ': ')], inline(says)),
    details.length > 0 &&
      element(
        'ul',
        {},
        details.map((detail) => element('li', {}, inline(detail))),
      ),
    card &&
      element(
        'div',
        { class: 'card' },
        element('h4', {}, card.headline),
        definitions(
          card.rows.map((row) => ({
            kind: row.kind,
            label: row.label,
            text: inEach((language) => cardText(inLanguage(row, language))),
          })),
        ),
      ),
  ].filter((one) => one !== false);

export const journal = ({ entries }: JournalBlock): Html =>
  element(
    'ul',
    { class: 'journal' },
    entries.map(({ time, text, isBad }) =>
      element('li', {}, isBad ? mark('✗') : undefined, element('time', {}, time), ' ', paragraphs(text)),
    ),
  );

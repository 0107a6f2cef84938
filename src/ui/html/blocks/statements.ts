/** Sentences with marks: claims, decisions, what attempts came to. */
import type { ClaimsBlock, DecisionBlock, SentencesBlock } from '../../../presentation/types/report.ts';
import type { Claim } from '../../../presentation/types/verdict.ts';
import type { Statement } from '../../../presentation/types/values.ts';
import { element } from '../element.ts';
import type { Content, Html } from '../element.ts';
import { pageWords } from '../words.ts';
import type { PageContext } from './context.ts';
import { inline, mark, toneClass } from './text.ts';

const statement = (sign: Statement['mark'], tone: Statement['tone'], text: Content): Html =>
  element('li', { class: toneClass(tone) }, mark(sign), element('span', { class: 'said' }, text));

export const claims = ({ number, step, title, claims: all }: ClaimsBlock, context: PageContext): Html => {
  const href = step === undefined ? undefined : context.toStep(step);
  const head = [number === undefined ? undefined : `${number}. `, title];
  return element(
    'section',
    { class: 'claims' },
    element('h3', {}, href === undefined ? head : element('a', { href }, head)),
    element(
      'ul',
      { class: 'statements' },
      all.map((claim) => statement(claim.mark, claim.tone, evidenced(claim, context))),
    ),
  );
};

/** The claim, and a link to the first bytes that decide it. */
function evidenced({ text, evidence = [] }: Claim, { toBytes }: PageContext): Content {
  const [href] = evidence.flatMap((place) => toBytes(place) ?? []);
  return href === undefined
    ? inline(text)
    : [
        inline(text),
        ' ',
        element('a', { class: 'evidence', href, title: pageWords.toBytes }, pageWords.itsBytes),
      ];
}

export const decision = ({ decision: { headline, statements } }: DecisionBlock): Html =>
  element(
    'div',
    { class: 'decision' },
    element('h3', { class: toneClass(headline.tone) }, headline.text),
    element(
      'ul',
      { class: 'statements' },
      statements.map(({ mark: sign, tone, text }) => statement(sign, tone, inline(text))),
    ),
  );

export const sentences = ({ sentences: all }: SentencesBlock): Html =>
  element(
    'ul',
    { class: 'sentences' },
    all.map((words) => element('li', {}, typeof words === 'string' ? words : inline(words))),
  );

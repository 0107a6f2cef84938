/**
 * The board of a class: a row for each learner and lab, and a card for each who was turned away. Who serves it decides when it
 * changes; nothing here knows of sockets.
 */
import { inEach } from '../../../i18n/language.ts';
import type { Language, Localized } from '../../../i18n/language.ts';
import type { Card, Table } from '../../../presentation/types/values.ts';
import { card } from '../blocks/card.ts';
import { grid } from '../blocks/table.ts';
import { textOf } from '../bytes/texts.ts';
import { sectionOf } from '../document.ts';
import { element, render } from '../element.ts';
import type { Html } from '../element.ts';
import type { PageSection } from '../report.ts';
import { classWords } from '../words.ts';
import { boardIds } from './format.ts';
import type { BoardUpdate } from './format.ts';

export interface BoardCard {
  readonly card: Card;
  /** When it was so last: `14:03:59`. */
  readonly time: string;
  readonly count: number;
}

export interface BoardContent {
  readonly table: Pick<Table, 'head' | 'rows' | 'tones'>;
  /** Sentences above the table. */
  readonly facts: readonly Localized[];
  /** The newest first. */
  readonly cards: readonly BoardCard[];
}

/** @param isLive it changes as long as a script follows it */
export const learnersSection = (
  table: BoardContent['table'],
  facts: readonly Localized[],
  isLive = false,
): PageSection => ({
  id: 'learners',
  title: classWords.learners,
  content: [
    facts.map((fact) => element('p', {}, fact)),
    isLive ? element('noscript', {}, element('p', {}, classWords.noScript)) : undefined,
    grid(table, classWords.rows),
  ],
});

export const boardSections = ({ table, facts, cards }: BoardContent): readonly PageSection[] => [
  learnersSection(table, facts, true),
  {
    id: 'turned-away',
    title: classWords.turnedAway,
    content:
      cards.length === 0
        ? element('p', { class: 'dim' }, classWords.nobody)
        : cards.map(({ card: one, time, count }) => [
            element(
              'p',
              { class: 'dim' },
              inEach((language) => classWords.times[language](time, count)),
            ),
            card({ kind: 'card', conn: 0, card: one }, nowhere),
          ]),
  },
];

/** Nothing on this page leads to bytes or steps. */
const nowhere = {
  toBytes: () => undefined,
  toStep: () => undefined,
  toConnection: () => undefined,
  messagesOf: () => [],
} as const;

/** Says what has changed last, and whether the page is still told. */
export const boardBar = (latest: Localized): Html =>
  element(
    'aside',
    { class: 'live', id: boardIds.bar, 'aria-label': classWords.latest },
    element('p', { role: 'status' }, latest),
  );

/** The page while it changes: a reader is sent the sections that are others than it has. */
export class BoardParts {
  readonly #language: Language;
  readonly #parts = new Map<string, { readonly markup: string; readonly revision: number }>();
  #revision = 0;
  #latest: Localized = { en: '', ko: '' };

  /** @param language of what has room for one only; the page turns it */
  constructor(language: Language) {
    this.#language = language;
  }

  get revision(): number {
    return this.#revision;
  }

  /** Takes what is shown now. Returns whether anything has changed for a reader. */
  take(content: BoardContent, latest: Localized): boolean {
    const next = this.#revision + 1;
    let isChanged = this.#revision === 0 || latest.en !== this.#latest.en;
    for (const section of boardSections(content)) {
      const markup = render(sectionOf(section), this.#language);
      if (this.#parts.get(section.id)?.markup === markup) continue;
      this.#parts.set(section.id, { markup, revision: next });
      isChanged = true;
    }
    this.#latest = latest;
    if (isChanged) this.#revision = next;
    return isChanged;
  }

  /** What a reader needs who has seen an earlier revision; everything for one of another server. */
  since(revision: number): BoardUpdate {
    const seen = revision > this.#revision ? 0 : revision;
    return {
      revision: this.#revision,
      latest: textOf(this.#latest),
      sections: [...this.#parts].flatMap(([id, part]) =>
        part.revision > seen ? [[id, part.markup] as const] : [],
      ),
    };
  }
}

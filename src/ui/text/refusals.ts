/** Prints the refusal cards of a text report, each once; rows that an earlier card had are replaced by a reference to it. */
import type { Connection } from '../../capture/connection.ts';
import { inLanguage } from '../../i18n/language.ts';
import { refusalsOf, verdictOf } from '../../presentation/refusals.ts';
import type { ConnectionVerdict, RefusalStory } from '../../presentation/refusals.ts';
import type { CardRowKind, Table } from '../../presentation/types/values.ts';
import { setCardRows } from './card.ts';
import type { TextContext } from './context.ts';
import { tls } from './tls.ts';
import { textWords } from './words.ts';

export class RefusalCards {
  readonly #context: TextContext;
  /** Refusals that were printed already. */
  readonly #printed = new Set<number>();
  /** In which step a card's long rows were printed in full. */
  readonly #cards = new Map<string, number>();
  readonly #refusals: RefusalStory[] = [];

  constructor(context: TextContext) {
    this.#context = context;
  }

  /** @param step its number, for refusals of a step; absent for a visitor's client */
  print(connection: Connection, from = 0, step?: number): void {
    const { options, topology, speakers } = this.#context;
    const { flows } = options;
    const stories =
      step === undefined
        ? visitorsStories(verdictOf(connection, { flows, topology, speakers }))
        : refusalsOf(connection, from, flows, topology, speakers);
    for (const story of stories) {
      if (this.#printed.has(story.refusal.seq)) continue;
      this.#printed.add(story.refusal.seq);
      if (step !== undefined) this.#refusals.push(story);
      this.#card(story, step);
    }
  }

  forget({ refused }: Connection): void {
    for (const { seq } of refused) this.#printed.delete(seq);
  }

  /** The refusals of all steps; undefined where one card says as much. */
  table(): Table | undefined {
    if (this.#refusals.length === 0) return undefined;
    const { refusalMatrix, matrixTable } = tls();
    const matrix = refusalMatrix(this.#refusals);
    return matrix && matrixTable(matrix);
  }

  #card(story: RefusalStory, step: number | undefined): void {
    const { language, page, topology } = this.#context;
    const card = tls().refusalCard(story, { topology, inStep: step !== undefined });
    const { headline, rows } = inLanguage(card, language);
    const key = JSON.stringify(rows.filter(({ kind }) => longRows.has(kind)));
    const before = this.#cards.get(key);
    if (before === undefined && step !== undefined) this.#cards.set(key, step);
    page.blank();
    page.behind('  ', headline);
    setCardRows(
      page,
      rows
        .filter(({ kind }) => before === undefined || !longRows.has(kind))
        .map(({ hint = '', ...row }) => (this.#context.once(hint) ? { ...row, hint } : row)),
      2,
    );
    // A refusal known only from its alert may have another reason each time.
    if (before !== undefined && story.refusal.reason !== 'peer_alert')
      this.#context.row(textWords.rest[language], textWords.asBefore[language](before));
  }
}

/** What only the bytes show stands among the lines of the connection. */
function visitorsStories(verdict: ConnectionVerdict | undefined): RefusalStory[] {
  return verdict?.story?.reported && verdict.hasCard ? [verdict.story] : [];
}

/** Rows that are the same for one certificate however often it is refused. */
const longRows: ReadonlySet<CardRowKind> = new Set([
  'because',
  'presented',
  'expected',
  'remedy',
  'certainty',
  'seeIt',
]);

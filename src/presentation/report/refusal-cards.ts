/** The refusal cards of a report, each once; rows that an earlier card had are marked, with the step of that card. */
import type { Connection } from '../../capture/connection.ts';
import { inEach } from '../../i18n/language.ts';
import { refusalsOf, verdictOf } from '../refusals.ts';
import type { ConnectionVerdict, RefusalStory } from '../refusals.ts';
import type { CardBlock, ReportedRow } from '../types/report.ts';
import type { CardRow, CardRowKind, Table } from '../types/values.ts';
import { forTls } from './load.ts';
import { ofStep } from './report-context.ts';
import type { ReportContext } from './report-context.ts';
import { reportWords } from './words.ts';

/** A step with its number, from 1. */
interface NumberedStep {
  readonly id: string;
  readonly number: number;
}

export class RefusalCards {
  readonly #context: ReportContext;
  /** Refusals that were reported already. */
  readonly #reported = new Set<number>();
  /** In which step a card's long rows were given in full. */
  readonly #cards = new Map<string, NumberedStep>();
  readonly #refusals: RefusalStory[] = [];

  constructor(context: ReportContext) {
    this.#context = context;
  }

  /** @param step for refusals of a step; absent for a visitor's client */
  report(connection: Connection, from = 0, step?: NumberedStep): void {
    const { options, topology, speakers } = this.#context;
    const { flows } = options;
    const stories =
      step === undefined
        ? visitorsStories(verdictOf(connection, { flows, topology, speakers }))
        : refusalsOf(connection, from, flows, topology, speakers);
    for (const story of stories) {
      if (this.#reported.has(story.refusal.seq)) continue;
      this.#reported.add(story.refusal.seq);
      if (step !== undefined) this.#refusals.push(story);
      this.#context.emit(this.#card(story, connection, step));
    }
  }

  forget({ refused }: Connection): void {
    for (const { seq } of refused) this.#reported.delete(seq);
  }

  /** The refusals of all steps; undefined where one card says as much. */
  table(): Table | undefined {
    if (this.#refusals.length === 0) return undefined;
    const { refusalMatrix, matrixTable } = forTls();
    const matrix = refusalMatrix(this.#refusals);
    return matrix && matrixTable(matrix);
  }

  #card(story: RefusalStory, { conn }: Connection, step: NumberedStep | undefined): CardBlock {
    const { topology } = this.#context;
    const card = forTls().refusalCard(story, { topology, inStep: step !== undefined });
    const key = JSON.stringify(card.rows.filter(({ kind }) => longRows.has(kind)));
    const before = this.#cards.get(key);
    if (before === undefined && step !== undefined) this.#cards.set(key, step);
    const rows = card.rows.map((row) => this.#row(row, before !== undefined && longRows.has(row.kind)));
    return {
      kind: 'card',
      conn,
      ...ofStep(step?.id),
      card: { ...card, rows },
      // A refusal known only from its alert may have another reason each time.
      ...(before !== undefined && story.refusal.reason !== 'peer_alert'
        ? {
            rest: {
              step: before.id,
              label: reportWords.rest,
              text: inEach((language) => reportWords.asBefore[language](before.number)),
            },
          }
        : {}),
    };
  }

  #row(row: CardRow, isAgain: boolean): ReportedRow {
    if (isAgain) return { ...row, isAgain };
    return row.hint && this.#context.remark(row.hint).isAgain ? { ...row, isHintAgain: true } : row;
  }
}

/** What only the bytes show stands among the blocks of the connection. */
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

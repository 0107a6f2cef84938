/** What the page of an opened file is made of: the document, rows of its list, and of one connection its conversation and its bytes. */
import { readFileSync } from 'node:fs';
import { RunReport } from '../../../presentation/report/run-report.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Language } from '../../../i18n/language.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import { documentStyle, pageDocument, pagePolicy } from '../../../ui/html/document.ts';
import { render } from '../../../ui/html/element.ts';
import type { ViewFault, ViewRows } from '../../../ui/html/view/format.ts';
import { viewConnection, viewSections, viewTooLarge } from '../../../ui/html/view/view.ts';
import type { Places } from '../../places.ts';
import { pageScriptFile } from '../../places.ts';
import { explorerInTurns } from '../../run/page/content.ts';
import { madeBy } from '../../run/page/made.ts';
import type { OpenedFile } from './opened.ts';
import { ViewedRows } from './rows.ts';
import type { RowsAsked } from './rows.ts';

/** More a browser does not hold well, in bytes. */
const usualLargest = 32 * 1024 * 1024;

export interface ViewPageOptions {
  readonly language: Language;
  readonly places: Places;
  readonly now: Date;
  /** The filter to begin with. */
  readonly filter: string;
  /** Payload of a connection that a browser is given, in bytes. */
  readonly largest?: number;
}

export class ViewPage {
  readonly policy: string;
  readonly #file: OpenedFile;
  readonly #language: Language;
  readonly #rows: ViewedRows;
  readonly #document: Uint8Array;
  readonly #largest: number;

  constructor(file: OpenedFile, { language, places, now, filter, largest = usualLargest }: ViewPageOptions) {
    this.#largest = largest;
    this.#file = file;
    this.#language = language;
    this.#rows = new ViewedRows(file.flows, language, file.lastAt);
    const script = readFileSync(pageScriptFile(places), 'utf8');
    this.policy = pagePolicy(script, documentStyle, true);
    const { title, facts, problem, blocks, flows } = file;
    const [first] = flows.connections;
    this.#document = Buffer.from(
      pageDocument({
        language,
        report: { title, sections: [] },
        name: title[language],
        explorer: undefined,
        script,
        made: madeBy(places, now),
        isMasked: false,
        view: {
          sections: viewSections({ facts, problem, blocks, filter }),
          state: { count: this.#rows.count, ...(first ? { first: first.conn } : {}) },
        },
      }),
    );
  }

  document(): Uint8Array {
    return this.#document;
  }

  rows(asked: RowsAsked): Promise<ViewRows | ViewFault> {
    return this.#rows.answer(asked);
  }

  /** The conversation; undefined where there is no such connection. */
  conversation(conn: number): string | undefined {
    const connection = this.#file.flows.connection(conn);
    if (!connection) return undefined;
    const made = this.#isTooLarge(connection)
      ? viewTooLarge(sizeOf(connection))
      : viewConnection(this.#blocksOf(connection));
    return render(made, this.#language);
  }

  /** The explorer of its bytes; likewise. */
  async bytes(conn: number): Promise<string | undefined> {
    const connection = this.#file.flows.connection(conn);
    if (!connection) return undefined;
    if (this.#isTooLarge(connection)) return render(viewTooLarge(sizeOf(connection)), this.#language);
    const { keys, redacted, report } = this.#file;
    const explorer = await explorerInTurns({
      // For the head alone.
      blocks: this.#blocksOf(connection).filter(({ kind }) => kind === 'connection'),
      connections: [connection],
      keys,
      secrets: report.secrets,
      isMasked: false,
      redacted,
    });
    return render(explorer.finish(), this.#language);
  }

  #isTooLarge(connection: Connection): boolean {
    return sizeOf(connection) > this.#largest;
  }

  #blocksOf(connection: Connection): readonly ReportBlock[] {
    const { flows, keys, report: options } = this.#file;
    const blocks: ReportBlock[] = [];
    const report = new RunReport({
      ...options,
      flows,
      keys,
      opens: true,
      onBlock: (block) => void blocks.push(block),
      // It says where it stands in the file.
      onSummary: () => {},
    });
    if (connection.began) report.fold(connection.began);
    report.reportWhole(connection.conn);
    return blocks;
  }
}

const sizeOf = (connection: Connection): number =>
  connection.lengthOf('wire', 'client') + connection.lengthOf('wire', 'server');

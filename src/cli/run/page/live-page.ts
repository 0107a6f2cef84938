/** The page of a program that runs until it is stopped: what it is, and the connections that it has seen. */
import type { Filter } from '../../../analysis/summary/filter.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { CaptureEvent, EventOf } from '../../../capture/event.ts';
import type { Flows } from '../../../capture/flows.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { loadTlsReport } from '../../../presentation/report/load.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import type { Environment } from '../../command.ts';
import { ConnectionBlocks } from './connections.ts';
import { loadPage, pageOf } from './content.ts';
import type { PageContent } from './content.ts';
import type { PageFile } from './file.ts';
import { KeptEvents } from './kept-events.ts';
import type { KeptLimits } from './kept-events.ts';

export interface LivePageOptions {
  readonly filter?: Filter | undefined;
  readonly limits?: KeptLimits;
}

export interface PageParts {
  readonly title: Localized;
  /** Blocks in front of the connections. */
  readonly more?: readonly ReportBlock[];
  /** The screen hides secrets. */
  readonly isMasked?: boolean;
  /** Of a saved recording: where bytes were replaced. */
  readonly redacted?: PageContent['redacted'];
  readonly notice?: PageContent['notice'];
  /** Whether a connection is shown; by default every one. */
  readonly shows?: (connection: Connection, flows: Flows) => boolean;
}

export class LivePage {
  readonly #options: LivePageOptions;
  readonly #kept: KeptEvents;
  /** How it began, and what was noted. */
  readonly #head: EventOf<'began' | 'note'>[] = [];

  private constructor(options: LivePageOptions) {
    this.#options = options;
    this.#kept = new KeptEvents(options.limits);
  }

  static async start(options: LivePageOptions = {}): Promise<LivePage> {
    await Promise.all([loadTlsReport(), loadPage()]);
    return new LivePage(options);
  }

  readonly fold = (event: CaptureEvent): void => {
    this.#kept.fold(event);
    // What has a part is said to a reader of the screen.
    if (event.type === 'began' || (event.type === 'note' && event.part === undefined)) this.#head.push(event);
    if (this.#head.length > mostNotes) this.#head.splice(2, 1);
  };

  /** Whether anything began. */
  get hasBegun(): boolean {
    return this.#head.length > 0;
  }

  write(
    file: PageFile,
    { language, places }: Pick<Environment, 'language' | 'places'>,
    { title, more = [], isMasked = false, redacted, notice, shows }: PageParts,
  ): void {
    const { flows, keys, forgotten } = this.#kept;
    this.#kept.end();
    const { filter } = this.#options;
    const connections = new ConnectionBlocks({
      flows,
      keys,
      filter,
      shows: shows && ((connection) => shows(connection, flows)),
    });
    let hasIntroduction = more.length > 0;
    const head = this.#head.flatMap((event) => {
      if (event.type === 'began') return connections.fold(event);
      const isFirst = !hasIntroduction;
      hasIntroduction = true;
      return connections.fold(isFirst ? { ...event, part: 'intro' } : event);
    });
    const { blocks, passed } = connections.finish();
    file.write(
      pageOf(
        {
          blocks: [
            { kind: 'title', text: title },
            ...more,
            ...head,
            ...(forgotten > 0 ? [leftOut(forgotten)] : []),
            ...blocks,
          ],
          connections: flows.connections.filter(({ conn }) => passed.has(conn)),
          name: title[language],
          keys,
          secrets: new Map(),
          isMasked,
          redacted,
          notice,
        },
        { language, places, now: new Date() },
      ),
    );
  }
}

/** The first ones and the newest are kept. */
const mostNotes = 200;

const leftOut = (count: number): ReportBlock => ({
  kind: 'narration',
  part: 'note',
  text: {
    en: `There were more connections than one page can hold: the ${grouped(count)} that closed first are not on it.`,
    ko: `연결이 페이지 하나에 담을 수 있는 것보다 많아, 먼저 닫힌 ${grouped(count)}개는 넣지 않았습니다.`,
  },
});

/** The blocks of connections that are there as a whole, those of a capture, a proxy or a lab: summed up, listed, and reported one by one. */
import { SecretHunt } from '../../../analysis/secrets/secret-hunt.ts';
import type { Filter } from '../../../analysis/summary/filter.ts';
import { Statistics } from '../../../analysis/summary/statistics.ts';
import type { CaptureEvent } from '../../../capture/event.ts';
import type { Connection } from '../../../capture/connection.ts';
import type { Flows } from '../../../capture/flows.ts';
import { listedBlock, summaryBlock } from '../../../presentation/report/capture-summary.ts';
import { RunReport } from '../../../presentation/report/run-report.ts';
import type { ReportBlock } from '../../../presentation/types/report.ts';
import type { KeyRing } from '../../../protocols/tls/keys/keylog.ts';

export interface ConnectionsOptions {
  readonly flows: Flows;
  readonly keys: KeyRing;
  /** Those that it does not match are left out. */
  readonly filter?: Filter | undefined;
  /** Whether a connection is shown at all; by default every one. */
  readonly shows?: ((connection: Connection) => boolean) | undefined;
}

export class ConnectionBlocks {
  readonly #flows: Flows;
  readonly #report: RunReport;
  readonly #statistics = new Statistics();
  readonly #passed = new Set<number>();
  readonly #rows: ReportBlock[] = [];
  #blocks: ReportBlock[] = [];
  #began = 0;
  #files: Parameters<typeof summaryBlock>[1]['files'];

  /** Await `loadTlsReport` before. */
  constructor({ flows, keys, filter, shows = () => true }: ConnectionsOptions) {
    this.#flows = flows;
    this.#report = new RunReport({
      flows,
      opens: true,
      keys,
      hunt: new SecretHunt([]),
      secrets: new Map(),
      onBlock: (block) => void this.#blocks.push(block),
      summary: {
        ...(filter ? { texts: filter.texts } : {}),
        onLatency: (latency, connection) => this.#statistics.addLatency(latency, connection),
      },
      onSummary: (summary, connection) => {
        if (!shows(connection) || (filter && filter.test(summary) !== true)) return;
        this.#passed.add(summary.stream);
        this.#statistics.add(summary);
        this.#rows.push(listedBlock(summary, Date.parse(connection.began?.wallClock ?? '')));
      },
    });
  }

  /** Of the beginning, and of notes. @returns the blocks that it makes */
  fold(event: CaptureEvent & { readonly type: 'began' | 'note' }): readonly ReportBlock[] {
    if (event.type === 'began' && this.#began === 0) {
      this.#began = Date.parse(event.wallClock);
      this.#files = event.files;
    }
    this.#report.fold(event);
    return this.#take();
  }

  /** @param packets of a capture file */
  finish(packets?: number): {
    readonly blocks: readonly ReportBlock[];
    readonly passed: ReadonlySet<number>;
  } {
    const passed = this.#passed;
    // Each under the topology of its own run.
    const runs = new Set(this.#flows.connections.flatMap(({ began }) => began ?? []));
    if (runs.size > 1)
      for (const run of runs) {
        this.#report.fold(run);
        for (const { conn, began } of this.#flows.connections)
          if (began === run) this.#report.reportWhole(conn);
      }
    this.#report.reportAll((conn) => passed.has(conn));
    const facts = {
      began: this.#began,
      ...(packets === undefined ? {} : { packets }),
      ...(this.#files ? { files: this.#files } : {}),
    };
    return {
      blocks: [
        summaryBlock(this.#statistics.value, facts),
        ...this.#rows,
        ...this.#take().filter((block) => !('conn' in block) || passed.has(block.conn)),
      ],
      passed,
    };
  }

  #take(): readonly ReportBlock[] {
    const blocks = this.#blocks;
    this.#blocks = [];
    return blocks;
  }
}

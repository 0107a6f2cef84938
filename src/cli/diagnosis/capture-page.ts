/**
 * The page of a capture's diagnosis: what it says, and the connections that it names. Kept meanwhile are those that failed, those that
 * are open, and the first that went well.
 */
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureDraft } from '../../capture/event.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { loadTlsReport } from '../../presentation/report/load.ts';
import { RunReport } from '../../presentation/report/run-report.ts';
import type { ReportBlock } from '../../presentation/types/report.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { Environment } from '../command.ts';
import { openerBySources, readCapture } from '../inspect/open.ts';
import type { OpenBySources } from '../inspect/open.ts';
import { mostEvents, tooLarge } from '../inspect/files.ts';
import { pageName } from './page.ts';
import { loadPage, pageOf } from '../run/page/content.ts';
import type { PageFile } from '../run/page/file.ts';

/** Connections without a failure that are shown for comparison. */
const mostWell = 20;

interface Read {
  readonly log: CaptureLog;
  readonly flows: Flows;
  readonly releaser: EventReleaser;
  readonly open: OpenBySources | undefined;
}

export class CapturePage {
  readonly #keys = new KeyRing();
  /** Events of each connection that is kept. */
  readonly #events = new Map<number, number>();
  #kept = 0;
  #well = 0;
  #of: Read | undefined;

  /** Await before anything is read. */
  static async start(): Promise<CapturePage> {
    await Promise.all([loadTlsReport(), loadPage()]);
    return new CapturePage();
  }

  /**
   * Reads a capture for others, every byte of it, and keeps what is shown.
   * @throws UserError as `readCapture` does, and for a capture of which too much would be shown
   */
  readonly read: typeof readCapture = async (request, { append, wants: _all, ...options }) => {
    const open = await openerBySources(request);
    const log = new CaptureLog({ clock: options.clock });
    const flows = new Flows(log);
    const releaser = new EventReleaser(log);
    this.#of = { log, flows, releaser, open };
    log.subscribe((event) => {
      flows.fold(event);
      releaser.fold(event);
      if (event.type === 'keylog') this.#keys.add([event.line]);
    });
    return readCapture(request, {
      ...options,
      append: (draft, position) => {
        this.#count(draft, request.name);
        log.append(draft);
        append(draft, position);
      },
    });
  };

  #count(draft: CaptureDraft, name: string): void {
    if (!('conn' in draft) || draft.conn === undefined) return;
    if (++this.#kept > mostEvents) throw tooLarge(name);
    this.#events.set(draft.conn, (this.#events.get(draft.conn) ?? 0) + 1);
  }

  /** Nothing was wrong with a connection. */
  wentWell(conn: number): void {
    if (++this.#well <= mostWell) return;
    this.#kept -= this.#events.get(conn) ?? 0;
    this.#events.delete(conn);
    this.#of?.flows.forget(conn);
    this.#of?.releaser.forget(conn);
  }

  /** Does nothing before a capture was read. */
  write(
    file: PageFile,
    { finding, others }: Diagnosis,
    answer: readonly ReportBlock[],
    name: string,
    { language, places }: Environment,
  ): void {
    if (!this.#of) return;
    const { log, flows, open } = this.#of;
    const blocks: ReportBlock[] = [...answer];
    const report = new RunReport({
      flows,
      opens: true,
      keys: this.#keys,
      hunt: new SecretHunt([]),
      secrets: new Map(),
      onBlock: (block) => void blocks.push(block),
      onSummary: () => {},
    });
    for (const event of log.events) if (event.type === 'began') report.fold(event);
    if (open) for (const connection of flows.connections) open(connection, flows, log);
    const named = [finding, ...others].flatMap((one) => one?.connection?.stream ?? []);
    const shown = [
      ...new Set([...named, ...flows.connections.map(({ conn }) => conn).slice(0, mostWell)]),
    ].flatMap((conn) => flows.connection(conn) ?? []);
    for (const { conn } of shown) report.reportWhole(conn);
    file.write(
      pageOf(
        {
          blocks,
          connections: shown,
          name: pageName(name),
          keys: this.#keys,
          secrets: new Map(),
          isMasked: false,
        },
        { language, places, now: new Date() },
      ),
    );
  }
}

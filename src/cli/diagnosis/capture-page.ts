/**
 * The page of a capture's diagnosis: what it says, and the connections that it names. Kept meanwhile are those that failed, those that
 * are open, and the first that went well.
 */
import { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureDraft } from '../../capture/event.ts';
import { EventReleaser } from '../../capture/event-releaser.ts';
import { Flows } from '../../capture/flows.ts';
import { CaptureLog } from '../../capture/log.ts';
import type { Clock } from '../../core/clock.ts';
import type { Diagnosis } from '../../diagnosis/diagnosis.ts';
import { loadTlsReport } from '../../presentation/report/load.ts';
import { RunReport } from '../../presentation/report/run-report.ts';
import type { ReportBlock } from '../../presentation/types/report.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import type { Environment } from '../command.ts';
import { FilePayload } from '../inspect/file-payload.ts';
import { openerBySources } from '../inspect/open.ts';
import type { OpenBySources } from '../inspect/open.ts';
import { mostEvents, tooLarge } from '../inspect/page.ts';
import type { InspectRequest } from '../inspect/request.ts';
import { pageName } from './page.ts';
import { loadPage, pageOf } from '../run/page/content.ts';
import type { PageFile } from '../run/page/file.ts';

/** Connections without a failure that are shown for comparison. */
const mostWell = 20;

export class CapturePage {
  readonly #file: PageFile;
  readonly #request: InspectRequest;
  readonly #open: OpenBySources | undefined;
  readonly #log: CaptureLog;
  readonly #payload: FilePayload;
  readonly #flows: Flows;
  readonly #releaser: EventReleaser;
  readonly #keys = new KeyRing();
  /** Events of each connection that is kept. */
  readonly #events = new Map<number, number>();
  #kept = 0;
  #well = 0;

  private constructor(
    file: PageFile,
    request: InspectRequest,
    clock: Clock,
    open: OpenBySources | undefined,
  ) {
    this.#file = file;
    this.#request = request;
    this.#open = open;
    this.#log = new CaptureLog({ clock });
    this.#payload = new FilePayload(this.#log, request.input);
    this.#flows = new Flows(this.#payload);
    this.#releaser = new EventReleaser(this.#log);
    this.#log.subscribe((event) => {
      this.#flows.fold(event);
      this.#releaser.fold(event);
      if (event.type === 'keylog') this.#keys.add([event.line]);
    });
  }

  static async start(file: PageFile, request: InspectRequest, clock: Clock): Promise<CapturePage> {
    const [open] = await Promise.all([openerBySources(request), loadTlsReport(), loadPage()]);
    return new CapturePage(file, request, clock, open);
  }

  /** @throws UserError for a capture of which too much would be shown. */
  append(draft: CaptureDraft, position: number | undefined): void {
    const conn = 'conn' in draft ? draft.conn : undefined;
    if (conn !== undefined) {
      if (++this.#kept > mostEvents) throw tooLarge(this.#request.name);
      this.#events.set(conn, (this.#events.get(conn) ?? 0) + 1);
    }
    this.#payload.append(draft, position);
  }

  /** Nothing was wrong with a connection. */
  wentWell(conn: number): void {
    if (++this.#well <= mostWell) return;
    this.#kept -= this.#events.get(conn) ?? 0;
    this.#events.delete(conn);
    this.#flows.forget(conn);
    this.#releaser.forget(conn);
  }

  write(
    { finding, others }: Diagnosis,
    answer: readonly ReportBlock[],
    name: string,
    { language, places }: Environment,
  ): void {
    const flows = this.#flows;
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
    for (const event of this.#log.events) if (event.type === 'began') report.fold(event);
    if (this.#open) for (const connection of flows.connections) this.#open(connection, flows, this.#log);
    const named = [finding, ...others].flatMap((one) => one?.connection?.stream ?? []);
    const shown = [
      ...new Set([...named, ...flows.connections.map(({ conn }) => conn).slice(0, mostWell)]),
    ].flatMap((conn) => flows.connection(conn) ?? []);
    for (const { conn } of shown) report.reportWhole(conn);
    this.#file.write(
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

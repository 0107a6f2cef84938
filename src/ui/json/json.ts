/**
 * A run as NDJSON: a line for each capture event; when a connection has settled, lines for its content (handshake messages,
 * alerts, HTTP, readable secrets, the outcome); and the verdict as the last line.
 *
 * 1. A pure function of the log. Key log lines are printed only with `--with-secrets`.
 * 2. The lines about content contain what an eavesdropper could know; nothing is decrypted unless requested.
 */
import type { SecretHunt } from '../../analysis/secrets/secret-hunt.ts';
import type { CaptureEvent } from '../../capture/event.ts';
import type { Connection } from '../../capture/connection.ts';
import type { Flows } from '../../capture/flows.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import { commandKey, programsOf } from '../../presentation/scripts.ts';
import type { Scripts } from '../../presentation/types/values.ts';
import type { Verdict } from '../../engine/verdict.ts';
import { KeyRing } from '../../protocols/tls/keys/keylog.ts';
import { ConnectionLines } from './connection.ts';
import { eventLine } from './json-events.ts';
import { jsonText, outputLine } from './line.ts';
import type { OutputLine } from './line.ts';

export interface JsonOptions {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  /** Secrets' values by id, for the `secret` lines. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Key log lines are printed, and sealed messages are opened with them. */
  readonly withSecrets: boolean;
  /** Sealed messages are decrypted, even if the keys are not printed. */
  readonly opens?: boolean;
  /** False: lines for the content, none for the capture events. */
  readonly events?: boolean;
  readonly write: (line: string) => void;
}

export class JsonReport {
  readonly #options: JsonOptions;
  readonly #printed = new Set<number>();
  #inStep = false;

  constructor(options: JsonOptions) {
    this.#options = options;
  }

  readonly fold = (event: CaptureEvent): void => {
    const { events = true, withSecrets } = this.#options;
    if (events && (event.type !== 'keylog' || withSecrets)) this.#write(eventLine(event));
    if (event.type === 'step') {
      this.#inStep = event.state === 'started';
      if (event.state === 'done') this.#printSettled();
    }
    if (event.type === 'closed' && !this.#inStep) this.#printOne(event.conn);
  };

  reach(ways: readonly ManualCommand[], scripts?: Scripts): void {
    for (const way of ways) {
      const typed = programsOf(way).flatMap(([program]) => {
        const short = scripts?.typed.get(commandKey(way, program));
        return short === undefined ? [] : [[program, short] as const];
      });
      this.#write(
        outputLine({
          v: 2,
          kind: 'reach',
          ...way,
          ...(scripts && typed.length > 0 ? { typed: Object.fromEntries(typed), folder: scripts.path } : {}),
        }),
      );
    }
  }

  /** Connections that are still open are printed as far as they have come. */
  end(): void {
    for (const connection of this.#options.flows.connections) this.#print(connection);
  }

  /** Nothing more is printed about that connection. */
  forget(conn: number): void {
    this.#printed.delete(conn);
  }

  finish(verdict: Verdict): void {
    this.end();
    const findings = verdict.findings.map(({ observed: _observed, ...finding }) => finding);
    this.#write(outputLine({ v: 2, kind: 'verdict', ...verdict, findings }));
  }

  #printSettled(): void {
    for (const connection of this.#options.flows.connections) if (connection.closed) this.#print(connection);
  }

  #printOne(conn: number): void {
    const connection = this.#options.flows.connection(conn);
    if (connection) this.#print(connection);
  }

  #print(connection: Connection): void {
    if (this.#printed.has(connection.conn)) return;
    this.#printed.add(connection.conn);
    const { flows, withSecrets, opens = withSecrets, hunt, secrets } = this.#options;
    new ConnectionLines(connection, {
      hunt,
      secrets,
      write: (line) => this.#write(line),
      keys: opens ? new KeyRing(flows) : [],
    }).finish();
  }

  #write(line: OutputLine): void {
    this.#options.write(jsonText(line));
  }
}

/** What a live report does for one connection, counted: it must not depend on how many others are open. */
import test from 'ava';
import { CaptureLog } from '../../src/capture/log.ts';
import { Flows } from '../../src/capture/flows.ts';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { SecretHunt } from '../../src/analysis/secrets/secret-hunt.ts';
import { systemClock } from '../../src/core/clock.ts';
import { JsonReport } from '../../src/ui/json/json.ts';
import { LiveReport, loadLive } from '../../src/ui/text/live.ts';
import { alertRecord, clientHello, serverHello } from './support/story.ts';

await Promise.all([loadLive(), loadReadings()]);

const address = { host: '127.0.0.1', port: 1 };
const keyLine = (conn: number): string =>
  `CLIENT_RANDOM ${conn.toString(16).padStart(64, '0')} ${'ab'.repeat(48)}`;

/** Counts whatever is given out of more than the one connection that was asked for. */
class CountingFlows extends Flows {
  handedOut = 0;
  override get keylog(): readonly string[] {
    return this.#counted(super.keylog);
  }
  override get connections(): typeof Flows.prototype.connections {
    return this.#counted(super.connections);
  }
  override keylogOf(random: string): readonly string[] {
    return this.#counted(super.keylogOf(random));
  }
  #counted<T>(list: readonly T[]): readonly T[] {
    this.handedOut += list.length;
    return list;
  }
}

type Report = 'lines' | 'json';

/** Items handed out while one connection is broken off in its handshake, with so many others open. */
function costOfOneClose(
  kind: Report,
  open: number,
): { readonly handedOut: number; readonly lines: readonly string[] } {
  const log = new CaptureLog({ clock: systemClock });
  const flows = new CountingFlows(log);
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const report =
    kind === 'lines'
      ? new LiveReport({
          flows,
          language: 'en',
          columns: 100,
          ascii: false,
          write,
          reproduce: () => undefined,
          onPrinted: (conn) => flows.forget(conn),
        })
      : new JsonReport({ flows, hunt: new SecretHunt([]), secrets: new Map(), withSecrets: true, write });
  log.subscribe((event) => {
    flows.fold(event);
    report.fold(event);
  });
  for (let conn = 1; conn <= open + 1; conn++) {
    log.append({
      type: 'opened',
      conn,
      hop: 'A',
      transport: 'tcp',
      from: { ...address, port: conn },
      to: address,
    });
    log.append({ type: 'keylog', conn, line: keyLine(conn) });
  }
  const conn = open + 1;
  log.append({
    type: 'bytes',
    conn,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: clientHello('shop.localhost'),
  });
  log.append({ type: 'bytes', conn, hop: 'A', vantage: 'wire', from: 'server', bytes: serverHello });
  log.append({ type: 'bytes', conn, hop: 'A', vantage: 'wire', from: 'client', bytes: alertRecord(48) });
  flows.handedOut = 0;
  lines.length = 0;
  log.append({ type: 'closed', conn, hop: 'A', by: 'client', how: 'reset' });
  return { handedOut: flows.handedOut, lines };
}

for (const kind of ['lines', 'json'] as const) {
  test(`${kind}: a connection that is broken off costs the same with 10 and with 1,000 others open`, (t) => {
    const few = costOfOneClose(kind, 10);
    const many = costOfOneClose(kind, 1000);
    t.is(many.handedOut, few.handedOut);
    t.true(few.handedOut < 10, `${few.handedOut}`);
    // Something was printed: the count is of work that was done.
    t.regex(few.lines.join('\n'), /unknown_ca|CA/);
  });
}

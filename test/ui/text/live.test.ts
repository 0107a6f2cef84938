/** Live lines of TLS that passes a proxy: on a wire at whose end the proxy does not decrypt they show what an eavesdropper sees. */
import test from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { proxyKind, proxyKindNames } from '../../../src/proxy/kinds.ts';
import { LiveReport, loadLive } from '../../../src/ui/text/live.ts';
import { alertRecord, clientHello, serverHello } from '../support/story.ts';

await Promise.all([loadLive(), loadReadings()]);

const address = { host: '127.0.0.1', port: 1 };

/** The lines of one TLS handshake that passes both wires, plain to the proxy. */
function linesThrough(kind: string): string[] {
  const log = new CaptureLog({ clock: systemClock });
  const flows = new Flows(log);
  const lines: string[] = [];
  const live = new LiveReport({
    flows,
    language: 'en',
    columns: 100,
    ascii: false,
    write: (line) => void lines.push(line),
    reproduce: () => undefined,
    onPrinted: (conn) => flows.forget(conn),
  });
  log.subscribe((event) => {
    flows.fold(event);
    live.fold(event);
  });
  log.append({
    type: 'began',
    version: '0',
    wallClock: '2026-01-01T00:00:00.000Z',
    topology: {
      participants: [
        { name: 'client', role: 'client' },
        { name: 'proxy', role: 'proxy', kind },
        { name: 'server', role: 'server' },
      ],
      wires: [
        { hop: 'A', from: 'client', to: 'proxy', protocol: 'tcp' },
        { hop: 'B', from: 'proxy', to: 'server', protocol: 'tcp' },
      ],
    },
  });
  for (const [index, hop] of ['A', 'B'].entries())
    log.append({ type: 'opened', conn: index + 1, hop, transport: 'tcp', from: address, to: address });
  const pieces = [
    ['client', clientHello('shop.localhost')],
    ['server', serverHello],
    ['client', alertRecord(48)],
  ] as const;
  for (const [from, bytes] of pieces)
    for (const [index, hop] of ['A', 'B'].entries())
      log.append({ type: 'bytes', conn: index + 1, hop, vantage: 'wire', from, bytes });
  return lines;
}

for (const kind of proxyKindNames.filter((name) => proxyKind(name).accepts === 'plain'))
  test(`TLS through a ${kind} proxy stands on both wires`, (t) => {
    const text = linesThrough(kind).join('\n');
    for (const hop of ['A', 'B'])
      for (const message of ['ClientHello', 'ServerHello', 'Alert'])
        t.regex(text, new RegExp(`${hop} .*${message}`), `${hop} ${message}`);
  });

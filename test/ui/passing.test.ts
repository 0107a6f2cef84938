import test from 'ava';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import type { Side, Topology } from '../../src/capture/event.ts';
import { Flows } from '../../src/capture/flows.ts';
import { EventReleaser } from '../../src/capture/event-releaser.ts';
import { JsonLive } from '../../src/ui/json/json-live.ts';
import { LiveReport, loadLive } from '../../src/ui/text/live.ts';
import { loadTlsReport } from '../../src/presentation/report/load.ts';
import { SecretHunt } from '../../src/analysis/secrets/secret-hunt.ts';
import { ScriptedLog, present } from '../helpers/capture.ts';
import { textReport } from './support/text-report.ts';

test.before(async () => {
  await Promise.all([loadReadings(), loadLive(), loadTlsReport()]);
});

type Say = (from: Side, bytes: string | Uint8Array) => void;

/** What a peer may say for as long as it likes; a share of it. */
const floods: Readonly<Record<string, (say: Say) => void>> = {
  'TLS records of one byte': (say) => {
    say('client', Buffer.from('16030100040100000016030100010e', 'hex'));
    for (let at = 0; at < 3000; at++)
      say(
        at % 3 === 0 ? 'server' : 'client',
        Buffer.from([0x17, 3, 3, 0, 1, at & 0xff, 0x15, 3, 3, 0, 2, 1, 90]),
      );
  },
  'a handshake message in records of one byte': (say) => {
    for (const byte of [1, 1, 0xff, 0, ...Array.from({ length: 3000 }, (_, at) => at & 0xff)])
      say('client', Buffer.from([0x16, 3, 1, 0, 1, byte]));
  },
  'EHLO and then NOOP': (say) => {
    say('server', '220 mail.example ESMTP\r\n');
    say('client', 'EHLO client.example\r\n');
    for (let at = 0; at < 3000; at++) {
      say('client', 'NOOP\r\n');
      say('server', '250 OK\r\n');
    }
  },
  'requests without end': (say) => {
    for (let at = 0; at < 2000; at++) {
      say('client', `GET /${at} HTTP/1.1\r\nHost: shop.localhost\r\nCookie: session=${at}\r\n\r\n`);
      say('server', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    }
  },
  'requests that nobody answers': (say) => {
    for (let at = 0; at < 3000; at++)
      say('client', `GET /${'x'.repeat(100)}${at} HTTP/1.1\r\nHost: shop.localhost\r\n\r\n`);
  },
  'a body of many pieces': (say) => {
    say('client', 'PUT / HTTP/1.1\r\nHost: shop.localhost\r\nContent-Length: 3000000\r\n\r\n');
    for (let at = 0; at < 3000; at++) say('client', Buffer.alloc(1000, 0x61));
  },
  'a head that comes letter by letter': (say) => {
    say('client', 'GET / HTTP/1.1\r\nX: ');
    for (let at = 0; at < 3000; at++) say('client', 'x');
  },
};

const topology: Topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'proxy', role: 'proxy', kind: 'passthrough' },
    { name: 'server', role: 'server' },
  ],
  wires: [
    { hop: 'A', from: 'client', to: 'proxy', protocol: 'tcp' },
    { hop: 'B', from: 'proxy', to: 'server', protocol: 'tcp' },
  ],
};

/** Of one direction, the chunks that stay: its beginning, and the newest. */
const mostChunks = 50;

for (const output of ['lines', 'JSON'] as const) {
  for (const [what, flood] of Object.entries(floods)) {
    test(`a proxy as ${output} keeps no more of a connection however much is said: ${what}`, (t) => {
      const scripted = new ScriptedLog({ endless: true });
      const { log } = scripted;
      const flows = new Flows(log);
      const forgetting = new EventReleaser(log);
      const lines: string[] = [];
      const write = (line: string): void => void lines.push(line);
      const forget = (conn: number): void => {
        flows.forget(conn);
        forgetting.forget(conn);
      };
      const json = new JsonLive({ flows, withSecrets: false, write });
      const live = new LiveReport({
        flows,
        language: 'en',
        ascii: true,
        columns: 100,
        write,
        reproduce: () => undefined,
        onPrinted: forget,
      });
      log.subscribe((event) => {
        flows.fold(event);
        forgetting.fold(event);
        if (output === 'JSON') json.fold(event);
        else live.fold(event);
        if (output === 'JSON' && event.type === 'closed') forget(event.conn);
      });
      log.append({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology });
      scripted.opened();
      let pieces = 0;
      flood((from, bytes) => {
        pieces++;
        scripted.bytes(from, bytes);
      });
      const connection = present(flows.connection(1));
      t.true(pieces > 2000, 'the log would be long');
      for (const from of ['client', 'server'] as const)
        t.true(connection.stream('wire', from).readable.length <= mostChunks);
      t.true(log.keptEvents <= 2 + 2 * mostChunks, `${log.keptEvents} events are kept`);
      t.true(log.held < 256 * 1024, `${log.held} bytes are held`);
      scripted.closed();
      t.true(lines.length > 2);
      t.is(flows.connections.length, 0);
      t.is(log.keptEvents, 1, 'only the beginning of the run is left');
      t.is(json.open, 0);
    });
  }
}

test('a connection that is printed in parts has the same lines as one printed as a whole', (t) => {
  for (const [what, flood] of Object.entries(floods)) {
    const printed = (partsFrom: number): string[] => {
      const scripted = new ScriptedLog({ endless: true });
      const { log } = scripted;
      const flows = new Flows(log);
      const lines: string[] = [];
      const report = textReport({
        flows,
        hunt: new SecretHunt([]),
        secrets: new Map(),
        language: 'en',
        ascii: true,
        columns: 100,
        write: (line) => lines.push(line),
      });
      let pieces = 0;
      log.subscribe((event) => {
        flows.fold(event);
        if (event.type === 'began') report.fold(event);
        if (event.type === 'bytes' && ++pieces > partsFrom) report.reportSoFar(event.conn);
      });
      log.append({ type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology });
      scripted.opened();
      flood((from, bytes) => void scripted.bytes(from, bytes));
      scripted.closed();
      if (partsFrom < 1000)
        t.true(log.keptEvents <= 3 + 2 * mostChunks, `${what}: ${log.keptEvents} events are kept`);
      report.reportWhole(1);
      return lines;
    };
    const whole = printed(Infinity);
    t.true(whole.length > 3);
    t.deepEqual(printed(100), whole, what);
  }
});

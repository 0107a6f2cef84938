/** Live lines of what passes a proxy: on a wire at whose end the proxy does not decrypt they show what an eavesdropper sees. */
import test from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { loadReadings } from '../../../src/analysis/conversation/conversation.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { proxyKind, proxyKindNames } from '../../../src/proxy/kinds.ts';
import { LiveReport, loadLive } from '../../../src/ui/text/live.ts';
import { alertRecord, clientHello, serverHello } from '../support/story.ts';

await Promise.all([loadLive('verbose'), loadReadings()]);

const address = { host: '127.0.0.1', port: 1 };

interface Printed {
  readonly log: CaptureLog;
  readonly lines: string[];
}

/** The lines about a proxy of that kind. */
function printed(kind: string, protocol = 'tcp', detail?: 'quiet' | 'verbose'): Printed {
  const log = new CaptureLog({ clock: systemClock });
  const flows = new Flows(log);
  const lines: string[] = [];
  const live = new LiveReport({
    flows,
    language: 'en',
    columns: 100,
    ascii: false,
    detail,
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
        { hop: 'A', from: 'client', to: 'proxy', protocol },
        { hop: 'B', from: 'proxy', to: 'server', protocol },
      ],
    },
  });
  return { log, lines };
}

/** The lines of one TLS handshake that passes both wires, plain to the proxy. */
function linesThrough(kind: string): string[] {
  const { log, lines } = printed(kind);
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

test('a message has a line when its head has come, and another at its end if that comes later', (t) => {
  const { log, lines } = printed('plaintext', 'http');
  const say = (from: 'client' | 'server', text: string): unknown =>
    log.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from, bytes: Buffer.from(text) });
  const newest = (): string => (lines.at(-1) ?? '').replace(/^\S+ /, '');
  log.append({ type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: address, to: address });
  say('client', 'PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc');
  t.is(newest(), 'A #1 → PUT /file, begins');
  say('client', 'def');
  t.regex(newest(), /^A #1 → PUT \/file, ends, 56 B/);
  const count = lines.length;
  say('server', 'HTTP/1.1 204 No Content\r\n\r\n');
  t.is(lines.length, count + 1, 'what comes at once has one line');
  say('client', 'GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
  say('server', 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nline 1\n');
  t.is(newest(), 'A #1 ← 200 OK, begins', 'a stream without an end is seen to begin');
  for (let line = 0; line < 3; line++) say('server', `line ${line}\n`);
  t.is(newest(), 'A #1 ← 200 OK, begins');
});

test('each event of a response that does not end has its line, behind that of the response', (t) => {
  const { log, lines } = printed('plaintext', 'http');
  const say = (from: 'client' | 'server', text: string): unknown =>
    log.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from, bytes: Buffer.from(text) });
  const newest = (): string => (lines.at(-1) ?? '').replace(/^\S+ /, '');
  log.append({ type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: address, to: address });
  say('client', 'GET /events HTTP/1.1\r\nHost: x\r\n\r\n');
  say('server', 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n');
  t.regex(newest(), /^A #1 ← 200 OK, \d+ B, text\/event-stream/);
  for (let event = 0; event < 3; event++) {
    say('server', `data: ${event}\n\n`);
    t.is(newest(), `A #1 ← event, 9 B, ${event}`);
  }
});

test('an answer that comes before its request is over: the beginning was printed, and is not again', (t) => {
  const { log, lines } = printed('plaintext', 'http');
  const say = (from: 'client' | 'server', text: string): unknown =>
    log.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from, bytes: Buffer.from(text) });
  log.append({ type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: address, to: address });
  say('client', 'PUT /file HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc');
  say('server', 'HTTP/1.1 204 No Content\r\n\r\n');
  say('client', 'def');
  t.deepEqual(
    lines.slice(-3).map((line) => line.replace(/^\S+ A #1 (. \S+ \S+).*$/, '$1')),
    ['→ PUT /file,', '← 204 No', '→ PUT /file,'],
  );
});

test('two wires of one relayed connection are one failure: one card, once both have closed, with both endpoints', (t) => {
  const { log, lines } = printed('passthrough');
  log.append({ type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: address, to: address });
  log.append({ type: 'opened', conn: 2, hop: 'B', transport: 'tcp', from: address, to: address, relays: 1 });
  for (const [from, bytes] of [
    ['client', clientHello('shop.localhost')],
    ['server', serverHello],
    ['client', alertRecord(70)],
  ] as const)
    for (const [conn, hop] of [
      [1, 'A'],
      [2, 'B'],
    ] as const)
      log.append({ type: 'bytes', conn, hop, vantage: 'wire', from, bytes });
  const cards = (): number => lines.filter((line) => line.includes('REFUSED')).length;
  log.append({ type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' });
  t.is(cards(), 0);
  log.append({ type: 'closed', conn: 2, hop: 'B', by: 'client', how: 'end' });
  t.is(cards(), 1);
  t.regex(lines.join('\n'), /A #1 REFUSED BY THE CLIENT \(no common TLS version\)\n {4}who +client/);
});

/** A login over plain HTTP, and a connection whose client refuses the server's certificate. */
function linesOf(detail: 'quiet' | 'verbose' | undefined): string {
  const { log, lines } = printed('plaintext', 'tcp', detail);
  for (const conn of [1, 2])
    log.append({ type: 'opened', conn, hop: 'A', transport: 'tcp', from: address, to: address });
  const said = Buffer.from(
    'GET /basket HTTP/1.1\r\nHost: shop\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n\r\n',
  );
  log.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from: 'client', bytes: said });
  log.append({ type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' });
  for (const [from, bytes] of [
    ['client', clientHello('shop.localhost')],
    ['server', serverHello],
    ['client', alertRecord(48)],
  ] as const)
    log.append({ type: 'bytes', conn: 2, hop: 'A', vantage: 'wire', from, bytes });
  log.append({ type: 'closed', conn: 2, hop: 'A', by: 'client', how: 'end' });
  return lines.join('\n');
}

test('quiet: what failed and what is readable, and nothing else', (t) => {
  const text = linesOf('quiet');
  t.regex(text, /READABLE alice: secret/);
  t.regex(text, /REFUSED BY THE CLIENT/);
  t.notRegex(text, /connected|GET|ClientHello|closed by/);
});

test('verbose: the fields of each message, without what only separates them', (t) => {
  const text = linesOf('verbose');
  t.regex(text, /GET \/basket.*\n +0x0000 request line.*\n +0x0000 method: GET\n +0x0004 target: \/basket\n/);
  t.regex(text, /shop\.localhost/);
  t.notRegex(text, /punctuation/);
  t.notRegex(linesOf(undefined), /method: GET/);
});

test('of a connection that goes on asking for the same its beginning and its end are printed, and the time of its own run', (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const flows = new Flows(log);
  const lines: string[] = [];
  const held = new Set<number>();
  const live = new LiveReport({
    flows,
    language: 'en',
    columns: 100,
    ascii: false,
    write: (line) => void lines.push(line),
    reproduce: () => undefined,
    isRoutine: (conn) => held.has(conn),
    onPrinted: (conn) => flows.forget(conn),
  });
  log.subscribe((event) => {
    flows.fold(event);
    live.fold(event);
  });
  const topology = { participants: [], wires: [{ hop: 'A', from: 'bob', to: 'door', protocol: 'http' }] };
  const [first, second] = [log.openRun(), log.openRun()];
  for (const [run, year] of [
    [first, 2026],
    [second, 2027],
  ] as const)
    run.append({ type: 'began', version: '0', wallClock: `${year}-01-01T03:00:00.000Z`, topology });
  first.append({ type: 'opened', conn: 1, hop: 'A', transport: 'tcp', from: address, to: address });
  const ask = (): void => {
    for (const [from, text] of [
      ['client', 'GET /profile HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ] as const)
      first.append({ type: 'bytes', conn: 1, hop: 'A', vantage: 'wire', from, bytes: Buffer.from(text) });
  };
  ask();
  const before = lines.length;
  t.true(before > 1);
  held.add(1);
  ask();
  ask();
  t.is(lines.length, before);
  first.append({ type: 'closed', conn: 1, hop: 'A', by: 'client', how: 'end' });
  t.true(lines.length > before);
});

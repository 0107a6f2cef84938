/** What is taken out of a bundle, and what stays as it was: every offset, length and message. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import type { CaptureEvent, EventOf } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { loadCaptureReadings, readToEnd } from '../../../src/analysis/conversation/conversation.ts';
import { Redactor } from '../../../src/ui/bundle/redact.ts';

test.before(loadCaptureReadings);

/** A connection whose client says that, in pieces of so many bytes. */
function saying(text: string | Uint8Array, piece = Infinity): CaptureLog {
  const log = new CaptureLog({ clock: { now: () => 0, microseconds: () => 0 } });
  const bytes = Buffer.from(text);
  const placed = { conn: 0, hop: 'A' } as const;
  log.append({
    type: 'began',
    version: '0.0.0',
    wallClock: new Date(0).toISOString(),
    topology: { participants: [], wires: [] },
  });
  log.append({
    type: 'opened',
    ...placed,
    transport: 'tcp',
    from: { host: '127.0.0.1', port: 5000 },
    to: { host: '127.0.0.1', port: 80 },
  });
  for (let at = 0; at < bytes.length; at += piece)
    log.append({
      type: 'bytes',
      ...placed,
      vantage: 'wire',
      from: 'client',
      bytes: bytes.subarray(at, Math.min(bytes.length, at + piece)),
    });
  log.append({ type: 'closed', ...placed, by: 'client', how: 'end' });
  return log;
}

function redacted(log: CaptureLog, secrets: Readonly<Record<string, string>> = {}) {
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const redactor = new Redactor({
    events: log.events,
    connections: flows.connections,
    secrets: new Map(Object.entries(secrets)),
    hits: [],
    keylog: flows.keylog,
  });
  const events = redactor.events(log.events);
  const isBytes = (event: CaptureEvent): event is EventOf<'bytes'> => event.type === 'bytes';
  return {
    redactor,
    events,
    text: Buffer.concat(events.filter(isBytes).map(({ bytes }) => bytes)).toString('latin1'),
  };
}

test('a secret is found across the boundaries of events, and its bytes are replaced one for one', (t) => {
  for (const piece of [1, 3, 7, 1000]) {
    const { text, redactor, events } = redacted(saying('say tiger-lily, and tiger-lily again', piece), {
      password: 'tiger-lily',
    });
    t.is(text, 'say **********, and ********** again');
    t.deepEqual(redactor.count, { places: { password: 2 }, texts: 0, keylog: 0 });
    t.is(events.length, saying('say tiger-lily, and tiger-lily again', piece).events.length);
  }
});

test('a secret is found in every encoding', (t) => {
  const value = 'correct horse/battery';
  const forms = [
    value,
    encodeURIComponent(value),
    Buffer.from(value).toString('base64'),
    Buffer.from(value).toString('hex'),
    Buffer.from(value, 'utf16le').toString('latin1'),
  ];
  for (const form of forms) {
    const { text } = redacted(saying(Buffer.from(`x=${form}&y`, 'latin1')), { secret: value });
    t.is(text.length, form.length + 4);
    t.regex(text, /^x=\*+/);
    t.false(text.includes(form));
  }
});

test('what nobody has named is found by its shape: passwords, tokens, cookies, private keys', (t) => {
  const key = ['-----BEGIN PRIVATE', `KEY-----\n${'MIIB'.repeat(40)}\n-----END`].join(' ');
  const token = `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.${'c'.repeat(20)}`;
  for (const [said, what] of [
    [
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 20\r\n\r\nu=bob&password=hello1',
      'form field',
    ],
    ['GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer abcdef123456\r\n\r\n', 'bearer'],
    ['GET / HTTP/1.1\r\nHost: a\r\nCookie: session=abcdef123456\r\n\r\n', 'cookie'],
    ['GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic Ym9iOmhlbGxv\r\n\r\n', 'basic'],
    [`key ${key}`, 'private key'],
    [`token ${token} `, 'token'],
  ] as const) {
    const { text, redactor } = redacted(saying(said, 11));
    t.is(text.length, said.length);
    t.regex(text, /\*{5}/, what);
    t.true(Object.keys(redactor.count.places).includes(what), `${what}: ${JSON.stringify(redactor.count)}`);
    t.notRegex(text, /hello1|abcdef123456|Ym9iOmhlbGxv|MIIBMIIB|eyJa/);
  }
});

test('a message that was redacted is read as the same message', (t) => {
  const said =
    'POST /a HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 22\r\n\r\nu=bob&password=hello12';
  const log = saying(said);
  const { events } = redacted(log);
  const again = new CaptureLog({ clock: { now: () => 0, microseconds: () => 0 } });
  for (const event of events) again.append(event);
  const titles = [log, again].map((one) => {
    const flows = new Flows(one);
    for (const event of one.events) flows.fold(event);
    const [connection] = flows.connections;
    return (
      connection && readToEnd(connection).messages.map(({ title, offset, length }) => [title, offset, length])
    );
  });
  t.true((titles[0]?.length ?? 0) > 1);
  t.deepEqual(titles[1], titles[0]);
});

test('texts are searched for the same values; names are no texts', (t) => {
  const { redactor } = redacted(
    saying('POST / HTTP/1.1\r\nHost: a\r\nCookie: session=abcdef123456\r\n\r\n'),
    {
      password: 'tiger-lily',
    },
  );
  t.deepEqual(redactor.made({ kind: 'tiger-lily', says: ['with tiger-lily and abcdef123456'] }), {
    kind: 'tiger-lily',
    says: ['with ********** and ************'],
  });
  t.deepEqual(redactor.authored({ en: 'tiger-lily, abcdef123456' }), { en: '**********, abcdef123456' });
  t.is(redactor.count.texts, 3);
});

test('of the key log nothing is left', (t) => {
  const log = saying('hello');
  log.append({ type: 'keylog', line: `CLIENT_RANDOM ${'0'.repeat(64)} ${'1'.repeat(96)}` });
  const { events, redactor } = redacted(log);
  t.false(events.some(({ type }) => type === 'keylog'));
  t.is(redactor.count.keylog, 1);
});

/** What a client of HTTP/2 sends for a request with these headers; Node writes values in Huffman's code. */
async function http2Bytes(headers: Readonly<Record<string, string>>): Promise<Buffer> {
  let sent = Buffer.alloc(0);
  let onSent = (): void => {};
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      sent = Buffer.concat([sent, chunk]);
      onSent();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  session.on('error', () => {});
  const request = session.request({ ':path': '/a', ...headers });
  request.on('error', () => {});
  request.end();
  await new Promise<void>((done) => {
    onSent = () => hasHeaders(sent) && done();
    onSent();
  });
  session.destroy();
  server.close();
  return sent;
}

/** Whether a whole frame of headers (type 1) is among what follows the preface (RFC 9113 sections 3.4 and 4.1). */
function hasHeaders(sent: Buffer): boolean {
  for (let at = 24; at + 9 <= sent.length; at += 9 + sent.readUIntBE(at, 3))
    if (sent[at + 3] === 1) return at + 9 + sent.readUIntBE(at, 3) <= sent.length;
  return false;
}

test('in HTTP/2 a value in Huffman’s code is replaced by asterisks in that code: the request is read as before', async (t) => {
  const log = saying(await http2Bytes({ authorization: 'Bearer abcdef1234567890', 'x-other': 'stays' }), 9);
  const { events, redactor } = redacted(log);
  t.deepEqual(redactor.count.places, { bearer: 1 });
  const again = new CaptureLog({ clock: { now: () => 0, microseconds: () => 0 } });
  for (const event of events) again.append(event);
  const said = [log, again].map((one) => {
    const flows = new Flows(one);
    for (const event of one.events) flows.fold(event);
    const [connection] = flows.connections;
    const messages = connection ? readToEnd(connection).messages : [];
    return {
      titles: messages.map(({ title, offset, length }) => [title, offset, length]),
      lines: messages.flatMap(
        ({ reading }) => reading?.().map(({ name, value }) => `${name}: ${value}`) ?? [],
      ),
    };
  });
  const [before, after] = said;
  t.deepEqual(after?.titles, before?.titles);
  t.true(before?.lines.some((line) => line.includes('abcdef1234567890')));
  t.false(after?.lines.some((line) => line.includes('abcdef1234567890')));
  t.true(
    after?.lines.some((line) => /authorization: .*\*{8}/.test(line)),
    after?.lines.join('\n'),
  );
  t.true(after?.lines.includes('x-other: stays'));
});

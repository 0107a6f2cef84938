/** What is taken out of a bundle, and what stays as it was: every offset, length and message. */
import { once } from 'node:events';
import { connect } from 'node:http2';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import type { CaptureEvent, EventOf } from '../../../src/capture/event.ts';
import { Flows } from '../../../src/capture/flows.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { loadCaptureReadings, readToEnd } from '../../../src/analysis/conversation/conversation.ts';
import { Redactor } from '../../../src/ui/bundle/redact.ts';
import { writtenSecretsIn } from '../../../src/ui/bundle/written-forms.ts';

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

/** What a capture of these events says. */
function readAgain(events: readonly CaptureEvent[]) {
  const log = new CaptureLog({ clock: { now: () => 0, microseconds: () => 0 } });
  for (const event of events) log.append(event);
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  const [connection] = flows.connections;
  const messages = connection ? readToEnd(connection).messages : [];
  return {
    titles: messages.map(({ title, offset, length }) => [title, offset, length]),
    lines: messages.flatMap(({ reading }) => reading?.().map(({ name, value }) => `${name}: ${value}`) ?? []),
  };
}

test('in HTTP/2 a value in Huffman’s code is replaced by asterisks in that code: the request is read as before', async (t) => {
  const log = saying(await http2Bytes({ authorization: 'Bearer abcdef1234567890', 'x-other': 'stays' }), 9);
  const { events, redactor } = redacted(log);
  t.deepEqual(redactor.count.places, { bearer: 1 });
  const [before, after] = [log.events, events].map(readAgain);
  t.deepEqual(after?.titles, before?.titles);
  t.true(before?.lines.some((line) => line.includes('abcdef1234567890')));
  t.false(after?.lines.some((line) => line.includes('abcdef1234567890')));
  t.true(
    after?.lines.some((line) => /authorization: .*\*{8}/.test(line)),
    after?.lines.join('\n'),
  );
  t.true(after?.lines.includes('x-other: stays'));
});

const key = ['PRIVATE', 'KEY'].join(' ');

/** What is around each value says that it is a secret, in whatever protocol, whole or cut off. */
const written: readonly (readonly [where: string, before: string, behind?: string])[] = [
  ['another scheme of authorization', 'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Token ', '\r\n\r\n'],
  ['an authorization without a scheme', 'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: ', '\r\n\r\n'],
  ['a value on the next line', 'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer\r\n ', '\r\n\r\n'],
  ['a head that is cut off', 'GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer '],
  ['the middle of a stream', 'x\r\n\r\nGET / HTTP/1.1\r\nauthorization:Bearer ', '\r\n\r\n'],
  ['a header of a key', 'GET / HTTP/1.1\r\nHost: a\r\nX-Api-Key: ', '\r\n\r\n'],
  ['a header of a token', 'GET / HTTP/1.1\r\nHost: a\r\nX-Vault-Token: ', '\r\n\r\n'],
  ['a cookie without a name', 'GET / HTTP/1.1\r\nHost: a\r\nCookie: ', '\r\n\r\n'],
  ['a cookie of any name', 'GET / HTTP/1.1\r\nHost: a\r\nCookie: theme=dark; a=', '\r\n\r\n'],
  [
    'the response of Digest',
    'GET / HTTP/1.1\r\nAuthorization: Digest username="bob", response="',
    '"\r\n\r\n',
  ],
  ['a referrer', 'GET / HTTP/1.1\r\nHost: a\r\nReferer: http://a/x?access_token=', '&b=1\r\n\r\n'],
  ['a fragment', 'GET / HTTP/1.1\r\nHost: a\r\nReferer: http://a/x#access_token=', '\r\n\r\n'],
  ['a password in an address', 'GET / HTTP/1.1\r\nHost: a\r\nReferer: http://bob:', '@a/x\r\n\r\n'],
  ['a form of another type', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 32\r\n\r\nuser=a&password='],
  ['a part of a form', 'Content-Disposition: form-data; name="password"\r\n\r\n', '\r\n--XX--\r\n'],
  ['an element of XML', '<a:Password Type="x">', '</a:Password>'],
  ['a line of YAML', 'user:\n    token: ', '\n'],
  ['JSON in JSON', '{"a":"{\\"password\\":\\"', '\\"}"}'],
  ['JSON of another protocol', 'SEND {"password": "', '"}'],
  ['a member of a web key', '{"kty":"EC","d":"', '"}'],
  ['a password of NNTP', 'AUTHINFO PASS ', '\r\n'],
  ['a login of AMQP', 'AMQP\0\0\t\x01\x05PLAIN\0\0\0\x15\0bob\0', '\x05en_US'],
  ['an answer of Redis', '*2\r\n$11\r\nrequirepass\r\n$16\r\n', '\r\n'],
  ['a statement of SQL', "ALTER USER bob WITH PASSWORD E'", "'"],
  ['a quoted statement of SQL', 'ALTER USER bob PASSWORD $a$', '$a$'],
  ['a key block', `-----BEGIN PGP ${key} BLOCK-----\n`, '\n'],
  ['a long key', `-----BEGIN ${key}-----\n${'A'.repeat(9000)}`, '\n'],
  ['a key in the code of forms', `-----BEGIN+${key.replace(' ', '+')}-----%0A`, '%0A'],
  ['the end of a key', 'MIIE\n', `\n-----END ${key}-----`],
];

for (const [where, before, behind = ''] of written)
  test(`what is written around it gives a secret away: ${where}`, (t) => {
    const secret = 'Wq9zKpvR7TmXy4Lb';
    for (const piece of [1, 5, 100_000]) {
      const { text, redactor } = redacted(saying(before + secret + behind, piece));
      t.false(text.includes(secret.slice(0, 5)) || text.includes(secret.slice(-5)), text);
      t.is(text.length, before.length + secret.length + behind.length);
      t.true(text.startsWith(before.slice(0, 4)) || /^\*+-----END/.test(text), text);
      t.true(Object.keys(redactor.count.places).length > 0);
    }
  });

test('words that only look like the name of a secret stay', (t) => {
  for (const text of [
    'GET /passwords?page=2 HTTP/1.1\r\nHost: a\r\nX-Request-Id: 5f2b9c01\r\nAccept: text/html\r\n\r\n',
    '<input type="password" name="password"><label>Password</label>',
    'secretName: etcd-certs\nname: token-cleaner\n',
    '{"kind":"Secret","metadata":{"name":"a-token"}}',
  ])
    t.is(redacted(saying(text)).text, text);
});

test('a body ends with its message: the request behind it stays', (t) => {
  const body = 'password=abcdef1234567890';
  const next = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
  const head = `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`;
  t.is(redacted(saying(head + body + next)).text, `${head}password=${'*'.repeat(16)}${next}`);
});

test('what an end reports of its own ends with its message too', (t) => {
  const log = new CaptureLog({ clock: { now: () => 0, microseconds: () => 0 } });
  const placed = { conn: 0, hop: 'A' } as const;
  const from = { host: '127.0.0.1', port: 5000 };
  log.append({ type: 'began', version: '0', wallClock: '', topology: { participants: [], wires: [] } });
  log.append({ type: 'opened', ...placed, transport: 'tcp', from, to: { ...from, port: 80 } });
  const said = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 25\r\n\r\npassword=abcdef1234567890';
  const next = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
  for (const text of [said, next])
    log.append({ type: 'bytes', ...placed, vantage: 'plaintext', from: 'client', bytes: Buffer.from(text) });
  t.true(redacted(log).text.endsWith(`password=${'*'.repeat(16)}${next}`));
});

test('in chunks a secret is found wherever they cut it, and they are chunks still', (t) => {
  const chunked = (body: Buffer, size: number): Buffer => {
    const parts: Buffer[] = [];
    for (let at = 0; at < body.length; at += size) {
      const part = body.subarray(at, at + size);
      parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
    }
    return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
  };
  const unchunked = (text: string, size: number, length: number): string => {
    const body = text.slice(text.indexOf('\r\n\r\n') + 4);
    const parts: string[] = [];
    for (let [at, left] = [0, length]; left > 0; left -= size) {
      const here = Math.min(size, left);
      const line = `${here.toString(16)}\r\n`;
      t.is(body.slice(at, at + line.length), line);
      parts.push(body.slice(at + line.length, at + line.length + here));
      at += line.length + here + 2;
    }
    return parts.join('');
  };
  const head = (more: string): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: ${more}\r\n\r\n`;
  const json = Buffer.from('{"user":"a","password":"Wq9zKpvR7TmX"}');
  const form = Buffer.from('user=a&password=Wq9zKpvR7TmX');
  const zipped = gzipSync(json, { level: 0 });
  for (const size of [1, 4, 7, 1000]) {
    const found = (more: string, body: Buffer): string =>
      unchunked(
        redacted(saying(Buffer.concat([Buffer.from(head(more)), chunked(body, size)]))).text,
        size,
        body.length,
      );
    t.is(found('application/json', json), `{"user":"a","password":"${'*'.repeat(12)}"}`);
    t.is(found('application/x-www-form-urlencoded', form), `user=a&password=${'*'.repeat(12)}`);
    t.is(found('application/json\r\nContent-Encoding: gzip', zipped), '*'.repeat(zipped.length));
  }
});

test('a header in frames that its name gives away is hidden, in whatever code', async (t) => {
  const secret = 'Wq9zKpvR7TmXy4Lb';
  const { events, redactor } = redacted(
    saying(await http2Bytes({ 'x-api-key': secret, 'x-other': 'stays' }), 9),
  );
  t.deepEqual(redactor.count.places, { header: 1 });
  const { lines } = readAgain(events);
  t.true(lines.includes('x-other: stays'));
  t.true(lines.some((line) => /^x-api-key: .*\*{8}/.test(line)));
});

test('what only refers to a header of an earlier request stays: the requests behind it are read as before', (t) => {
  const frame = (type: number, flags: number, stream: number, payload: Buffer): Buffer => {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head.set([type, flags], 3);
    head.writeUInt32BE(stream, 5);
    return Buffer.concat([head, payload]);
  };
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  const request = Buffer.concat([Buffer.from([0x82, 0x86, 0x84, 0x01]), text('a.example')]);
  for (const [name, value] of [
    ['authorization', 'Bearer Wq9zKpvR7TmXy4Lb'],
    ['cookie', 'sid=Wq9zKpvR7TmXy4Lb'],
    ['x-api-key', 'Wq9zKpvR7TmXy4Lb'],
  ] as const) {
    const kept = Buffer.concat([Buffer.from([0x40]), text(name), text(value)]);
    const [referring, other] = [
      Buffer.from([0xbe]),
      Buffer.concat([Buffer.from([0]), text('x-other'), text('stays')]),
    ];
    const { events, text: left } = redacted(
      saying(
        Buffer.concat([
          Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
          frame(4, 0, 0, Buffer.alloc(0)),
          frame(1, 5, 1, Buffer.concat([request, kept])),
          frame(1, 5, 3, Buffer.concat([request, referring, other])),
        ]),
      ),
    );
    t.false(left.includes('Wq9z'));
    t.is(readAgain(events).lines.filter((line) => line === 'x-other: stays').length, 1, name);
    t.true(readAgain(events).lines.filter((line) => line.startsWith(`${name}: `)).length >= 2, name);
  }
});

test('no text makes the search long', (t) => {
  const size = 400_000;
  for (const part of [
    'name=',
    'name="password"x\r\na:b\r\n',
    '"password":"',
    '\ncookie: ',
    '\nauthorization: digest ',
    '://a',
    '<a ',
    ' ',
  ]) {
    const text = part.repeat(size / part.length);
    const began = process.cpuUsage();
    writtenSecretsIn(text);
    // A pattern that tries each byte with each other needs minutes.
    t.true(process.cpuUsage(began).user < 8_000_000, part);
  }
});

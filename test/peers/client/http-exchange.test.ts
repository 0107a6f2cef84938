import { PassThrough } from 'node:stream';
import { array, assert, boolean, property, uint8Array } from 'fast-check';
import test from 'ava';
import {
  ClosedEarly,
  MalformedResponse,
  ResponseReader,
  exchange,
  writeRequest,
} from '../../../src/peers/client/http-exchange.ts';
import type { IncomingResponse } from '../../../src/peers/client/http-exchange.ts';

interface Example {
  readonly name: string;
  readonly bytes: string;
  readonly status: number;
  readonly body: string;
  /** Only the end of the connection ends it. */
  readonly untilEnd?: boolean;
}

const examples: readonly Example[] = [
  {
    name: 'a length',
    bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: 1\r\nx-a:  2 \r\n\r\nhello',
    status: 200,
    body: 'hello',
  },
  {
    name: 'no body',
    bytes: 'HTTP/1.1 302 Found\r\nLocation: /profile\r\nContent-Length: 0\r\n\r\n',
    status: 302,
    body: '',
  },
  { name: 'no content', bytes: 'HTTP/1.1 204 No Content\r\n\r\n', status: 204, body: '' },
  { name: 'no reason phrase', bytes: 'HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx', status: 200, body: 'x' },
  {
    name: 'interim answers',
    bytes:
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
    status: 200,
    body: 'ok',
  },
  {
    name: 'chunks',
    bytes:
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n',
    status: 200,
    body: 'abc0123456789',
  },
  {
    name: 'chunks and trailers',
    bytes: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nz\r\n0\r\nX-T: 1\r\n\r\n',
    status: 200,
    body: 'z',
  },
  {
    name: 'until the end',
    bytes: 'HTTP/1.0 200 OK\r\n\r\nall of it',
    status: 200,
    body: 'all of it',
    untilEnd: true,
  },
];

function read(pieces: readonly Uint8Array[], ended: boolean): IncomingResponse | undefined {
  const reader = new ResponseReader();
  let response: IncomingResponse | undefined;
  for (const piece of pieces) response ??= reader.push(piece);
  return response ?? (ended ? reader.push(new Uint8Array(0), true) : undefined);
}

for (const { name, bytes, status, body, untilEnd = false } of examples) {
  test(`an answer with ${name} is read whole, byte by byte, and from no prefix`, (t) => {
    const whole = Buffer.from(bytes, 'latin1');
    const singles = Array.from(whole, (byte) => Uint8Array.of(byte));
    for (const pieces of [[whole], singles]) {
      const response = read(pieces, untilEnd);
      t.is(response?.status, status);
      t.is(response?.body.toString(), body);
    }
    for (let length = 0; length < whole.length; length++)
      t.is(read([whole.subarray(0, length)], false), undefined, `prefix of ${length} bytes`);
  });
}

test('header names are compared in lower case, and several of one name are kept', (t) => {
  const response = new ResponseReader().push(Buffer.from(examples[0]?.bytes ?? ''));
  t.deepEqual(response?.headers.get('x-a'), ['1', '2']);
});

for (const [what, bytes] of [
  ['another protocol', 'SSH-2.0-OpenSSH_9\r\n'],
  ['a TLS alert', '\x15\x03\x03\x00\x02\x02\x30'],
  ['a bad status line', 'HTTP/1.1 OK 200\r\n\r\n'],
  ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy'],
  ['a negative length', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
  ['a chunk size that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'],
  [
    'a chunk that is longer than it says',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n',
  ],
  ['a folded header', 'HTTP/1.1 200 OK\r\nX: 1\r\n 2\r\n\r\n'],
  ['an endless header', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}`],
] as const) {
  test(`no answer: ${what}`, (t) => {
    t.throws(() => new ResponseReader().push(Buffer.from(bytes, 'latin1')), {
      instanceOf: MalformedResponse,
    });
  });
}

test('random bytes are an answer, no answer yet, or malformed; never anything else', (t) => {
  const begin = Buffer.from('HTTP/1.1 200 OK\r\n');
  assert(
    property(array(uint8Array({ maxLength: 40 }), { maxLength: 8 }), boolean(), (pieces, honest) => {
      try {
        read(honest ? [begin, ...pieces] : pieces, true);
      } catch (error) {
        if (!(error instanceof MalformedResponse)) throw error;
      }
    }),
    { numRuns: 500 },
  );
  t.pass();
});

test('a request is written in one piece, with the length of its bytes', (t) => {
  const text = writeRequest({
    method: 'POST',
    target: '/login',
    headers: [['Host', 'shop']],
    body: '가',
  }).toString();
  t.is(text, 'POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\n가');
  t.is(writeRequest({ method: 'GET', target: '/', headers: [] }).toString(), 'GET / HTTP/1.1\r\n\r\n');
});

const never = new AbortController().signal;

test('an exchange says how it ended', async (t) => {
  const clean = new PassThrough();
  const unanswered = exchange(clean, Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nonly'), never);
  clean.end();
  t.is((await t.throwsAsync(unanswered, { instanceOf: ClosedEarly }))?.received, 42);

  const broken = new PassThrough();
  const reset = exchange(broken, Buffer.alloc(0), never);
  broken.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }));
  await t.throwsAsync(reset, { message: 'read ECONNRESET' });
  await t.throwsAsync(
    exchange(broken, Buffer.alloc(0), never),
    { message: 'read ECONNRESET' },
    'an earlier error is reported as well',
  );

  const gone = new PassThrough();
  gone.destroy();
  t.is(
    (await t.throwsAsync(exchange(gone, Buffer.alloc(0), never), { instanceOf: ClosedEarly }))?.received,
    0,
  );

  const cancelled = new AbortController();
  const waiting = exchange(new PassThrough(), Buffer.from('HTTP/1.1 '), cancelled.signal);
  cancelled.abort(new Error('enough'));
  await t.throwsAsync(waiting, { message: 'enough' });
});

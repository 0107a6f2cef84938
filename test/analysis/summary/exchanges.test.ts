/** Requests and their responses: joined in HTTP/1.1 by their order, in frames by their stream, with the time between them. */
import test from 'ava';
import { Exchanges, latencyOf } from '../../../src/analysis/summary/exchanges.ts';
import type { Exchange } from '../../../src/analysis/summary/exchanges.ts';
import { harEntry } from '../../../src/analysis/summary/har.ts';
import type { Message } from '../../../src/analysis/conversation/message.ts';
import type { Side } from '../../../src/capture/event.ts';
import { HttpConversation } from '../../../src/protocols/http/conversation.ts';
import type { HttpHead } from '../../../src/protocols/protocol.ts';

/** Feeds pieces of HTTP/1, each at its time in microseconds. */
function joined(
  pieces: readonly (readonly [from: Side, at: number, text: string])[],
  mostBody = 0,
): { readonly exchanges: Exchange[]; readonly latencies: number[] } {
  const exchanges: Exchange[] = [];
  const latencies: number[] = [];
  const join = new Exchanges({
    onExchange: (one) => exchanges.push(one),
    onLatency: (one) => latencies.push(one),
    mostBody,
  });
  const http = new HttpConversation();
  const offsets = { client: 0, server: 0 };
  for (const [from, at, text] of pieces) {
    const bytes = Buffer.from(text, 'latin1');
    for (const message of http.feed({ from, offset: offsets[from], bytes, tag: at }))
      join.http1(message, { firstAt: message.firstTag, lastAt: message.lastTag });
    offsets[from] += bytes.length;
  }
  for (const message of http.end())
    join.http1(message, { firstAt: message.firstTag, lastAt: message.lastTag });
  join.end();
  return { exchanges, latencies };
}

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`;
const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

test('a response belongs to the request before it; the time is from its last byte to the first of the response', (t) => {
  const { exchanges, latencies } = joined(
    [
      ['client', 100, 'POST /a HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\n'],
      ['client', 300, 'body'],
      ['server', 1300, 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n'],
      ['server', 9000, 'hello'],
    ],
    100,
  );
  const [one] = exchanges;
  t.is(exchanges.length, 1);
  t.like(one, {
    version: 'HTTP/1.1',
    request: { method: 'POST', path: '/a', authority: 'shop', bodyLength: 4 },
  });
  t.is(Buffer.from(one?.response?.body ?? []).toString(), 'hello');
  t.is(one && latencyOf(one), 1000);
  t.deepEqual(latencies, [1000]);
  t.deepEqual([one?.request?.firstAt, one?.request?.lastAt, one?.response?.lastAt], [100, 300, 9000]);
});

test('requests in a pipeline get their responses in their order', (t) => {
  const { exchanges } = joined([
    ['client', 0, get('/1') + get('/2') + get('/3')],
    ['server', 10, ok('a') + ok('b')],
  ]);
  t.deepEqual(
    exchanges.map(({ request, response }) => [request?.path, response?.status]),
    [
      ['/1', 200],
      ['/2', 200],
      ['/3', undefined],
    ],
  );
});

test('100 Continue is no response; a response without a request stands alone', (t) => {
  const { exchanges, latencies } = joined([
    ['server', 5, ok('late')],
    ['client', 10, get('/x')],
    ['server', 20, 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['server', 40, ok('x')],
  ]);
  t.deepEqual(
    exchanges.map(({ request, response }) => [request?.path, response?.status]),
    [
      [undefined, 200],
      ['/x', 200],
    ],
  );
  t.deepEqual(latencies, [30]);
});

test('a response that begins before the request is over took no time', (t) => {
  const { latencies } = joined([
    ['client', 0, 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab'],
    ['server', 10, 'HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n'],
    ['client', 50, 'cd'],
  ]);
  t.true(latencies.every((one) => one === 0));
});

const frame = (
  at: number,
  from: Side,
  http: Partial<HttpHead> | undefined,
  body?: { readonly stream: number; readonly text: string; readonly ends?: boolean },
): Message =>
  ({
    at,
    from,
    frame: at,
    ...(http ? { http: { headers: [], places: [], stream: 1, kind: 'request', ...http } } : {}),
    ...(body
      ? {
          httpBody: {
            kind: from === 'client' ? 'request' : 'response',
            stream: body.stream,
            bytes: Buffer.from(body.text),
            offset: 0,
            ...(body.ends ? { endsStream: true } : {}),
          },
        }
      : {}),
  }) as unknown as Message;

test('in frames a stream joins them, whatever comes between', (t) => {
  const exchanges: Exchange[] = [];
  const latencies: number[] = [];
  const join = new Exchanges({
    onExchange: (one) => exchanges.push(one),
    onLatency: (one) => latencies.push(one),
    mostBody: 8,
  });
  for (const message of [
    frame(10, 'client', { stream: 1, method: 'POST', path: '/a', authority: 'shop', scheme: 'https' }),
    frame(20, 'client', { stream: 3, method: 'GET', path: '/b', endsStream: true }),
    frame(25, 'client', undefined, { stream: 1, text: 'x=1', ends: true }),
    frame(30, 'server', { stream: 3, kind: 'response', status: 404, endsStream: true }),
    frame(40, 'server', { stream: 1, kind: 'response', status: 103 }),
    frame(125, 'server', { stream: 1, kind: 'response', status: 200 }),
    frame(130, 'server', undefined, { stream: 1, text: 'hello ' }),
    frame(140, 'server', undefined, { stream: 1, text: 'world' }),
    frame(150, 'server', {
      stream: 1,
      kind: 'response',
      isTrailer: true,
      endsStream: true,
      headers: [['grpc-status', '0']],
    }),
    frame(160, 'client', { stream: 5, method: 'GET', path: '/never', endsStream: true }),
  ])
    join.framed(message);
  join.end();
  t.deepEqual(
    exchanges.map(({ stream, request, response }) => [stream, request?.path, response?.status]),
    [
      [3, '/b', 404],
      [1, '/a', 200],
      [5, '/never', undefined],
    ],
  );
  t.deepEqual(latencies, [10, 100]);
  const [, one] = exchanges;
  t.is(Buffer.from(one?.response?.body ?? []).toString(), 'hello wo', 'no more than was asked for');
  t.like(one?.response, { bodyLength: 11, isWhole: false, headers: [['grpc-status', '0']] });
  t.like(one?.request, { bodyLength: 3, isWhole: true });
});

test('requests without an answer do not fill the memory', (t) => {
  const exchanges: Exchange[] = [];
  const join = new Exchanges({ onExchange: (one) => exchanges.push(one) });
  for (let stream = 1; stream < 10_000; stream += 2)
    join.framed(frame(stream, 'client', { stream, method: 'GET', path: '/' }));
  t.true(exchanges.length >= 3999, String(exchanges.length));
});

test('of JSON the values of secret names are masked, in requests and responses, and nothing else', (t) => {
  const body = '{"user":"alice","password":"tiger1","n":{"access_token": 12345, "x":[1,"password"]}}';
  const head = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const { exchanges } = joined(
    [
      ['client', 0, `POST / HTTP/1.1\r\nHost: a\r\n${head}${body}`],
      ['server', 1, `HTTP/1.1 200 OK\r\n${head}${body}`],
    ],
    1000,
  );
  const [one] = exchanges;
  if (!one) return t.fail();
  const context = { conn: 0, scheme: 'http', server: undefined, wallClock: () => 0 } as const;
  const { request, response } = harEntry(one, { ...context, withSecrets: false });
  for (const text of [request.postData?.text, response.content.text])
    t.deepEqual(JSON.parse(text ?? ''), {
      user: 'alice',
      password: '••••••',
      n: { access_token: '••••••', x: [1, 'password'] },
    });
  t.is(harEntry(one, { ...context, withSecrets: true }).response.content.text, body);
});

test('in an archive secrets are masked, unless asked for', (t) => {
  const { exchanges } = joined(
    [
      [
        'client',
        0,
        'POST /login?token=abc&page=2 HTTP/1.1\r\nHost: shop\r\nAuthorization: Basic YTpi\r\nCookie: sid=123; theme=dark\r\n' +
          'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 30\r\n\r\nusername=alice&password=tiger1',
      ],
      [
        'server',
        5000,
        'HTTP/1.1 200 OK\r\nSet-Cookie: sid=456; HttpOnly\r\nContent-Length: 2\r\n\r\n\xff\x00',
      ],
    ],
    1000,
  );
  const [one] = exchanges;
  if (!one) return t.fail();
  const context = {
    conn: 7,
    scheme: 'http',
    server: undefined,
    wallClock: (at: number) => at / 1000,
  } as const;
  const masked = JSON.stringify(harEntry(one, { ...context, withSecrets: false }));
  for (const secret of ['abc', 'YTpi', '123', 'tiger1', '456']) t.false(masked.includes(secret), secret);
  const entry = harEntry(one, { ...context, withSecrets: true });
  t.is(entry.request.url, 'http://shop/login?token=abc&page=2');
  t.deepEqual(entry.request.cookies, [
    { name: 'sid', value: '123' },
    { name: 'theme', value: 'dark' },
  ]);
  t.deepEqual(entry.request.postData?.params, [
    { name: 'username', value: 'alice' },
    { name: 'password', value: 'tiger1' },
  ]);
  t.like(entry.response.content, { text: '/wA=', encoding: 'base64', size: 2 });
  t.is(entry.timings.wait, 5);
  t.is(entry.startedDateTime, '1970-01-01T00:00:00.000Z');
});

test('times that no calendar has, and bodies of control characters, make an archive nevertheless', (t) => {
  const { exchanges } = joined(
    [
      ['client', 0, get('/')],
      ['server', 1, ok('\u0001\u0002')],
    ],
    100,
  );
  const [one] = exchanges;
  if (!one) return t.fail();
  for (const time of [Infinity, -Infinity, NaN, 9e15]) {
    const entry = harEntry(one, {
      conn: 0,
      scheme: 'http',
      server: undefined,
      wallClock: () => time,
      withSecrets: false,
    });
    t.regex(entry.startedDateTime, /^[+-]?\d+-\d\d-\d\dT/);
    t.like(entry.response.content, { text: 'AQI=', encoding: 'base64' });
  }
});

import { createServer, request } from 'node:http';
import { Duplex } from 'node:stream';
import test from 'ava';
import * as fc from 'fast-check';
import type { Side } from '../../../src/capture/event.ts';
import { HttpConversation } from '../../../src/protocols/http/conversation.ts';
import { fieldOfHttp } from '../../../src/protocols/http/message-field.ts';
import type { HttpMessage } from '../../../src/protocols/http/http-message.ts';
import type { HttpRequest, HttpResponse } from '../../../src/protocols/http/message.ts';
import { readHead, readUsualHead } from '../../../src/protocols/http/message.ts';
import { allFields, coverageFaults, tilingFaults } from '../helpers/tree.ts';

interface Said {
  readonly from: Side;
  readonly text: string;
}

const say = (from: Side, text: string): Said => ({ from, text });
const asks = (text: string): Said => say('client', text);
const answers = (text: string): Said => say('server', text);

/** Feeds what was said, in pieces of at most `size` bytes; the end of the streams is part of it. What is handed over is not read. */
function read(said: readonly Said[], size = Infinity, conversation = new HttpConversation()): HttpMessage[] {
  const offsets = { client: 0, server: 0 };
  const messages = said.flatMap(({ from, text }, tag) => {
    const bytes = Buffer.from(text, 'latin1');
    const got: HttpMessage[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      got.push(
        ...conversation.feed({ from, offset: offsets[from] + at, bytes: bytes.subarray(at, at + size), tag }),
      );
    }
    offsets[from] += bytes.length;
    return got;
  });
  return [...messages, ...conversation.end()];
}

const post =
  'POST /login HTTP/1.1\r\nHost: shop.localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ';
const body = 'username=alice&password=tiger-lily&rrn=900101-1234567&note=a+b%26c%20%ED%95%9C';
const login = asks(`${post}${body.length}\r\n\r\n${body}`);
const found = answers(
  'HTTP/1.1 302 Found\r\nLocation: /profile\r\nSet-Cookie: sid=1\r\nContent-Length: 0\r\n\r\n',
);
const chunked = answers(
  'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Sum: 9\r\n\r\n',
);

const cases: Readonly<Record<string, readonly Said[]>> = {
  'a login': [login, found],
  'a chunked answer with a trailer': [asks('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), chunked],
  'keep-alive': [login, found, asks('GET /profile HTTP/1.1\r\nCookie: sid=1; theme=dark\r\n\r\n'), chunked],
  pipelining: [
    asks('GET /1 HTTP/1.1\r\n\r\nHEAD /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n'),
    answers(
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\noneHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n',
    ),
  ],
  'an answer that ends with the connection': [
    asks('GET / HTTP/1.0\r\n\r\n'),
    answers('HTTP/1.0 200 OK\r\n\r\nuntil the end'),
  ],
  'a hundred before the answer': [
    asks('PUT /f HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n'),
    answers('HTTP/1.1 100 Continue\r\n\r\n'),
    asks('hi'),
    answers('HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n'),
  ],
  'an upgrade': [
    asks('GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'),
    answers('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi'),
    asks('\x81\x80\x00\x00'),
  ],
  'bare line feeds and an empty line first': [
    asks('\r\nGET / HTTP/1.1\nHost: x\n\n'),
    answers('HTTP/1.1 304 Not Modified\nContent-Length: 5\n\n'),
  ],
};

/** Up to where HTTP is spoken in that direction. */
function total(said: readonly Said[], from: Side): number {
  const conversation = new HttpConversation();
  read(said, Infinity, conversation);
  return (
    conversation.takeHandovers().find((handover) => handover.from === from)?.offset ??
    said.reduce((sum, part) => sum + (part.from === from ? part.text.length : 0), 0)
  );
}
const plain = (message: HttpMessage) => ({
  ...message,
  bytes: Buffer.from(message.bytes),
  content:
    'body' in message.content
      ? { ...message.content, body: Buffer.from(message.content.body) }
      : message.content,
});

for (const [name, said] of Object.entries(cases)) {
  test(`${name}: the messages tile both streams and their leaves name every byte`, (t) => {
    const messages = read(said);
    for (const from of ['client', 'server'] as const) {
      t.deepEqual(
        tilingFaults(
          messages.filter((message) => message.from === from),
          total(said, from),
        ),
        [],
      );
    }
    for (const message of messages) {
      t.true(message.complete);
      t.not(message.content.type, 'malformed');
      if (message.content.type !== 'opaque')
        t.deepEqual(coverageFaults(fieldOfHttp(message)), [], message.title);
    }
  });

  test(`${name}: byte by byte and in odd pieces gives the same messages`, (t) => {
    const whole = read(said)
      .filter((message) => message.content.type !== 'opaque')
      .map(plain);
    for (const size of [1, 2, 3, 7, 50]) {
      t.deepEqual(
        read(said, size)
          .filter((message) => message.content.type !== 'opaque')
          .map(plain),
        whole,
        `pieces of ${size}`,
      );
    }
  });

  test(`${name}: every strict prefix of a direction gives a beginning of the same messages, and never an error`, (t) => {
    for (const from of ['client', 'server'] as const) {
      const text = said
        .filter((part) => part.from === from)
        .map((part) => part.text)
        .join('');
      const whole = new HttpConversation().feed({ from, offset: 0, bytes: Buffer.from(text, 'latin1') });
      for (let length = 0; length < text.length; length++) {
        const messages = new HttpConversation().feed({
          from,
          offset: 0,
          bytes: Buffer.from(text.slice(0, length), 'latin1'),
        });
        const expected = whole.slice(0, messages.length).map((message) => message.title);
        t.deepEqual(
          messages.map((message) => message.title),
          expected,
        );
        t.true(messages.every((message) => message.content.type !== 'malformed'));
      }
    }
  });
}

const requestOf = (message: HttpMessage | undefined): HttpRequest => contentOf(message, 'request');
const responseOf = (message: HttpMessage | undefined): HttpResponse => contentOf(message, 'response');

function contentOf<T extends 'request' | 'response'>(
  message: HttpMessage | undefined,
  type: T,
): Extract<HttpMessage['content'], { type: T }> {
  if (message?.content.type !== type) throw new Error(`${message?.content.type} is no ${type}`);
  return message.content as Extract<HttpMessage['content'], { type: T }>;
}

const contents = (name: string) => read(cases[name] ?? []).map((message) => message.content);

test('a login: the form is decoded, and each value knows where it stands', (t) => {
  const [message, answer] = read([login, found]) as [HttpMessage, HttpMessage];
  const request = requestOf(message);
  t.is(message.title, 'POST /login');
  t.deepEqual(
    request.form?.map(({ name, value }) => [name, value]),
    [
      ['username', 'alice'],
      ['password', 'tiger-lily'],
      ['rrn', '900101-1234567'],
      ['note', 'a b&c 한'],
    ],
  );
  t.deepEqual(request.form?.map(({ valueRange: [start, end] }) => body.slice(start, end))[1], 'tiger-lily');
  const fields = allFields(fieldOfHttp(message));
  const values = fields.filter((field) => field.id === 'http.request.form.value');
  t.deepEqual(
    values.map((field) => field.value),
    ['alice', 'tiger-lily', '900101-1234567', 'a+b%26c%20%ED%95%9C'],
  );
  t.deepEqual(values.map((field) => login.text.slice(...field.range))[2], '900101-1234567');
  t.is(fields.find((field) => field.id === 'http.request.method')?.value, 'POST');
  t.is(fields.find((field) => field.id === 'http.request.target')?.value, '/login');
  t.like(answer.content, { status: 302, reason: 'Found', answers: { method: 'POST', target: '/login' } });
});

test('a form that came in chunks is decoded as one', (t) => {
  const text =
    'POST / HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n6\r\npasswo\r\nd\r\nrd=tiger-lily\r\n0\r\n\r\n';
  const [message] = read([asks(text)]);
  t.deepEqual(
    requestOf(message).form?.map(({ name, value }) => [name, value]),
    [['password', 'tiger-lily']],
  );
});

test('cookies and Basic authorization', (t) => {
  const basic = Buffer.from('alice:tiger:lily').toString('base64');
  const [message] = read([
    asks(`GET / HTTP/1.1\r\nCookie: sid=1; theme=da=rk\r\nAuthorization: Basic ${basic}\r\n\r\n`),
  ]);
  t.like(message?.content, {
    cookies: [
      { name: 'sid', value: '1' },
      { name: 'theme', value: 'da=rk' },
    ],
    basic: { user: 'alice', password: 'tiger:lily' },
  });
  const [bearer] = read([asks('GET / HTTP/1.1\r\nAuthorization: Bearer abc\r\n\r\n')]);
  t.is(requestOf(bearer).basic, undefined);
});

test('chunks are joined and trailers are no part of the body', (t) => {
  const [, response] = contents('a chunked answer with a trailer') as [HttpRequest, HttpResponse];
  t.is(Buffer.from(response.body).toString(), 'hello world');
  t.is(response.bodyLength, 11);
});

test('pipelined answers find their requests, and the one to HEAD has no body', (t) => {
  const responses = contents('pipelining').filter((content) => content.type === 'response');
  t.deepEqual(
    responses.map(({ status, answers, bodyLength }) => [
      status,
      answers?.method,
      answers?.target,
      bodyLength,
    ]),
    [
      [200, 'GET', '/1', 3],
      [200, 'HEAD', '/2', 0],
      [204, 'GET', '/3', 0],
    ],
  );
});

test('however many requests wait, each answer finds its own, also when more are asked in between', (t) => {
  const ask = (from: number, to: number): Said[] =>
    Array.from({ length: to - from }, (_, at) => asks(`GET /${from + at} HTTP/1.1\r\n\r\n`));
  const answer = (count: number): Said[] =>
    Array.from({ length: count }, () => answers('HTTP/1.1 204 No Content\r\n\r\n'));
  const messages = read([
    ...ask(0, 100),
    ...answer(70),
    ...ask(100, 250),
    ...answer(180),
    ...answer(1),
    ...ask(250, 251),
    ...answer(1),
  ]);
  const responses = messages.map(({ content }) => content).filter((content) => content.type === 'response');
  const targets = responses.map(({ answers: to }) => to?.target);
  t.deepEqual(targets, [...Array.from({ length: 250 }, (_, at) => `/${at}`), undefined, '/250']);
});

test('an interim answer leaves its request waiting', (t) => {
  const responses = contents('a hundred before the answer').filter((content) => content.type === 'response');
  t.deepEqual(
    responses.map(({ status, answers }) => [status, answers?.target]),
    [
      [100, '/f'],
      [201, '/f'],
    ],
  );
});

for (const size of [Infinity, 1]) {
  test(`after an upgrade both directions are handed over with what had come of them, in pieces of ${size}`, (t) => {
    const said = cases['an upgrade'] ?? [];
    const conversation = new HttpConversation();
    const messages = read(said, size, conversation);
    t.deepEqual(
      messages.map((message) => message.content.type),
      ['request', 'response'],
    );
    const handovers = conversation
      .takeHandovers()
      .map(({ from, offset, bytes }) => [from, offset, Buffer.from(bytes).toString('latin1')]);
    t.deepEqual(handovers, [
      ['server', said[1]?.text.indexOf('\x81'), size === 1 ? '' : '\x81\x02hi'],
      ['client', said[0]?.text.length, ''],
    ]);
  });
}

test('what a client sent before the tunnel was granted is handed over too', (t) => {
  const conversation = new HttpConversation();
  const connect = 'CONNECT shop.localhost:443 HTTP/1.1\r\n\r\n';
  const messages = read(
    [asks(connect), asks('\x16\x03\x01'), answers('HTTP/1.1 200 OK\r\n\r\n'), asks('more')],
    Infinity,
    conversation,
  );
  t.deepEqual(
    messages.map((message) => message.title),
    ['CONNECT shop.localhost:443', '200 OK'],
  );
  const handed = conversation.takeHandovers().find(({ from }) => from === 'client');
  t.deepEqual(
    [handed?.offset, Buffer.from(handed?.bytes ?? []).toString('latin1')],
    [connect.length, '\x16\x03\x01'],
  );
});

test('behind a gap that swallowed a head a direction begins anew', (t) => {
  const conversation = new HttpConversation();
  const first = Buffer.from('GET /1 HTTP/1.1\r\n\r\n');
  const later = Buffer.from('GET /2 HTTP/1.1\r\n\r\n');
  const messages = [
    ...conversation.feed({ from: 'client', offset: 0, bytes: first }),
    ...conversation.feed({ from: 'client', offset: 100, bytes: later }),
  ];
  const [handover] = conversation.takeHandovers();
  t.deepEqual([handover?.offset, handover?.bytes.length], [100, later.length]);
  messages.push(...conversation.feed({ from: 'client', offset: 100, bytes: later }));
  t.deepEqual(
    messages.map(({ title, offset, length }) => [title, offset, length]),
    [
      ['GET /1', 0, first.length],
      ['Malformed', first.length, 100 - first.length],
      ['GET /2', 100, later.length],
    ],
  );
});

const malformed: readonly (readonly [name: string, said: Said, id: string])[] = [
  ['TLS on an HTTP port', asks('\x16\x03\x01\x02\x00\x01\x00\n\r\n\r\n'), 'http.request.method'],
  ['no version', asks('GET /\r\n\r\n'), 'http.request.version'],
  ['a status that is none', answers('HTTP/1.1 abc OK\r\n\r\n'), 'http.response.status'],
  ['a line without a colon', asks('GET / HTTP/1.1\r\nnonsense\r\n\r\n'), 'http.request.header'],
  ['a folded line', asks('GET / HTTP/1.1\r\nA: b\r\n c: d\r\n\r\n'), 'http.request.header.name'],
  ['a space before the colon', asks('GET / HTTP/1.1\r\nA : b\r\n\r\n'), 'http.request.header.name'],
  [
    'two lengths',
    asks('POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'),
    'http.request.header.value',
  ],
  [
    'a chunk size that is none',
    asks('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n'),
    'http.request.body.chunk.size',
  ],
  [
    'a chunk that does not end',
    asks('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc'),
    'http.request.body.chunk',
  ],
  [
    'a chunk that ends in two carriage returns',
    asks('POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\r\n'),
    'http.request.body.chunk',
  ],
  ['a head without end', asks(`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(12_000)}`), 'http.head'],
];

for (const [name, said, id] of malformed) {
  test(`malformed: ${name}`, (t) => {
    const [message] = read([said]);
    t.is(message?.title, 'Malformed');
    t.is<string | false, string>(message?.content.type === 'malformed' && message.content.malformed.id, id);
    t.notThrows(() => message && fieldOfHttp(message));
  });
}

test('a message that the end cuts off says so', (t) => {
  const [cut] = read([asks('POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf')]);
  t.like(cut, { title: 'POST /', complete: false });
  t.is(requestOf(cut).bodyLength, 4);
  const [head] = read([asks('POST / HTTP/1.1\r\nContent-')]);
  t.like(head, { title: 'Malformed', complete: false });
});

test('memory is bounded: a long body is counted, its beginning kept', (t) => {
  const conversation = new HttpConversation({ maxBody: 1000 });
  const head = Buffer.from('PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n');
  conversation.feed({ from: 'client', offset: 0, bytes: head });
  let messages: HttpMessage[] = [];
  for (let at = 0; at < 1_000_000; at += 10_000)
    messages = conversation.feed({
      from: 'client',
      offset: head.length + at,
      bytes: Buffer.alloc(10_000, 0x61),
    });
  const [message] = messages;
  t.is(requestOf(message).bodyLength, 1_000_000);
  t.is(requestOf(message).body.length, 1000);
  t.true((message?.bytes.length ?? 0) < 80_000);
  t.is(message?.length, head.length + 1_000_000);
});

test('bytes lost in a body are counted; bytes lost elsewhere end the reading', (t) => {
  const conversation = new HttpConversation();
  conversation.feed({
    from: 'client',
    offset: 0,
    bytes: Buffer.from('PUT / HTTP/1.1\r\nContent-Length: 10\r\n\r\nab'),
  });
  const [message] = conversation.feed({ from: 'client', offset: 46, bytes: Buffer.from('ij') });
  t.like(message, { title: 'PUT /', complete: false, length: 48 });
  t.is(requestOf(message).bodyLength, 10);
  const [lost] = conversation.feed({ from: 'client', offset: 60, bytes: Buffer.from('x') });
  t.is(lost?.title, 'Malformed');
});

test('a usual head read in one go is what the byte by byte reading says, and anything else is left to that', (t) => {
  const heads = [
    post + `${body.length}\r\n\r\n`,
    found.text,
    chunked.text.slice(0, chunked.text.indexOf('\r\n\r\n') + 4),
    'HTTP/1.1 200 Not \xff \r\nA:\tb \t\r\nC:\r\n\r\n',
  ];
  for (const head of heads) t.truthy(readUsualHead(Buffer.from(head, 'latin1')), head);
  const letters = fc.string({
    unit: fc.constantFrom(' ', '\t', '\r', '\n', '\r\n', ':', '/', 'a', '0', '\xff', '\0'),
    maxLength: 4,
  });
  let quick = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...heads),
      fc.array(fc.tuple(fc.nat(200), fc.nat(3), letters), { maxLength: 3 }),
      (head, changes) => {
        const text = changes.reduce(
          (changed, [at, removed, added]) => changed.slice(0, at) + added + changed.slice(at + removed),
          head,
        );
        const bytes = Buffer.from(text, 'latin1');
        const usual = readUsualHead(bytes);
        if (!usual) return;
        quick++;
        const step = readHead(bytes);
        t.deepEqual('got' in step ? step.got : step, usual, JSON.stringify(text));
      },
    ),
    { numRuns: 3000 },
  );
  t.true(quick > 500);
});

test('random bytes and altered messages never throw, whole or in pieces, and tile their stream', (t) => {
  const texts = Object.values(cases).flatMap((said) => said.map((part) => part));
  const altered = fc.record({
    part: fc.constantFrom(...texts),
    at: fc.nat(400),
    byte: fc.nat(255),
    size: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(altered, ({ part, at, byte, size }) => {
      const index = at % part.text.length;
      const text = part.text.slice(0, index) + String.fromCharCode(byte) + part.text.slice(index + 1);
      const messages = read([say(part.from, text)], size);
      t.deepEqual(tilingFaults(messages, total([say(part.from, text)], part.from)), []);
      messages.map(fieldOfHttp);
    }),
    { numRuns: 500 },
  );
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom(
          'GET / ',
          'HTTP/1.1',
          ' 200',
          '\r\n',
          '\n',
          ':',
          ' ',
          'a',
          '0',
          'Transfer-Encoding: chunked',
          'Content-Length: 3',
          '\u00ff',
        ),
        maxLength: 30,
      }),
      fc.constantFrom<Side>('client', 'server'),
      (text, from) => {
        const messages = read([say(from, text)], 5);
        t.deepEqual(tilingFaults(messages, text.length), []);
        messages.map(fieldOfHttp);
      },
    ),
    { numRuns: 500 },
  );
});

test('a live exchange between Node and Node, keep-alive and chunked', async (t) => {
  const conversation = new HttpConversation();
  const messages: HttpMessage[] = [];
  const offsets = { client: 0, server: 0 };
  class End extends Duplex {
    other: End | undefined;
    from: Side = 'client';
    override _read(): void {}
    override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
      messages.push(
        ...conversation.feed({ from: this.from, offset: offsets[this.from], bytes: Buffer.from(bytes) }),
      );
      offsets[this.from] += bytes.length;
      this.other?.push(bytes);
      done();
    }
  }
  const [client, far] = [new End(), new End()];
  far.from = 'server';
  client.other = far;
  far.other = client;
  const server = createServer((incoming, response) => {
    incoming.resume().on('end', () => {
      response.write(`you asked ${incoming.url}`);
      response.end(' and got it');
    });
  });
  server.emit('connection', far);
  const answer = await new Promise<string>((resolve, reject) => {
    const outgoing = request(
      { createConnection: () => client, method: 'POST', path: '/x', host: 'shop.localhost' },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => resolve(text));
      },
    );
    outgoing.on('error', reject);
    outgoing.write('one');
    outgoing.end('two');
  });
  messages.push(...conversation.end());
  t.deepEqual(
    messages.map((message) => message.title),
    ['POST /x', '200 OK'],
  );
  t.is(Buffer.from(responseOf(messages[1]).body).toString(), answer);
  t.is(Buffer.from(requestOf(messages[0]).body).toString(), 'onetwo');
  for (const message of messages) t.deepEqual(coverageFaults(fieldOfHttp(message)), []);
});

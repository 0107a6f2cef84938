/**
 * Connections of HTTP/2: what Node's own client and server say, whole, byte by byte, cut and with a part missing; frames that
 * are made by hand; and bytes that lead no reader astray.
 */
import { gzipSync } from 'node:zlib';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import * as fc from 'fast-check';
import { credentialsInFrame } from '../../../src/analysis/secrets/framed-http.ts';
import { Http2Conversation } from '../../../src/protocols/http2/conversation.ts';
import { looksLikeHttp2, preface } from '../../../src/protocols/http2/recognise.ts';
import type { Piece } from '../../../src/protocols/piece.ts';
import type { ProtocolMessage } from '../../../src/protocols/protocol.ts';
import { present } from '../../helpers/capture.ts';
import { cutPieces } from '../../fuzz/chunks.ts';
import { allFields, tilingFaults, treeFaults } from '../helpers/tree.ts';
import { data, frame, headers, literal, rstStream, settings } from './frames.ts';
import { ask, recordHttp2 } from './recorded-http2.ts';

function read(pieces: readonly Piece[], ends = true): ProtocolMessage[] {
  const conversation = new Http2Conversation();
  const messages = pieces.flatMap((piece) => conversation.feed(piece));
  if (ends) for (const from of ['client', 'server'] as const) messages.push(...conversation.cut(from));
  return messages;
}

const of = (messages: readonly ProtocolMessage[], from: 'client' | 'server'): readonly ProtocolMessage[] =>
  messages.filter((message) => message.from === from);

const said = ({ title, facts }: ProtocolMessage): string => [title.en, facts?.en].filter(Boolean).join(', ');

/** What the messages say, without what depends on how the bytes came. */
const gist = (messages: readonly ProtocolMessage[]): unknown =>
  (['client', 'server'] as const).map((from) =>
    of(messages, from).map((message) => [
      said(message),
      message.offset,
      message.length,
      message.http,
      message.httpBody && [message.httpBody.stream, Buffer.from(message.httpBody.bytes).toString('hex')],
      message.malformed,
    ]),
  );

function faultsOf(messages: readonly ProtocolMessage[], pieces: readonly Piece[]): string[] {
  return (['client', 'server'] as const).flatMap((from) => {
    const length = Math.max(0, ...pieces.filter((piece) => piece.from === from).map(endOf));
    return [
      ...tilingFaults(
        of(messages, from).map(({ title, offset, length: own }) => ({
          title: title.en,
          offset,
          length: own,
        })),
        length,
      ),
      ...of(messages, from).flatMap((message) => {
        const field = present(message.field());
        // A frame that is cut has no fields for what is missing.
        return message.bytes.length < message.length
          ? []
          : treeFaults(field).map((fault) => `${said(message)}: ${fault}`);
      }),
    ];
  });
}

const endOf = ({ offset, bytes }: Piece): number => offset + bytes.length;

const everyCharacter = String.fromCharCode(
  ...Array.from({ length: 95 }, (_, at) => 0x20 + at),
  ...Array.from({ length: 128 }, (_, at) => 0x80 + at),
).trim();

const login = recordHttp2({
  onStream(stream, sent) {
    if (sent[':path'] === '/push')
      stream.pushStream({ ':path': '/style.css' }, (_, pushed) => {
        pushed.respond({ ':status': 200, 'content-type': 'text/css' });
        pushed.end('a{}');
      });
    stream.resume();
    stream.on('end', () => {
      if (sent[':path'] === '/teapot') {
        stream.respond({ ':status': 418 }, { endStream: true });
        return;
      }
      if (sent[':path'] === '/long') stream.additionalHeaders({ ':status': 103, link: '</a>; rel=preload' });
      stream.respond(
        {
          ':status': 200,
          'content-type': 'application/json; charset=utf-8',
          'set-cookie': ['session=s3cr3t-session; Path=/', 'theme=dark'],
        },
        { waitForTrailers: true },
      );
      stream.on('wantTrailers', () => {
        stream.sendTrailers({ 'x-checksum': 'abc' });
      });
      if (sent[':path'] === '/long') stream.write('x'.repeat(40_000));
      stream.end('{"token":"tok-1234"}');
    });
  },
  async talk(client) {
    await ask(
      client,
      {
        ':method': 'POST',
        ':path': '/login?next=/&api_key=k-1234567',
        'content-type': 'application/x-www-form-urlencoded',
        authorization: `Basic ${Buffer.from('alice:pa55word').toString('base64')}`,
        cookie: 'session=s-abc; theme=dark',
      },
      ['user=alice&pass', 'word=hunter2'],
    );
    await ask(client, { ':path': '/long', authorization: 'Bearer tok-5678', 'x-all': everyCharacter });
    await ask(client, { ':path': '/teapot' });
    await ask(client, { ':path': '/push' });
    await ask(client, { ':method': 'PUT', ':path': '/trailers' }, ['{"a":1}'], { 'x-after': 'body' });
  },
});

test("what Node's client and server say to each other", async (t) => {
  const { pieces } = await login;
  const messages = read(pieces);
  t.deepEqual(faultsOf(messages, pieces), []);
  t.deepEqual(messages.filter(({ malformed, isCut }) => malformed ?? isCut).map(said), []);
  const requests = of(messages, 'client').flatMap(({ http }) => (http ? [http] : []));
  t.deepEqual(
    requests.map(({ method, path, stream, isTrailer }) => [method, path, stream, isTrailer]),
    [
      ['POST', '/login?next=/&api_key=k-1234567', 1, undefined],
      ['GET', '/long', 3, undefined],
      ['GET', '/teapot', 5, undefined],
      ['GET', '/push', 7, undefined],
      ['PUT', '/trailers', 9, undefined],
      [undefined, undefined, 9, true],
    ],
  );
  t.is(requests[1]?.headers.find(([name]) => name === 'x-all')?.[1], everyCharacter);
  t.like(requests[0], { kind: 'request', scheme: 'http' });
  t.is(requests[2]?.endsStream, true);
  const responses = of(messages, 'server').flatMap(({ http }) => (http ? [http] : []));
  const heads = responses.filter(({ kind, isTrailer }) => kind === 'response' && !isTrailer);
  t.deepEqual(heads.map(({ status, stream }) => `${stream} ${status}`).toSorted(), [
    '1 200',
    '2 200',
    '3 103',
    '3 200',
    '5 418',
    '7 200',
    '9 200',
  ]);
  t.deepEqual(
    responses
      .filter(({ kind }) => kind === 'request')
      .map(({ method, path, stream }) => [method, path, stream]),
    [['GET', '/style.css', 2]],
    'what is pushed',
  );
  const bodies = of(messages, 'server').flatMap(({ httpBody }) => (httpBody?.stream === 3 ? [httpBody] : []));
  t.is(
    Buffer.concat(bodies.map(({ bytes }) => bytes)).toString(),
    `${'x'.repeat(40_000)}{"token":"tok-1234"}`,
  );
});

test('titles say what a frame is, and hold no secret', async (t) => {
  const { pieces } = await login;
  const all = read(pieces).map(said);
  for (const words of [
    'HTTP/2 preface',
    'POST /login?next=/&api_key=k-1234567, stream 1, 127.0.0.1',
    'DATA, stream 1, form: user, password, end of stream',
    '200, stream 1, application/json',
    '103, stream 3',
    'trailers, stream 1, x-checksum',
    '418, stream 5',
    'PUSH_PROMISE GET /style.css, stream 2',
    'SETTINGS ACK',
  ])
    t.true(
      all.some((one) => one.startsWith(words)),
      `${words} in ${all.join('\n')}`,
    );
  t.deepEqual(
    all.filter((one) => /hunter2|pa55word|s3cr3t/.test(one)),
    [],
  );
});

test('secrets in headers, paths and bodies are found, also in a body in several frames', async (t) => {
  const { pieces } = await login;
  const streams = { client: Buffer.alloc(0), server: Buffer.alloc(0) };
  for (const { from, bytes } of pieces) streams[from] = Buffer.concat([streams[from], bytes]);
  const found = read(pieces).flatMap((message) =>
    credentialsInFrame(message).map((one) => ({ ...one, from: message.from })),
  );
  const listed = found.map(({ kind, name, value }) => `${kind} ${name} ${value}`);
  for (const one of [
    'query_parameter api_key k-1234567',
    'basic alice pa55word',
    'cookie session s-abc',
    'form_field password hunter2',
    'cookie session s3cr3t-session',
    'json_member token tok-1234',
    'bearer Bearer tok-5678',
  ])
    t.true(listed.includes(one), `${one} in ${listed.join('\n')}`);
  t.false(listed.some((one) => one.includes('theme')));
  for (const { kind, value, offset, length, from } of found.filter(({ kind: one }) => one === 'json_member'))
    t.is(streams[from].subarray(offset, offset + length).toString(), value, kind);
  // The value of the form lies in two frames: its place begins in the second, where the name ends.
  const form = present(found.find(({ kind }) => kind === 'form_field'));
  t.is(streams.client.subarray(form.offset, form.offset + form.length).toString(), 'hunter2');
});

test('bytes that come one by one, and in odd pieces, are read as those that come at once', async (t) => {
  const { pieces } = await login;
  const whole = gist(read(pieces));
  t.deepEqual(gist(read(cutPieces(pieces, [1]))), whole);
  t.deepEqual(gist(read(cutPieces(pieces, [3, 1, 17, 9, 1400]))), whole);
});

test('every end is one: what there is of the last frame is told as cut', async (t) => {
  const { pieces } = await login;
  const total = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  for (let length = 0; length < Math.min(total, 1500); length++) {
    let left = length;
    const cut = pieces.flatMap((piece) => {
      const bytes = piece.bytes.subarray(0, left);
      left -= bytes.length;
      return bytes.length > 0 ? [{ ...piece, bytes }] : [];
    });
    const messages = read(cut);
    const faults = faultsOf(messages, cut);
    if (faults.length > 0) t.deepEqual(faults, [], `${length} bytes`);
  }
  t.pass();
});

test('a capture that begins in the middle: what cannot be known is counted, and the rest is read', async (t) => {
  const { pieces } = await login;
  const messages = read(pieces);
  const start = present(of(messages, 'client').find(({ http }) => http?.path === '/teapot')).offset;
  const late = pieces
    .filter(({ from }) => from === 'client')
    .flatMap((piece) =>
      endOf(piece) <= start
        ? []
        : [
            {
              ...piece,
              offset: Math.max(start, piece.offset),
              bytes: piece.bytes.subarray(Math.max(0, start - piece.offset)),
            },
          ],
    );
  const [first] = late;
  t.true(looksLikeHttp2(present(first).bytes.subarray(0, 36), 'client'));
  const heads = read(late).flatMap(({ http }) => (http ? [http] : []));
  t.deepEqual(
    heads.map(({ path }) => path),
    ['/teapot', '/push', '/trailers', undefined],
  );
  t.is(heads[0]?.authority, undefined);
  t.is(heads[0]?.unknown, 1, 'the authority is in the table of which the beginning was not captured');
  t.true(read(late).some(({ facts }) => facts?.en.includes('1 header unknown')));
});

test('missing bytes inside a frame of data: the reader goes on behind it; elsewhere at the next frame', async (t) => {
  const { pieces } = await login;
  const server = of(read(pieces), 'server');
  const bytes = Buffer.concat(pieces.filter(({ from }) => from === 'server').map((piece) => piece.bytes));
  const long = present(server.find(({ httpBody }) => (httpBody?.bytes.length ?? 0) > 10_000));
  const without = (start: number, end: number): Piece[] => [
    { from: 'server', offset: 0, bytes: bytes.subarray(0, start), tag: 0 },
    { from: 'server', offset: end, bytes: bytes.subarray(end), tag: 1 },
  ];
  const behind = (end: number): string[] => server.filter(({ offset }) => offset >= end).map(said);
  const within = read(without(long.offset + 5000, long.offset + 9000), false);
  t.deepEqual(
    within.filter(({ offset }) => offset >= long.offset + long.length).map(said),
    behind(long.offset + long.length),
    'the table of headers is still known',
  );
  t.is(within.find(({ offset }) => offset === long.offset)?.isCut, true);
  const [, second] = server.filter(({ http }) => http?.status === 200);
  const lost = read(without(present(second).offset - 3, present(second).offset + 5), false);
  t.true(lost.some(({ title }) => title.en === 'part of a frame'));
  t.deepEqual(
    lost.filter(({ http }) => http?.stream === 5).map(({ http }) => http?.stream),
    [5],
    'frames are found again',
  );
});

test('a header block in several frames is told with the one that completes it', (t) => {
  const block = Buffer.concat([
    Uint8Array.of(0x82, 0x87),
    literal(':path', '/in/parts'),
    literal('authorization', 'Bearer tok-in-parts'),
  ]);
  const pieces: Piece[] = [
    {
      from: 'client',
      offset: 0,
      tag: 0,
      bytes: Buffer.concat([
        preface,
        settings(),
        frame(1, 0x01, 1, block.subarray(0, 10)),
        frame(9, 0, 1, block.subarray(10, 30)),
        frame(9, 0x04, 1, block.subarray(30)),
      ]),
    },
  ];
  const messages = read(pieces);
  t.deepEqual(faultsOf(messages, pieces), []);
  t.deepEqual(messages.slice(2).map(said), [
    'HEADERS, stream 1, its headers go on in the next frame',
    'CONTINUATION, stream 1, its headers go on in the next frame',
    'GET /in/parts, stream 1',
  ]);
  const last = present(messages.at(-1));
  t.deepEqual(
    allFields(present(last.field())).flatMap(({ id, value }) => (id === 'http2.header.value' ? [value] : [])),
    ['GET', 'https', '/in/parts', 'Bearer tok-in-parts'],
  );
  const [credential] = credentialsInFrame(last);
  t.is(credential?.value, 'tok-in-parts');
  t.is(last.http?.endsStream, true);
});

const linesOf = ({ reading }: ProtocolMessage): string[] =>
  (reading?.() ?? []).map(
    ({ field, name, value, depth }) =>
      `${'  '.repeat(depth)}${name ?? field.id}: ${value ?? String(field.value)}`,
  );

test('what a frame says is read line by line: headers as they were, settings, not a body', (t) => {
  const bytes = Buffer.concat([
    preface,
    settings([1, 100]),
    frame(
      1,
      0x05,
      1,
      Buffer.concat([Uint8Array.of(0x3f, 0x01, 0x82), literal('a', 'b: c'), literal('empty', '')]),
    ),
    data(1, Buffer.from('text')),
    rstStream(1, 8),
  ]);
  const [, ...messages] = read([{ from: 'client', offset: 0, tag: 0, bytes }]);
  t.deepEqual(messages.map(linesOf), [
    ['SETTINGS (4): (0x00)', 'HEADER_TABLE_SIZE (1): 100'],
    [
      'HEADERS (1): END_STREAM END_HEADERS (0x05)',
      'http2.table_size: 32',
      ':method: GET',
      'a: b: c',
      'empty: ',
    ],
    [],
    ['RST_STREAM (3): (0x00)', 'http2.error_code: CANCEL (8)'],
  ]);
});

test('a tunnel is titled by where it leads to', (t) => {
  const bytes = Buffer.concat([
    preface,
    settings(),
    headers(1, [
      [':method', 'CONNECT'],
      [':authority', 'shop.localhost:443'],
    ]),
  ]);
  t.is(read([{ from: 'client', offset: 0, tag: 0, bytes }]).at(-1)?.title.en, 'CONNECT shop.localhost:443');
});

test('padding, priority and every type of frame; unknown types by their number', (t) => {
  const padded = Buffer.concat([
    Uint8Array.of(4, 0x80, 0, 0, 0, 15, 0x82, 0x86, 0x84),
    literal(':authority', 'shop.localhost'),
    Buffer.alloc(4),
  ]);
  const pieces: Piece[] = [
    {
      from: 'client',
      offset: 0,
      tag: 0,
      bytes: Buffer.concat([
        preface,
        settings([1, 100], [3, 7], [0x4444, 5]),
        frame(1, 0x2c, 1, padded),
        frame(0, 0x08, 1, Buffer.concat([Uint8Array.of(3), Buffer.from('abc'), Buffer.alloc(3)])),
        frame(2, 0, 3, Uint8Array.of(0, 0, 0, 1, 9)),
        rstStream(1, 8),
        frame(6, 0, 0, Buffer.from('12345678')),
        frame(6, 1, 0, Buffer.from('12345678')),
        frame(8, 0, 1, Uint8Array.of(0, 0, 4, 0)),
        frame(7, 0, 0, Buffer.concat([Uint8Array.of(0, 0, 0, 5, 0, 0, 0, 11), Buffer.from('too many')])),
        frame(16, 0, 0, Buffer.concat([Uint8Array.of(0, 0, 0, 1), Buffer.from('u=1, i')])),
        frame(0x77, 0, 0, Uint8Array.of(1, 2, 3)),
        rstStream(3, 99),
      ]),
    },
  ];
  const messages = read(pieces);
  t.deepEqual(faultsOf(messages, pieces), []);
  t.deepEqual(messages.map(said), [
    'HTTP/2 preface',
    'SETTINGS, HEADER_TABLE_SIZE 100, MAX_CONCURRENT_STREAMS 7, 0x4444 5',
    'GET /, stream 1, shop.localhost',
    'DATA, stream 1',
    'PRIORITY, stream 3',
    'RST_STREAM, stream 1, CANCEL: no longer needed',
    'PING',
    'PING ACK',
    'WINDOW_UPDATE, stream 1, 1,024 more bytes allowed',
    'GOAWAY, ENHANCE_YOUR_CALM: the peer causes too much load, last stream 5, "too many"',
    'PRIORITY_UPDATE, u=1, i',
    'frame type 0x77',
    'RST_STREAM, stream 3, error 99',
  ]);
  t.is(Buffer.from(present(messages[3]?.httpBody).bytes).toString(), 'abc', 'without its padding');
});

test('frames that break the rules of their type are malformed, and the next ones are read', (t) => {
  const broken: readonly (readonly [frame: Uint8Array, id: string])[] = [
    [frame(0, 0, 0, Buffer.from('x')), 'http2.stream'],
    [frame(4, 0, 0, Uint8Array.of(1, 2, 3)), 'http2.length'],
    [frame(4, 0, 1), 'http2.stream'],
    [frame(3, 0, 1, Uint8Array.of(1)), 'http2.length'],
    [frame(6, 0, 0, Uint8Array.of(1)), 'http2.length'],
    [frame(7, 0, 0, Uint8Array.of(1)), 'http2.length'],
    [frame(8, 0, 0, Uint8Array.of(1)), 'http2.length'],
    [frame(0, 0x08, 1, Uint8Array.of(9, 1)), 'http2.pad_length'],
    [frame(1, 0x28, 1, Uint8Array.of(0, 1)), 'http2.pad_length'],
    [frame(1, 0x04, 1, Uint8Array.of(0x80)), 'http2.header.indexed'],
    [frame(5, 0x04, 1, Uint8Array.of(0)), 'http2.payload'],
  ];
  for (const [bytes, id] of broken) {
    const pieces: Piece[] = [
      {
        from: 'client',
        offset: 0,
        tag: 0,
        bytes: Buffer.concat([preface, settings(), bytes, frame(6, 0, 0, Buffer.alloc(8))]),
      },
    ];
    const messages = read(pieces);
    t.is(messages[2]?.malformed?.id, id as never, said(present(messages[2])));
    t.is(messages[3]?.title.en, 'PING');
    t.deepEqual(faultsOf(messages, pieces), [], id);
  }
});

test('a compressed body is searched, and one that is a bomb is not opened', (t) => {
  const body = gzipSync('{"password":"zipped-1"}');
  const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
  const one = (stream: number, content: Uint8Array): Uint8Array[] => [
    headers(stream, [
      [':method', 'POST'],
      [':path', '/'],
      ['content-encoding', 'gzip'],
      ['content-length', String(content.length)],
    ]),
    ...Array.from({ length: Math.ceil(content.length / 16_384) }, (_, index) =>
      data(stream, content.subarray(index * 16_384, (index + 1) * 16_384)),
    ),
  ];
  const messages = read([
    {
      from: 'client',
      offset: 0,
      tag: 0,
      bytes: Buffer.concat([preface, settings(), ...one(1, body), ...one(3, bomb)]),
    },
  ]);
  const found = messages.flatMap((message) => credentialsInFrame(message));
  t.deepEqual(
    found.map(({ name, value }) => [name, value]),
    [['password', 'zipped-1']],
  );
});

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('floods: headers that never end, streams without an end, bodies that are kept: memory is bounded', (t) => {
  const conversation = new Http2Conversation();
  let offset = 0;
  const send = (bytes: Uint8Array): ProtocolMessage[] => {
    const messages = conversation.feed({ from: 'client', offset, bytes, tag: 0 });
    offset += bytes.length;
    return messages;
  };
  send(Buffer.concat([preface, settings(), frame(1, 0, 1, literal(':path', '/'))]));
  const part = frame(9, 0, 1, literal('x', 'y'.repeat(16_000)));
  for (let index = 0; index < 1000; index++) send(part);
  const [end] = send(frame(9, 0x04, 1));
  t.is(end?.malformed?.kind, 'too_long');
  collect();
  const before = process.memoryUsage().heapUsed;
  const opening = [
    [':method', 'POST'],
    [':path', '/'],
    ['content-type', 'application/json'],
  ] as const;
  for (let stream = 3; stream < 60_003; stream += 2) {
    send(headers(stream, opening));
    send(data(stream, Buffer.from(`{${' '.repeat(1000)}`)));
  }
  collect();
  const grown = process.memoryUsage().heapUsed - before;
  t.true(grown < 60 * 1024 * 1024, `${grown} bytes`);
});

test('any bytes: nothing is thrown, and no byte is lost', (t) => {
  const pieceOf = fc.record({
    from: fc.constantFrom('client' as const, 'server' as const),
    type: fc.integer({ min: 0, max: 17 }),
    flags: fc.integer({ min: 0, max: 255 }),
    stream: fc.integer({ min: 0, max: 4 }),
    payload: fc.uint8Array({ maxLength: 60 }),
    noise: fc.uint8Array({ maxLength: 12 }),
  });
  fc.assert(
    fc.property(fc.array(pieceOf, { maxLength: 12 }), (all) => {
      const offsets = { client: 0, server: 0 };
      const pieces = all.map(({ from, type, flags, stream, payload, noise }, tag) => {
        const bytes = Buffer.concat([
          frame(type, flags, stream, payload),
          tag % 3 === 2 ? noise : new Uint8Array(0),
        ]);
        const piece = { from, offset: offsets[from], bytes, tag };
        offsets[from] += bytes.length;
        return piece;
      });
      const messages = read(pieces);
      for (const message of messages) credentialsInFrame(message);
      return faultsOf(messages, pieces).length === 0;
    }),
    { seed: 1, numRuns: 500 },
  );
  t.pass();
});

test('other protocols are not taken for HTTP/2', (t) => {
  const hex = (digits: string): Uint8Array => Buffer.from(digits.replaceAll(' ', ''), 'hex');
  t.true(looksLikeHttp2(preface, 'client'));
  t.is(looksLikeHttp2(preface.subarray(0, 20), 'client'), undefined);
  t.false(looksLikeHttp2(Buffer.from('PRINT / HTTP/1.1'), 'client'));
  t.true(looksLikeHttp2(settings(), 'server'));
  t.is(looksLikeHttp2(settings().subarray(0, 5), 'server'), undefined);
  for (const [name, bytes] of [
    ['TLS', '16 03 01 02 00 01 00 01 fc 03 03'],
    ['SMB', '00 00 00 a4 fe 53 4d 42 40 00'],
    ['PostgreSQL', '00 00 00 08 04 d2 16 2f'],
    ['Kafka', '00 00 00 3a 00 03 00 09 00 00 00 01'],
    ['DNS over TCP', '00 1d 12 34 01 00 00 01 00 00 00 00 00 00'],
    ['MySQL', '4a 00 00 00 0a 38 2e 30'],
    ['zeros', '00 00 00 00 00 00 00 00 00 00 00 00'],
    ['gRPC', '00 00 00 00 05 0a 03 66 6f 6f'],
  ] as const)
    for (const from of ['client', 'server'] as const)
      t.false(looksLikeHttp2(hex(bytes), from), `${name} from the ${from}`);
});

/** How a direction is recognised, and recognised anew: after a tunnel opened, behind a gap, in the middle of unknown bytes. */
import test from 'ava';
import * as fc from 'fast-check';
import { ProtocolDispatcher } from '../../../src/analysis/conversation/protocol-dispatcher.ts';
import type { Spoken } from '../../../src/analysis/conversation/protocol-dispatcher.ts';
import * as readings from '../../../src/analysis/conversation/readings.ts';
import { loadProtocols } from '../../../src/protocols/index.ts';
import type { Side } from '../../../src/capture/event.ts';
import { preface } from '../../../src/protocols/http2/recognise.ts';
import { data, frame, headers, settings } from '../../protocols/http2/frames.ts';

const readers = { ...readings, protocols: await loadProtocols() };

type Said = readonly [from: Side, text: string, gap?: number];
const C = (text: string, gap = 0): Said => ['client', text, gap];
const S = (text: string, gap = 0): Said => ['server', text, gap];

/** `> http GET /` or `> opaque 3`, with where it stands. */
function line(spoken: Spoken): string {
  const place =
    spoken.type === 'gap'
      ? spoken
      : 'message' in spoken
        ? spoken.message
        : { ...spoken.piece, length: spoken.piece.bytes.length };
  const told = 'message' in spoken ? spoken.message.title : String(place.length);
  const title = typeof told === 'string' ? told : told.en;
  const type = spoken.type === 'message' ? spoken.protocol : spoken.type;
  return `${place.from === 'client' ? '>' : '<'}${place.offset} ${type} ${title}`;
}

/** Fed in pieces of at most `size`, neighbours of one kind put together where the pieces alone divided them. */
function read(said: readonly Said[], size = Infinity, layer = new ProtocolDispatcher(readers)): string[] {
  const at = { client: 0, server: 0 };
  const spoken: Spoken[] = [];
  for (const [from, text, gap = 0] of said) {
    at[from] += gap;
    const bytes = Buffer.from(text, 'latin1');
    for (let start = 0; start < bytes.length; start += size) {
      const piece = bytes.subarray(start, start + size);
      spoken.push(...layer.feed({ from, offset: at[from], bytes: piece, tag: spoken.length }));
      at[from] += piece.length;
    }
  }
  spoken.push(...layer.end());
  return joined(spoken).map(line);
}

function joined(spoken: readonly Spoken[]): Spoken[] {
  const all: Spoken[] = [];
  for (const one of spoken) {
    const before = all.findLastIndex((other) => sideOf(other) === sideOf(one));
    const last = all[before];
    if (
      last &&
      'piece' in last &&
      'piece' in one &&
      last.type === one.type &&
      last.piece.offset + last.piece.bytes.length === one.piece.offset
    ) {
      all[before] = {
        ...last,
        piece: { ...last.piece, bytes: Buffer.concat([last.piece.bytes, one.piece.bytes]) },
      };
    } else all.push(one);
  }
  return all;
}

const sideOf = (spoken: Spoken): Side =>
  spoken.type === 'gap' ? spoken.from : 'message' in spoken ? spoken.message.from : spoken.piece.from;

test('beside a side that speaks TLS an empty record is enough to be TLS', (t) => {
  const empty = '\x17\x03\x01\x00\x00';
  t.deepEqual(read([C('\x16\x03\x01\x00\x00'), S(empty)]), ['>0 tls 5', '<0 tls 5']);
  t.deepEqual(read([C('hello'), S(empty)]), ['>0 opaque 5', '<0 opaque 5']);
});

test('a login of IRC is none of FTP or POP3, whose name stands alone', (t) => {
  t.deepEqual(read([C('USER alice 0 * :Alice\r\n')]), ['>0 opaque 23']);
  for (const size of [1, 5, 100]) t.deepEqual(read([C('USER alice\r\n')], size), ['>0 commands USER alice']);
});

const hello = '\x16\x03\x01\x00\x30\x01\x00\x00\x2c\x03\x03hello';
const answer = '\x16\x03\x03\x00\x30\x02\x00\x00\x2c\x03\x03answer';
const refusal = '\x15\x03\x03\x00\x02\x02\x28';
const connect = 'CONNECT shop.localhost:443 HTTP/1.1\r\nHost: shop.localhost:443\r\n\r\n';
const granted = 'HTTP/1.1 200 Connection established\r\n\r\n';
const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

const cases: Readonly<Record<string, { readonly said: readonly Said[]; readonly told: readonly string[] }>> =
  {
    'TLS from the first byte': {
      said: [C(hello), S(answer)],
      told: [`>0 tls ${hello.length}`, `<0 tls ${answer.length}`],
    },
    'TLS on an HTTP server: what the content says, and no port': {
      said: [C(hello), S('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n')],
      told: [`>0 tls ${hello.length}`, '<0 http 400 Bad Request'],
    },
    'TLS in a tunnel': {
      said: [C(connect), S(granted), C(hello), S(answer)],
      told: [
        '>0 http CONNECT shop.localhost:443',
        '<0 http 200 Connection established',
        `>${connect.length} tls ${hello.length}`,
        `<${granted.length} tls ${answer.length}`,
      ],
    },
    'TLS in a tunnel, sent before the tunnel was granted': {
      said: [C(connect + hello), S(granted + answer)],
      told: [
        '>0 http CONNECT shop.localhost:443',
        '<0 http 200 Connection established',
        `<${granted.length} tls ${answer.length}`,
        `>${connect.length} tls ${hello.length}`,
      ],
    },
    'HTTP in a tunnel': {
      said: [C(connect), S(granted), C(get), S(ok)],
      told: [
        '>0 http CONNECT shop.localhost:443',
        '<0 http 200 Connection established',
        `>${connect.length} http GET /`,
        `<${granted.length} http 200 OK`,
      ],
    },
    'a tunnel that is refused stays HTTP': {
      said: [
        C(connect),
        S('HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n'),
        C(get),
        S(ok),
      ],
      told: [
        '>0 http CONNECT shop.localhost:443',
        '<0 http 407 Proxy Authentication Required',
        `>${connect.length} http GET /`,
        '<65 http 200 OK',
      ],
    },
    'mail in a tunnel': {
      said: [
        C(connect),
        S(`${granted}220 x ESMTP\r\n`),
        C('EHLO me\r\n'),
        S('250 STARTTLS\r\n'),
        C('STARTTLS\r\n'),
        S('220 go\r\n'),
        C(hello),
        S(answer),
      ],
      told: [
        '>0 http CONNECT shop.localhost:443',
        '<0 http 200 Connection established',
        `<${granted.length} commands 220 x ESMTP`,
        `>${connect.length} commands EHLO me`,
        `<${granted.length + 13} commands 250 STARTTLS`,
        `>${connect.length + 9} commands STARTTLS`,
        `<${granted.length + 27} commands 220 go`,
        `>${connect.length + 19} tls ${hello.length}`,
        `<${granted.length + 35} tls ${answer.length}`,
      ],
    },
    'a request for TLS by PostgreSQL, refused: the login goes on in clear': {
      said: [C('\0\0\0\x08\x04\xd2\x16\x2f'), S('N'), C('\0\0\0\x09\0\x03\0\0\0')],
      told: [
        '>0 tls_request SSLRequest',
        '<0 tls_request N: TLS refused, the login goes on in clear',
        '>8 postgres StartupMessage',
      ],
    },
    'a request for GSSAPI, then one for TLS': {
      said: [
        C('\0\0\0\x08\x04\xd2\x16\x30'),
        S('N'),
        C('\0\0\0\x08\x04\xd2\x16\x2f'),
        S('S'),
        C(hello),
        S(answer),
      ],
      told: [
        '>0 tls_request GSSENCRequest',
        '<0 tls_request N: GSSAPI encryption refused',
        '>8 tls_request SSLRequest',
        '<1 tls_request S: TLS may begin',
        `>16 tls ${hello.length}`,
        `<2 tls ${answer.length}`,
      ],
    },
    'unknown bytes, then TLS at a chunk of its own': {
      said: [C('\x30\x0c?'), S('\x30\x0d!'), C(hello), S(answer)],
      told: ['>0 opaque 3', '<0 opaque 3', `>3 tls ${hello.length}`, `<3 tls ${answer.length}`],
    },
    'unknown bytes, then a server that refuses TLS': {
      said: [C('?'), S('!'), C(hello), S(refusal)],
      told: ['>0 opaque 1', '<0 opaque 1', `>1 tls ${hello.length}`, `<1 tls ${refusal.length}`],
    },
    'bytes that begin as a hello and are none': {
      said: [C('??'), C('\x16\x03\x01\x00\x30\x02')],
      told: ['>0 opaque 8'],
    },
    'a hello that comes too short to tell is data': {
      said: [C('??'), C('\x16\x03\x01')],
      told: ['>0 opaque 5'],
    },
  };

for (const [name, { said, told }] of Object.entries(cases)) {
  test(name, (t) => {
    t.deepEqual(read(said), told);
  });
  test(`${name}: byte by byte`, (t) => {
    t.deepEqual(read(said, 1).toSorted(), told.toSorted());
  });
}

test('behind a gap HTTP is known again by the next head, and the gap is told', (t) => {
  t.deepEqual(read([C(get), C(get, 100), S(ok)]), [
    '>0 http GET /',
    `>${get.length} http Malformed`,
    `>${get.length + 100} http GET /`,
    '<0 http 200 OK',
  ]);
});

test('behind a gap at the start a direction is known by what comes first', (t) => {
  t.deepEqual(read([C(get, 50), S(answer, 7)]), [
    '>0 gap 50',
    '>50 http GET /',
    '<0 gap 7',
    `<7 tls ${answer.length}`,
  ]);
});

test('behind a gap in the middle of a body what is no head is data, and the next head is found', (t) => {
  t.deepEqual(read([C(get), C('the rest of something', 100), C(get)]), [
    '>0 http GET /',
    `>${get.length} http Malformed`,
    `>${get.length + 100} opaque 21`,
    `>${get.length + 121} http GET /`,
  ]);
});

test('a body without an end, with a gap in it, is told whole when the other side opens a tunnel', (t) => {
  const answers = 'HTTP/1.1 200 Connection established\r\n\r\n';
  const asks = 'CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n';
  t.deepEqual(read([C(`${answers}S`), S(asks), C('behind a gap', 30), S(ok)]), [
    '<0 http CONNECT x:443',
    `<${asks.length} http 200 OK`,
    '>0 http 200 Connection established',
    `<${asks.length + ok.length - 2} opaque 2`,
  ]);
});

test('a gap in the words of mail is told, and the next line is read', (t) => {
  t.deepEqual(read([S('220 x ESMTP\r\n'), C('EHLO me\r\nMAIL'), C('QUIT\r\n', 10)]), [
    '<0 commands 220 x ESMTP',
    '>0 commands EHLO me',
    '>9 commands MAIL',
    '>13 gap 10',
    '>23 commands QUIT',
  ]);
});

const record = (length: number): string =>
  `\x17\x03\x03${String.fromCharCode(length >> 8, length & 255)}${'x'.repeat(length)}`;

test('a capture that joined late finds records in the middle of TLS', (t) => {
  t.deepEqual(read([C(record(20)), S(record(30) + record(40))]), ['>0 tls 25', '<0 tls 80']);
  t.deepEqual(
    read([C(record(3000).slice(0, 1000)), C(record(3000).slice(1000))]),
    ['>0 tls 3005'],
    'one that is longer than its first chunk',
  );
  t.deepEqual(
    read([C('end of a record'), C(record(20) + record(20))]),
    ['>0 opaque 15', '>15 tls 50'],
    'from the first chunk that begins with one',
  );
  t.deepEqual(
    read([C('end of a record'), C(record(3000).slice(0, 1000))]),
    ['>0 opaque 1015'],
    'one header alone proves nothing',
  );
});

test('without its readers everything but HTTP is opaque', (t) => {
  t.deepEqual(read([C(hello), S(ok)], Infinity, new ProtocolDispatcher(undefined)), [
    `>0 opaque ${hello.length}`,
    '<0 http 200 OK',
  ]);
  t.deepEqual(read([S('220 x ESMTP\r\n')], Infinity, new ProtocolDispatcher(undefined)), ['<0 opaque 13']);
});

test('above TLS mail goes on where it was: nobody greets again', (t) => {
  const below = new ProtocolDispatcher(readers);
  read([S('220 x ESMTP\r\n'), C('EHLO me\r\n')], Infinity, below);
  t.deepEqual(
    read([C('MAIL FROM:<a>\r\n'), S('250 ok\r\n')], Infinity, new ProtocolDispatcher(readers, below)),
    ['>0 commands MAIL FROM:<a>', '<0 commands 250 ok'],
  );
});

test('whatever comes in whatever pieces with whatever gaps, every byte stands in one place', (t) => {
  const text = fc.oneof(
    fc.constantFrom(
      hello,
      answer,
      refusal,
      connect,
      granted,
      get,
      ok,
      '220 x ESMTP\r\n',
      'STARTTLS\r\n',
      '\0\0\0\x08\x04\xd2\x16\x2f',
      'S',
      '+OK\r\n',
    ),
    fc.string({ maxLength: 6 }),
  );
  const said = fc.array(
    fc.tuple(
      fc.constantFrom<Side>('client', 'server'),
      text,
      fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.nat(40)),
    ),
    { maxLength: 8 },
  );
  fc.assert(
    fc.property(said, fc.integer({ min: 1, max: 30 }), (parts, size) => {
      const layer = new ProtocolDispatcher(readers);
      const at = { client: 0, server: 0 };
      const spoken: Spoken[] = [];
      for (const [from, characters, gap] of parts) {
        const bytes = Buffer.from(characters, 'latin1');
        if (bytes.length > 0) at[from] += gap;
        for (let start = 0; start < bytes.length; start += size) {
          spoken.push(
            ...layer.feed({ from, offset: at[from], bytes: bytes.subarray(start, start + size), tag: 0 }),
          );
          at[from] += Math.min(size, bytes.length - start);
        }
      }
      spoken.push(...layer.end());
      for (const from of ['client', 'server'] as const) {
        let end = 0;
        // What TLS makes of a gap is its own affair: it is handed bytes with their offsets.
        for (const one of spoken.filter((other) => sideOf(other) === from)) {
          const place =
            one.type === 'gap'
              ? one
              : 'message' in one
                ? one.message
                : { offset: one.piece.offset, length: one.piece.bytes.length };
          if (one.type === 'tls') t.true(place.offset >= end);
          else t.is(place.offset, end, JSON.stringify([parts, size]));
          end = place.offset + place.length;
        }
        t.is(end, at[from], JSON.stringify([parts, size, from]));
      }
    }),
    { numRuns: 1500 },
  );
});

test('HTTP/1.1 that becomes HTTP/2 (h2c): the frames of both sides, whatever the pieces', (t) => {
  const latin1 = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');
  const said = [
    C(
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n',
    ),
    S('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n'),
    S(latin1(settings(), headers(1, [[':status', '200']]))),
    C(latin1(preface, settings())),
    S(latin1(data(1, Buffer.from('hello'), 1))),
  ];
  const expected = [
    '>0 http GET /',
    '<0 http 101 Switching Protocols',
    '<71 http2 SETTINGS',
    '<80 http2 200',
    '>104 http2 HTTP/2 preface',
    '>128 http2 SETTINGS',
    '<102 http2 DATA',
  ];
  t.deepEqual(read(said), expected);
  t.deepEqual(read(said, 1), expected);
  t.deepEqual(read(said, 7), expected);
});

test('a capture that begins in the middle of HTTP/2, inside a frame of data: read from the next frame on', (t) => {
  const latin1 = (...parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString('latin1');
  const middle = [
    S('xxxx of a long frame of data'),
    C(latin1(frame(8, 0, 0, Uint8Array.of(0, 0, 9, 0)))),
    S(`its end${latin1(headers(5, [[':status', '404']]), data(5, Buffer.from('no'), 1))}`),
  ];
  t.deepEqual(read(middle), [
    '<0 opaque 28',
    '>0 http2 WINDOW_UPDATE',
    '<28 http2 part of a frame',
    '<35 http2 404',
    '<57 http2 DATA',
  ]);
});

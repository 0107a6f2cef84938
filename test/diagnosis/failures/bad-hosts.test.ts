/** Hosts that misbehave: what they send is bounded, and the answer is one clear line in time. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import test from 'ava';
import { text } from './certificates.ts';
import { diagnosed, wordsOf } from './diagnosing.ts';
import { behind, node, raw, secureServer } from './own-servers.ts';
import { trusts } from './rows/server-certificates.ts';
import type { Serve } from './setting.ts';

/** Milliseconds, on a machine that does other things too. */
const longest = 15_000;
const piece = randomBytes(65_536);

/** As fast as the other side takes it, until that is gone. */
function withoutEnd(stream: Duplex, bytes: Buffer): void {
  const more = (): void => {
    while (stream.writable && stream.write(bytes));
  };
  stream.on('drain', more);
  more();
}

const overTls = (speak: (socket: Duplex) => void): Serve =>
  secureServer(() =>
    createServer({ cert: text('server.crt'), key: text('server.key') }, (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => speak(socket)).resume();
    }),
  );

/** An end is no loss of packets. */
const cutAfter = (most: number): Serve =>
  behind(node('server'), {
    toClient: (bytes, before, { client }) => {
      if (before + bytes.length <= most) return bytes;
      client.end(bytes.subarray(0, Math.max(0, most - before)));
      return undefined;
    },
  });

/** A record of handshake, whose message says that it is 16 MB long. */
const endlessMessage = Buffer.concat([Buffer.from('160303400002ffffff', 'hex'), Buffer.alloc(0x4000 - 4)]);

const rows: readonly (readonly [title: string, serve: Serve, exits: readonly number[]])[] = [
  ['garbage', raw((socket) => void socket.once('data', () => socket.end(randomBytes(400)))), [1, 3]],
  [
    'garbage that begins like a record',
    raw(
      (socket) =>
        void socket.once('data', () =>
          socket.end(Buffer.concat([Buffer.from('160303', 'hex'), randomBytes(300)])),
        ),
    ),
    [1, 3],
  ],
  ['garbage without an end', raw((socket) => withoutEnd(socket, piece)), [1, 3]],
  [
    'a handshake message without an end',
    raw((socket) => void socket.once('data', () => withoutEnd(socket, endlessMessage))),
    [1, 3],
  ],
  [
    'words without an end',
    raw((socket) => withoutEnd(socket, Buffer.from('HTTP/1.1 200 OK\r\nX: y\r\n'.repeat(1000)))),
    [1],
  ],
  [
    '10 MB of headers behind TLS',
    overTls((socket) => void socket.end(`HTTP/1.1 200 OK\r\nX: ${'y'.repeat(10 * 1024 * 1024)}\r\n\r\n`)),
    [1],
  ],
  ['bytes without an end behind TLS', overTls((socket) => withoutEnd(socket, piece)), [0]],
  [
    'a chain of two hundred certificates',
    node('server', { cert: text('server.crt') + text('other.crt').repeat(400) }),
    [1, 3],
  ],
  ['four bytes of its answer, and ends', cutAfter(4), [1]],
  ['three hundred bytes of its answer, and ends', cutAfter(300), [1]],
  ['no answer behind TLS', overTls(() => {}), [0]],
];

for (const [title, serve, exits] of rows)
  test(`a host that sends ${title}`, async (t) => {
    const before = process.memoryUsage().rss;
    const said = await diagnosed({ serve, call: trusts() });
    t.true(
      exits.some((exit) => exit === said.exitCode),
      `${wordsOf(said)}\n${JSON.stringify(said.line).slice(0, 1500)}`,
    );
    t.is(said.stderr, '');
    t.true(said.milliseconds < longest, wordsOf(said));
    t.true(process.memoryUsage().rss - before < 500 * 1024 * 1024);
    t.log(wordsOf(said));
  });

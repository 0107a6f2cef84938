/**
 * Every strict prefix and every flipped byte of real conversations and of the captures that hold them: each is read to an
 * end, and what the readers promise holds (`targets.ts`). What is cut or flipped must also be noticed somewhere.
 */
import test from 'ava';
import { isAtLength } from '../helpers/at-length.ts';
import { pcap } from '../capture/support/packets.ts';
import { packPieces } from './chunks.ts';
import {
  captures,
  httpConversations,
  mutual12,
  mutual13,
  packetsOf,
  papers,
  pcapngOf,
  piecesOf,
} from './seeds.ts';
import { targets } from './targets.ts';
import type { Target } from './targets.ts';

function target(name: string): Target {
  const found = targets.find((one) => one.name === name);
  if (!found) throw new Error(`there is no target ${name}`);
  return found;
}

const http = httpConversations[0] ?? [];
const [question, answer] = http;

/** `stride`: only every so many-th byte, where a reading is costly and another row has them all. */
const fixtures: readonly (readonly [
  what: string,
  target: string,
  make: () => Promise<Uint8Array | undefined>,
  stride?: number,
])[] = [
  [
    'mutual TLS 1.2, with its keys',
    'tls-conversation-opened',
    async () => packPieces(piecesOf(await mutual12())),
  ],
  [
    'mutual TLS 1.3, with its keys',
    'tls-conversation-opened',
    async () => packPieces(piecesOf(await mutual13())),
  ],
  [
    'mutual TLS 1.2, without keys',
    'tls-conversation',
    async () => packPieces(piecesOf(await mutual12())),
    11,
  ],
  [
    'mutual TLS 1.3, without keys',
    'tls-conversation',
    async () => packPieces(piecesOf(await mutual13())),
    11,
  ],
  ['an HTTP exchange', 'http-conversation', async () => packPieces(http)],
  ...httpConversations
    .slice(1)
    .map(
      (pieces, index) =>
        [`HTTP exchange ${index + 2}`, 'http-conversation', async () => packPieces(pieces)] as const,
    ),
  ['an HTTP request by itself', 'http-message', async () => question?.bytes],
  ['an HTTP answer by itself', 'http-message', async () => answer?.bytes],
  ['a pcapng of mutual TLS 1.3', 'capture', async () => (await captures())[0], 7],
  ['a pcap of mutual TLS 1.2', 'capture', async () => (await captures())[1], 7],
  ['a pcap of HTTP', 'capture', async () => (await captures())[2]],
  ['a pcapng of HTTP', 'capture', async () => pcapngOf(packetsOf(http.slice(0, 2)))],
  ['a pcap of HTTP, as JSON', 'inspect', async () => pcap(packetsOf(http.slice(0, 2))), 3],
  ['a pcapng of HTTP, as JSON', 'inspect', async () => pcapngOf(packetsOf(http.slice(0, 2))), 7],
  ['a pcapng of mutual TLS 1.3, as JSON', 'inspect', async () => (await captures())[0], 83],
  ['a pcap of mutual TLS 1.2, as JSON', 'inspect', async () => (await captures())[1], 83],
  ['a certificate', 'x509-certificate', async () => papers().certificates[1]],
  ['a signing request', 'x509-request', async () => papers().requests[0]],
  ['a revocation list', 'x509-crl', async () => papers().lists[0]],
];

const shape = ({ features }: { readonly features: Iterable<string> }): string =>
  [...new Set(features)].toSorted().join('\n');

/** Of the prefixes and bytes of an input `make test` tries so many, and `make test-peers` as many as the row says. */
const most = 20;
const stepIn = (input: Uint8Array, stride: number): number =>
  isAtLength ? stride : Math.max(stride, Math.ceil(input.length / most) | 1);

for (const [what, name, make, stride = 1] of fixtures) {
  test(`${what}: every strict prefix is read to its end`, async (t) => {
    const input = await make();
    const { read } = target(name);
    if (!input) return t.fail('there is no such fixture');
    const whole = shape(await read(input));
    const shapes = new Set<string>();
    for (let length = 0; length < input.length; length += stepIn(input, stride))
      shapes.add(shape(await read(input.subarray(0, length))));
    // A structure that is cut is never a whole one; a conversation that is cut ends in one way or another.
    t.true(!shapes.has(whole) || shapes.size > 3, `${shapes.size} different ends`);
  });

  test(`${what}: every flipped byte is read to its end`, async (t) => {
    const input = await make();
    const { read } = target(name);
    if (!input) return t.fail('there is no such fixture');
    const whole = shape(await read(input));
    let noticed = 0;
    for (let at = 0; at < input.length; at += stepIn(input, stride)) {
      const flipped = Uint8Array.from(input);
      flipped[at] = (flipped[at] ?? 0) ^ (at % 2 === 0 ? 0xff : 1 << (at & 7));
      if (shape(await read(flipped)) !== whole) noticed++;
    }
    t.true(noticed > 0);
  });
}

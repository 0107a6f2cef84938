/**
 * Servers that misbehave at random, made from a seed: before TLS, in the place of a ServerHello, within the handshake, or behind it;
 * with bytes, slowly, by an end, by a reset, or by silence.
 */
import { createServer } from 'node:tls';
import type { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { text } from './certificates.ts';
import { behind, node, raw, secureServer } from './own-servers.ts';
import type { Serve } from './setting.ts';

export interface Hostile {
  readonly title: string;
  readonly serve: Serve;
  /** Of the causes, those that may be called proven: the server does just that. */
  readonly provable: readonly string[];
  /** TLS itself is well: what comes behind it may be another protocol. */
  readonly isWell: boolean;
}

/** Numbers from 0 to 1 (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const stages = [
  'at once',
  'at the hello',
  'as a record',
  'as an alert',
  'within the handshake',
  'behind TLS',
] as const;
const ends = ['end', 'reset', 'silence', 'drip'] as const;

export function hostile(seed: number): Hostile {
  const next = random(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(all: readonly T[]): T => all[below(all.length)] as T;
  const stage = pick(stages);
  const end = pick(ends);
  const length = pick([0, 1, 4, 5, 6, 60, 700, 20_000]);
  const bytes = Buffer.from(Array.from({ length }, () => below(256)));
  const after = 1 + below(1500);
  const version = pick(['TLSv1.2', 'TLSv1.3'] as const);

  const finish = (socket: Duplex, rest: Buffer, transport?: Socket): void => {
    if (end === 'drip') {
      let at = 0;
      const drop = setInterval(() => {
        if (socket.writable)
          socket.write(
            rest.subarray(at, at + 1).length > 0 ? rest.subarray(at, ++at) : Buffer.from([at++ & 255]),
          );
      }, 100);
      socket.once('close', () => clearInterval(drop));
      return;
    }
    if (rest.length > 0) socket.write(rest);
    if (end === 'end') socket.end();
    if (end === 'reset') (transport ?? (socket as Socket)).resetAndDestroy();
  };
  const title = `${seed}: ${stage}, ${length} bytes, then ${end}`;
  const spoken = (said: Buffer, isAtOnce: boolean): Serve =>
    raw((socket) => {
      if (isAtOnce) finish(socket, said);
      else socket.once('data', () => finish(socket, said));
    });
  // What a server says in the place of TLS is none; what it ends, it ends.
  const plain = ['tls_on_plaintext_port', 'ends_every_connection', 'protocol_error', 'bad_record'];
  switch (stage) {
    case 'at once':
    case 'at the hello':
      return { title, serve: spoken(bytes, stage === 'at once'), provable: plain, isWell: false };
    case 'as a record': {
      const header = Buffer.from([22, 3, 3, bytes.length >> 8, bytes.length & 255]);
      return { title, serve: spoken(Buffer.concat([header, bytes]), false), provable: plain, isWell: false };
    }
    case 'as an alert': {
      const said = Buffer.from([21, 3, 3, 0, 2, 2, pick([10, 20, 40, 47, 50, 70, 80, 112, below(256)])]);
      // What an alert says is what its sender says.
      return {
        title: `${title} (${said[6]})`,
        serve: spoken(said, false),
        provable: [...plain, ...ofAlerts],
        isWell: false,
      };
    }
    case 'within the handshake':
      return {
        title: `${title}, after ${after} bytes (${version})`,
        serve: behind(node('server', { maxVersion: version }), {
          toClient: (passed, before, { client }) => {
            if (before + passed.length <= after) return passed;
            if (before <= after) finish(client, Buffer.concat([passed.subarray(0, after - before), bytes]));
            return undefined;
          },
        }),
        provable: [...plain, ...ofAlerts, 'certificate_too_large', 'malformed_certificate'],
        // Hello and certificate alone are longer; its last bytes may be tickets, which nobody misses.
        isWell: after > 600,
      };
    case 'behind TLS':
      return {
        title: `${title} (${version})`,
        serve: secureServer(() => {
          // Of the connection below it: one of TLS cannot be reset.
          const below = new Map<number | undefined, Socket>();
          const server = createServer(
            { cert: text('server.crt'), key: text('server.key'), maxVersion: version },
            (socket) => {
              socket.on('error', () => {});
              socket.once('data', () => finish(socket, bytes, below.get(socket.remotePort))).resume();
            },
          );
          return server.on('connection', (socket: Socket) => below.set(socket.remotePort, socket));
        }),
        provable: ['none', 'slow_server'],
        isWell: true,
      };
  }
}

const ofAlerts = [
  'bad_record',
  'handshake_altered',
  'no_common_version',
  'no_common_protocol',
  'unknown_server_name',
  'protocol_error',
  'internal_error',
  'other_alert',
  'negotiation_failed',
] as const;

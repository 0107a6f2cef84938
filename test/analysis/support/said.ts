/**
 * What clients and servers of TLS say to each other, from a real handshake in this process; chains are long enough to fill
 * more than one packet.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo, Socket } from 'node:net';
import { connect as connectTls, createServer as createTlsServer } from 'node:tls';
import type { ConnectionOptions, TlsOptions } from 'node:tls';
import type { Side } from '../../../src/capture/event.ts';
import { saidOn } from './captured-wire.ts';
import type { Said } from './captured-wire.ts';
import { file, Tap } from './failing-peers.ts';

const pem = (name: string): string => readFileSync(file(name), 'utf8');

export interface Conversation {
  readonly said: readonly Said[];
  /** NSS key log lines. */
  readonly keys: readonly string[];
  /** For another connection. */
  readonly session: Buffer | undefined;
}

export interface Wishes {
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly server?: TlsOptions;
  readonly client?: ConnectionOptions;
  /** What the server answers to the request. */
  readonly answer?: string;
}

const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
const welcome = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A client asks, a server answers and closes. */
export async function talk({
  version,
  server = {},
  client = {},
  answer = welcome,
}: Wishes): Promise<Conversation> {
  // The group, too, so that a ClientHello is one packet: from OpenSSL 3.5 on the default one offers a key share of ML-KEM.
  const both = { minVersion: version, maxVersion: version, ecdhCurve: 'X25519' } as const;
  const keys: string[] = [];
  const chain = [pem('server-rsa.crt'), pem('good-ca.crt'), pem('other-ca.crt'), pem('good-ca.crt')].join('');
  const listener = createTlsServer(
    { ...both, cert: chain, key: pem('server-rsa.key'), ...server },
    (socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(answer));
    },
  );
  listener.on('keylog', (line: Buffer) => keys.push(line.toString()));
  listener.on('tlsClientError', (_error, socket: Socket) => socket.destroy());
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const tap = new Tap((listener.address() as AddressInfo).port);
  try {
    const socket = connectTls({
      ...both,
      port: await tap.listen(),
      host: '127.0.0.1',
      servername: 'localhost',
      ca: pem('good-ca.crt'),
      ...client,
    });
    socket.on('error', () => {}).resume();
    let session: Buffer | undefined;
    socket.on('session', (one: Buffer) => (session = one));
    socket.write(request);
    const said = saidOn(await tap.only());
    return { said, keys, session };
  } finally {
    tap.close();
    listener.close();
  }
}

/** The bytes of one side, put together as it said them before the other did. */
export function turns(said: readonly Said[]): Said[] {
  const all: Said[] = [];
  for (const one of said) {
    const last = all.at(-1);
    if (last?.from === one.from)
      all[all.length - 1] = { from: one.from, bytes: Buffer.concat([last.bytes, one.bytes]) };
    else all.push(one);
  }
  return all;
}

/** A record around content that nobody can read, of the length that was wished for. */
export function sealed(from: Side, payload: number, type = 23): Said {
  return {
    from,
    bytes: Buffer.concat([
      Buffer.from([type, 3, 3, payload >> 8, payload & 0xff]),
      Buffer.alloc(payload, 0x5a),
    ]),
  };
}

export const text = (from: Side, words: string): Said => ({ from, bytes: Buffer.from(words, 'latin1') });

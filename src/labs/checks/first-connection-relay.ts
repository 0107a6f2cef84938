/**
 * A port whose first connection is passed on to one place, and every later one to another: what somebody on the way can do to a
 * client that examines one connection and trusts the next. Bytes are passed on unchanged.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Address } from '../../capture/event.ts';

export interface FirstConnectionRelay {
  readonly address: Address;
  close(): void;
}

const host = '127.0.0.1';
export interface RelayOptions {
  /** The port; a free one when left out, or where another program has it. */
  readonly port?: number | undefined;
  /** After so many milliseconds without a connection, the next one counts as the first; never when left out. */
  readonly startsOverMs?: number;
}

/** The most connections of a client that does not stop. */
const most = 64;

export async function openFirstConnectionRelay(
  first: Address,
  next: Address,
  { port = 0, startsOverMs = Number.POSITIVE_INFINITY }: RelayOptions = {},
): Promise<FirstConnectionRelay> {
  const sockets = new Set<Socket>();
  let last = Number.NEGATIVE_INFINITY;
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const now = performance.now();
    const isFirst = last === Number.NEGATIVE_INFINITY || now - last > startsOverMs;
    last = now;
    const outgoing = connect({ ...(isFirst ? first : next), allowHalfOpen: true });
    for (const [one, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy()).on('close', () => sockets.delete(one));
      one.pipe(other);
    }
  });
  server.maxConnections = most;
  const listen = async (at: number): Promise<void> => {
    server.listen(at, host);
    await once(server, 'listening');
  };
  await listen(port).catch(async () => listen(0));
  return {
    address: { host, port: (server.address() as AddressInfo).port },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

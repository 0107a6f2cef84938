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
/** The most connections of a client that does not stop. */
const most = 64;

export async function openFirstConnectionRelay(first: Address, next: Address): Promise<FirstConnectionRelay> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ ...(count++ === 0 ? first : next), allowHalfOpen: true });
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
  server.listen(0, host);
  await once(server, 'listening');
  return {
    address: { host, port: (server.address() as AddressInfo).port },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * A port whose first connections are passed on to one place, and every later one to another: what somebody on the way can do to a
 * client that examines one connection and trusts the next. Bytes are passed on unchanged.
 */
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Address } from '../../capture/event.ts';

export interface SwitchingRelay {
  readonly address: Address;
  /** Connections passed on so far, to each of the two. */
  readonly counts: { readonly first: number; readonly next: number };
  close(): void;
}

const host = '127.0.0.1';
export interface RelayOptions {
  /** How many connections are passed on to the first place; asked again whenever it starts over. One when left out. */
  readonly passes?: () => number;
  /** The port; a free one when left out, or where another program has it. */
  readonly port?: number | undefined;
  /** After so many milliseconds without a connection, the next one counts as the first; never when left out. */
  readonly startsOverMs?: number;
}

/** The most connections of a client that does not stop. */
const most = 64;

export async function openSwitchingRelay(
  first: Address,
  next: Address,
  { passes = () => 1, port = 0, startsOverMs = Number.POSITIVE_INFINITY }: RelayOptions = {},
): Promise<SwitchingRelay> {
  const sockets = new Set<Socket>();
  const counts = { first: 0, next: 0 };
  let last = performance.now();
  let left = passes();
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const now = performance.now();
    if (now - last > startsOverMs) left = passes();
    last = now;
    left -= 1;
    const goesOn = left < 0 ? 'next' : 'first';
    counts[goesOn] += 1;
    const outgoing = connect({ ...(goesOn === 'first' ? first : next), allowHalfOpen: true });
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
    counts,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

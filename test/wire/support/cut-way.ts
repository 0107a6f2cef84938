/** A way on which bytes arrive in parts, as a network or a hostile client cuts them. */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { connect as connectTcp, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { Address } from '../../../src/capture/event.ts';

/** Hands bytes on in parts of that size, each in a turn of its own, and an end behind the last. */
function cutInto(length: number, source: Socket, sink: Socket): void {
  const waiting: Buffer[] = [];
  let isEnded = false;
  const next = (): void => {
    const part = waiting.shift();
    if (part) sink.write(part, () => setImmediate(next));
    else if (isEnded) sink.end();
  };
  source.on('data', (bytes: Buffer) => {
    const isIdle = waiting.length === 0;
    for (let at = 0; at < bytes.length; at += length)
      waiting.push(bytes.subarray(at, at + Math.min(length, bytes.length)));
    if (isIdle) next();
  });
  source.on('end', () => {
    isEnded = true;
    if (waiting.length === 0) sink.end();
  });
  source.on('error', () => sink.destroy());
}

/** A way to an address on which one side's bytes are cut. */
export async function cutWay(
  t: ExecutionContext,
  to: Address,
  { client = Infinity, server = Infinity },
): Promise<Address> {
  const way = createServer({ allowHalfOpen: true, noDelay: true }, (near) => {
    const far = connectTcp({ ...to, allowHalfOpen: true, noDelay: true });
    cutInto(client, near, far);
    cutInto(server, far, near);
    t.teardown(() => {
      near.destroy();
      far.destroy();
    });
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
  t.teardown(() => way.close());
  return { host: '127.0.0.1', port: (way.address() as AddressInfo).port };
}

/** A TCP server on loopback whose clients must close their connections by themselves: the test waits for that at its end. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { ExecutionContext } from 'ava';
import type { Address } from '../../src/capture/event.ts';

/** @param serve gets each connection; what it does not read is discarded */
export async function startTcpServer(t: ExecutionContext, serve: (socket: Socket) => void): Promise<Address> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    serve(socket);
    socket.resume();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(async () => {
    server.close();
    await once(server, 'close');
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

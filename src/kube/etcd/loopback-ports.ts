/**
 * Finds free ports of the loopback interface, and asks a real etcd there whether it is healthy.
 */
import { get } from 'node:http';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

export const host = '127.0.0.1';

export async function isHealthy(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = get({ host, port, path: '/health', agent: false, timeout: 2_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text = (text + part).slice(0, 1024)));
      response.on('end', () => resolve(response.statusCode === 200 && /"health":\s*"true"/.test(text)));
      response.on('error', () => resolve(false));
    });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
  });
}

/** Listened on once, all at a time, so that they differ. */
export async function freePorts(count: 3): Promise<readonly [number, number, number]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(async (server) => new Promise((resolve) => server.close(resolve))));
  const [client = 0, peer = 0, metrics = 0] = ports;
  return [client, peer, metrics];
}

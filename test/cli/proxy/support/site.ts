/** A site behind a proxy of the tests, somebody who logs in at it, and a folder for what the proxy writes. */
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Says welcome to everybody. @param cookie that it sets. @returns its address */
export async function site(t: ExecutionContext, cookie?: string): Promise<string> {
  const server = createServer((incoming, response) =>
    incoming.resume().on('end', () => {
      if (cookie !== undefined) response.setHeader('set-cookie', cookie);
      response.end('welcome');
    }),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-proxy-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Resolves when it has the whole answer. */
export const login = async (port: number, path = '/login'): Promise<void> =>
  new Promise((resolve, reject) => {
    request(
      {
        host: '127.0.0.1',
        port,
        path,
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      (response) => response.resume().on('end', resolve),
    )
      .on('error', reject)
      .end('user=alice&password=tiger-lily');
  });

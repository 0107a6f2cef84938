/**
 * Performs the two checks that touch the system: opening a port on loopback and connecting to it, and writing a file
 * into the certificates folder, which is removed at once.
 */
import { randomBytes } from 'node:crypto';
import { access, constants, stat, unlink, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Loopback, Writable } from './check.ts';

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? String(error);

/** Opens a free port and sends a byte through it. If a firewall drops it, this takes `timeoutMs`. */
export async function openLoopback(
  host: string,
  { timeoutMs = 2000 }: { readonly timeoutMs?: number } = {},
): Promise<Loopback> {
  return new Promise((resolve) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('.');
    });
    server.once('error', (error) => resolve({ kind: 'no-port', code: codeOf(error) }));
    server.listen({ host, port: 0 }, () => {
      const { port } = server.address() as AddressInfo;
      const socket = connect({ host, port });
      const finish = (loopback: Loopback): void => {
        clearTimeout(timer);
        socket.destroy();
        server.close();
        resolve(loopback);
      };
      const timer = setTimeout(() => finish({ kind: 'no-connection', code: 'ETIMEDOUT' }), timeoutMs);
      socket.on('error', (error) => finish({ kind: 'no-connection', code: codeOf(error) }));
      socket.once('data', () => finish({ kind: 'works', port }));
    });
  });
}

/** A missing folder is not created: the nearest existing parent must be writable. */
export async function tryWriting(folder: string): Promise<Writable> {
  try {
    if (!(await stat(folder)).isDirectory()) return { kind: 'fails', code: 'ENOTDIR' };
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? tryAbove(folder) : { kind: 'fails', code: codeOf(error) };
  }
  const file = join(folder, `.doctor-${randomBytes(8).toString('hex')}`);
  try {
    await writeFile(file, 'wirelab doctor: may be deleted\n', { flag: 'wx', mode: 0o600 });
    try {
      return { kind: ((await stat(file)).mode & 0o077) === 0 ? 'works' : 'open-to-others' };
    } finally {
      await unlink(file);
    }
  } catch (error) {
    return { kind: 'fails', code: codeOf(error) };
  }
}

async function tryAbove(folder: string): Promise<Writable> {
  const above = dirname(folder);
  try {
    if (!(await stat(above)).isDirectory()) return { kind: 'fails', code: 'ENOTDIR' };
    await access(above, constants.W_OK | constants.X_OK);
    return { kind: 'to-be-made' };
  } catch (error) {
    return codeOf(error) === 'ENOENT' && above !== folder
      ? tryAbove(above)
      : { kind: 'fails', code: codeOf(error) };
  }
}

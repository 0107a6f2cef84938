/**
 * What relays are measured with: a target that swallows or echoes, a bulk upload through a port, and the processor time
 * of a process. Who is measured, and against whom, is for the benchmarks.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';

export const bulkBytes = 400 * 1024 * 1024;
const clockTick = 100;

/** A port below the ephemeral range: one within it might be taken by a connection before the relay listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000);
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) => server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

export async function untilListening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = net.connect(port, '127.0.0.1');
    const reached = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
    socket.destroy();
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`nothing listens on ${port}`);
}

/** User and system seconds of a process and its children, from /proc; 0 where there is no /proc. */
export function cpuSeconds(root: number): number {
  const { stdout } = spawnSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  const family = new Set([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const [pid = 0, parent = 0] of rows) {
      if (family.has(parent) && !family.has(pid)) {
        family.add(pid);
        grown = true;
      }
    }
  }
  let ticks = 0;
  for (const pid of family) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      ticks += Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]);
    } catch {
      // The process ended between ps and here.
    }
  }
  return ticks / clockTick;
}

/** A target that swallows what is sent and says when all of it has come; it answers a first byte of 'p' with an echo. */
export async function startTarget(): Promise<net.Server> {
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let received = 0;
    let echo: boolean | undefined;
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      echo ??= chunk[0] === 0x70;
      received += chunk.length;
      // Told without a half-close, which not every relay passes on.
      if (echo) socket.write(chunk);
      else if (received === bulkBytes) socket.end(String(received));
    });
    socket.on('end', () => socket.end());
  });
  server.listen(0, '127.0.0.1', 1024);
  await once(server, 'listening');
  return server;
}

export async function bulk(port: number): Promise<number> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  await once(socket, 'connect');
  const chunk = Buffer.alloc(256 * 1024, 0x61);
  const started = performance.now();
  for (let sent = 0; sent < bulkBytes; sent += chunk.length) if (!socket.write(chunk)) await once(socket, 'drain');
  let answer = '';
  for await (const part of socket) answer += String(part);
  if (Number(answer) !== bulkBytes) throw new Error(`${answer} of ${bulkBytes} bytes arrived`);
  return bulkBytes / 1e6 / ((performance.now() - started) / 1000);
}

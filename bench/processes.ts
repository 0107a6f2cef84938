/**
 * Processes under measurement: what a command and everything that it started have cost, from /proc; programs that may be
 * there or not; free ports. Only Linux has what is read here.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout) || 100;

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended since it was listed.
    return '';
  }
}

/** A process and its living descendants. */
export function processTree(root: number): readonly number[] {
  let threads: string[] = [];
  try {
    threads = readdirSync(`/proc/${root}/task`);
  } catch {
    return [];
  }
  const children = threads
    .flatMap((thread) => read(`/proc/${root}/task/${thread}/children`).split(' '))
    .filter((text) => text.trim() !== '');
  return [root, ...children.flatMap((child) => processTree(Number(child)))];
}

/** User and system seconds of a process tree, with those of its descendants that have ended and were waited for. */
export function cpuSeconds(root: number): number {
  let ticks = 0;
  for (const pid of processTree(root)) {
    // Behind the name, which may hold anything: state is the third field.
    const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    for (const field of [11, 12, 13, 14]) ticks += Number(fields[field] ?? 0);
  }
  return ticks / ticksPerSecond;
}

/** Megabytes resident of a process tree: the sum of what each of its living processes had at most, or has now. */
export function residentMegabytes(root: number, which: 'VmHWM' | 'VmRSS' = 'VmHWM'): number {
  let kilobytes = 0;
  for (const pid of processTree(root))
    kilobytes += Number(new RegExp(`${which}:\\s+(\\d+)`).exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
  return kilobytes / 1024;
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;
}

/** A port below the ephemeral range: one within it might be taken by a connection before the relay listens. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 16_000);
    const server = net.createServer();
    const free = await new Promise<boolean>((resolve) =>
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)),
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}

/** Whether something accepts connections on a port, asked without a connection: the kernel's table of sockets. */
export function isListening(port: number): boolean {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return ['tcp', 'tcp6']
    .flatMap((table) => read(`/proc/net/${table}`).split('\n'))
    .some((row) => {
      const [, local = '', , state] = row.trim().split(/\s+/);
      return local.endsWith(wanted) && state === '0A';
    });
}

/** @throws if nothing listens within ten seconds. */
export async function untilListening(port: number): Promise<void> {
  if (!(await until(() => isListening(port), 10_000))) throw new Error(`nothing listens on ${port}`);
}

/** Until a condition holds; false when it does not within so many milliseconds. */
export async function until(holds: () => boolean, milliseconds: number): Promise<boolean> {
  const from = performance.now();
  while (!holds()) {
    if (performance.now() - from > milliseconds) return false;
    await pause(2);
  }
  return true;
}

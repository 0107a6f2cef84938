/**
 * A contestant is a command that a user can start. Starting it, finding out whether it is there, counting what it reports and
 * stopping it is here; which there are is in `contestants.ts` and `peers.ts`.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, closeSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isInstalled, isListening, processTree, until } from '../processes.ts';
import { FileTally, Tally } from './tally.ts';
import type { Mark, Reported } from './tally.ts';

/**
 * What the relay does between client and server. tcp: nothing; tls: it ends TLS, plaintext goes on; mtls: the same, and
 * asks for client certificates; split: it ends TLS and speaks TLS to the server; http: requests, in plaintext.
 */
export type Configuration = 'tcp' | 'tls' | 'mtls' | 'split' | 'http';

export interface Place {
  readonly configuration: Configuration;
  readonly listen: number;
  readonly target: number;
  /** server.crt, server.key, server.pem (both), client.crt, client.key, server-ca.crt, client-ca.crt. */
  readonly pki: string;
  /** A folder of its own, for configuration and output. */
  readonly folder: string;
  /** A second port, for a status page. */
  readonly status: number;
}

export interface Contestant {
  readonly name: string;
  readonly role: 'ours' | 'baseline' | 'peer';
  readonly configurations: readonly Configuration[];
  /** Must be in PATH. */
  readonly program?: string;
  /** Where there is more to ask than whether a program is in PATH. */
  readonly isThere?: () => boolean;
  readonly command: (place: Place) => readonly string[];
  /** Where standard output goes; nowhere if absent. A terminal is a pseudo-terminal of 120x40. */
  readonly output?: 'file' | 'pipe' | 'terminal';
  /** How its connections are counted; those of peers are not. */
  readonly counted?: Mark | 'status';
}

export interface Running {
  readonly contestant: Contestant;
  readonly port: number;
  readonly pid: number;
  /** What it has reported so far; nothing of a peer. */
  readonly reported: () => Promise<Reported>;
  readonly stop: () => Promise<void>;
}

/** What runs now, so that it ends with this program however that ends. */
const alive = new Set<number>();
process.once('exit', () => {
  for (const root of alive) for (const pid of processTree(root).toReversed()) terminate(pid);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

/** Starts one; the reason, when it is not there. */
export async function start(
  contestant: Contestant,
  { configuration, target, pki, folder: parent }: Pick<Place, 'configuration' | 'target' | 'pki' | 'folder'>,
): Promise<Running | string> {
  const { program, isThere = () => program === undefined || isInstalled(program) } = contestant;
  if (!isThere()) return 'not installed';
  const folder = join(parent, `${contestant.name.replaceAll(/\W+/g, '-')}-${configuration}`);
  mkdirSync(folder, { recursive: true });
  const [port, status] = [await freePort(), await freePort()];
  const words = contestant.command({ configuration, listen: port, target, pki, folder, status });
  const written = join(folder, 'output');
  const child = launch(words, contestant.output, written);
  const pid = child.pid ?? 0;
  if (pid > 0) alive.add(pid);
  let isOver = false;
  child.once('exit', () => (isOver = true)).once('error', () => (isOver = true));
  const tally = tallyOf(contestant, child, written, status);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      for (const one of processTree(pid).toReversed()) terminate(one);
      await once(child, 'exit');
    }
    alive.delete(pid);
    rmSync(folder, { recursive: true, force: true });
  };
  await until(() => isOver || isListening(port), 10_000);
  if (isOver || !isListening(port)) {
    await stop();
    return isOver && child.exitCode !== null ? `exits with ${child.exitCode}` : 'does not listen';
  }
  return { contestant, port, pid, reported: tally, stop };
}

function terminate(pid: number): void {
  try {
    process.kill(pid, 'SIGTERM');
  } catch {
    // It ended with its parent.
  }
}

function launch(words: readonly string[], output: Contestant['output'], written: string): ChildProcess {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TERM: 'xterm-256color' };
  if (output === 'terminal') {
    const line = words.map((word) => `'${word}'`).join(' ');
    return spawn('script', ['-qfec', `stty cols 120 rows 40; exec ${line}`, '/dev/null'], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env,
    });
  }
  const [program = '', ...parameters] = words;
  const file = output === 'file' ? openSync(written, 'w') : undefined;
  const child = spawn(program, parameters, {
    stdio: ['ignore', file ?? (output === 'pipe' ? 'pipe' : 'ignore'), 'ignore'],
    env,
  });
  if (file !== undefined) closeSync(file);
  return child;
}

function tallyOf(
  { counted, output }: Contestant,
  child: ChildProcess,
  written: string,
  status: number,
): Running['reported'] {
  const read = child.stdout;
  if (counted === undefined || counted === 'status') {
    read?.resume();
    return counted === undefined
      ? async () => Promise.resolve({ ended: 0, refused: 0 })
      : async () => endedByStatus(status);
  }
  if (output === 'pipe') {
    const tally = new Tally(counted);
    read?.on('data', (bytes: Buffer) => tally.add(bytes));
    return async () => Promise.resolve(tally.reported);
  }
  const tally = new FileTally(written, counted);
  return async () => Promise.resolve(tally.read());
}

/** From the counters: connections of clients that were opened, less those that are open. */
async function endedByStatus(port: number): Promise<Reported> {
  const text = await (await fetch(`http://127.0.0.1:${port}/_metrics`)).text();
  const value = (name: string): number =>
    Number(new RegExp(`^${name}\\{hop="A"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  const ended = value('wirelab_connections_total') - value('wirelab_connections_open');
  return { ended, refused: ended };
}

/**
 * Who is measured, each as a command that a user can start, in its default configuration: wirelab with each of its outputs, the
 * bare relay of Node as the baseline, and peers. A row of the table is a command line for a configuration; what is not
 * installed, or does not know an option, is listed as not there. Starting, counting and stopping is here for all of them.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync, closeSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, isInstalled, isListening, processTree, until } from '../processes.ts';
import { FileTally, Tally } from './tally.ts';
import type { Mark } from './tally.ts';

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
  /** Connections that it has reported as ended, and refusals. */
  readonly reported: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

/** Starts one; the reason, when it is not there. */
export async function start(
  contestant: Contestant,
  { configuration, target, pki, folder: parent }: Pick<Place, 'configuration' | 'target' | 'pki' | 'folder'>,
): Promise<Running | string> {
  if (contestant.program !== undefined && !isInstalled(contestant.program)) return 'not installed';
  const folder = join(parent, `${contestant.name.replaceAll(/\W+/g, '-')}-${configuration}`);
  mkdirSync(folder, { recursive: true });
  const [port, status] = [await freePort(), await freePort()];
  const words = contestant.command({ configuration, listen: port, target, pki, folder, status });
  const written = join(folder, 'output');
  const child = launch(words, contestant.output, written);
  let isOver = false;
  child.once('exit', () => (isOver = true)).once('error', () => (isOver = true));
  const tally = tallyOf(contestant, child, written, status);
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      for (const pid of [...processTree(child.pid ?? 0)].toReversed()) terminate(pid);
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  await until(() => isOver || isListening(port), 10_000);
  if (isOver || !isListening(port)) {
    await stop();
    return isOver && child.exitCode !== null ? `exits with ${child.exitCode}` : 'does not listen';
  }
  return { contestant, port, pid: child.pid ?? 0, reported: tally, stop };
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
    return counted === undefined ? async () => Promise.resolve(0) : async () => endedByStatus(status);
  }
  if (output === 'pipe') {
    const tally = new Tally(counted);
    read?.on('data', (bytes: Buffer) => tally.add(bytes));
    return async () => Promise.resolve(tally.count);
  }
  const tally = new FileTally(written, counted);
  return async () => Promise.resolve(tally.read());
}

/** From the counters: connections of clients that were opened, less those that are open. */
async function endedByStatus(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/_metrics`)).text();
  const value = (name: string): number =>
    Number(new RegExp(`^${name}\\{hop="A"\\} (\\d+)`, 'm').exec(text)?.[1] ?? 0);
  return value('wirelab_connections_total') - value('wirelab_connections_open');
}

const subject = (name: string): string => join(import.meta.dirname, name);

const modes = { tcp: 'plaintext', tls: 'tls', mtls: 'mtls', split: 'tls', http: 'plaintext' } as const;

/** The command of `./wirelab proxy`, as its help shows it. */
function wirelab({ configuration, listen, target, pki }: Place, more: readonly string[]): readonly string[] {
  const words = ['./wirelab', 'proxy', '--mode', modes[configuration]];
  words.push('--listen', `127.0.0.1:${listen}`, '--target', `127.0.0.1:${target}`);
  if (configuration === 'http') words.push('--http');
  if (configuration === 'tls' || configuration === 'mtls' || configuration === 'split')
    words.push('--cert', `${pki}/server.crt`, '--key', `${pki}/server.key`);
  if (configuration === 'mtls') words.push('--cacert', `${pki}/client-ca.crt`, '--allow-all');
  if (configuration === 'split')
    words.push(
      '--target-tls',
      'tls',
      '--target-cacert',
      `${pki}/server-ca.crt`,
      '--override-server-name',
      'bench.localhost',
    );
  return [...words, ...more];
}

const everything: readonly Configuration[] = ['tcp', 'tls', 'mtls', 'split', 'http'];

export const baseline = 'bare Node relay';
export const ours = './wirelab proxy, to a file';

export const contestants: readonly Contestant[] = [
  {
    name: baseline,
    role: 'baseline',
    configurations: ['tcp', 'tls', 'mtls'],
    command: ({ listen, target, configuration, pki }) => [
      process.execPath,
      subject('bare-relay.js'),
      String(listen),
      String(target),
      configuration,
      pki,
    ],
  },
  {
    name: ours,
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'text',
    command: (place) => wirelab(place, []),
  },
  {
    name: './wirelab proxy, to a pipe',
    role: 'ours',
    configurations: everything,
    output: 'pipe',
    counted: 'text',
    command: (place) => wirelab(place, []),
  },
  {
    name: './wirelab proxy --json, to a file',
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'json',
    command: (place) => wirelab(place, ['--json']),
  },
  {
    name: './wirelab proxy -w',
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'text',
    command: (place) => wirelab(place, ['-w', join(place.folder, 'seen.pcapng')]),
  },
  {
    name: './wirelab proxy, on the screen',
    role: 'ours',
    configurations: everything,
    program: 'script',
    output: 'terminal',
    counted: 'status',
    command: (place) => wirelab(place, ['--status', `127.0.0.1:${place.status}`]),
  },
  {
    name: './wirelab proxy --workers 2',
    role: 'ours',
    configurations: everything,
    output: 'file',
    counted: 'text',
    command: (place) => wirelab(place, ['--workers', '2']),
  },
];

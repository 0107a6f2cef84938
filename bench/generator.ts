/**
 * The load (load.c): compiled where a compiler and OpenSSL's headers are, into the folder of what is built; its server, and
 * its runs. What is measured with it is for the benchmarks.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const source = join(import.meta.dirname, '..', '..', 'bench', 'load.c');
const program = join(import.meta.dirname, 'load');

export type LoadMode = 'connect' | 'refused' | 'up' | 'down' | 'trips' | 'http' | 'hold';

/** What a run says of itself: whole units, connections that were not answered or not ended, wall seconds, milliseconds of a unit, its own processor seconds. */
export interface LoadFigures {
  readonly units: number;
  readonly lost: number;
  readonly seconds: number;
  readonly bytes: number;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly cpu: number;
}

/** PEM files: the CA of the other side, and an identity of one's own. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface LoadOptions extends TlsFiles {
  readonly count?: number;
  readonly atOnce?: number;
  readonly bytes?: number;
  /** Milliseconds after which a connection that is not answered counts as lost; a second. */
  readonly patience?: number;
}

/** Compiles the generator if it is older than its source; the reason why it cannot be had, if it cannot. */
export function buildGenerator(): string | undefined {
  if (existsSync(program) && statSync(program).mtimeMs > statSync(source).mtimeMs) return undefined;
  mkdirSync(dirname(program), { recursive: true });
  // Whoever compiles it at the same time does so beside it.
  const fresh = `${program}.${process.pid}`;
  const { error, status, stderr } = spawnSync('cc', ['-O2', '-o', fresh, source, '-lssl', '-lcrypto'], {
    encoding: 'utf8',
  });
  if (error) return 'there is no C compiler (cc)';
  if (status !== 0) return `cc failed: ${stderr.split('\n')[0] ?? ''}`;
  renameSync(fresh, program);
  return undefined;
}

function words({ count, atOnce, bytes, patience, ca, cert, key }: LoadOptions): string[] {
  const named = { count, 'at-once': atOnce, bytes, patience, ca, cert, key };
  return Object.entries(named).flatMap(([name, value]) =>
    value === undefined ? [] : [`--${name}`, String(value)],
  );
}

export interface LoadServer {
  readonly port: number;
  readonly pid: number;
  readonly stop: () => Promise<void>;
}

/** The server behind the relays: with an identity it speaks TLS, with a CA besides it asks for client certificates. */
export async function startLoadServer(tls: TlsFiles = {}): Promise<LoadServer> {
  const child = spawn(program, ['serve', ...words(tls)], { stdio: ['pipe', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout }))
    return {
      port: Number(line),
      pid: child.pid ?? 0,
      stop: async () => {
        child.stdin.end();
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  throw new Error('the server of the load did not start');
}

/** Runs the load once against a port; rejects when any connection of it failed or any byte was another. */
export async function runLoad(mode: LoadMode, port: number, options: LoadOptions = {}): Promise<LoadFigures> {
  const child = spawn(program, [mode, String(port), ...words(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(complaint.trim() || `load ${mode} ended with ${status}`);
  return JSON.parse(output) as LoadFigures;
}

/** Connections that are open, all at once, until they are released. */
export interface HeldConnections {
  readonly figures: LoadFigures;
  readonly release: () => Promise<void>;
}

/** Opens so many connections, each after a round trip, and holds them. */
export async function holdConnections(port: number, options: LoadOptions): Promise<HeldConnections> {
  const child = spawn(program, ['hold', String(port), ...words(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout }))
    return {
      figures: JSON.parse(line) as LoadFigures,
      release: async () => {
        child.stdin.end();
        if (child.exitCode === null) await once(child, 'exit');
      },
    };
  throw new Error(`${options.count} connections could not be opened`);
}

/**
 * Optional peer programs (curl, openssl, tshark …). A test that needs one is registered through `withPeer`: where the
 * peer is absent the test passes with a line that names what was skipped, and where WIRELAB_PEERS_REQUIRED is set it fails.
 */
import { spawn, spawnSync } from 'node:child_process';
import anyTest from 'ava';
import type { ExecutionContext } from 'ava';

const probes: Readonly<Record<string, readonly string[]>> = {
  curl: ['--version'],
  openssl: ['version'],
  'gnutls-cli': ['--version'],
  tshark: ['--version'],
};

const found = new Map<string, boolean>();

function isInstalled(peer: string): boolean {
  let known = found.get(peer);
  if (known === undefined) {
    known = spawnSync(peer, [...(probes[peer] ?? ['--version'])], { stdio: 'ignore' }).status === 0;
    found.set(peer, known);
  }
  return known;
}

/** Registers a test that runs only where all the named peers are installed. */
export function withPeer(peers: string | readonly string[], title: string, run: (t: ExecutionContext) => Promise<void> | void): void {
  const needed = typeof peers === 'string' ? [peers] : peers;
  anyTest(title, async (t) => {
    const missing = needed.filter((peer) => !isInstalled(peer));
    if (missing.length === 0) return run(t);
    if (process.env['WIRELAB_PEERS_REQUIRED']) return t.fail(`not installed: ${missing.join(', ')}`);
    t.log(`SKIPPED, not installed: ${missing.join(', ')}`);
    t.pass();
  });
}

export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end with the given standard input (closed at once when none is given). */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  options: { input?: string | Uint8Array; env?: NodeJS.ProcessEnv; cwd?: string; timeout?: number } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...parameters], { stdio: 'pipe', env: options.env ?? process.env, cwd: options.cwd, timeout: options.timeout ?? 30_000 });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }));
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Optional peer programs (curl, openssl, tshark …). A test that needs one is registered through `withPeer`: where the
 * peer is absent the test is skipped under a title that names it, and where WIRELAB_PEERS_REQUIRED is set it fails.
 */
import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import anyTest from 'ava';
import type { ExecutionContext } from 'ava';
import { skippedTitle } from './tally.ts';

/** Looked for, not started: a peer that is there and does not work shall fail its tests. */
function isInstalled(peer: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, peer), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** What a test needs of the system besides programs: where it is refused, the test is skipped as for a missing peer. */
export interface Permission {
  /** For the title of a skipped test. */
  readonly name: string;
  readonly isGranted: () => boolean;
}

/** Registers a test that runs only where all the named peers are installed, and the system permits what it does. */
export function withPeer(
  peers: string | readonly string[],
  title: string,
  run: (t: ExecutionContext) => Promise<void> | void,
  permission?: Permission,
): void {
  const isRequired = Boolean(process.env['WIRELAB_PEERS_REQUIRED']);
  const absent = [peers].flat().filter((peer) => !isInstalled(peer));
  const isRefused = absent.length === 0 && !isRequired && permission?.isGranted() === false;
  const missing = isRefused ? [permission.name] : absent;
  if (missing.length === 0) anyTest(title, run);
  else if (isRequired) anyTest(title, (t) => t.fail(`not installed: ${missing.join(', ')}`));
  else anyTest.skip(skippedTitle(title, missing), run);
}

export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long a program may take, in milliseconds: on a busy machine; less than AVA gives a file that is silent. */
const patience = 80_000;

/** Runs a program to its end with the given standard input (closed at once when none is given). */
export async function runProgram(
  program: string,
  parameters: readonly string[],
  options: { input?: string | Uint8Array; env?: NodeJS.ProcessEnv; cwd?: string; timeout?: number } = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...parameters], {
      stdio: 'pipe',
      env: options.env ?? process.env,
      cwd: options.cwd,
      timeout: options.timeout ?? patience,
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (exitCode) =>
      resolve({
        exitCode,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      }),
    );
    child.stdin.end(options.input ?? '');
  });
}

/**
 * Runs an external program for a short output (its version) without depending on it: no input, a time limit, an output
 * limit, and its child processes are ended with it.
 */
import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import type { Readable } from 'node:stream';

export type Answer =
  | {
      readonly kind: 'said';
      readonly stdout: string;
      readonly stderr: string;
      readonly exitCode: number | null;
    }
  | { readonly kind: 'silent' }
  | { readonly kind: 'failed'; readonly code: string };

export interface AskOptions {
  readonly timeoutMs?: number;
  /** Maximum bytes read from each stream. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** Never rejects. `silent`: it did not exit in time. `failed`: it could not be started. */
export async function askProgram(
  path: string,
  words: readonly string[],
  { timeoutMs = 2000, limit = 16_384, signal }: AskOptions = {},
): Promise<Answer> {
  if (signal?.aborted) return { kind: 'silent' };
  return new Promise((resolve) => {
    // Its own process group, so that the children of a wrapper script can be ended too. English output, independent of
    // the user's language.
    let child: ChildProcessByStdio<null, Readable, Readable>;
    try {
      child = spawn(path, words, {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
        env: { ...process.env, LC_ALL: 'C' },
      });
    } catch (error) {
      // Node reports most failures through an event and throws the others.
      resolve({ kind: 'failed', code: (error as NodeJS.ErrnoException).code ?? String(error) });
      return;
    }
    const said = { stdout: '', stderr: '' };
    const end = (): void => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has exited in the meantime.
      }
    };
    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onTime);
      end();
      // A grandchild in another process group may still hold the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
      child.unref();
      resolve(answer);
    };
    const onTime = (): void => finish({ kind: 'silent' });
    const timer = setTimeout(onTime, timeoutMs);
    signal?.addEventListener('abort', onTime, { once: true });
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].on('data', (chunk: Buffer) => {
        said[name] += chunk.toString('latin1', 0, Math.max(0, limit - said[name].length));
        if (said[name].length >= limit) finish({ kind: 'said', ...asText(said), exitCode: null });
      });
    }
    child.on('error', (error: NodeJS.ErrnoException) =>
      finish({ kind: 'failed', code: error.code ?? error.message }),
    );
    child.on('close', (exitCode) => finish({ kind: 'said', ...asText(said), exitCode }));
  });
}

/** Decoded once at the end, so that a character split between two reads stays intact. */
function asText({ stdout, stderr }: { stdout: string; stderr: string }): { stdout: string; stderr: string } {
  return {
    stdout: Buffer.from(stdout, 'latin1').toString(),
    stderr: Buffer.from(stderr, 'latin1').toString(),
  };
}

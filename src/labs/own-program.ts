/**
 * Runs a program of the learner's, or of a lab's author, by sh: with the rights of the user who has called wirelab, in a group of
 * its own, for a limited time. What it has started ends with it.
 */
import { spawn } from 'node:child_process';
import { Buffer } from 'node:buffer';

export interface ProgramRun {
  /** The file and its arguments. */
  readonly words: readonly string[];
  /** The working folder. */
  readonly folder: string;
  /** The standard input; nothing when left out. */
  readonly input?: string;
  /** This process's when left out. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly milliseconds: number;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramEnd {
  /** The exit code, the signal that ended it, or the error code of a program that could not be started. */
  readonly code: number | string;
  /** It did not end in time. */
  readonly isLate: boolean;
  /** The end of its standard error. */
  readonly errors: string;
}

/** The most characters of the errors that are kept. */
const mostErrors = 2000;

export async function runOwnProgram({
  words,
  folder,
  input,
  environment,
  milliseconds,
  signal,
}: ProgramRun): Promise<ProgramEnd> {
  const child = spawn('sh', words, {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
    ...(environment ? { env: environment } : {}),
  });
  // A program that reads nothing closes its end early.
  child.stdin.on('error', () => {}).end(input ?? '');
  let errors = Buffer.alloc(0);
  child.stderr.on('data', (bytes: Buffer) => {
    errors = Buffer.concat([errors, bytes]).subarray(-mostErrors);
  });
  const stop = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  };
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, milliseconds);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    child.on('exit', (status, killed) => resolve(status ?? killed ?? 1));
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', stop);
  stop();
  return { code, isLate, errors: errors.toString() };
}

/** The last line of what it has said on standard error. */
export function lastLine({ errors }: Pick<ProgramEnd, 'errors'>): string {
  return errors.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

/**
 * Runs a program of the learner's, or of a lab's author, by sh: with the rights of the user who has called wirelab, in a group of
 * its own, for a limited time. What it has started ends with it: its group, and on Linux also what left the group, which a mark in
 * its environment tells from all others. What leaves the group and clears its environment goes on.
 */
import { spawn } from 'node:child_process';
import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';

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
/** The name of the mark, in the environment of what is run. */
const markName = 'WIRELAB_OWN_PROGRAM';
/** How often those that have it are looked for: one may start another while it is ended. */
const mostLooks = 5;

export async function runOwnProgram({
  words,
  folder,
  input,
  environment,
  milliseconds,
  signal,
}: ProgramRun): Promise<ProgramEnd> {
  const mark = randomBytes(16).toString('hex');
  const child = spawn('sh', words, {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
    env: { ...(environment ?? process.env), [markName]: mark },
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
    for (let looks = 0; looks < mostLooks && endMarked(`${markName}=${mark}`) > 0; looks++);
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

/** Ends the processes with this entry in their environment, where the system shows it. @returns how many there were. */
function endMarked(entry: string): number {
  let ended = 0;
  for (const pid of processes()) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry)) continue;
      process.kill(pid, 'SIGKILL');
      ended += 1;
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return ended;
}

/** The ids of the other processes of this machine; none where there is no /proc. */
function processes(): readonly number[] {
  try {
    return readdirSync('/proc').flatMap((name) =>
      /^\d+$/.test(name) && Number(name) !== process.pid ? [Number(name)] : [],
    );
  } catch {
    return [];
  }
}

/** The last line of what it has said on standard error. */
export function lastLine({ errors }: Pick<ProgramEnd, 'errors'>): string {
  return errors.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

/**
 * Runs the command that is diagnosed: its output is passed on as it comes, and the end of it is kept; however it ends, nothing
 * that it has started is left behind.
 *
 * 1. With a terminal as its input it stays in this process's group: it may ask a person. Otherwise it has a group of its own,
 *    and all of that is ended with it.
 * 2. It is asked to end (SIGTERM) before it is made to (SIGKILL).
 * 3. What has left its group is found by its mark (`mark.ts`), and ended by its number.
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { groupOf, newMark } from './mark.ts';

const mostDescendants = 1000;
/** So often what carries the mark is looked for, where it starts others meanwhile. */
const mostRounds = 5;
/** Of each of the two outputs, in bytes: error messages stand at the end. */
const mostKept = 64 * 1024;
/** How long it may take to end when it is asked to, in milliseconds. */
const endingTime = 1000;
/** How long its outputs are waited for when it has ended: a process that it left behind may hold them. */
const closingTime = 300;

export interface ChildOptions {
  readonly command: readonly [string, ...string[]];
  readonly variables: NodeJS.ProcessEnv;
  /** Its own input is this process's; `none`: there is nothing to read. */
  readonly input: 'terminal' | 'inherited' | 'none';
  /** Where its output goes as it comes; nowhere if omitted. */
  readonly passTo?: Writable | undefined;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Milliseconds after which it is ended. */
  readonly timeLimit: number;
}

export interface ChildEnd {
  /** Why it could not be started, as the system calls it: `ENOENT`, `EACCES`. */
  readonly error?: string;
  readonly code?: number;
  readonly killedBy?: NodeJS.Signals;
  /** It was ended because its time was over. */
  readonly isLate: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

/** Resolves when it has ended; never rejects. */
export async function runChild({
  command: [program, ...words],
  variables,
  input,
  passTo,
  signal,
  timeLimit,
}: ChildOptions): Promise<ChildEnd> {
  const isGrouped = input !== 'terminal';
  const kept = { stdout: new Tail(), stderr: new Tail() };
  const said = (): Pick<ChildEnd, 'stdout' | 'stderr'> => ({
    stdout: kept.stdout.text,
    stderr: kept.stderr.text,
  });
  const mark = newMark(process.env);
  let child;
  try {
    child = spawn(program, words, {
      env: { ...variables, ...mark.variables },
      stdio: [input === 'none' ? 'ignore' : 'inherit', 'pipe', 'pipe'],
      detached: isGrouped,
    });
  } catch (error) {
    // Node reports most failures through an event and throws the others.
    return { error: codeOf(error), isLate: false, ...said() };
  }
  const { pid } = child;
  const send = (kind: NodeJS.Signals): void => {
    if (pid === undefined) return;
    // What is started while they are counted is found the next time.
    for (let round = 0; round < (kind === 'SIGKILL' ? mostRounds : 1); round++) {
      const marked = mark.processes();
      // Once each: a second request means to some that they are to end at once.
      const outside = marked.filter((one) => groupOf(one) !== pid);
      const all = isGrouped ? [-pid, ...outside] : [...new Set([...descendantsOf(pid), ...marked, pid])];
      for (const one of all) sendTo(one, kind);
      if (marked.length === 0) break;
    }
  };
  let hard: NodeJS.Timeout | undefined;
  const stop = (): void => {
    send('SIGTERM');
    hard ??= setTimeout(() => send('SIGKILL'), endingTime);
  };
  // However this process exits.
  const onExit = (): void => send('SIGKILL');
  process.once('exit', onExit);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    stop();
  }, timeLimit);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  // Its reader has gone (`| head`): the output is still read.
  let isPassed = passTo !== undefined;
  const onGone = (): void => {
    isPassed = false;
    child.stdout.resume();
    child.stderr.resume();
  };
  passTo?.on('error', onGone);
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    stream.on('data', (bytes: Buffer) => {
      kept[name].add(bytes);
      if (passTo && isPassed && !passTo.write(bytes)) {
        stream.pause();
        passTo.once('drain', () => stream.resume());
      }
    });
    stream.on('error', () => {});
  }
  const closing = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const ended = await new Promise<Omit<ChildEnd, 'isLate' | 'stdout' | 'stderr'>>((resolve) => {
    child.once('error', (error) => resolve({ error: codeOf(error) }));
    child.once('exit', (code, killedBy) =>
      resolve({ ...(code === null ? {} : { code }), ...(killedBy ? { killedBy } : {}) }),
    );
  });
  clearTimeout(timer);
  clearTimeout(hard);
  signal.removeEventListener('abort', stop);
  process.off('exit', onExit);
  if (ended.error === undefined) {
    // Its outputs have closed, or are held by another process.
    await Promise.race([closing, pause(closingTime, undefined, { ref: false })]);
    // What it has left behind: in its group, and outside of it. At a terminal that stays as a shell leaves it.
    if (isGrouped || isLate || signal.aborted) {
      send('SIGKILL');
      for (let left = closingTime; left > 0 && mark.processes().length > 0; left -= 20) await pause(20);
    }
  }
  child.stdout.destroy();
  child.stderr.destroy();
  return { ...ended, isLate, ...said() };
}

function sendTo(pid: number, kind: NodeJS.Signals): void {
  try {
    process.kill(pid, kind);
  } catch {
    // It has ended.
  }
}

/** As far as the system tells (Linux): what it has started, and what that has. */
function descendantsOf(pid: number): readonly number[] {
  const found: number[] = [];
  const waiting = [pid];
  for (let one = waiting.pop(); one !== undefined && found.length < mostDescendants; one = waiting.pop()) {
    try {
      const children = readFileSync(`/proc/${one}/task/${one}/children`, 'utf8')
        .split(' ')
        .filter(Boolean)
        .map(Number);
      found.push(...children);
      waiting.push(...children);
    } catch {
      // It has ended, or there is no such file.
    }
  }
  return found.toReversed();
}

const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException).code ?? (error instanceof Error ? error.message : String(error));

/** The last bytes of an output. */
class Tail {
  #pieces: Buffer[] = [];
  #length = 0;

  add(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    // Joined from time to time: what is no longer needed must not be held.
    if (this.#length > 2 * mostKept) {
      const joined = Buffer.from(Buffer.concat(this.#pieces).subarray(-mostKept));
      this.#pieces = [joined];
      this.#length = joined.length;
    }
  }

  get text(): string {
    return Buffer.concat(this.#pieces).subarray(-mostKept).toString('utf8');
  }
}

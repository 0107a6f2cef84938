/**
 * Locks a resource across processes with a file. Other processes wait; a lock whose owner has ended is removed.
 *
 * 1. A lock is created atomically with its content: its owner and a unique token.
 * 2. Between detecting an abandoned lock and removing it, another process may have done the same and hold a new lock.
 *    So a lock is removed under a second lock (the gate), named after its content: the process that creates the gate
 *    checks again, and no other removes that lock meanwhile. The owner releases its lock through the same gate.
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Waits until no other living process holds the lock; returns the function that releases it.
 * @param beforeTakingAway called for each abandoned lock before it is removed: a hook for tests.
 * @throws the system's error if the lock cannot be written.
 */
export async function takeTurn(lock: string, beforeTakingAway?: () => Promise<void>): Promise<() => void> {
  const own = `${process.pid} ${randomBytes(8).toString('hex')}`;
  while (!isMade(lock, own)) {
    const found = abandoned(lock);
    if (found === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    await beforeTakingAway?.();
    takeAway(lock, found);
  }
  return () => takeAway(lock, own);
}

/** Atomically, with its content. False if there is one already. */
function isMade(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    linkSync(draft, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    // A file system without links: a half-written lock may be visible.
    if (code !== 'EPERM' && code !== 'ENOSYS' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP') throw error;
    return isWritten(path, text);
  } finally {
    rmSync(draft, { force: true });
  }
}

function isWritten(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Rule 2. Does nothing if the lock has been replaced by now, or another process is removing it. */
function takeAway(path: string, text: string): void {
  const gate = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  // Empty: that fits even on a full disk, so that a lock can be released.
  if (!isWritten(gate, '')) {
    // Its creator was ended within the next three lines; no process waits while they run.
    const left = abandoned(gate);
    if (left !== undefined) takeAway(gate, left);
    return;
  }
  try {
    if (contentOf(path) === text) rmSync(path, { force: true });
  } finally {
    rmSync(gate, { force: true });
  }
}

/** Milliseconds; longer than any recipe takes, even with dozens of RSA keys. */
const longestTurn = 60_000;

/** The content of an abandoned lock; undefined for one that is held, and if there is none. */
function abandoned(lock: string): string | undefined {
  const text = contentOf(lock);
  if (text === undefined) return undefined;
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    const holder = Number(text.split(' ', 1)[0]);
    // A gate is empty, and so is at first a lock that could not be created atomically.
    const isLeft =
      !Number.isInteger(holder) || holder <= 0
        ? age > 1000
        : age > longestTurn || (holder !== process.pid && !isAlive(holder));
    return isLeft ? text : undefined;
  } catch {
    return undefined;
  }
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';

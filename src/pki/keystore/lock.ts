/**
 * One process at a time: a file says whose turn it is. Whoever comes meanwhile waits; a lock whose holder was ended is taken
 * away.
 *
 * 1. A lock appears in one step with what is in it: its holder and a token that no other lock has.
 * 2. Between seeing that a lock is abandoned and taking it away, somebody else may have done so and hold a new one. So a lock
 *    is taken away under a gate of its own, named after its content: whoever makes the gate looks again, and nobody else
 *    takes that lock away meanwhile. Its holder gives it back through the same gate.
 */
import { createHash, randomBytes } from 'node:crypto';
import { linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Waits until no other living process holds the lock; returns the way to let the next one.
 * @param beforeTakingAway told of each lock that was found abandoned, before it is taken away: where a test steps between.
 * @throws what the system says where the lock cannot be written.
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

/** In one step, with its content. False where there is one already. */
function isMade(path: string, text: string): boolean {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    writeFileSync(draft, text, { mode: 0o600, flag: 'wx' });
    linkSync(draft, path);
    return true;
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return false;
    // A file system without links: half of it may be seen then.
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

/** Rule 2. Nothing happens where another lock stands there by now, or another process is taking this one away. */
function takeAway(path: string, text: string): void {
  const gate = `${path}.${createHash('sha256').update(text).digest('hex').slice(0, 16)}`;
  // Empty: a full disk has room for that, so that what is held can be given back.
  if (!isWritten(gate, '')) {
    // Whoever made it was ended within the next three lines; while they run nobody waits.
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

/** Milliseconds; longer than any recipe takes: RSA keys by the dozen included. */
const longestTurn = 60_000;

/** What is in a lock that nobody holds any more; undefined for one that is held, and where there is none. */
function abandoned(lock: string): string | undefined {
  const text = contentOf(lock);
  if (text === undefined) return undefined;
  try {
    const age = Date.now() - statSync(lock).mtimeMs;
    const holder = Number(text.split(' ', 1)[0]);
    // A gate is empty, and so is at first what could not be made in one step.
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

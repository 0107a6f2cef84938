/**
 * Waits for what nobody reports: a file, another process, a socket that the system has yet to close. It looks again some
 * hundred times a second; turns of the event loop without a pause would take the processor from what is waited for.
 */
import { setTimeout as pause } from 'node:timers/promises';

/** @param patience milliseconds, for a machine that is busy. @returns whether it is so. */
export async function until(isSo: () => boolean | Promise<boolean>, patience = 60_000): Promise<boolean> {
  for (const last = Date.now() + patience; ; ) {
    if (await isSo()) return true;
    if (Date.now() > last) return false;
    await pause(5);
  }
}

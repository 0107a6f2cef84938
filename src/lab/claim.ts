/**
 * That a lab is up in a folder: a second one there would write other passwords into the captures of the first, and take its
 * ports. A file says it, with the number of the process, and is touched again and again: neither a process that was killed
 * nor another one that has its number by now keeps a folder shut.
 */
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { Mistake } from '../i18n/mistake.ts';
import { readText } from '../i18n/read-file.ts';
import { stateFolder } from './folder.ts';

const claimName = 'up.json';
const touchMs = 1000;
/** Milliseconds after which a file that nobody has touched says nothing any more. */
const staleMs = 10_000;

/** The number of the process that keeps a lab up in this folder. */
export function heldBy(folder: string, clock: Pick<Clock, 'now'>): number | undefined {
  const path = join(folder, stateFolder, claimName);
  try {
    if (Math.abs(clock.now() - statSync(path).mtimeMs) > staleMs) return undefined;
    const { pid } = JSON.parse(readText(path, 4096)) as { readonly pid: number };
    return Number.isSafeInteger(pid) && pid > 0 && isRunning(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** @throws Mistake when a lab is up there. */
export function demandFree(folder: string, clock: Pick<Clock, 'now'>): void {
  const pid = heldBy(folder, clock);
  if (pid === undefined) return;
  throw new Mistake({
    what: { en: 'the lab is up in this folder already', ko: '이 폴더의 실습이 이미 실행 중입니다' },
    where: folder,
    received: `process ${pid}`,
    remedy: {
      en: `Go on in the terminal where it runs, or end it there with Ctrl-C. If that terminal is gone: kill ${pid}`,
      ko: `실행 중인 터미널에서 계속하거나 그곳에서 Ctrl-C로 끝내세요. 그 터미널이 없다면: kill ${pid}`,
    },
  });
}

/** Says that the lab is up from now on. @returns what takes that back. @throws Mistake when one is up already. */
export function claimFolder(folder: string, clock: Pick<Clock, 'now'>): () => void {
  demandFree(folder, clock);
  const path = join(folder, stateFolder, claimName);
  try {
    writeFileSync(path, `${JSON.stringify({ pid: process.pid })}\n`);
  } catch {
    // In a folder that cannot be written there is nothing that two could spoil.
    return () => {};
  }
  const timer = setInterval(() => {
    try {
      const now = clock.now() / 1000;
      utimesSync(path, now, now);
    } catch {
      // The folder was removed: that is told by what has to be written there.
    }
  }, touchMs);
  timer.unref();
  return () => {
    clearInterval(timer);
    rmSync(path, { force: true });
  };
}

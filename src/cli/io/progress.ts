/** Says on standard error what takes long, and on a terminal only: after two seconds, in one line that is taken back at the end. */
import type { Localized } from '../../i18n/language.ts';
import type { Environment } from '../command.ts';

const patience = 2_000;
const refresh = 500;

type To = Pick<Environment, 'stderr' | 'language'>;

export interface Progress {
  /** What has been done so far, behind the words: `12 of 500 MB`. */
  at(done: string): void;
  stop(): void;
}

/** @param after milliseconds until it shows */
export function showProgress({ stderr, language }: To, words: Localized, after = patience): Progress {
  if (!stderr.isTTY) return { at: () => {}, stop: () => {} };
  const began = performance.now();
  let done = '';
  let isShown = false;
  let isOver = false;
  let shownAt = 0;
  const show = (): void => {
    isShown = true;
    shownAt = performance.now();
    const seconds = Math.round((shownAt - began) / 1_000);
    stderr.write(`\r\u001b[K${words[language]}${done === '' ? '' : `: ${done}`} (${seconds} s)`);
  };
  const timer = setInterval(() => {
    if (performance.now() - began >= after) show();
  }, refresh).unref();
  return {
    at(text) {
      if (isOver) return;
      done = text;
      // Where nothing yields to the timer.
      const now = performance.now();
      if (now - began >= after && now - shownAt >= refresh) show();
    },
    stop() {
      clearInterval(timer);
      if (isShown) stderr.write('\r\u001b[K');
      isShown = false;
      isOver = true;
    },
  };
}

/** For work that does not yield: the words stand before it begins, and are taken back behind it. */
export async function whileWorking<T>(to: To, words: Localized, work: () => T | Promise<T>): Promise<T> {
  const { stderr, language } = to;
  if (stderr.isTTY) stderr.write(`${words[language]} …`);
  try {
    return await work();
  } finally {
    if (stderr.isTTY) stderr.write('\r\u001b[K');
  }
}

/** How far a file was read: in percent, or of one whose size is not known in megabytes. */
export const readSoFar = (position: number, size: number | undefined): string =>
  size ? `${Math.floor((100 * position) / size)} %` : `${Math.round(position / 1e6)} MB`;

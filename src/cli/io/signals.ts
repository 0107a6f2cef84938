/** Watches for the signals that end a program which prints lines. `ending.ts` is the counterpart of one with a screen. */
import { isatty } from 'node:tty';
import type { Environment } from '../command.ts';
import { exitCodes } from './ending.ts';

export interface Signals {
  /** Resolves with the first signal that requests the end; a second one ends the process. */
  readonly ended: Promise<'SIGINT' | 'SIGTERM' | 'SIGHUP'>;
  stop(): void;
}

/**
 * Installed before the proxy becomes reachable.
 *
 * @param onReload handles SIGHUP, unless the terminal that the output went to is gone.
 */
export function watchSignals(
  { stdout, stderr }: Pick<Environment, 'stdout' | 'stderr'>,
  onReload: () => void,
): Signals {
  let stop = (): void => {};
  const ended = new Promise<'SIGINT' | 'SIGTERM' | 'SIGHUP'>((resolve) => {
    let first: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      // Node aborts if it exits and cannot restore a terminal that is gone.
      if (first === 'SIGHUP') return;
      if (first) process.exit(exitCodes[first]);
      first = signal === 'SIGINT' ? 'SIGINT' : 'SIGTERM';
      resolve(first);
    };
    const onGone = (): void => {
      first = 'SIGHUP';
      resolve(first);
    };
    const terminals = [stdout, stderr].filter((stream) => stream.isTTY);
    const onHangUp = (): void => {
      if (stdout.isTTY && !isatty(1)) onGone();
      else onReload();
    };
    for (const terminal of terminals) terminal.on('error', onGone);
    process.on('SIGHUP', onHangUp).on('SIGINT', onSignal).on('SIGTERM', onSignal);
    stop = () => {
      process.off('SIGHUP', onHangUp).off('SIGINT', onSignal).off('SIGTERM', onSignal);
      // What is still written to a terminal that is gone fails later.
      if (first !== 'SIGHUP') for (const terminal of terminals) terminal.off('error', onGone);
    };
  });
  return { ended, stop };
}

export interface EndingSignals {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Which one came first; undefined before. */
  readonly first: keyof typeof exitCodes | undefined;
  /** The exit code of the first signal; undefined before. */
  readonly exitCode: number | undefined;
  stop(): void;
}

/**
 * For a command that removes what it has written for its run, also where its window is closed: the first signal lets it end in
 * order, a second one ends the process at once.
 */
export function watchEndingSignals(): EndingSignals {
  const controller = new AbortController();
  let first: keyof typeof exitCodes | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (first) process.exit(exitCodes[first]);
    first = signal as keyof typeof exitCodes;
    controller.abort();
  };
  const names = Object.keys(exitCodes);
  for (const name of names) process.on(name, onSignal);
  return {
    signal: controller.signal,
    get first() {
      return first;
    },
    get exitCode() {
      return first && exitCodes[first];
    },
    stop() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}

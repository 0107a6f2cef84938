/** Watches for the signals that end a program which prints lines until it is stopped. */
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

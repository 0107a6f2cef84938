/**
 * Determines how a program that controls the terminal ends: by a signal, a lost terminal, an internal error, or on
 * request. It listens from before the terminal is changed until after it is restored; the first cause counts.
 *
 * 1. Exit codes: 130, 143, 129, 131 for SIGINT, SIGTERM, SIGHUP (or closed input or output), SIGQUIT; 70 for an
 *    internal error.
 * 2. `suspending.ts` handles what suspends it.
 */
import { isatty } from 'node:tty';
import type { Environment } from '../command.ts';

export const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGQUIT: 131 } as const;

export interface Ending {
  /** Resolves with the exit code as soon as it is known. */
  readonly ended: Promise<number>;
  /** The exit code; undefined while the program runs. */
  readonly code: number | undefined;
  /** The internal error, if there was one. */
  readonly fault: { readonly error: unknown } | undefined;
  readonly finish: (code: number) => void;
  readonly fail: (error: unknown) => void;
  /** Removes all listeners. */
  stop(): void;
}

/**
 * @param atExit called when the process exits without returning here.
 * @param onHangUp handles SIGHUP while the terminal is still there: then it was sent on purpose, for example to reload.
 */
export function watchForTheEnd(
  { stdin, stdout }: Pick<Environment, 'stdin' | 'stdout'>,
  atExit: () => void,
  onHangUp?: () => void,
): Ending {
  let code: number | undefined;
  let fault: { readonly error: unknown } | undefined;
  let resolve: (code: number) => void = () => {};
  const ended = new Promise<number>((resolved) => {
    resolve = resolved;
  });
  const finish = (asked: number): void => {
    code ??= asked;
    resolve(code);
  };
  const fail = (error: unknown): void => {
    fault ??= { error };
    finish(70);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signal === 'SIGHUP' && onHangUp && isatty(0)) onHangUp();
    else finish(exitCodes[signal as keyof typeof exitCodes]);
  };
  const onGone = (): void => finish(exitCodes.SIGHUP);
  const signals = Object.keys(exitCodes) as (keyof typeof exitCodes)[];
  for (const signal of signals) process.on(signal, onSignal);
  process.on('exit', atExit).on('uncaughtException', fail).on('unhandledRejection', fail);
  stdin.on('end', onGone).on('close', onGone).on('error', onGone);
  stdout.on('close', onGone).on('error', onGone);
  return {
    ended,
    get code() {
      return code;
    },
    get fault() {
      return fault;
    },
    finish,
    fail,
    stop() {
      for (const signal of signals) process.off(signal, onSignal);
      process.off('exit', atExit).off('uncaughtException', fail).off('unhandledRejection', fail);
      stdin.off('end', onGone).off('close', onGone).off('error', onGone);
      stdout.off('close', onGone).off('error', onGone);
    },
  };
}

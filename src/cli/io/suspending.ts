/**
 * Suspends a program that controls the terminal, as Ctrl-Z does for others, and takes the terminal back when it continues.
 *
 * 1. Before it stops, the terminal is as it was: the shell gets a line that echoes and the main screen.
 * 2. The whole job stops, as by the terminal's own Ctrl-Z: a `make` that waits for this process would not return to the shell.
 * 3. It also continues after SIGSTOP, of which nothing is known before; the shell may have written anything by then.
 */
/** What is given to the shell and taken back. */
export interface Suspendable {
  suspend(): void;
  resume(): void;
}

export interface Suspension {
  /** Stops the process until it is continued. */
  suspend(): void;
  /** Removes all listeners. */
  stop(): void;
}

/**
 * @param terminal what is suspended; undefined while the terminal is not changed.
 * @param stop sends SIGTSTP, without a listener for it here; returns when the process is continued
 */
export function watchForSuspension(
  terminal: () => Suspendable | undefined,
  stop: (() => void) | undefined,
): Suspension {
  let isWatching = true;
  /** The next SIGCONT follows a stop of our own, before which the terminal was given back. */
  let isExpected = false;
  const onContinue = (): void => {
    // After SIGSTOP the terminal was not given back: whatever it is now, it is changed anew.
    if (!isExpected) terminal()?.suspend();
    isExpected = false;
    terminal()?.resume();
  };
  /** Keys that were typed together with Ctrl-Z arrive before the terminal is taken back. */
  let isUnderWay = false;
  const suspend = (): void => {
    if (isUnderWay) return;
    isUnderWay = true;
    terminal()?.suspend();
    isExpected = true;
    process.off('SIGTSTP', suspend);
    stop?.();
    // Here the process was stopped and continued; or not at all, where no shell could continue it: then no SIGCONT comes.
    if (!isWatching) return;
    process.on('SIGTSTP', suspend);
    setImmediate(() => {
      isUnderWay = false;
      terminal()?.resume();
      setImmediate(() => (isExpected = false));
    });
  };
  process.on('SIGTSTP', suspend).on('SIGCONT', onContinue);
  return {
    suspend,
    stop() {
      isWatching = false;
      process.off('SIGTSTP', suspend).off('SIGCONT', onContinue);
    },
  };
}

/** Waits for the signal that ends a command. */
import { exitCodes } from '../io/ending.ts';

/** The exit code of the first signal; a second signal ends the process at once. */
export async function untilSignal(): Promise<number> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (first !== undefined) process.exit(first);
      first = exitCodes[signal as 'SIGINT' | 'SIGTERM'];
      resolve(first);
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  });
}

/** What ends an action of `wirelab lab` early. */
import { exitCodes } from '../io/ending.ts';

/** A second signal ends the process at once. What was started for a check ends with it: a learner's program has its own group of processes. */
export function untilSignalled() {
  const controller = new AbortController();
  let signalled: keyof typeof exitCodes | undefined;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (signalled) process.exit(exitCodes[signalled]);
    signalled = signal as keyof typeof exitCodes;
    controller.abort();
  };
  for (const signal of Object.keys(exitCodes)) process.on(signal, onSignal);
  return {
    signal: controller.signal,
    signalled: () => signalled,
    stop: () => {
      for (const signal of Object.keys(exitCodes)) process.off(signal, onSignal);
    },
  };
}

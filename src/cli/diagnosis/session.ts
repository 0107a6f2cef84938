/** The time in which connections are made for a diagnosis or a proof: recorded, said while it takes long, and ended by a signal. */
import { setTimeout as pause } from 'node:timers/promises';
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import type { CaptureLog } from '../../capture/log.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Environment, Parsed } from '../command.ts';
import { exitCodes } from '../io/ending.ts';
import { showProgress } from '../io/progress.ts';
import type { Progress } from '../io/progress.ts';
import { watchSignals } from '../io/signals.ts';
import { openExperiments } from './experiments.ts';

/** How long what was started may take to end behind Ctrl-C, in milliseconds. */
const endingTime = 1500;

export interface Session {
  readonly log: CaptureLog;
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Says what is being done. */
  readonly at: (what: string) => void;
}

/** @param working resolves with what prints its result, and returns the exit code, once the files are complete */
export async function inSession(
  parsed: Parsed,
  environment: Environment,
  { protocol, doing }: { readonly protocol: 'https' | 'mtls'; readonly doing: Localized },
  working: (session: Session) => Promise<() => number>,
): Promise<number> {
  await loadReadings();
  const { log, files } = await openExperiments(parsed, environment, protocol);
  const controller = new AbortController();
  let hangUp = (): void => {};
  let quit = (): void => {};
  // A command has ended by then, and with it what it writes itself.
  let progress: Progress | undefined;
  const alsoEnded = new Promise<'SIGHUP' | 'SIGQUIT'>((resolve) => {
    hangUp = () => resolve('SIGHUP');
    let isSecond = false;
    quit = () => {
      if (isSecond) process.exit(exitCodes.SIGQUIT);
      isSecond = true;
      resolve('SIGQUIT');
    };
  });
  const signals = watchSignals(environment, hangUp);
  process.on('SIGQUIT', quit);
  const running = working({
    log,
    signal: controller.signal,
    at: (what) => {
      progress ??= showProgress(environment, doing);
      progress.at(what);
    },
  });
  const interrupted = Promise.race([signals.ended, alsoEnded]).then(async (signal) => {
    controller.abort();
    await Promise.race([running.catch(() => {}), pause(endingTime)]);
    return signal;
  });
  try {
    const print = await Promise.race([running, interrupted]);
    if (typeof print === 'string') return exitCodes[print];
    files.finish();
    progress?.stop();
    return print();
  } catch (error) {
    if (controller.signal.aborted) return exitCodes[await interrupted];
    throw error;
  } finally {
    progress?.stop();
    signals.stop();
    process.off('SIGQUIT', quit);
    files.close();
  }
}

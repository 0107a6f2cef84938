/**
 * Joins what a proxy with several workers consists of: the numbers that all logs share, the output that is merged, and the
 * pool that relays. Loaded only for `--workers N`.
 */
import type { CaptureEvent } from '../../../capture/event.ts';
import type { LogShare } from '../../../capture/log.ts';
import { systemClock } from '../../../core/clock.ts';
import type { Environment } from '../../command.ts';
import type { Files } from '../../io/outlets.ts';
import type { StartRelay } from '../relay.ts';
import { WorkersOutput } from './output.ts';
import { startPool } from './pool.ts';

export interface Workers {
  /** The supervisor's log has this part: the first one, and no connections. */
  readonly share: LogShare;
  /** Must receive each event of the supervisor's log before anything is printed of it. */
  readonly fold: (event: CaptureEvent) => void;
  /** Prints a line of the supervisor's, in order with those of the workers. */
  readonly write: (line: string) => void;
  /** Prints what is left. */
  readonly end: () => void;
  readonly start: StartRelay;
}

export function prepareWorkers(
  workers: number,
  files: Files,
  environment: Pick<Environment, 'stdout'>,
  maxPayload: number,
): Workers {
  const epoch = {
    started: systemClock.microseconds(),
    wallClock: new Date(systemClock.now()).toISOString(),
  };
  const output = new WorkersOutput(environment, files);
  // As much as has come is printed on every way out that this process itself takes.
  const finish = (): void => output.finish();
  process.on('exit', finish);
  return {
    share: { ...epoch, index: 0, of: workers + 1, connections: { first: 0, step: 1 } },
    fold: output.fold,
    write: output.write,
    end() {
      process.off('exit', finish);
      finish();
    },
    start: startPool({
      workers,
      epoch,
      output,
      packets: files.packets !== undefined,
      keys: files.folds.length > 0,
      maxPayload,
    }),
  };
}

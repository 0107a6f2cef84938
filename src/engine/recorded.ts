/**
 * What is in the log already, for those steps that go to work on it: an eavesdropper's and a thief's. They get bytes that were
 * captured, by wire, and nothing that an endpoint logged.
 */
import type { Connection } from '../capture/connection.ts';
import { Flows } from '../capture/flows.ts';
import type { RunLog } from '../capture/log.ts';
import { Steps } from '../capture/steps.ts';

/** How long the far end of a connection may take to hear that it is over, in milliseconds. */
const closeMs = 10_000;

/** The connections of a wire that were opened since that event, when they are closed. */
export async function wasOver(
  log: RunLog,
  hop: string,
  since: number,
  signal: AbortSignal,
): Promise<readonly Connection[]> {
  const own = (): Connection[] =>
    flowsOf(log).connections.filter(
      (connection) => connection.hop === hop && (connection.opened?.seq ?? -1) >= since,
    );
  const isClosed = (): boolean => {
    const open = new Set<number>();
    for (const event of log.events.slice(since)) {
      if (event.type === 'opened' && event.hop === hop) open.add(event.conn);
      if (event.type === 'closed') open.delete(event.conn);
    }
    return open.size === 0;
  };
  await log.until(isClosed, closeMs, signal);
  return own();
}

/** The connections of a wire that were opened while that step ran, in the run that this log is written in. */
export function recordedIn(log: RunLog, step: string, hop: string): readonly Connection[] {
  const steps = new Steps();
  for (const event of log.events) steps.fold(event);
  const window = steps.of(step);
  if (!window) return [];
  return flowsOf(log).connections.filter(
    ({ hop: on, opened, run }) =>
      on === hop &&
      run === window.run &&
      opened !== undefined &&
      window.first <= opened.seq &&
      opened.seq <= window.last,
  );
}

function flowsOf(log: RunLog): Flows {
  const flows = new Flows(log);
  for (const event of log.events) flows.fold(event);
  return flows;
}

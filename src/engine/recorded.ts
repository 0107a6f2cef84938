/**
 * Gives the steps of an eavesdropper or a thief access to earlier captures: the captured bytes by wire, and nothing that an
 * endpoint logged.
 */
import type { Connection } from '../capture/connection.ts';
import { Flows } from '../capture/flows.ts';
import type { RunLog } from '../capture/log.ts';
import { Steps } from '../capture/steps.ts';

/** How long the far end of a connection may take to see it close, in milliseconds. */
const closeMs = 10_000;

/** The connections of a wire opened since that event, once they are closed. */
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

/** The connections of a wire opened during that step, in the run that this log records. */
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

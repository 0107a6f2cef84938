/**
 * What is kept of visitors: whoever comes while a scenario is held up for hours, when everything has been judged. What the steps
 * made stays in the log, since claims and reports look back on it; of visitors' connections that are over the newest stay.
 */
import type { CaptureEvent } from '../capture/event.ts';
import { clientRandomOf } from '../capture/flows.ts';
import { NewestClosed } from '../capture/event-releaser.ts';
import type { CaptureFeed } from '../capture/boundary.ts';
import type { Judge } from './verdict.ts';

/** Connections that are over, on all wires together: what a visitor sets off behind his own is told with it. */
const mostClosed = 500;
/** Of each direction of one that goes on. */
const mostChunks = 4096;
/** Connections whose keys came from a server that nobody taps. */
const mostKeys = 1000;

export interface ManualConnectionsOptions {
  readonly log: Pick<CaptureFeed, 'length' | 'release' | 'releaseAt'>;
  readonly judge: Pick<Judge, 'flows' | 'hunt'>;
  readonly mostClosed?: number;
  /** Told of each connection that goes, before it goes. */
  readonly onForget?: (conn: number) => void;
}

/** A fold, from now on: to be given each event behind everybody who looks at connections. */
export function forgetManualConnections({
  log,
  judge,
  mostClosed: most = mostClosed,
  onForget,
}: ManualConnectionsOptions): (event: CaptureEvent) => void {
  const since = log.length;
  const randoms = new Set<string>();
  const closed = new NewestClosed(log, judge.flows, most, {
    since,
    mostChunks,
    onForget(conn) {
      onForget?.(conn);
      judge.hunt.forget(conn);
    },
  });
  return (event) => {
    closed.fold(event);
    if (event.type !== 'keylog' || event.conn !== undefined || event.seq < since) return;
    log.releaseAt(event.seq);
    const clientRandom = clientRandomOf(event.line);
    if (clientRandom === undefined) return;
    randoms.add(clientRandom);
    const oldest = randoms.size > mostKeys ? randoms.values().next() : undefined;
    if (!oldest || oldest.done) return;
    randoms.delete(oldest.value);
    judge.flows.forgetKeylog(oldest.value);
  };
}

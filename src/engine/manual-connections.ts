/**
 * Bounds the memory for connections made by hand while a judged scenario stays up for hours. Events of the steps stay in
 * the log, since claims and reports refer to them; of manual connections that are over, only the newest stay.
 */
import type { CaptureEvent } from '../capture/event.ts';
import { clientRandomOf } from '../capture/flows.ts';
import { NewestClosed } from '../capture/event-releaser.ts';
import type { CaptureFeed } from '../capture/boundary.ts';
import type { Judge } from './verdict.ts';

/** Closed connections on all wires together: the downstream connection and those it causes upstream are reported together. */
const mostClosed = 500;
/** Per direction of an open connection. */
const mostChunks = 4096;
/** Connections whose keys came from an untapped server. */
const mostKeys = 1000;

export interface ManualConnectionsOptions {
  readonly log: Pick<CaptureFeed, 'length' | 'release' | 'releaseAt'>;
  readonly judge: Pick<Judge, 'flows' | 'hunt'>;
  readonly mostClosed?: number;
  /** Called for each connection before it is removed. */
  readonly onForget?: (conn: number) => void;
}

/** A fold over new events; call it after every other consumer of connections. */
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

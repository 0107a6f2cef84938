/** What these tests ask of a log and of a dialed connection. */
import type { CaptureLog } from '../../../src/capture/log.ts';
import type { CaptureEvent, EventOf, Side, Vantage } from '../../../src/capture/event.ts';
import type { Dialed, Failure } from '../../../src/wire/endpoint.ts';

export type Connected = Extract<Dialed, { outcome: 'connected' }>;

export function connected(dialed: Dialed): Connected {
  if (dialed.outcome === 'connected') return dialed;
  throw new Error(`not connected: ${dialed.failure.code} ${dialed.failure.message}`);
}

export function failed(dialed: Dialed): Failure {
  if (dialed.outcome === 'failed') return dialed.failure;
  throw new Error('connected, against expectation');
}

export function eventsOf<T extends CaptureEvent['type']>(
  log: CaptureLog,
  type: T,
  hop?: string,
): EventOf<T>[] {
  return log.events.filter(
    (event): event is EventOf<T> =>
      event.type === type && (hop === undefined || ('hop' in event && event.hop === hop)),
  );
}

export function streamOf(log: CaptureLog, hop: string, vantage: Vantage, from: Side): Buffer {
  return Buffer.concat(
    eventsOf(log, 'bytes', hop)
      .filter((event) => event.vantage === vantage && event.from === from)
      .map((event) => event.bytes),
  );
}

/** Waits until so many connections are closed in the log. */
export async function closedCount(log: CaptureLog, count: number): Promise<boolean> {
  return log.until(() => eventsOf(log, 'closed').length >= count, 10_000);
}

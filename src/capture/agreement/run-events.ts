/**
 * Collects the events of one run, and from them the bytes of each wire as the taps saw them: what a capture of the same wires is
 * compared with (`agreement.ts`), and what its bytes take the place of (`from-capture.ts`).
 */
import { payloadLength } from '../event.ts';
import type { CaptureEvent, EventOf, Side } from '../event.ts';

/** One direction of a connection as a tap saw it. */
export interface TappedStream {
  readonly events: EventOf<'bytes'>[];
  length: number;
}

export interface TappedConnection {
  readonly opened: EventOf<'opened'>;
  readonly streams: Readonly<Record<Side, TappedStream>>;
}

export class RunEvents {
  /** In order, with all of their bytes: a log may drop them later. */
  readonly events: CaptureEvent[] = [];
  readonly #connections = new Map<number, TappedConnection>();

  /** In the order in which they opened. */
  get connections(): readonly TappedConnection[] {
    return [...this.#connections.values()];
  }

  readonly fold = (event: CaptureEvent): void => {
    this.events.push(event);
    if (event.type === 'opened')
      this.#connections.set(event.conn, {
        opened: event,
        streams: { client: { events: [], length: 0 }, server: { events: [], length: 0 } },
      });
    if (event.type !== 'bytes' || event.vantage !== 'wire') return;
    const stream = this.#connections.get(event.conn)?.streams[event.from];
    if (!stream) return;
    stream.events.push(event);
    stream.length += payloadLength(event);
  };
}

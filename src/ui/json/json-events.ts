/**
 * A capture event as one line of the JSON output. `json.ts` decides which lines are printed, and when.
 */
import type { CaptureEvent } from '../../capture/event.ts';
import type { EventLine, Unlisted } from './line.ts';

/** The line of each event: its type is the line's kind, bytes are base64. */
type LineOfEvent<Event extends CaptureEvent> = Event extends CaptureEvent
  ? { readonly v: 2; readonly kind: Event['type'] } & (Event extends { readonly type: 'bytes' }
      ? Omit<Event, 'type' | 'bytes'> & { readonly bytes: string }
      : Omit<Event, 'type'>)
  : never;

/** `EventLine`, as long as the schema knows every field of every event. */
type Listed<Line = LineOfEvent<CaptureEvent>> = Line extends { readonly kind: infer Kind }
  ? [Unlisted<Line, Extract<EventLine, { readonly kind: Kind }>>] extends [never]
    ? EventLine
    : never
  : never;

export function eventLine(event: CaptureEvent): Listed {
  const { type, seq, run, at, ...rest } = event;
  const payload =
    event.type === 'bytes'
      ? {
          bytes: Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.length).toString(
            'base64',
          ),
        }
      : {};
  return { v: 2, kind: type, seq, run, at, ...rest, ...payload } as LineOfEvent<CaptureEvent>;
}

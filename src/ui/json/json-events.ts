/**
 * A capture event as one line of the JSON output, and back. It decides the shape that schemas/output.schema.json
 * describes; which lines are printed, and when, is `json.ts`'s.
 */
import type { CaptureEvent } from '../../capture/event.ts';

/** Shapes the line of an event: its type is the line's kind, bytes are base64. */
export function eventLine(event: CaptureEvent): Readonly<Record<string, unknown>> {
  const { type, seq, run, at, ...rest } = event;
  const payload =
    event.type === 'bytes'
      ? {
          bytes: Buffer.from(event.bytes.buffer, event.bytes.byteOffset, event.bytes.length).toString(
            'base64',
          ),
        }
      : {};
  return { v: 1, kind: type, seq, run, at, ...rest, ...payload };
}

/** The events of some of the connections of a log, and those of none. */
import type { CaptureEvent } from '../../../capture/event.ts';

export function eventsOf(
  events: readonly CaptureEvent[],
  chosen: ReadonlySet<number>,
): readonly CaptureEvent[] {
  return events.flatMap((event): CaptureEvent[] => {
    if ('conn' in event && event.conn !== undefined && !chosen.has(event.conn)) return [];
    if (event.type !== 'opened' && event.type !== 'refused') return [event];
    // What it belonged to may not be among them.
    const { relays, onBehalfOf, ...alone } = event;
    return [
      {
        ...alone,
        ...(relays !== undefined && chosen.has(relays) ? { relays } : {}),
        ...(onBehalfOf !== undefined && chosen.has(onBehalfOf) ? { onBehalfOf } : {}),
      },
    ];
  });
}

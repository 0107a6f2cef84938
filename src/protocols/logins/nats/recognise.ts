/** Recognizes NATS by the server's first line, or by the client's login. */
import type { Side } from '../../../capture/event.ts';
import { latin1Text } from '../../../core/bytes.ts';

const openings = { client: 'CONNECT {', server: 'INFO {' };

/** Whether a stream with this start speaks it; undefined while it is too short. */
export function looksLikeNats(start: Uint8Array, from: Side): boolean | undefined {
  const opening = openings[from];
  const text = latin1Text(start.subarray(0, opening.length)).toUpperCase();
  if (!opening.startsWith(text)) return false;
  return text.length === opening.length ? true : undefined;
}

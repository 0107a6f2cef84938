/** Recognizes Redis by a client's first command, an array of bulk strings (RESP, "Sending commands to a Redis server"). */
import { latin1Text } from '../../../core/bytes.ts';
import type { Side } from '../../../capture/event.ts';

const opening = /^\*[1-9]\d{0,5}\r\n\$[1-9]\d{0,3}\r\n[A-Za-z]/;

/** As much of it as there is, with a digit for each that may come. */
const soFar = /^\*([1-9](\d{0,5}(\r(\n(\$([1-9](\d{0,3}(\r(\n)?)?)?)?)?)?)?)?)?$/;

/** Whether a stream with this start speaks it; undefined while it is too short. */
export function looksLikeRedis(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server' || start[0] !== 0x2a) return false;
  const text = latin1Text(start.subarray(0, 24));
  return opening.test(text) ? true : soFar.test(text) ? undefined : false;
}

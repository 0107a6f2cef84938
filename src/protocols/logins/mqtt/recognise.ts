/** Recognizes MQTT by a client's CONNECT: its type, a length of one or two bytes, the name of the protocol (MQTT 5 section 3.1.2). */
import type { Side } from '../../../capture/event.ts';

const names: readonly (readonly number[])[] = [
  [0, 4, 0x4d, 0x51, 0x54, 0x54],
  [0, 6, 0x4d, 0x51, 0x49, 0x73, 0x64, 0x70],
];

/** Whether a stream with this start speaks it; undefined while it is too short. */
export function looksLikeMqtt(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server' || start[0] !== 0x10) return false;
  // Up to four bytes of seven bits each.
  let at = 1;
  while (at < 4 && (start[at] ?? 0) >= 0x80) at++;
  at++;
  if (start.length <= at) return (start[at - 1] ?? 0) < 0x80 ? undefined : false;
  const rest = start.subarray(at);
  const possible = names.filter((name) => name.every((byte, index) => (rest[index] ?? byte) === byte));
  if (possible.length === 0) return false;
  return possible.some((name) => rest.length >= name.length) ? true : undefined;
}

/**
 * Recognizes the header of the PROXY protocol by its first bytes. Separate from the parser, so that a run without such
 * headers need not load it.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Side } from '../../capture/event.ts';

/** Of version 2; no line of text begins so. */
export const signature = Uint8Array.of(
  0x0d,
  0x0a,
  0x0d,
  0x0a,
  0x00,
  0x0d,
  0x0a,
  0x51,
  0x55,
  0x49,
  0x54,
  0x0a,
);

/** How a header of version 1 begins. */
const lines = ['PROXY TCP4 ', 'PROXY TCP6 ', 'PROXY UNKNOWN'];

/** Whether a client with this start sends a header; undefined while it is too short. */
export function looksLikeProxyHeader(start: Uint8Array, from: Side): boolean | undefined {
  const [first] = start;
  if (from === 'server' || (first !== 0x50 && first !== signature[0]))
    return first === undefined ? undefined : false;
  if (first === signature[0]) {
    if (!signature.every((byte, index) => start[index] === undefined || start[index] === byte)) return false;
    return start.length < signature.length ? undefined : true;
  }
  const text = latin1Text(start.subarray(0, 13));
  if (lines.some((line) => text.startsWith(line))) return true;
  return lines.some((line) => line.startsWith(text)) ? undefined : false;
}

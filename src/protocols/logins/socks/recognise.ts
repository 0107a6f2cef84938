/** Recognizes SOCKS 5 by a client's greeting: the methods that it offers, and nothing but its next message behind them. */
import type { Side } from '../../../capture/event.ts';

const mostMethods = 9;

/** None, GSSAPI, password, CHAP; or one of the private ones (RFC 1928 section 3). */
const isMethod = (byte: number): boolean => byte <= 3 || byte === 0x80;

/** Whether a stream with this start speaks it; undefined while it is too short. */
export function looksLikeSocks(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server' || (start.length > 0 && start[0] !== 5)) return false;
  const count = start[1];
  if (count === undefined) return undefined;
  if (count < 1 || count > mostMethods) return false;
  const methods = start.subarray(2, 2 + count);
  if (!methods.every(isMethod)) return false;
  if (methods.length < count) return undefined;
  const next = start[2 + count];
  // A login, or a request.
  return next === undefined || next === 1 || (next === 5 && (start[3 + count] ?? 1) <= 3);
}

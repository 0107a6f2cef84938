/** Recognizes PostgreSQL by a client's first message: its length, and the version of the protocol or the code of a cancel request. */
import type { Side } from '../../../capture/event.ts';

/** A start-up message is shorter (PostgreSQL, "MAX_STARTUP_PACKET_LENGTH"). */
export const longestStartup = 10_000;

const cancel = [0, 0, 0, 16, 4, 210, 22, 46];

/** Whether a stream with this start begins a login; undefined while it is too short. */
export function looksLikePostgres(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server') return false;
  const fits = (at: number, is: (byte: number) => boolean): boolean =>
    start[at] === undefined || is(start[at]);
  if (cancel.every((byte, at) => fits(at, (one) => one === byte)))
    return start.length >= cancel.length ? true : undefined;
  const length = (start[2] ?? 0) * 256 + (start[3] ?? 0xff);
  const isStartup =
    [0, 1, 4, 6].every((at) => fits(at, (byte) => byte === 0)) &&
    length > 8 &&
    length <= longestStartup &&
    fits(5, (byte) => byte === 3) &&
    fits(7, (byte) => byte <= 2) &&
    // The name of the first parameter, or the end of none.
    fits(8, (byte) => (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f || (byte === 0 && length === 9));
  return isStartup ? (start.length < 9 ? undefined : true) : false;
}

/** Recognizes LDAP by a client's first message: a sequence with a number and a request in it (RFC 4511 section 4.1.1). */
import type { Side } from '../../../capture/event.ts';

/** BindRequest, UnbindRequest, SearchRequest, ModifyRequest, AddRequest, DelRequest, ModifyDNRequest, CompareRequest, AbandonRequest, ExtendedRequest. */
export const requests: ReadonlySet<number> = new Set([
  0x60, 0x42, 0x63, 0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x50, 0x77,
]);

/** Length of a BER length with this first byte; undefined for a form that LDAP does not allow, or one that is too long. */
export function lengthOfLength(first: number): number | undefined {
  if (first < 0x80) return 1;
  return first > 0x80 && first <= 0x84 ? first - 0x7f : undefined;
}

/** Whether a stream with this start speaks it; undefined while it is too short. */
export function looksLikeLdap(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server' || start[0] !== 0x30) return false;
  if (start.length < 2) return undefined;
  const size = lengthOfLength(start[1] ?? 0);
  if (size === undefined) return false;
  const at = 1 + size;
  const id = start[at + 1];
  if ((start[at] ?? 2) !== 2 || (id !== undefined && (id < 1 || id > 4))) return false;
  const op = id === undefined ? undefined : start[at + 2 + id];
  if (op === undefined) return undefined;
  if (!requests.has(op)) return false;
  if (op !== 0x60) return true;
  // A bind begins with its version.
  const bind = at + 3 + (id ?? 0);
  const inner = lengthOfLength(start[bind] ?? 0);
  if (inner === undefined) return false;
  const version = start.subarray(bind + inner, bind + inner + 3);
  const expected = [
    (byte: number) => byte === 2,
    (byte: number) => byte === 1,
    (byte: number) => byte === 2 || byte === 3,
  ];
  if (![...version].every((byte, index) => expected[index]?.(byte))) return false;
  return version.length < 3 ? undefined : true;
}

/**
 * Recognizes LDAP by a message: a sequence with a number and a request in it, or, where the capture began later, an answer
 * of the server (RFC 4511 section 4.1.1).
 */
import type { Side } from '../../../capture/event.ts';

/** BindRequest, UnbindRequest, SearchRequest, ModifyRequest, AddRequest, DelRequest, ModifyDNRequest, CompareRequest, AbandonRequest, ExtendedRequest. */
export const requests: ReadonlySet<number> = new Set([
  0x60, 0x42, 0x63, 0x66, 0x68, 0x4a, 0x6c, 0x6e, 0x50, 0x77,
]);

/** BindResponse, SearchResultEntry, SearchResultDone, SearchResultReference, ExtendedResponse: what is inside of each first. */
const answers: ReadonlyMap<number, number> = new Map([
  [0x61, 0x0a],
  [0x64, 0x04],
  [0x65, 0x0a],
  [0x73, 0x04],
  [0x78, 0x0a],
]);

/** Length of a BER length with this first byte; undefined for a form that LDAP does not allow, or one that is too long. */
export function lengthOfLength(first: number): number | undefined {
  if (first < 0x80) return 1;
  return first > 0x80 && first <= 0x84 ? first - 0x7f : undefined;
}

/** Whether a stream with this start speaks it; undefined while it is too short. */
export function looksLikeLdap(start: Uint8Array, from: Side): boolean | undefined {
  if (start[0] !== 0x30) return false;
  if (start.length < 2) return undefined;
  const size = lengthOfLength(start[1] ?? 0);
  if (size === undefined) return false;
  const at = 1 + size;
  const id = start[at + 1];
  if ((start[at] ?? 2) !== 2 || (id !== undefined && (id < 1 || id > 4))) return false;
  const op = id === undefined ? undefined : start[at + 2 + id];
  if (op === undefined) return undefined;
  if (from === 'server') return isAnswer(start, at + 2 + (id ?? 0));
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

/** An answer at `at`: its length, and the first part that belongs to it. */
function isAnswer(start: Uint8Array, at: number): boolean | undefined {
  const first = answers.get(start[at] ?? 0);
  const size = lengthOfLength(start[at + 1] ?? 0);
  if (first === undefined || size === undefined) return false;
  const part = start[at + 1 + size];
  return part === undefined ? undefined : part === first;
}

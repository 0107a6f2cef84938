/**
 * Recognizes MySQL by the server's greeting (Protocol::HandshakeV10): it speaks first. Where that is missing, as above TLS, by the
 * client's login (Protocol::HandshakeResponse41); its request for TLS alone is in `tls-request/`.
 *
 * Any byte may begin a packet: a single one is not held back for its sake.
 */
import type { Side } from '../../../capture/event.ts';

/** The number of the protocol, and a digit of the server's version. */
const greeting = (byte: number, at: number): boolean =>
  at === 4 ? byte === 10 : at < 7 ? byte >= 0x30 && byte <= 0x39 : true;

/** An error in the greeting's place: 1040 Too many connections, 1129 and 1130 a host that may not connect. */
const complaint = (byte: number, at: number): boolean =>
  at === 4 ? byte === 0xff : at === 5 ? [0x10, 0x69, 0x6a].includes(byte) : at === 6 ? byte === 4 : true;

/** Whether a stream with this start is a server's; undefined while it is too short. */
export function looksLikeMysql(start: Uint8Array, from: Side): boolean | undefined {
  if (start.length < 2) return start.length === 0 ? undefined : false;
  if (from === 'client') return beginsLogin(start);
  const length = (start[0] ?? 0) + (start[1] ?? 0) * 256;
  // Its length, less than 512; its number in the exchange.
  const fits = [start[1] === undefined || start[1] <= 1, ...[2, 3].map((at) => (start[at] ?? 0) === 0)];
  if (fits.includes(false) || length < 12) return false;
  const isOne = [greeting, complaint].some((is) =>
    // A version begins with a digit and goes on with a digit or a dot.
    [4, 5, 6].every((at) => {
      const byte = start[at];
      return (
        byte === undefined || (is === greeting && at === 6 ? byte === 0x2e || is(byte, at) : is(byte, at))
      );
    }),
  );
  return isOne ? (start.length < 7 ? undefined : true) : false;
}

/** Before the user's name. */
const fixed = 36;

/** The client's login: flags, of which CLIENT_PROTOCOL_41 is one, the largest packet, a character set, and zeros. */
function beginsLogin(start: Uint8Array): boolean | undefined {
  const fits = (at: number, is: (byte: number) => boolean): boolean =>
    start[at] === undefined || is(start[at]);
  const isOne =
    fits(1, (byte) => byte <= 3) &&
    (start[0] ?? 0) + (start[1] ?? 0) * 256 > fixed - 4 &&
    fits(2, (byte) => byte === 0) &&
    fits(3, (byte) => byte === 1 || byte === 2) &&
    fits(5, (byte) => (byte & 0x02) !== 0) &&
    // MariaDB has flags in the last four.
    Array.from({ length: 19 }, (_, index) => 13 + index).every((at) => fits(at, (byte) => byte === 0));
  return isOne ? (start.length < fixed ? undefined : true) : false;
}

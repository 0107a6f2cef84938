/**
 * How a client of PostgreSQL asks for encryption before it says anything else: a request of eight bytes, to which the
 * server answers with one (PostgreSQL frontend/backend protocol 3.0, message formats SSLRequest and GSSENCRequest). What
 * follows is another protocol's, as a rule TLS's: it is handed over. The rest of PostgreSQL's protocol is not read.
 */
import type { Side } from '../../capture/event.ts';
import { toHex } from '../../core/hex.ts';
import type { Handover, Piece } from '../piece.ts';

/** After the length of eight stands a number that no protocol version can have. */
const requests: Readonly<Record<number, string>> = { 80_877_103: 'SSLRequest', 80_877_104: 'GSSENCRequest' };
const requestLength = 8;

const answers: Readonly<Record<string, string>> = { S: 'S: TLS may begin', G: 'G: GSSAPI may begin', N: 'N: not here', E: 'E: an error' };

function requestName(start: Uint8Array): string | undefined {
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  return view.getUint32(0) === requestLength ? requests[view.getUint32(4)] : undefined;
}

/** Whether a client that begins so asks for encryption; undefined while it is too short to tell. */
export function looksLikePostgres(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server') return false;
  const opening = [0, 0, 0, requestLength, 4, 210, 22];
  if (!opening.every((byte, index) => start[index] === undefined || start[index] === byte)) return false;
  return start.length < requestLength ? undefined : requestName(start) !== undefined;
}

export interface PostgresMessage {
  readonly from: Side;
  readonly offset: number;
  readonly length: number;
  readonly lastTag: number;
  readonly title: string;
  readonly bytes: Uint8Array;
}

export class PostgresOpening {
  #held: Uint8Array = new Uint8Array(0);
  /** Requests that no answer has come to. */
  #asked = 0;
  readonly #handovers: Handover[] = [];

  /** Whether the server's next byte is an answer. */
  get isAsked(): boolean {
    return this.#asked > 0;
  }

  /** One request of the client, or one answer of the server; what stands behind it is handed over. */
  feed({ from, offset, bytes, tag }: Piece): PostgresMessage[] {
    const before = from === 'client' ? this.#held.length : 0;
    const length = from === 'client' ? requestLength : 1;
    const whole = from === 'client' ? Buffer.concat([this.#held, bytes]) : bytes;
    if (whole.length < length) {
      this.#held = whole;
      return [];
    }
    this.#held = new Uint8Array(0);
    this.#asked += from === 'client' ? 1 : -1;
    const message = whole.subarray(0, length);
    const start = offset - before;
    const title = (from === 'client' ? requestName(message) : answers[String.fromCharCode(message[0] ?? 0)]) ?? `0x${toHex(message)}`;
    this.#handovers.push({ from, offset: start + length, bytes: whole.subarray(length), tag });
    return [{ from, offset: start, length, lastTag: tag, title, bytes: message }];
  }

  takeHandovers(): Handover[] {
    return this.#handovers.splice(0);
  }
}

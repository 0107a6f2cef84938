/**
 * Parses the requests for encryption of database clients, which precede their login: PostgreSQL's eight bytes, which
 * the server answers with one (frontend/backend protocol 3.0, SSLRequest and GSSENCRequest), and MySQL's packet, the
 * start of its login (SSLRequest of protocol 41), which has no response. What follows is another protocol, usually TLS,
 * and is passed on; the logins are parsed in `postgres/` and
 * `mysql/`.
 */
import type { Side } from '../../capture/event.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Field } from '../../core/field.ts';
import { toHex } from '../../core/hex.ts';
import { verbatim } from '../../i18n/language.ts';
import type { Localized } from '../../i18n/language.ts';
import type { Handover, Piece } from '../piece.ts';

export type RequestProtocol = 'postgres' | 'mysql';

interface Row {
  readonly protocol: RequestProtocol;
  /** Of the request, in bytes. */
  readonly length: number;
  /** Its beginning; undefined stands for any byte. */
  readonly opening: readonly (number | undefined)[];
  /** What the request is called; undefined where it is none. `start` has its whole length. */
  readonly nameOf: (start: DataView) => string | undefined;
  readonly readRequest: (cursor: Cursor) => void;
  /** By the request and the letter; absent where none comes. */
  readonly answers?: Readonly<Record<string, Readonly<Record<string, Localized>>>>;
}

/** After the length of eight stands a number that no protocol version can have. */
const postgresRequests: Readonly<Record<number, string>> = {
  80_877_103: 'SSLRequest',
  80_877_104: 'GSSENCRequest',
};

/** CLIENT_PROTOCOL_41 and CLIENT_SSL: a request for TLS has both. */
const mysqlWants = 0x0a00;

const rows: readonly Row[] = [
  {
    protocol: 'postgres',
    length: 8,
    opening: [0, 0, 0, 8, 4, 210, 22],
    nameOf: (start) => postgresRequests[start.getUint32(4)],
    readRequest: (request) => {
      request.uint32('tls_request.length');
      request.uint32('tls_request.code');
    },
    answers: {
      SSLRequest: {
        S: { en: 'S: TLS may begin', ko: 'S: TLS 시작' },
        N: {
          en: 'N: TLS refused, the login goes on in clear',
          ko: 'N: TLS 거절, 로그인은 평문으로 계속됨',
        },
        E: { en: 'E: an error', ko: 'E: 오류' },
      },
      GSSENCRequest: {
        G: { en: 'G: GSSAPI may begin', ko: 'G: GSSAPI 시작' },
        N: { en: 'N: GSSAPI encryption refused', ko: 'N: GSSAPI 암호화 거절' },
        E: { en: 'E: an error', ko: 'E: 오류' },
      },
    },
  },
  {
    protocol: 'mysql',
    length: 36,
    // Its length, its number in the exchange, then flags, the largest packet and a character set, and zeros.
    opening: [
      32,
      0,
      0,
      1,
      ...Array.from({ length: 9 }, () => undefined),
      ...Array.from({ length: 23 }, () => 0),
    ],
    nameOf: (start) => ((start.getUint32(4, true) & mysqlWants) === mysqlWants ? 'SSLRequest' : undefined),
    readRequest: (request) => {
      request.bytes('tls_request.length', 3);
      request.uint8('tls_request.number');
      request.bytes('tls_request.capabilities', 4);
      request.bytes('tls_request.settings', 5);
      request.bytes('tls_request.filler', 23);
    },
  },
];

const startsAs = ({ opening }: Row, start: Uint8Array): boolean =>
  opening.every((byte, index) => byte === undefined || start[index] === undefined || start[index] === byte);

function nameIn(row: Row, start: Uint8Array): string | undefined {
  return startsAs(row, start) && start.length >= row.length
    ? row.nameOf(new DataView(start.buffer, start.byteOffset, row.length))
    : undefined;
}

/** The longest request: this many bytes suffice. */
export const longestRequest = Math.max(...rows.map(({ length }) => length));

/** Whether a client with this start requests encryption; undefined while it is too short. */
export function looksLikeTlsRequest(start: Uint8Array, from: Side): boolean | undefined {
  if (from === 'server') return false;
  const possible = rows.filter((row) => startsAs(row, start));
  if (possible.some((row) => nameIn(row, start) !== undefined)) return true;
  return possible.some(({ length }) => start.length < length) ? undefined : false;
}

export interface TlsRequestMessage {
  readonly from: Side;
  readonly protocol: RequestProtocol;
  readonly offset: number;
  readonly length: number;
  readonly lastTag: number;
  readonly title: Localized;
  readonly bytes: Uint8Array;
}

/** Requests that wait for their responses; clients send no second one before. */
const mostAsked = 64;

export class TlsRequestConversation {
  #held: Uint8Array = new Uint8Array(0);
  /** Requests without a response. */
  readonly #asked: { readonly row: Row; readonly name: string }[] = [];
  readonly #handovers: Handover[] = [];

  /** Whether the server's next byte is an answer. */
  get isAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** One request of the client, or one answer of the server; what stands behind it is handed over. */
  feed(piece: Piece): TlsRequestMessage[] {
    return piece.from === 'client' ? this.#request(piece) : this.#answer(piece);
  }

  takeHandovers(): Handover[] {
    return this.#handovers.splice(0);
  }

  #request({ from, offset, bytes, tag }: Piece): TlsRequestMessage[] {
    const before = this.#held.length;
    const whole = before > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    const row = rows.find((one) => nameIn(one, whole) !== undefined);
    this.#held = row ? new Uint8Array(0) : whole;
    if (!row) return [];
    const name = nameIn(row, whole) ?? '';
    if (row.answers && this.#asked.length < mostAsked) this.#asked.push({ row, name });
    return [
      this.#message(row, { from, offset: offset - before, bytes: whole, tag }, row.length, verbatim(name)),
    ];
  }

  #answer(piece: Piece): TlsRequestMessage[] {
    const asked = this.#asked.shift();
    if (!asked) return [];
    const { row, name } = asked;
    const [letter = 0] = piece.bytes;
    return [
      this.#message(
        row,
        piece,
        1,
        row.answers?.[name]?.[String.fromCharCode(letter)] ?? verbatim(`0x${toHex(Uint8Array.of(letter))}`),
      ),
    ];
  }

  #message(
    { protocol }: Row,
    { from, offset, bytes, tag }: Piece,
    length: number,
    title: Localized,
  ): TlsRequestMessage {
    this.#handovers.push({ from, offset: offset + length, bytes: bytes.subarray(length), tag });
    return { from, protocol, offset, length, lastTag: tag, title, bytes: bytes.subarray(0, length) };
  }
}

/** The field tree of a message, in the coordinates of its direction. */
export function fieldOfTlsRequest({
  from,
  protocol,
  offset,
  bytes,
  length,
}: TlsRequestMessage): Field | undefined {
  const row = rows.find((one) => one.protocol === protocol);
  const read = (cursor: Cursor): void => {
    if (from === 'server') cursor.text('tls_request.answer', 1);
    else cursor.block('tls_request', length, (request) => row?.readRequest(request));
  };
  const step = readStep('tls_request.message', bytes, read, { base: offset, open: false });
  return 'got' in step ? step.field.children[0] : undefined;
}

/**
 * Decrypts session tickets (RFC 5077) with a server's ticket key. Up to TLS 1.2 a ticket contains the master secret of the
 * session and crosses the wire readable, however that secret was agreed on: whoever has the ticket key reads the connection
 * that brought the ticket, and those that resumed it. Under TLS 1.3 it crosses the wire sealed, and a resumption adds a fresh
 * secret.
 *
 * The form is that of RFC 5077 section 4, as OpenSSL's servers make it: key name, IV, the session encrypted with AES-CBC,
 * HMAC-SHA256 of all that. A key that did not make the ticket gives nothing, without an error.
 */
import { fromHex } from '../../../core/hex.ts';
import { UserError } from '../../../i18n/user-error.ts';

const crypto = (): typeof import('node:crypto') => process.getBuiltinModule('node:crypto');

const nameLength = 16;
const ivLength = 16;
const macLength = 32;

/** The parts of a ticket key. */
export interface TicketKey {
  readonly name: Uint8Array;
  readonly mac: Uint8Array;
  readonly cipher: Uint8Array;
}

/** The keys that the bytes of a ticket key may stand for: programs put the parts in different orders. */
export type TicketKeys = readonly TicketKey[];

/** Bytes of a ticket key: with AES-128, and with AES-256. */
const lengths: readonly number[] = [48, 80];

/**
 * Of 48 bytes, Node has the key of the HMAC before that of AES, nginx behind it. Of 80 bytes, all have it before it.
 * Undefined for any other length.
 */
export function ticketKeysOf(bytes: Uint8Array): TicketKeys | undefined {
  if (!lengths.includes(bytes.length)) return undefined;
  const half = (bytes.length - nameLength) / 2;
  const name = bytes.subarray(0, nameLength);
  const [first, second] = [bytes.subarray(nameLength, nameLength + half), bytes.subarray(nameLength + half)];
  return [
    { name, mac: first, cipher: second },
    ...(half === nameLength ? [{ name, mac: second, cipher: first }] : []),
  ];
}

/**
 * Reads the file of a ticket key: its bytes, or the same as hexadecimal digits.
 * @param where the file or option that it came from.
 * @throws UserError when it is none.
 */
export function readTicketKeys(file: Uint8Array, where: string): TicketKeys {
  const own = ticketKeysOf(file);
  if (own) return own;
  const text = file.length > 1024 ? '' : Buffer.from(file).toString('latin1').trim();
  const found =
    /^[0-9a-fA-F]+$/.test(text) && text.length % 2 === 0 ? ticketKeysOf(fromHex(text)) : undefined;
  if (found) return found;
  throw new UserError({
    what: { en: 'this is not a session ticket key', ko: '세션 티켓 키가 아닙니다' },
    where,
    expected: {
      en: '48 or 80 bytes, or as many as hexadecimal digits (96 or 160)',
      ko: '48바이트나 80바이트, 또는 그만큼의 16진수(96자리나 160자리)',
    },
    received: `${file.length} bytes`,
  });
}

/** The master secret of the session in a ticket; undefined where none of the keys made it, or it is not of TLS 1.2 or older. */
export function masterSecretInTicket(ticket: Uint8Array, keys: TicketKeys): Uint8Array | undefined {
  const { createHmac, timingSafeEqual, createDecipheriv } = crypto();
  const end = ticket.length - macLength;
  if (end < nameLength + ivLength) return undefined;
  const signed = ticket.subarray(0, end);
  for (const { name, mac, cipher } of keys) {
    if (Buffer.compare(ticket.subarray(0, nameLength), name) !== 0) continue;
    if (!timingSafeEqual(createHmac('sha256', mac).update(signed).digest(), ticket.subarray(end))) continue;
    const algorithm = cipher.length === 32 ? 'aes-256-cbc' : 'aes-128-cbc';
    const iv = ticket.subarray(nameLength, nameLength + ivLength);
    try {
      const decipher = createDecipheriv(algorithm, cipher, iv);
      const session = Buffer.concat([
        decipher.update(ticket.subarray(nameLength + ivLength, end)),
        decipher.final(),
      ]);
      return masterSecretIn(session);
    } catch {
      return undefined;
    }
  }
  return undefined;
}

const sequence = 0x30;
const octetString = 0x04;
const masterSecretLength = 48;

/**
 * OpenSSL's SSL_SESSION, DER: a SEQUENCE of version, protocol version, cipher suite, session ID, master secret, and more.
 * Under TLS 1.3 the fifth is a resumption secret, which is shorter or as long, and of no use here.
 */
function masterSecretIn(session: Uint8Array): Uint8Array | undefined {
  const whole = elementAt(session, 0);
  if (whole?.tag !== sequence) return undefined;
  const parts: Element[] = [];
  for (let at = whole.start; parts.length < 5; ) {
    const part = elementAt(session, at);
    if (!part) return undefined;
    parts.push(part);
    at = part.end;
  }
  const [, version, , , master] = parts;
  const protocol = version && Buffer.from(session.subarray(version.start, version.end)).toString('hex');
  if (!master || protocol === undefined || Number.parseInt(protocol, 16) > 0x0303) return undefined;
  const isOne = master.tag === octetString && master.end - master.start === masterSecretLength;
  return isOne ? session.subarray(master.start, master.end) : undefined;
}

/** An element of DER: where its content is. */
interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function elementAt(bytes: Uint8Array, at: number): Element | undefined {
  const [tag, first] = [bytes[at], bytes[at + 1]];
  if (tag === undefined || first === undefined) return undefined;
  const lengthBytes = first < 0x80 ? 0 : first - 0x80;
  if (lengthBytes > 3) return undefined;
  let length = first < 0x80 ? first : 0;
  for (let index = 0; index < lengthBytes; index++) length = length * 256 + (bytes[at + 2 + index] ?? 0);
  const start = at + 2 + lengthBytes;
  return start + length > bytes.length ? undefined : { tag, start, end: start + length };
}

/**
 * Google's QUIC from before TLS 1.3 was in it: its handshake, whose first messages are plain, and the datagrams of Q039 to
 * Q046, of which nothing else is. It ended in 2021; captures of that time are full of it.
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Field } from '../../core/field.ts';
import type { Localized } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import type { Piece } from '../piece.ts';
import type { ProtocolMessage } from '../protocol.ts';

/** A message of the handshake: tags with values. */
export interface GoogleHello {
  /** `CHLO`, `REJ`, `SHLO`. */
  readonly name: string;
  readonly serverName?: string;
  readonly userAgent?: string;
}

const helloNames: ReadonlySet<string> = new Set(['CHLO', 'REJ\0', 'SREJ', 'SHLO']);
const mostTags = 128;

/** Undefined for what does not begin as a message does; values that are not all there are left out. */
export function googleHello(bytes: Uint8Array): GoogleHello | undefined {
  const name = latin1Text(bytes.subarray(0, 4));
  if (bytes.length < 8 || !helloNames.has(name)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = view.getUint16(4, true);
  const valuesAt = 8 + 8 * count;
  if (count === 0 || count > mostTags || valuesAt > bytes.length) return undefined;
  const values = new Map<string, string>();
  let start = 0;
  for (let index = 0; index < count; index++) {
    const at = 8 + 8 * index;
    const end = view.getUint32(at + 4, true);
    // Ends rise; the tag comes first.
    if (end < start) return undefined;
    if (valuesAt + end <= bytes.length)
      values.set(
        latin1Text(bytes.subarray(at, at + 4)),
        latin1Text(bytes.subarray(valuesAt + start, valuesAt + end)),
      );
    start = end;
  }
  const serverName = values.get('SNI\0');
  const userAgent = values.get('UAID');
  return {
    name: name.replace('\0', ''),
    ...(serverName === undefined ? {} : { serverName }),
    ...(userAgent === undefined ? {} : { userAgent }),
  };
}

/** `CHLO for www.example.com (Chrome/83)`. */
export function helloWords({ name, serverName, userAgent }: GoogleHello): Localized {
  const whom = serverName === undefined ? undefined : safeText(serverName.slice(0, 253));
  const who = userAgent === undefined ? '' : ` (${safeText(userAgent.slice(0, 80))})`;
  return {
    en: `${name}${whom === undefined ? '' : ` for ${whom}`}${who}`,
    ko: `${name}${whom === undefined ? '' : `, 대상 ${whom}`}${who}`,
  };
}

/** Whom the client asks for. */
export const askedOf = (hello: GoogleHello | undefined): { readonly asksFor?: string } =>
  hello?.name === 'CHLO' && hello.serverName !== undefined ? { asksFor: hello.serverName } : {};

interface Public {
  readonly version: string;
  /** Behind it come the packet number, a hash, and frames. */
  readonly end: number;
}

const versionForm = /^Q0(?:[2-3]\d|4[0-9])$/;

/** A header that has the version in it; only a client's first datagrams, and a server that offers others, have one. */
function publicHeader(bytes: Uint8Array): Public | undefined {
  const [flags = 0] = bytes;
  const textAt = (at: number): string | undefined => {
    const text = latin1Text(bytes.subarray(at, at + 4));
    return versionForm.test(text) ? text : undefined;
  };
  if ((flags & 0x80) !== 0) {
    // As the drafts had it: the version, one byte with the lengths of the two connection IDs, these.
    const version = (flags & 0x40) === 0 ? undefined : textAt(1);
    const lengths = bytes[5] ?? 0;
    const length = (nibble: number): number => (nibble === 0 ? 0 : nibble + 3);
    return version === undefined
      ? undefined
      : { version, end: 6 + length(lengths >> 4) + length(lengths & 15) };
  }
  // Bits: a version, a reset, a nonce, a connection ID of eight bytes, the length of the number.
  const version = (flags & 0x0b) === 0x09 ? textAt(9) : undefined;
  return version === undefined ? undefined : { version, end: 13 };
}

/** A packet number, a hash of twelve bytes, and the head of a frame stand before the first message. */
const furthestHello = 40;

/** Reads the datagrams of one flow. */
export class GoogleQuic {
  #version: string | undefined;

  /** Undefined for a datagram of something else. */
  feed({ from, offset, bytes, tag }: Piece): ProtocolMessage | undefined {
    const header = publicHeader(bytes);
    this.#version ??= header?.version;
    if (this.#version === undefined) return undefined;
    const hello = header && helloNear(bytes, header.end);
    const title = hello ? hello.name : header ? 'with its version' : 'protected';
    const version = header?.version ?? this.#version;
    const words = hello && helloWords(hello);
    return {
      from,
      protocol: 'gquic',
      offset,
      length: bytes.length,
      lastTag: tag,
      title: {
        en: `Google QUIC ${title}`,
        ko: `Google QUIC ${hello ? hello.name : header ? '버전 있음' : '보호됨'}`,
      },
      facts: {
        en: `version ${version}${words ? `, ${words.en}` : ''}`,
        ko: `버전 ${version}${words ? `, ${words.ko}` : ''}`,
      },
      ...(hello ? {} : { isSealed: true as const }),
      ...askedOf(hello),
      bytes,
      field: (): Field => ({
        id: 'quic.payload',
        range: [offset, offset + bytes.length],
        value: bytes,
        children: [],
        remarks: [],
        origin: 'wire',
      }),
    };
  }
}

function helloNear(bytes: Uint8Array, from: number): GoogleHello | undefined {
  const near = latin1Text(bytes.subarray(from, from + furthestHello));
  for (const name of helloNames) {
    const at = near.indexOf(name);
    const hello = at < 0 ? undefined : googleHello(bytes.subarray(from + at));
    if (hello) return hello;
  }
  return undefined;
}

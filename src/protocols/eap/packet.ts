/**
 * Reads the forms in which EAP travels (RFC 3748): EAPOL on a wire or over Wi-Fi (IEEE 802.1X), and RADIUS (RFC 2865, RFC
 * 3579) between access point and server. `conversation.ts` puts the TLS inside together.
 */
import { latin1Text } from '../../core/bytes.ts';

export interface EapPacket {
  /** 1 a request, 2 a response, 3 success, 4 failure. */
  readonly code: number;
  readonly identifier: number;
  /** Of a request or response. */
  readonly type: number | undefined;
  /** Behind the type. */
  readonly data: Uint8Array;
}

export const headerLength = 4;

export function readEap(bytes: Uint8Array): EapPacket | undefined {
  if (bytes.length < headerLength) return undefined;
  const [code = 0, identifier = 0, high = 0, low = 0] = bytes;
  const length = high * 256 + low;
  if (code < 1 || code > 4 || length < headerLength || length > bytes.length) return undefined;
  const hasType = code <= 2;
  if (hasType && length === headerLength) return undefined;
  return {
    code,
    identifier,
    type: hasType ? bytes[4] : undefined,
    data: bytes.subarray(hasType ? 5 : 4, length),
  };
}

/** EAP methods that carry a TLS handshake in the form of EAP-TLS (RFC 5216 section 3). */
export const tlsMethods: ReadonlySet<number> = new Set([13, 21, 25, 43, 55]);

const methodNames: Readonly<Record<number, string>> = {
  1: 'Identity',
  2: 'Notification',
  3: 'Nak',
  4: 'MD5-Challenge',
  5: 'OTP',
  6: 'GTC',
  13: 'EAP-TLS',
  17: 'LEAP',
  18: 'EAP-SIM',
  21: 'EAP-TTLS',
  23: 'EAP-AKA',
  25: 'PEAP',
  26: 'MSCHAPv2',
  43: 'EAP-FAST',
  47: 'EAP-PSK',
  50: "EAP-AKA'",
  52: 'EAP-PWD',
  55: 'TEAP',
};

export const methodName = (type: number): string => methodNames[type] ?? `EAP type ${type}`;

export interface TlsFragment {
  /** Of all fragments; said in the first. */
  readonly total: number | undefined;
  readonly hasMore: boolean;
  readonly isStart: boolean;
  readonly bytes: Uint8Array;
}

/** RFC 5216 section 3.1: flags, and the length of the whole where it says so. */
export function tlsFragment(data: Uint8Array): TlsFragment | undefined {
  const flags = data[0];
  if (flags === undefined) return undefined;
  const hasLength = (flags & 0x80) !== 0;
  if (hasLength && data.length < 5) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return {
    total: hasLength ? view.getUint32(1) : undefined,
    hasMore: (flags & 0x40) !== 0,
    isStart: (flags & 0x20) !== 0,
    bytes: data.subarray(hasLength ? 5 : 1),
  };
}

export interface RadiusAttribute {
  readonly type: number;
  /** In the packet. */
  readonly start: number;
  readonly value: Uint8Array;
}

export interface RadiusPacket {
  readonly code: number;
  readonly identifier: number;
  readonly length: number;
  readonly attributes: readonly RadiusAttribute[];
  /** All EAP-Message attributes, joined (RFC 3579 section 3.1). */
  readonly eap: Uint8Array | undefined;
  /** Lower-case hex; what joins a request to the challenge before it. */
  readonly state: string | undefined;
  readonly userName: string | undefined;
}

export const radiusHeaderLength = 20;

/** RFC 2865 section 4, RFC 2866, RFC 5176. */
export const radiusCodes: Readonly<Record<number, string>> = {
  1: 'Access-Request',
  2: 'Access-Accept',
  3: 'Access-Reject',
  4: 'Accounting-Request',
  5: 'Accounting-Response',
  11: 'Access-Challenge',
  12: 'Status-Server',
  40: 'Disconnect-Request',
  41: 'Disconnect-ACK',
  42: 'Disconnect-NAK',
  43: 'CoA-Request',
  44: 'CoA-ACK',
  45: 'CoA-NAK',
};

const attributes = { userName: 1, state: 24, eapMessage: 79 } as const;

/** Undefined for a datagram that is not wholly made of attributes, or of a code that nobody uses. */
export function readRadius(bytes: Uint8Array): RadiusPacket | undefined {
  if (bytes.length < radiusHeaderLength) return undefined;
  const [code = 0, identifier = 0, high = 0, low = 0] = bytes;
  const length = high * 256 + low;
  if (!(code in radiusCodes) || length < radiusHeaderLength || length > bytes.length) return undefined;
  // Padding is ignored (RFC 2865 section 3); other bytes behind the length are no padding.
  if (bytes.subarray(length).some((byte) => byte !== 0)) return undefined;
  const found: RadiusAttribute[] = [];
  for (let at = radiusHeaderLength; at < length; ) {
    const size = bytes[at + 1] ?? 0;
    if (size < 2 || at + size > length) return undefined;
    found.push({ type: bytes[at] ?? 0, start: at, value: bytes.subarray(at + 2, at + size) });
    at += size;
  }
  if (found.length === 0) return undefined;
  const of = (type: number): RadiusAttribute[] => found.filter((one) => one.type === type);
  const parts = of(attributes.eapMessage).map(({ value }) => value);
  const state = of(attributes.state)[0]?.value;
  const userName = of(attributes.userName)[0]?.value;
  return {
    code,
    identifier,
    length,
    attributes: found,
    eap: parts.length === 0 ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts),
    state: state && Buffer.from(state).toString('hex'),
    userName: userName && latin1Text(userName),
  };
}

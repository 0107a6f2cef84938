/**
 * Takes packets of OpenVPN apart, and recognises the first of a connection: a client's reset, whose length says what protects
 * the control channel. Cheap, and never throws.
 */

/** What stands behind the session ID of a control packet: bytes of an HMAC, or all of it is encrypted. */
export type Protection = { readonly hmac: number } | 'encrypted';

export const opcodes = {
  softReset: 3,
  control: 4,
  acknowledgement: 5,
  data1: 6,
  clientReset: 7,
  serverReset: 8,
  data2: 9,
  clientReset3: 10,
  wrappedControl: 11,
} as const;

const known: ReadonlySet<number> = new Set(Object.values(opcodes));
const controls: ReadonlySet<number> = new Set([
  opcodes.softReset,
  opcodes.control,
  opcodes.acknowledgement,
  opcodes.clientReset,
  opcodes.serverReset,
]);

const sessionLength = 8;
/** Opcode and session. */
const headLength = 1 + sessionLength;
/** A number and the time, behind an HMAC or before what is encrypted. */
const replayLength = 8;
/** Of a reset behind that: no acknowledgements, the number 0. */
const restLength = 5;
/** Bytes of MD5, SHA-1, SHA-256, SHA-512. */
const hmacLengths = [16, 20, 32, 64];
const encryptedTag = 32;

/** The protection that a client's first packet shows; undefined where it is none. */
export function protectionOf(packet: Uint8Array): Protection | undefined {
  if (packet[0] !== opcodes.clientReset << 3) return undefined;
  const numberAt = (at: number): number =>
    at + 4 <= packet.length ? new DataView(packet.buffer, packet.byteOffset + at, 4).getUint32(0) : -1;
  const endsAsReset = packet[packet.length - restLength] === 0 && numberAt(packet.length - 4) === 0;
  if (packet.length === headLength + restLength) return endsAsReset ? { hmac: 0 } : undefined;
  const hmac = hmacLengths.find(
    (length) => packet.length === headLength + length + replayLength + restLength,
  );
  if (hmac !== undefined && endsAsReset && numberAt(headLength + hmac) === 1) return { hmac };
  const isEncrypted = packet.length === headLength + replayLength + encryptedTag + restLength;
  return isEncrypted && numberAt(headLength) === 1 ? 'encrypted' : undefined;
}

/** Lengths of a client's first packet. */
const firstLengths: ReadonlySet<number> = new Set([
  headLength + restLength,
  ...hmacLengths.map((length) => headLength + length + replayLength + restLength),
]);

/** Whether a stream with this start begins with a client's reset behind its length; undefined while it is too short. */
export function beginsOpenVpn(start: Uint8Array): boolean | undefined {
  const [high, low, opcode] = start;
  if (high !== undefined && high !== 0) return false;
  if (low !== undefined && !firstLengths.has(low)) return false;
  if (opcode !== undefined && opcode !== opcodes.clientReset << 3) return false;
  return opcode === undefined ? undefined : true;
}

export interface OpenVpnPacket {
  readonly opcode: number;
  /** Numbers the key, and with it the TLS connection. */
  readonly key: number;
  /** Of a control packet that carries something: its place, and that. */
  readonly number?: number;
  readonly payload?: Uint8Array;
  /** Where the parts begin: authentication, acknowledgements, number, content. Undefined where they cannot be told apart. */
  readonly parts?: readonly [authentication: number, acknowledged: number, number: number, payload: number];
}

/** Undefined for what is no packet. */
export function readPacket(bytes: Uint8Array, protection: Protection): OpenVpnPacket | undefined {
  const first = bytes[0] ?? 0;
  const [opcode, key] = [first >> 3, first & 7];
  if (!known.has(opcode) || bytes.length < 2) return undefined;
  if (!controls.has(opcode) || protection === 'encrypted') return { opcode, key };
  const acknowledged = headLength + (protection.hmac === 0 ? 0 : protection.hmac + replayLength);
  const count = bytes[acknowledged];
  if (count === undefined || count > 8) return undefined;
  const numberAt = acknowledged + 1 + (count === 0 ? 0 : 4 * count + sessionLength);
  if (numberAt > bytes.length) return undefined;
  if (opcode === opcodes.acknowledgement)
    return { opcode, key, parts: [headLength, acknowledged, numberAt, numberAt] };
  const payloadAt = numberAt + 4;
  if (payloadAt > bytes.length) return undefined;
  return {
    opcode,
    key,
    number: new DataView(bytes.buffer, bytes.byteOffset + numberAt, 4).getUint32(0),
    payload: bytes.subarray(payloadAt),
    parts: [headLength, acknowledged, numberAt, payloadAt],
  };
}

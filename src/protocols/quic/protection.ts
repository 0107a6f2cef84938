/**
 * Opens QUIC packets: the keys of Initial packets, which anybody can derive, those of a traffic secret, header
 * protection, and the tag of a Retry (RFC 9001 section 5, RFC 9369 section 3). What does not open is undefined, never an
 * exception.
 */
import type { CipherCCM, CipherCCMTypes, DecipherCCM } from 'node:crypto';
import { fromHex } from '../../core/hex.ts';
import { aeadSuite, hkdfExpandLabel } from '../tls/keys/key-schedule.ts';
import type { AeadSuite } from '../tls/keys/key-schedule.ts';
import type { Packet } from './packet.ts';
import type { QuicVersion } from './versions.ts';

type Crypto = typeof import('node:crypto');
let loaded: Crypto | undefined;
function crypto(): Crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'));
}

const empty = new Uint8Array(0);

export interface PacketKeys {
  readonly suite: AeadSuite;
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
  /** Of the header. It stays as it is when the keys are updated (RFC 9001 section 6.1). */
  readonly hp: Uint8Array;
}

const aes128 = 0x1301;

/** RFC 9001 section 5.1. */
export function packetKeys(
  suite: AeadSuite,
  secret: Uint8Array,
  { prefix }: QuicVersion,
  hp?: Uint8Array,
): PacketKeys {
  const derived = (name: string, length: number): Uint8Array =>
    hkdfExpandLabel(suite.hash, secret, `${prefix} ${name}`, empty, length);
  return {
    suite,
    secret,
    key: derived('key', suite.keyLength),
    iv: derived('iv', 12),
    hp: hp ?? derived('hp', suite.keyLength),
  };
}

/** The next generation (RFC 9001 section 6.1). */
export function updatedKeys({ suite, secret, hp }: PacketKeys, version: QuicVersion): PacketKeys {
  const next = hkdfExpandLabel(suite.hash, secret, `${version.prefix} ku`, empty, secret.length);
  return packetKeys(suite, next, version, hp);
}

/** RFC 9001 section 5.2: from the connection ID that the client chose for the server. */
export function initialKeys(
  version: QuicVersion,
  destination: Uint8Array,
): Readonly<Record<'client' | 'server', PacketKeys>> {
  const suite = aeadSuite(aes128);
  if (!suite) throw new Error('AES-128-GCM is among the suites');
  const secret = crypto().createHmac('sha256', fromHex(version.salt)).update(destination).digest();
  const of = (label: string): PacketKeys =>
    packetKeys(suite, hkdfExpandLabel('sha256', secret, label, empty, 32), version);
  return { client: of('client in'), server: of('server in') };
}

/** RFC 9001 sections 5.4.3 and 5.4.4. */
function headerMask({ suite, hp }: PacketKeys, sample: Uint8Array): Uint8Array {
  if (suite.cipher === 'chacha20-poly1305')
    return crypto().createCipheriv('chacha20', hp, sample).update(new Uint8Array(5));
  return crypto()
    .createCipheriv(`aes-${suite.keyLength * 8}-ecb`, hp, null)
    .update(sample);
}

export interface OpenedPacket {
  readonly number: number;
  readonly numberLength: number;
  /** The first byte without its protection. */
  readonly first: number;
  readonly content: Uint8Array;
  readonly tagLength: number;
}

/** The first byte and the packet number, without their protection. */
export interface OpenedHeader {
  readonly first: number;
  readonly truncated: number;
  readonly numberLength: number;
}

/** RFC 9001 section 5.4.1; undefined where the packet is too short for a sample. */
export function openHeader(
  bytes: Uint8Array,
  { start, end, numberAt, type }: Packet,
  keys: PacketKeys,
): OpenedHeader | undefined {
  if (numberAt + 4 + 16 > end) return undefined;
  const mask = headerMask(keys, bytes.subarray(numberAt + 4, numberAt + 20));
  const first = (bytes[start] ?? 0) ^ ((mask[0] ?? 0) & (type === 'one_rtt' ? 0x1f : 0x0f));
  const numberLength = (first & 3) + 1;
  let truncated = 0;
  for (let index = 0; index < numberLength; index++)
    truncated = truncated * 256 + ((bytes[numberAt + index] ?? 0) ^ (mask[index + 1] ?? 0));
  return { first, truncated, numberLength };
}

/** RFC 9000 appendix A.3. */
export function packetNumber(largest: number, truncated: number, numberLength: number): number {
  const expected = largest + 1;
  const window = 2 ** (8 * numberLength);
  const candidate = Math.floor(expected / window) * window + truncated;
  if (candidate <= expected - window / 2 && candidate + window < 2 ** 62) return candidate + window;
  if (candidate > expected + window / 2 && candidate >= window) return candidate - window;
  return candidate;
}

/** RFC 9001 section 5.3. @param largest the largest packet number of that space and sender so far; -1 before the first */
export function openPacket(
  bytes: Uint8Array,
  packet: Packet,
  { keys, header, largest }: { keys: PacketKeys; header: OpenedHeader; largest: number },
): OpenedPacket | undefined {
  const { start, end, numberAt } = packet;
  const { first, truncated, numberLength } = header;
  const { suite, key, iv } = keys;
  const number = packetNumber(largest, truncated, numberLength);
  const contentAt = numberAt + numberLength;
  const tagAt = end - suite.tagLength;
  if (tagAt < contentAt || packet.missing > 0) return undefined;
  const additional = new Uint8Array(bytes.subarray(start, contentAt));
  additional[0] = first;
  for (let index = 0; index < numberLength; index++)
    additional[numberAt - start + index] = (truncated / 2 ** (8 * (numberLength - 1 - index))) & 0xff;
  const nonce = Buffer.from(iv);
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ (number >>> 0)) >>> 0, 8);
  nonce.writeUInt32BE((nonce.readUInt32BE(4) ^ Math.floor(number / 2 ** 32)) >>> 0, 4);
  try {
    const decipher: DecipherCCM = crypto().createDecipheriv(suite.cipher as CipherCCMTypes, key, nonce, {
      authTagLength: suite.tagLength,
    });
    decipher.setAuthTag(bytes.subarray(tagAt, end));
    decipher.setAAD(additional, { plaintextLength: tagAt - contentAt });
    const content = decipher.update(bytes.subarray(contentAt, tagAt));
    decipher.final();
    return { number, numberLength, first, content, tagLength: suite.tagLength };
  } catch {
    return undefined;
  }
}

/** Whether the tag of a Retry fits the connection ID that the client had chosen (RFC 9001 section 5.8). */
export function isRetryGenuine(
  bytes: Uint8Array,
  { start, end, numberAt, version }: Packet,
  original: Uint8Array,
): boolean {
  if (!version?.retry) return false;
  const { key, nonce } = version.retry;
  const cipher: CipherCCM = crypto().createCipheriv(
    'aes-128-gcm' as CipherCCMTypes,
    fromHex(key),
    fromHex(nonce),
    { authTagLength: 16 },
  );
  const pseudo = Buffer.concat([Uint8Array.of(original.length), original, bytes.subarray(start, numberAt)]);
  cipher.setAAD(pseudo, { plaintextLength: 0 });
  cipher.final();
  return cipher.getAuthTag().equals(bytes.subarray(numberAt, end));
}

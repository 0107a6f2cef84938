/** Seals QUIC packets for tests: the counterpart of `protection.ts`. */
import { createCipheriv } from 'node:crypto';
import type { CipherCCM, CipherCCMTypes } from 'node:crypto';
import type { PacketKeys } from '../../../src/protocols/quic/protection.ts';

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

/** RFC 9000 section 16, in two bytes or as few as it takes. */
export function varint(value: number): Buffer {
  if (value < 0x40) return Buffer.of(value);
  if (value < 0x4000) return Buffer.of(0x40 | (value >> 8), value & 0xff);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value + 0x80000000);
  return bytes;
}

export const cryptoFrame = (offset: number, data: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(6), varint(offset), varint(data.length), data]);

export interface LongFacts {
  readonly first: number;
  readonly version?: number;
  readonly destination: Uint8Array;
  readonly source?: Uint8Array;
  /** Of an Initial; its length stands before it. */
  readonly token?: Uint8Array;
  readonly number: number;
  readonly numberLength?: number;
  readonly content: Uint8Array;
  readonly keys: PacketKeys;
}

export function longPacket({
  first,
  version = 1,
  destination,
  source = Buffer.alloc(0),
  token,
  number,
  numberLength = 4,
  content,
  keys,
}: LongFacts): Buffer {
  const code = Buffer.alloc(4);
  code.writeUInt32BE(version);
  const length = numberLength + content.length + 16;
  const header = Buffer.concat([
    Buffer.of(first | (numberLength - 1)),
    code,
    Buffer.of(destination.length),
    destination,
    Buffer.of(source.length),
    source,
    ...(token ? [varint(token.length), token] : []),
    Buffer.of(0x40 | (length >> 8), length & 0xff),
  ]);
  return sealed(header, number, numberLength, content, keys);
}

export function shortPacket(
  destination: Uint8Array,
  {
    phase = 0,
    number,
    content,
    keys,
  }: { phase?: number; number: number; content: Uint8Array; keys: PacketKeys },
): Buffer {
  return sealed(Buffer.concat([Buffer.of(0x40 | (phase << 2) | 1), destination]), number, 2, content, keys);
}

/** RFC 9001 sections 5.3 and 5.4. */
export function sealed(
  header: Uint8Array,
  number: number,
  numberLength: number,
  content: Uint8Array,
  { suite, key, iv, hp }: PacketKeys,
): Buffer {
  const whole = Buffer.alloc(8);
  whole.writeBigUInt64BE(BigInt(number));
  const additional = Buffer.concat([header, whole.subarray(8 - numberLength)]);
  const nonce = Buffer.from(iv);
  for (let at = 0; at < 8; at++) nonce[4 + at] = (nonce[4 + at] ?? 0) ^ (whole[at] ?? 0);
  const cipher: CipherCCM = createCipheriv(suite.cipher as CipherCCMTypes, key, nonce, { authTagLength: 16 });
  cipher.setAAD(additional, { plaintextLength: content.length });
  const sealedContent = Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  const packet = Buffer.concat([additional, sealedContent]);
  const sample = packet.subarray(header.length + 4, header.length + 20);
  const mask =
    suite.cipher === 'chacha20-poly1305'
      ? createCipheriv('chacha20', hp, sample).update(Buffer.alloc(5))
      : createCipheriv(`aes-${suite.keyLength * 8}-ecb`, hp, null).update(sample);
  packet[0] = (packet[0] ?? 0) ^ ((mask[0] ?? 0) & ((packet[0] ?? 0) & 0x80 ? 0x0f : 0x1f));
  for (let at = 0; at < numberLength; at++)
    packet[header.length + at] = (packet[header.length + at] ?? 0) ^ (mask[at + 1] ?? 0);
  return packet;
}

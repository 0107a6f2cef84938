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
    fixedBit = 0x40,
    number,
    content,
    keys,
  }: { phase?: number; fixedBit?: 0 | 0x40; number: number; content: Uint8Array; keys: PacketKeys },
): Buffer {
  return sealed(
    Buffer.concat([Buffer.of(fixedBit | (phase << 2) | 1), destination]),
    number,
    2,
    content,
    keys,
  );
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

/** RFC 9001 appendix A.2, RFC 9369 appendix A.2. */
export const clientHello = hex(`010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c
  00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a00080006001d00170018
  00100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171
  fa71f50f1ce15d43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d0002010100
  1c00024001003900320408ffffffffffffffff05048000ffff07048000ffff0801100104800075300901100f088394c8
  f03e51570806048000ffff`);
/** RFC 9001 appendix A.3, RFC 9369 appendix A.3. */
export const serverInitials = {
  1: hex(`cf000000010008f067a5502a4262b5004075c0d95a482cd0991cd25b0aac406a5816b6394100f37a1c69797554780bb3
    8cc5a99f5ede4cf73c3ec2493a1839b3dbcba3f6ea46c5b7684df3548e7ddeb9c3bf9c73cc3f3bded74b562bfb19fb8402
    2f8ef4cdd93795d77d06edbb7aaf2f58891850abbdca3d20398c276456cbc42158407dd074ee`),
  2: hex(`dc6b3343cf0008f067a5502a4262b5004075d92faaf16f05d8a4398c47089698baeea26b91eb761d9b89237bbf872630
    17915358230035f7fd3945d88965cf17f9af6e16886c61bfc703106fbaf3cb4cfa52382dd16a393e42757507698075b2c9
    84c707f0a0812d8cd5a6881eaf21ceda98f4bd23f6fe1a3e2c43edd9ce7ca84bed8521e2e140`),
};

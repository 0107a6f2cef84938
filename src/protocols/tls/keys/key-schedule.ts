/**
 * Derives keys, decrypts records with logged secrets, and encrypts records for the wire. `conversation.ts` decides
 * *which* secret protects a record, and `wire` encrypts alerts with it.
 *
 * 1. Only AEAD suites: all of TLS 1.3's, and what every current TLS 1.2 implementation selects. `mac-suites.ts`
 *    decrypts the older ones, which are never written.
 * 2. A record that cannot be decrypted is `undefined`, never an exception: on a wire this is normal.
 * 3. Every AEAD here encrypts byte for byte, so that plaintext and ciphertext of a record have the same offsets.
 */
import type { CipherCCM, CipherCCMOptions, CipherCCMTypes, DecipherCCM } from 'node:crypto';
import { cipherSuiteNames } from '../cipher-suites.ts';

type Crypto = typeof import('node:crypto');
let loaded: Crypto | undefined;
/** Loaded at the first key, since a plaintext run never needs it. */
function crypto(): Crypto {
  return (loaded ??= process.getBuiltinModule('node:crypto'));
}

export type HashName = 'sha256' | 'sha384';
type CipherName =
  | 'aes-128-gcm'
  | 'aes-256-gcm'
  | 'aria-128-gcm'
  | 'aria-256-gcm'
  | 'aes-128-ccm'
  | 'aes-256-ccm'
  | 'chacha20-poly1305';

export interface AeadSuite {
  readonly code: number;
  /** IANA's name, which is what `tlsSocket.getCipher().standardName` says. */
  readonly name: string;
  readonly version: 'TLSv1.2' | 'TLSv1.3';
  readonly cipher: CipherName;
  readonly hash: HashName;
  /** Bytes. */
  readonly keyLength: number;
  readonly tagLength: number;
  /** Bytes of the nonce that come from the key block: 12, or 4 where 8 more travel in each record (RFC 5288 section 3). */
  readonly fixedNonceLength: number;
  /** Bytes of the nonce at the head of each record's payload: 0 or 8. */
  readonly explicitNonceLength: number;
}

/**
 * The end of a suite's name says which AEAD and which hash it has: RFC 8446 appendix B.4; for TLS 1.2 RFC 5288, 5289,
 * 5487, 6209, 6655, 7251, 7905 and 8442. Camellia has GCM suites too (RFC 6367), but node:crypto has it in CBC only.
 */
const algorithms: readonly (readonly [
  suffix: string,
  cipher: CipherName,
  keyLength: number,
  hash: HashName,
  tagLength: number,
])[] = [
  ['AES_128_GCM_SHA256', 'aes-128-gcm', 16, 'sha256', 16],
  ['AES_256_GCM_SHA384', 'aes-256-gcm', 32, 'sha384', 16],
  ['ARIA_128_GCM_SHA256', 'aria-128-gcm', 16, 'sha256', 16],
  ['ARIA_256_GCM_SHA384', 'aria-256-gcm', 32, 'sha384', 16],
  ['CHACHA20_POLY1305_SHA256', 'chacha20-poly1305', 32, 'sha256', 16],
  ['AES_128_CCM_SHA256', 'aes-128-ccm', 16, 'sha256', 16],
  ['AES_128_CCM_8_SHA256', 'aes-128-ccm', 16, 'sha256', 8],
  ['AES_256_CCM_SHA384', 'aes-256-ccm', 32, 'sha384', 16],
  ['AES_128_CCM', 'aes-128-ccm', 16, 'sha256', 16],
  ['AES_256_CCM', 'aes-256-ccm', 32, 'sha256', 16],
  ['AES_128_CCM_8', 'aes-128-ccm', 16, 'sha256', 8],
  ['AES_256_CCM_8', 'aes-256-ccm', 32, 'sha256', 8],
];

let table: ReadonlyMap<number, AeadSuite> | undefined;

/** The suite behind a registered name when it is one of the AEADs above; the suites of TLS 1.3 name no key exchange. */
function suiteNamed(code: number, name: string): AeadSuite | undefined {
  const version = name.includes('_WITH_') ? 'TLSv1.2' : 'TLSv1.3';
  const suffix = name.slice(name.includes('_WITH_') ? name.indexOf('_WITH_') + 6 : 4);
  const algorithm = algorithms.find(([end]) => end === suffix);
  if (!algorithm) return undefined;
  const [, cipher, keyLength, hash, tagLength] = algorithm;
  const isSplit = version === 'TLSv1.2' && cipher !== 'chacha20-poly1305';
  const [fixedNonceLength, explicitNonceLength] = isSplit ? [4, 8] : [12, 0];
  return { code, name, version, cipher, hash, keyLength, tagLength, fixedNonceLength, explicitNonceLength };
}

/** All AEAD suites by code. */
export function aeadSuites(): ReadonlyMap<number, AeadSuite> {
  if (table) return table;
  const suites = [...cipherSuiteNames()]
    .map(([code, name]) => suiteNamed(code, name))
    .filter((suite) => suite !== undefined);
  return (table = new Map(suites.map((suite) => [suite.code, suite])));
}

/** The suite of that code, when records under it can be sealed and opened here. */
export function aeadSuite(code: number): AeadSuite | undefined {
  return aeadSuites().get(code);
}

/** The suite of that IANA name (`tlsSocket.getCipher().standardName`). */
export function aeadSuiteNamed(name: string): AeadSuite | undefined {
  for (const suite of aeadSuites().values()) if (suite.name === name) return suite;
  return undefined;
}

/** What protects the records of one direction. `iv` is the fixed part of the nonce. */
export interface TrafficKeys {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

function hmac(hash: HashName | 'md5' | 'sha1', key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
  const mac = crypto().createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

/** RFC 8446 section 7.1, with HKDF-Expand of RFC 5869 section 2.3. `label` without its `tls13 ` prefix; `length` in bytes. */
export function hkdfExpandLabel(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const name = Buffer.from(`tls13 ${label}`, 'latin1');
  const info = Buffer.concat([
    Buffer.from([length >> 8, length & 0xff, name.length]),
    name,
    Buffer.from([context.length]),
    context,
  ]);
  const blocks: Uint8Array[] = [];
  let block: Uint8Array = new Uint8Array(0);
  for (let index = 1, total = 0; total < length; index++, total += block.length) {
    block = hmac(hash, secret, block, info, Buffer.from([index]));
    blocks.push(block);
  }
  return Buffer.concat(blocks).subarray(0, length);
}

const empty = new Uint8Array(0);
const hashLength = { md5: 16, sha1: 20, sha256: 32, sha384: 48 } as const;

/** Key and nonce of a TLS 1.3 traffic secret (RFC 8446 section 7.3). */
export function trafficKeys(suite: AeadSuite, secret: Uint8Array): TrafficKeys {
  return {
    key: hkdfExpandLabel(suite.hash, secret, 'key', empty, suite.keyLength),
    iv: hkdfExpandLabel(suite.hash, secret, 'iv', empty, 12),
  };
}

/** The application traffic secret after a KeyUpdate (RFC 8446 section 7.2). */
export function nextTrafficSecret(suite: AeadSuite, secret: Uint8Array): Uint8Array {
  return hkdfExpandLabel(suite.hash, secret, 'traffic upd', empty, hashLength[suite.hash]);
}

/** `verify_data` of a TLS 1.3 Finished over a transcript hash (RFC 8446 section 4.4.4). */
export function finishedVerifyData(
  suite: AeadSuite,
  secret: Uint8Array,
  transcriptHash: Uint8Array,
): Uint8Array {
  const key = hkdfExpandLabel(suite.hash, secret, 'finished', empty, hashLength[suite.hash]);
  return hmac(suite.hash, key, transcriptHash);
}

/** P_hash of RFC 5246 section 5, the same in every version before TLS 1.3. */
function expand(
  hash: keyof typeof hashLength,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Buffer {
  const labelled = Buffer.concat([Buffer.from(label, 'latin1'), seed]);
  const blocks: Uint8Array[] = [];
  let chain: Uint8Array = labelled;
  for (let total = 0; total < length; total += hashLength[hash]) {
    chain = hmac(hash, secret, chain);
    blocks.push(hmac(hash, secret, chain, labelled));
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** The pseudorandom function of TLS 1.2 (RFC 5246 section 5); `length` in bytes. */
export function pseudorandom12(
  hash: HashName,
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  return expand(hash, secret, label, seed, length);
}

/**
 * The pseudorandom function of TLS 1.0 and 1.1 (RFC 4346 section 5): each half of the secret goes through a hash of its
 * own, so that a break of one of them is not enough. The halves share a byte where the length is odd.
 */
export function pseudorandom10(
  secret: Uint8Array,
  label: string,
  seed: Uint8Array,
  length: number,
): Uint8Array {
  const half = Math.ceil(secret.length / 2);
  const output = expand('md5', secret.subarray(0, half), label, seed, length);
  const other = expand('sha1', secret.subarray(secret.length - half), label, seed, length);
  return output.map((byte, at) => byte ^ (other[at] ?? 0));
}

/** What SSL 3.0 derives secrets and keys with (RFC 6101 sections 6.1 and 6.2.2): `A`, `BB`, `CCC` … instead of a label. */
export function pseudorandomSsl3(secret: Uint8Array, seed: Uint8Array, length: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let index = 1; blocks.length * 16 < length; index++) {
    const letters = Buffer.alloc(index, 0x40 + index);
    const inner = crypto().createHash('sha1').update(letters).update(secret).update(seed).digest();
    blocks.push(crypto().createHash('md5').update(secret).update(inner).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** The keys of both directions under TLS 1.2 (RFC 5246 section 6.3); the master secret is what a CLIENT_RANDOM line logs. */
export function keyBlock12(
  suite: AeadSuite,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): { readonly client: TrafficKeys; readonly server: TrafficKeys } {
  const { keyLength, fixedNonceLength } = suite;
  const seed = Buffer.concat([serverRandom, clientRandom]);
  const block = pseudorandom12(
    suite.hash,
    masterSecret,
    'key expansion',
    seed,
    2 * (keyLength + fixedNonceLength),
  );
  const ivs = 2 * keyLength;
  return {
    client: { key: block.subarray(0, keyLength), iv: block.subarray(ivs, ivs + fixedNonceLength) },
    server: {
      key: block.subarray(keyLength, ivs),
      iv: block.subarray(ivs + fixedNonceLength, ivs + 2 * fixedNonceLength),
    },
  };
}

/** Either the keys themselves or, under TLS 1.3, the traffic secret that they come from. */
export type Protection =
  | { readonly suite: AeadSuite; readonly keys: TrafficKeys; readonly secret?: never }
  | { readonly suite: AeadSuite; readonly secret: Uint8Array; readonly keys?: never };

function keysOf(protection: Protection): TrafficKeys {
  return protection.keys ?? trafficKeys(protection.suite, protection.secret);
}

/** The last eight bytes of `into` xor the sequence number: RFC 8446 section 5.3, RFC 7905 section 2. */
function withSequence(iv: Uint8Array, sequence: number): Uint8Array {
  const nonce = Buffer.from(iv);
  const low = nonce.length - 4;
  nonce.writeUInt32BE((nonce.readUInt32BE(low) ^ (sequence >>> 0)) >>> 0, low);
  nonce.writeUInt32BE((nonce.readUInt32BE(low - 4) ^ Math.floor(sequence / 2 ** 32)) >>> 0, low - 4);
  return nonce;
}

/** What TLS 1.2 authenticates beside the content (RFC 5246 section 6.2.3.3). */
function additionalData12(
  sequence: number,
  contentType: number,
  version: number,
  length: number,
): Uint8Array {
  const data = Buffer.alloc(13);
  data.writeUInt32BE(Math.floor(sequence / 2 ** 32), 0);
  data.writeUInt32BE(sequence >>> 0, 4);
  data.writeUInt8(contentType, 8);
  data.writeUInt16BE(version, 9);
  data.writeUInt16BE(length, 11);
  return data;
}

function recordHeader(contentType: number, length: number): Uint8Array {
  return Uint8Array.of(contentType, 3, 3, length >> 8, length & 0xff);
}

/** CCM must know the length beforehand; the other AEADs ignore these options. */
function ccmOptions(suite: AeadSuite): CipherCCMOptions {
  return { authTagLength: suite.tagLength };
}

const applicationData = 23;

/**
 * A record ready for the wire.
 * @param record.sequence the number of records sealed before it under the same keys.
 * @param record.contentType what the content is: 21 alert, 22 handshake, 23 application data.
 * @param record.padding zero bytes added inside (TLS 1.3 only, RFC 8446 section 5.4).
 * @throws RangeError when the content is longer than a record holds (2^14 bytes).
 */
export function sealRecord(
  record: Protection & {
    readonly sequence: number;
    readonly contentType: number;
    readonly content: Uint8Array;
    readonly padding?: number;
  },
): Uint8Array {
  const { suite, sequence, contentType, content, padding = 0 } = record;
  if (content.length + padding > 2 ** 14)
    throw new RangeError(`${content.length + padding} bytes do not fit into a record`);
  const { key, iv } = keysOf(record);
  const isNewest = suite.version === 'TLSv1.3';
  const inner = isNewest
    ? Buffer.concat([content, Buffer.from([contentType]), Buffer.alloc(padding)])
    : content;
  const header = recordHeader(
    isNewest ? applicationData : contentType,
    suite.explicitNonceLength + inner.length + suite.tagLength,
  );
  const nonce =
    suite.explicitNonceLength > 0
      ? Buffer.concat([iv, withSequence(new Uint8Array(8), sequence)])
      : withSequence(iv, sequence);
  const additional = isNewest ? header : additionalData12(sequence, contentType, 0x0303, content.length);
  const cipher: CipherCCM = crypto().createCipheriv(
    suite.cipher as CipherCCMTypes,
    key,
    nonce,
    ccmOptions(suite),
  );
  cipher.setAAD(additional, { plaintextLength: inner.length });
  const sealed = cipher.update(inner);
  cipher.final();
  return Buffer.concat([
    header,
    nonce.subarray(nonce.length - suite.explicitNonceLength),
    sealed,
    cipher.getAuthTag(),
  ]);
}

/** The inside of a record. */
export interface OpenedRecord {
  readonly contentType: number;
  readonly content: Uint8Array;
  /** Zero bytes after the content type (TLS 1.3). */
  readonly padding: number;
}

/**
 * Opens a whole record, header included; undefined when the keys or the sequence number do not fit, or it was altered.
 * @param sealed.record the five header bytes and the payload.
 */
export function openRecord(
  sealed: Protection & { readonly sequence: number; readonly record: Uint8Array },
): OpenedRecord | undefined {
  const { suite, sequence, record } = sealed;
  const { explicitNonceLength, tagLength } = suite;
  const contentLength = record.length - 5 - explicitNonceLength - tagLength;
  if (contentLength < 0) return undefined;
  const { key, iv } = keysOf(sealed);
  const isNewest = suite.version === 'TLSv1.3';
  const start = 5 + explicitNonceLength;
  const nonce =
    explicitNonceLength > 0 ? Buffer.concat([iv, record.subarray(5, start)]) : withSequence(iv, sequence);
  const outerType = record[0] ?? 0;
  const additional = isNewest
    ? record.subarray(0, 5)
    : additionalData12(sequence, outerType, (record[1] ?? 0) * 256 + (record[2] ?? 0), contentLength);
  let inner: Uint8Array;
  try {
    const decipher: DecipherCCM = crypto().createDecipheriv(
      suite.cipher as CipherCCMTypes,
      key,
      nonce,
      ccmOptions(suite),
    );
    decipher.setAuthTag(record.subarray(start + contentLength));
    decipher.setAAD(additional, { plaintextLength: contentLength });
    inner = decipher.update(record.subarray(start, start + contentLength));
    decipher.final();
  } catch {
    return undefined;
  }
  if (!isNewest) return { contentType: outerType, content: inner, padding: 0 };
  // The content type is the last byte that is not zero (RFC 8446 section 5.4).
  let last = inner.length - 1;
  while (last >= 0 && inner[last] === 0) last--;
  if (last < 0) return undefined;
  return {
    contentType: inner[last] ?? 0,
    content: inner.subarray(0, last),
    padding: inner.length - 1 - last,
  };
}

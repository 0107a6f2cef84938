/**
 * Decrypts records of the suites before AEAD, SSL 3.0 to TLS 1.2: a cipher (none, RC4, or a block cipher in CBC mode) and
 * an HMAC. It never encrypts. `protection.ts` selects the secret and tracks key changes.
 *
 * 1. The MAC decides: a record with an invalid MAC is not decrypted, whatever its padding.
 * 2. Plaintext and ciphertext have the same offsets: CBC and RC4 both preserve lengths.
 * 3. Unavailable ciphers are not guessed: SEED, IDEA and RC2 have no row and are not decrypted.
 */
import { cipherSuiteNames } from '../cipher-suites.ts';
import { headerLength } from '../framing.ts';
import { pseudorandom10, pseudorandom12, pseudorandomSsl3 } from './key-schedule.ts';
import type { HashName } from './key-schedule.ts';
import { Rc4 } from './rc4.ts';

type MacHash = 'md5' | 'sha1' | 'sha256' | 'sha384';
type BlockCipher =
  | 'des-ede3-cbc'
  | 'aes-128-cbc'
  | 'aes-256-cbc'
  | 'camellia-128-cbc'
  | 'camellia-256-cbc'
  | 'aria-128-cbc'
  | 'aria-256-cbc';

export interface MacSuite {
  readonly code: number;
  /** IANA's name. */
  readonly name: string;
  readonly cipher: 'none' | 'rc4' | BlockCipher;
  /** Bytes; 0 without a cipher. */
  readonly keyLength: number;
  /** Of an export suite: secret bytes of which the key is made. */
  readonly exportLength?: number;
  /** Bytes of a block and of an initialization vector; 0 for what is no block cipher. */
  readonly blockLength: number;
  readonly mac: MacHash;
  readonly macLength: number;
  /** The hash of the pseudorandom function under TLS 1.2; older versions have one that no suite chooses. */
  readonly hash: HashName;
}

/** RFC 5246 appendix C, RFC 2246 (DES), RFC 5932 and 6367 (Camellia), RFC 6209 (ARIA). */
const ciphers: Readonly<
  Record<
    string,
    readonly [cipher: MacSuite['cipher'], keyLength: number, blockLength: number, exportLength?: number]
  >
> = {
  NULL: ['none', 0, 0],
  RC4_128: ['rc4', 16, 0],
  RC4_56: ['rc4', 16, 0, 7],
  RC4_40: ['rc4', 16, 0, 5],
  DES40_CBC: ['des-ede3-cbc', 8, 8, 5],
  DES_CBC_40: ['des-ede3-cbc', 8, 8, 5],
  // A triple DES whose three keys are one is DES, which OpenSSL 3 no longer has by itself.
  DES_CBC: ['des-ede3-cbc', 8, 8],
  '3DES_EDE_CBC': ['des-ede3-cbc', 24, 8],
  AES_128_CBC: ['aes-128-cbc', 16, 16],
  AES_256_CBC: ['aes-256-cbc', 32, 16],
  CAMELLIA_128_CBC: ['camellia-128-cbc', 16, 16],
  CAMELLIA_256_CBC: ['camellia-256-cbc', 32, 16],
  ARIA_128_CBC: ['aria-128-cbc', 16, 16],
  ARIA_256_CBC: ['aria-256-cbc', 32, 16],
};

const macs: Readonly<Record<string, readonly [mac: MacHash, macLength: number]>> = {
  MD5: ['md5', 16],
  SHA: ['sha1', 20],
  SHA256: ['sha256', 32],
  SHA384: ['sha384', 48],
};

function suiteNamed(code: number, name: string): MacSuite | undefined {
  const [, exchange = '', cipherName = '', macName = ''] =
    /^TLS_(.+)_WITH_(.+)_([A-Z0-9]+)$/.exec(name) ?? [];
  const cipherRow = ciphers[cipherName];
  const macRow = macs[macName];
  if (!cipherRow || !macRow) return undefined;
  const [cipher, keyLength, blockLength, shortened = keyLength] = cipherRow;
  const isExport = exchange.includes('EXPORT');
  const [mac, macLength] = macRow;
  return {
    code,
    name,
    cipher,
    keyLength,
    ...(isExport ? { exportLength: shortened } : {}),
    blockLength,
    mac,
    macLength,
    hash: mac === 'sha384' ? 'sha384' : 'sha256',
  };
}

let table: ReadonlyMap<number, MacSuite> | undefined;

/** All suites of a cipher and an HMAC that can be read here, by code. */
export function macSuites(): ReadonlyMap<number, MacSuite> {
  if (table) return table;
  const suites = [...cipherSuiteNames()]
    .map(([code, name]) => suiteNamed(code, name))
    .filter((suite) => suite !== undefined);
  return (table = new Map(suites.map((suite) => [suite.code, suite])));
}

export function macSuite(code: number): MacSuite | undefined {
  return macSuites().get(code);
}

/** What the version and the hellos settle beside the suite. */
export interface MacForm {
  readonly suite: MacSuite;
  /** 0x0300 to 0x0303. */
  readonly version: number;
  /** RFC 7366: the MAC covers the ciphertext and stands behind it. It says nothing of RC4 and of no cipher. */
  readonly encryptThenMac: boolean;
}

/** Whether the MAC of a form stands behind the ciphertext, in clear. */
export function isMacOutside({ suite, encryptThenMac }: MacForm): boolean {
  return encryptThenMac && suite.blockLength > 0;
}

/** Bytes of the initialization vector at the head of each payload: none before TLS 1.1 (RFC 4346 section 6.2.3.2). */
export function vectorLength({ suite, version }: MacForm): number {
  return version >= 0x0302 ? suite.blockLength : 0;
}

/** What protects the records of one direction. */
export interface MacKeys {
  readonly macKey: Uint8Array;
  readonly key: Uint8Array;
  /** The first initialization vector of TLS 1.0; empty for everything else. */
  readonly iv: Uint8Array;
}

/** The keys of both directions out of the master secret (RFC 5246 section 6.3, RFC 2246 section 6.3). */
export function macKeyBlock(
  { suite, version }: MacForm,
  masterSecret: Uint8Array,
  clientRandom: Uint8Array,
  serverRandom: Uint8Array,
): { readonly client: MacKeys; readonly server: MacKeys } {
  const { macLength, keyLength, exportLength } = suite;
  const ivLength = version < 0x0302 ? suite.blockLength : 0;
  const seed = Buffer.concat([serverRandom, clientRandom]);
  const secretLength = exportLength ?? keyLength;
  const ownIvLength = exportLength === undefined ? ivLength : 0;
  const length = 2 * (macLength + secretLength + ownIvLength);
  const block =
    version >= 0x0303
      ? pseudorandom12(suite.hash, masterSecret, 'key expansion', seed, length)
      : version === ssl3
        ? pseudorandomSsl3(masterSecret, seed, length)
        : pseudorandom10(masterSecret, 'key expansion', seed, length);
  let at = 0;
  const next = (count: number): Uint8Array => block.subarray(at, (at += count));
  const [clientMac, serverMac] = [next(macLength), next(macLength)];
  const [clientKey, serverKey] = [next(secretLength), next(secretLength)];
  const [clientIv, serverIv] = [next(ownIvLength), next(ownIvLength)];
  const keys = {
    client: { macKey: clientMac, key: clientKey, iv: clientIv },
    server: { macKey: serverMac, key: serverKey, iv: serverIv },
  };
  return exportLength === undefined
    ? keys
    : exported(keys, { version, keyLength, ivLength, clientRandom, serverRandom });
}

const ssl3 = 0x0300;

/** Export suites make long keys of short secrets, and vectors of nothing secret (RFC 2246 section 6.3.1, RFC 6101 section 6.2.2.1). */
function exported(
  { client, server }: { readonly client: MacKeys; readonly server: MacKeys },
  form: {
    readonly version: number;
    readonly keyLength: number;
    readonly ivLength: number;
    readonly clientRandom: Uint8Array;
    readonly serverRandom: Uint8Array;
  },
): { readonly client: MacKeys; readonly server: MacKeys } {
  const { version, keyLength, ivLength, clientRandom, serverRandom } = form;
  const randoms = [clientRandom, serverRandom] as const;
  if (version === ssl3) {
    const md5 = (...parts: readonly Uint8Array[]): Uint8Array =>
      process.getBuiltinModule('node:crypto').createHash('md5').update(Buffer.concat(parts)).digest();
    const swapped = [serverRandom, clientRandom] as const;
    return {
      client: {
        ...client,
        key: md5(client.key, ...randoms).subarray(0, keyLength),
        iv: md5(...randoms).subarray(0, ivLength),
      },
      server: {
        ...server,
        key: md5(server.key, ...swapped).subarray(0, keyLength),
        iv: md5(...swapped).subarray(0, ivLength),
      },
    };
  }
  const seed = Buffer.concat(randoms);
  const ivs = pseudorandom10(new Uint8Array(0), 'IV block', seed, 2 * ivLength);
  return {
    client: {
      ...client,
      key: pseudorandom10(client.key, 'client write key', seed, keyLength),
      iv: ivs.subarray(0, ivLength),
    },
    server: {
      ...server,
      key: pseudorandom10(server.key, 'server write key', seed, keyLength),
      iv: ivs.subarray(ivLength),
    },
  };
}

/** The inside of a record. */
export interface MacContent {
  readonly content: Uint8Array;
  /** Bytes of CBC padding, its length byte included. */
  readonly padding: number;
}

/** Opens the records of one direction, which must come in order: their numbers, RC4 and the vectors of TLS 1.0 go on. */
export class MacReader {
  readonly #form: MacForm;
  readonly #keys: MacKeys;
  readonly #rc4: Rc4 | undefined;
  /** TLS 1.0: the last block that was seen; undefined after one that was not. */
  #vector: Uint8Array | undefined;
  #sequence = 0;

  constructor(form: MacForm, keys: MacKeys) {
    this.#form = form;
    this.#keys = keys;
    this.#vector = keys.iv;
    if (form.suite.cipher === 'rc4') this.#rc4 = new Rc4(keys.key);
  }

  /** Records that passed without having been kept, `bytes` being the sum of their payloads. */
  skip(records: number, bytes: number): void {
    this.#sequence += records;
    this.#vector = undefined;
    this.#rc4?.skip(bytes);
  }

  /** Opens a whole record, header included; undefined when the keys do not fit, or it was altered. */
  open(record: Uint8Array): MacContent | undefined {
    const sequence = this.#sequence++;
    const payload = record.subarray(headerLength);
    const { suite } = this.#form;
    if (suite.blockLength > 0)
      return isMacOutside(this.#form)
        ? this.#openOutside(record, payload, sequence)
        : this.#openInside(record, payload, sequence);
    const plaintext = this.#rc4?.apply(payload) ?? payload;
    const content = plaintext.subarray(0, Math.max(0, plaintext.length - suite.macLength));
    return this.#isGenuine(record, sequence, content, plaintext.subarray(content.length))
      ? { content, padding: 0 }
      : undefined;
  }

  /** RFC 5246 section 6.2.3.2: content, MAC and padding are encrypted together. */
  #openInside(record: Uint8Array, payload: Uint8Array, sequence: number): MacContent | undefined {
    const { macLength } = this.#form.suite;
    const plaintext = this.#decrypt(payload);
    const padding = plaintext && paddingOf(plaintext, this.#form);
    if (!plaintext || padding === undefined || padding + macLength > plaintext.length) return undefined;
    const content = plaintext.subarray(0, plaintext.length - padding - macLength);
    const mac = plaintext.subarray(content.length, content.length + macLength);
    return this.#isGenuine(record, sequence, content, mac) ? { content, padding } : undefined;
  }

  /** RFC 7366 section 3: the MAC covers vector and ciphertext. A false record is decrypted as well, for the sake of the next one's vector. */
  #openOutside(record: Uint8Array, payload: Uint8Array, sequence: number): MacContent | undefined {
    const sealed = payload.subarray(0, Math.max(0, payload.length - this.#form.suite.macLength));
    const plaintext = this.#decrypt(sealed);
    if (!plaintext || !this.#isGenuine(record, sequence, sealed, payload.subarray(sealed.length)))
      return undefined;
    const padding = paddingOf(plaintext, this.#form);
    return padding === undefined
      ? undefined
      : { content: plaintext.subarray(0, plaintext.length - padding), padding };
  }

  /** Decrypts whole blocks; undefined for anything else, and where this Node has no such cipher. */
  #decrypt(sealed: Uint8Array): Uint8Array | undefined {
    const { suite } = this.#form;
    const { blockLength } = suite;
    const explicit = vectorLength(this.#form);
    const vector = explicit > 0 ? sealed.subarray(0, explicit) : this.#vector;
    const blocks = sealed.subarray(explicit);
    if (blocks.length === 0 || blocks.length % blockLength > 0) return undefined;
    this.#vector = blocks.slice(-blockLength);
    if (vector?.length !== blockLength) return undefined;
    const { key } = this.#keys;
    try {
      const threefold = suite.keyLength === 8 ? Buffer.concat([key, key, key]) : key;
      const decipher = process
        .getBuiltinModule('node:crypto')
        .createDecipheriv(suite.cipher, threefold, vector);
      decipher.setAutoPadding(false);
      return decipher.update(blocks);
    } catch {
      return undefined;
    }
  }

  /** RFC 6101 section 5.2.3.1: not yet an HMAC, and without the version. */
  #isGenuineSsl3(contentType: number, sequence: number, content: Uint8Array, mac: Uint8Array): boolean {
    const { suite } = this.#form;
    const { macKey } = this.#keys;
    const padLength = suite.mac === 'md5' ? 48 : 40;
    const head = Buffer.alloc(11);
    head.writeUIntBE(sequence, 2, 6);
    head[8] = contentType;
    head.writeUInt16BE(content.length, 9);
    const hash = (...parts: readonly Uint8Array[]): Buffer =>
      parts
        .reduce(
          (sum, part) => sum.update(part),
          process.getBuiltinModule('node:crypto').createHash(suite.mac),
        )
        .digest();
    const inner = hash(macKey, Buffer.alloc(padLength, 0x36), head, content);
    return hash(macKey, Buffer.alloc(padLength, 0x5c), inner).equals(mac);
  }

  /** RFC 5246 section 6.2.3.1. `covered` is the content or, under encrypt-then-MAC, vector and ciphertext. */
  #isGenuine(record: Uint8Array, sequence: number, covered: Uint8Array, mac: Uint8Array): boolean {
    const { suite } = this.#form;
    if (mac.length !== suite.macLength) return false;
    if (this.#form.version === ssl3) return this.#isGenuineSsl3(record[0] ?? 0, sequence, covered, mac);
    const head = Buffer.alloc(13);
    head.writeUIntBE(sequence, 2, 6);
    // Type and version as on the wire: an altered header changes the hash.
    head.set(record.subarray(0, 3), 8);
    head.writeUInt16BE(covered.length, 11);
    try {
      const computed = process
        .getBuiltinModule('node:crypto')
        .createHmac(suite.mac, this.#keys.macKey)
        .update(head)
        .update(covered)
        .digest();
      return computed.equals(mac);
    } catch {
      return false;
    }
  }
}

/** How many bytes at the end are padding, length byte included; each holds the length (RFC 5246 section 6.2.3.2). */
function paddingOf(plaintext: Uint8Array, { version, suite }: MacForm): number | undefined {
  const value = plaintext.at(-1) ?? 0;
  const start = plaintext.length - 1 - value;
  if (start < 0) return undefined;
  // In SSL 3.0 it may hold anything, and is less than a block (RFC 6101 section 5.2.3.2).
  if (version === ssl3) return value < suite.blockLength ? value + 1 : undefined;
  return plaintext.subarray(start).every((byte) => byte === value) ? value + 1 : undefined;
}

/** The content of a record that nothing encrypts, its MAC unchecked, for want of keys; undefined when it is too short. */
export function readUnencrypted({ macLength }: MacSuite, record: Uint8Array): MacContent | undefined {
  const end = record.length - macLength;
  return end < headerLength ? undefined : { content: record.subarray(headerLength, end), padding: 0 };
}

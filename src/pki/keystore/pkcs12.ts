/**
 * Writes a PKCS #12 file (RFC 7292): a certificate with its chain and its private key, under a password, as browsers and operating
 * systems import it. Nothing is read here: OpenSSL and browsers are the counterpart.
 *
 * 1. Both are encrypted with PBE-SHA1-3DES and authenticated with HMAC-SHA1: the form that every importer reads (NSS, Windows,
 *    OpenSSL 1.1 and 3 without its legacy provider, and macOS, whose Keychain refuses AES and SHA-256 in its older versions).
 *    The password protects the file as it is carried about; its mode does the rest.
 * 2. OpenSSL's own iteration count, and a random salt for each part.
 */
import { createCipheriv, createHmac, hash, randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import {
  bmpString,
  explicit,
  implicit,
  nothing,
  octetString,
  oid,
  sequence,
  sequenceOf,
  set,
  small,
  toDer,
} from '../ca/asn1.ts';
import type { Asn1 } from '../ca/asn1.ts';
import { ownMark } from './own-pkcs12.ts';

const iterations = 2_048;

const ids = {
  data: '1.2.840.113549.1.7.1',
  encryptedData: '1.2.840.113549.1.7.6',
  pbeWithSha1And3Des: '1.2.840.113549.1.12.1.3',
  shroudedKeyBag: '1.2.840.113549.1.12.10.1.2',
  certificateBag: '1.2.840.113549.1.12.10.1.3',
  x509Certificate: '1.2.840.113549.1.9.22.1',
  friendlyName: '1.2.840.113549.1.9.20',
  localKeyId: '1.2.840.113549.1.9.21',
  sha1: '1.3.14.3.2.26',
} as const;

export interface Pkcs12Parts {
  /** DER, leaf first. */
  readonly chain: readonly Uint8Array[];
  readonly key: KeyObject;
  readonly password: string;
  /** What an importer shows. */
  readonly name: string;
  readonly random?: RandomBytes;
}

/** The whole file, DER. */
export function writePkcs12({ chain, key, password, name, random = randomBytes }: Pkcs12Parts): Uint8Array {
  const leaf = chain[0];
  if (!leaf) throw new RangeError('no certificate');
  const keyId = hash('sha1', leaf, 'buffer');
  const attributes = set(
    sequence(oid(ids.friendlyName), set(bmpString(name))),
    sequence(oid(ids.localKeyId), set(octetString(keyId))),
  );
  const certificates = sequenceOf(
    chain.map((der, index) => {
      const bag = sequence(oid(ids.x509Certificate), explicit(0, octetString(der)));
      return sequence(oid(ids.certificateBag), explicit(0, bag), ...(index === 0 ? [attributes] : []));
    }),
  );
  const pkcs8 = new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }));
  const sealedKey = encrypted(pkcs8, password, random);
  const keys = sequence(
    sequence(
      oid(ids.shroudedKeyBag),
      explicit(0, sequence(sealedKey.algorithm, octetString(sealedKey.bytes))),
      attributes,
    ),
  );
  const sealed = encrypted(toDer(certificates), password, random);
  const safe = toDer(
    sequence(
      sequence(
        oid(ids.encryptedData),
        explicit(0, sequence(small(0), sequence(oid(ids.data), sealed.algorithm, implicit(0, sealed.bytes)))),
      ),
      contentOf(toDer(keys)),
    ),
  );
  const salt = Buffer.concat([Buffer.from(ownMark, 'latin1'), random(8)]);
  const mac = createHmac('sha1', derived(password, salt, 3, 20))
    .update(safe)
    .digest();
  return toDer(
    sequence(
      small(3),
      contentOf(safe),
      sequence(
        sequence(sequence(oid(ids.sha1), nothing()), octetString(mac)),
        octetString(salt),
        small(iterations),
      ),
    ),
  );
}

const contentOf = (bytes: Uint8Array): Asn1 => sequence(oid(ids.data), explicit(0, octetString(bytes)));

function encrypted(
  bytes: Uint8Array,
  password: string,
  random: RandomBytes,
): { readonly algorithm: Asn1; readonly bytes: Uint8Array } {
  const salt = new Uint8Array(random(8));
  const cipher = createCipheriv(
    'des-ede3-cbc',
    derived(password, salt, 1, 24),
    derived(password, salt, 2, 8),
  );
  return {
    algorithm: sequence(oid(ids.pbeWithSha1And3Des), sequence(octetString(salt), small(iterations))),
    bytes: Buffer.concat([cipher.update(bytes), cipher.final()]),
  };
}

/** The block of SHA-1, in bytes. */
const block = 64;

/**
 * Derives a key (1), an initialization vector (2) or a key for the MAC (3) from a password: RFC 7292 appendix B.2, with SHA-1.
 * The password is in UTF-16, big-endian, with two zeros at its end.
 */
function derived(password: string, salt: Uint8Array, purpose: 1 | 2 | 3, length: number): Buffer {
  const words = Buffer.from(`${password}\0`, 'utf16le').swap16();
  const repeated = (bytes: Uint8Array): Buffer =>
    Buffer.alloc(Math.ceil(bytes.length / block) * block, bytes);
  let input = Buffer.concat([repeated(salt), repeated(words)]);
  const parts: Buffer[] = [];
  for (let made = 0; made < length; made += 20) {
    let digest = hash('sha1', Buffer.concat([Buffer.alloc(block, purpose), input]), 'buffer');
    for (let round = 1; round < iterations; round++) digest = hash('sha1', digest, 'buffer');
    parts.push(digest);
    const addend = BigInt(`0x${Buffer.alloc(block, digest).toString('hex')}`) + 1n;
    const size = 1n << BigInt(8 * block);
    const next = Buffer.alloc(input.length);
    for (let at = 0; at < input.length; at += block) {
      const sum = (BigInt(`0x${input.subarray(at, at + block).toString('hex')}`) + addend) % size;
      next.write(sum.toString(16).padStart(2 * block, '0'), at, 'hex');
    }
    input = next;
  }
  return Buffer.concat(parts).subarray(0, length);
}

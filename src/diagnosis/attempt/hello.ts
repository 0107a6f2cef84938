/**
 * Builds a ClientHello of wirelab's own (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2): what OpenSSL would not send. It
 * carries the key shares of a real client, so that every server answers it; the handshake goes no further than that answer.
 *
 * A hybrid hello has the key share of X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem section 4.1). The keys in it are well formed
 * and belong to nobody: no secret is agreed on.
 */
import { createECDH, generateKeyPairSync, randomBytes, randomInt } from 'node:crypto';
import { Writer } from '../../core/writer.ts';
import { ipVersion } from '../../core/ip-version.ts';
import type { HelloForm } from './call.ts';

const tls13 = 0x0304;
const x25519 = 0x001d;
const secp256r1 = 0x0017;
const x25519MlKem768 = 0x11ec;

/** AEAD first, as browsers offer them. */
const suitesOf13 = [0x1301, 0x1302, 0x1303];
const suitesOf12 = [
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc009, 0xc013, 0xc00a, 0xc014, 0x009c, 0x009d, 0x002f,
  0x0035,
];
/** DHE, CAMELLIA, ARIA, triple DES, RC4: what no current library offers by default. */
export const oldSuites = [
  0x009e, 0x009f, 0xccaa, 0x0033, 0x0039, 0x0067, 0x006b, 0x003c, 0x003d, 0xc023, 0xc024, 0xc027, 0xc028,
  0xc09c, 0xc09d, 0xc0ac, 0xc0ad, 0x0041, 0x0084, 0xc050, 0xc051, 0x0016, 0xc012, 0x000a, 0x0005, 0x0004,
];
const signatures = [0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601];
/** Over SHA-1, and DSA: what current libraries refuse. */
const oldSignatures = [0x0203, 0x0201, 0x0202, 0x0402];
export const usualGroups = [x25519, secp256r1, 0x0018, 0x0019];
/** X448, the finite fields of RFC 7919, Brainpool (RFC 7027, RFC 8734), secp256k1, SecP256r1MLKEM768, SecP384r1MLKEM1024. */
export const rareGroups = [
  0x001e,
  0x0100,
  0x0101,
  0x0102,
  0x0103,
  0x0104,
  0x001a,
  0x001b,
  0x001c,
  0x001f,
  0x0020,
  0x0021,
  0x0016,
  0x11eb,
  0x11ed,
  x25519MlKem768,
];
/** Those that need a group: ECDHE. */
const isOfGroup = (suite: number): boolean => suite >= 0xc001;
/** Up to TLS 1.2, in the order in which they are offered. */
export const everySuite: readonly number[] = [...suitesOf12, ...oldSuites];

const extension = (writer: Writer, type: number, write: (inner: Writer) => void): void => {
  writer.uint16(type).vector(2, write);
};

/** The public half of an X25519 key pair, 32 bytes (RFC 7748 section 5). */
function x25519Share(): Uint8Array {
  const der = generateKeyPairSync('x25519').publicKey.export({ type: 'spki', format: 'der' });
  return new Uint8Array(der.subarray(der.length - 32));
}

function secp256r1Share(): Uint8Array {
  const ecdh = createECDH('prime256v1');
  return new Uint8Array(ecdh.generateKeys());
}

/**
 * An encapsulation key of ML-KEM-768, 1,184 bytes: 768 coefficients below 3,329 in 12 bits each, and a seed (FIPS 203
 * sections 6.1 and 7.2). A receiver checks no more of it than that.
 */
function encapsulationKey(): Uint8Array {
  const key = new Uint8Array(1184);
  for (let pair = 0; pair < 384; pair++) {
    const first = randomInt(3329);
    const second = randomInt(3329);
    key[3 * pair] = first & 0xff;
    key[3 * pair + 1] = (first >> 8) | ((second & 0x0f) << 4);
    key[3 * pair + 2] = second >> 4;
  }
  key.set(randomBytes(32), 1152);
  return key;
}

/** max_fragment_length of 2^9 bytes. */
const smallestFragment = 1;

/** Bytes of the extensions of a hybrid hello: browsers and Go send about as many. */
const hybridLength = 1560;

/** The padding extension (RFC 7685). */
function padTo(list: Writer, length: number): void {
  const missing = length - list.length - 4;
  if (missing >= 0) extension(list, 0x0015, (inner) => inner.bytes(new Uint8Array(missing)));
}

export interface HelloContents extends HelloForm {
  /** Left out where it is an address (RFC 6066 section 3). */
  readonly serverName: string | undefined;
  readonly alpn: readonly string[] | undefined;
}

/** The handshake message, with its four bytes of type and length. */
export function clientHello({
  serverName,
  alpn,
  isHybrid,
  hasNoShares = false,
  paddedTo,
  offersOldSuites = false,
  offersRareGroups = false,
  offersOldSignatures = false,
  limitsRecords = false,
  groups: onlyGroups,
  suites: onlySuites,
  versions = [0x0304, 0x0303],
}: HelloContents): Uint8Array {
  const has13 = versions.includes(tls13);
  const has12 = versions.some((version) => version < tls13);
  const suitesBelow13 = onlySuites ?? [...suitesOf12, ...(offersOldSuites ? oldSuites : [])];
  const suites = [
    ...(has13 ? suitesOf13 : []),
    ...(has12 ? suitesBelow13.filter((suite) => !onlyGroups || isOfGroup(suite)) : []),
  ];
  const newest = Math.min(0x0303, Math.max(...versions));
  const offered = onlyGroups ?? [
    ...(isHybrid ? [x25519MlKem768] : []),
    ...usualGroups,
    ...(offersRareGroups ? rareGroups.filter((group) => !isHybrid || group !== x25519MlKem768) : []),
  ];
  const writer = new Writer();
  writer.uint8(1).vector(3, (body) => {
    body.uint16(newest).bytes(randomBytes(32));
    body.vector(1, (id) => id.bytes(randomBytes(32)));
    body.vector(2, (list) => {
      for (const suite of suites) list.uint16(suite);
      // No renegotiation is under way (RFC 5746 section 3.3).
      list.uint16(0x00ff);
    });
    body.vector(1, (list) => list.uint8(0));
    body.vector(2, (list) => {
      if (serverName !== undefined && !ipVersion(serverName))
        extension(list, 0, (names) =>
          names.vector(2, (inner) => inner.uint8(0).vector(2, (name) => name.text(serverName))),
        );
      extension(list, 0x0017, () => {});
      extension(list, 0x000a, (inner) =>
        inner.vector(2, (all) => {
          for (const group of offered) all.uint16(group);
        }),
      );
      if (limitsRecords) {
        extension(list, 0x0001, (inner) => inner.uint8(smallestFragment));
        extension(list, 0x001c, (inner) => inner.uint16(512));
      }
      extension(list, 0x000b, (inner) => inner.vector(1, (formats) => formats.uint8(0)));
      extension(list, 0x000d, (inner) =>
        inner.vector(2, (all) => {
          for (const signature of [...signatures, ...(offersOldSignatures ? oldSignatures : [])])
            all.uint16(signature);
        }),
      );
      if (alpn && alpn.length > 0)
        extension(list, 0x0010, (inner) =>
          inner.vector(2, (all) => {
            for (const name of alpn) all.vector(1, (one) => one.text(name));
          }),
        );
      if (!has13) return;
      extension(list, 0x002b, (inner) =>
        inner.vector(1, (all) => {
          for (const version of versions) all.uint16(version);
        }),
      );
      extension(list, 0x002d, (inner) => inner.vector(1, (modes) => modes.uint8(1)));
      extension(list, 0x0033, (inner) =>
        inner.vector(2, (shares) => {
          if (hasNoShares) return;
          const own = x25519Share();
          if (isHybrid)
            shares.uint16(x25519MlKem768).vector(2, (share) => share.bytes(encapsulationKey()).bytes(own));
          shares.uint16(x25519).vector(2, (share) => share.bytes(own));
          if (!isHybrid) shares.uint16(secp256r1).vector(2, (share) => share.bytes(secp256r1Share()));
        }),
      );
      const length = paddedTo ?? (isHybrid ? hybridLength : undefined);
      if (length !== undefined) padTo(list, length);
    });
  });
  return writer.finish();
}

const handshakeType = 22;
/** In the header of the first record of any version (RFC 8446 section 5.1). */
const recordVersion = 0x0301;

const record = (content: Uint8Array): Uint8Array =>
  new Writer()
    .uint8(handshakeType)
    .uint16(recordVersion)
    .vector(2, (inner) => inner.bytes(content))
    .finish();

/** The middle of the server name in the message, so that neither half has it; undefined where it is not there. */
function middleOf(message: Uint8Array, serverName: string | undefined): number | undefined {
  const at = serverName === undefined ? -1 : Buffer.from(message).indexOf(serverName);
  return at < 0 ? undefined : at + Math.ceil((serverName?.length ?? 0) / 2);
}

/** What is written to the socket, piece by piece; each piece is a segment of its own where it fits into one. */
export function helloPieces(
  message: Uint8Array,
  sent: HelloForm['sent'],
  serverName?: string,
): readonly Uint8Array[] {
  const half = middleOf(message, serverName) ?? Math.min(200, Math.ceil(message.length / 2));
  if (sent === 'in-records') return [record(message.subarray(0, half)), record(message.subarray(half))];
  const whole = record(message);
  return sent === 'whole' ? [whole] : [whole.subarray(0, half), whole.subarray(half)];
}

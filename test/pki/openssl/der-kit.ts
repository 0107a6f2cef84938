/**
 * Certificates of any form, the forbidden ones too, written byte by byte: what `pki/ca/issue.ts` never makes. Every part
 * of a certificate can be replaced. Used to ask our verifier and openssl the same questions.
 */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

export function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.of(tag, body.length), body]);
  const length: number[] = [];
  for (let left = body.length; left > 0; left = Math.floor(left / 256)) length.unshift(left & 0xff);
  return Buffer.concat([Buffer.of(tag, 0x80 | length.length, ...length), body]);
}

export const seq = (...parts: readonly Uint8Array[]): Buffer => der(0x30, ...parts);
export const set = (...parts: readonly Uint8Array[]): Buffer => der(0x31, ...parts);
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes);
export const bool = (value: boolean | number): Buffer =>
  der(0x01, Buffer.of(typeof value === 'number' ? value : value ? 0xff : 0));
export const int = (value: number | Uint8Array): Buffer =>
  der(0x02, typeof value === 'number' ? Buffer.of(value) : value);
export const nothing = (): Buffer => der(0x05);
export const bits = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.of(unused), bytes);
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text));
export const printable = (text: string): Buffer => der(0x13, Buffer.from(text, 'latin1'));
export const ia5 = (text: string): Buffer => der(0x16, Buffer.from(text, 'latin1'));
/** BMPString: big-endian UTF-16. */
export const bmp = (text: string): Buffer => der(0x1e, Buffer.from(text, 'utf16le').swap16());
export const utcTime = (text: string): Buffer => der(0x17, Buffer.from(text));
export const generalizedTime = (text: string): Buffer => der(0x18, Buffer.from(text));
/** [n], constructed. */
export const tagged = (number: number, ...parts: readonly Uint8Array[]): Buffer =>
  der(0xa0 | number, ...parts);
/** [n] IMPLICIT over a primitive type. */
export const implicit = (number: number, bytes: Uint8Array | string): Buffer =>
  der(0x80 | number, typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);

export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...others] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...others].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return der(0x06, Buffer.from(bytes));
}

const attributeOids: Readonly<Record<string, string>> = {
  CN: '2.5.4.3',
  C: '2.5.4.6',
  O: '2.5.4.10',
  OU: '2.5.4.11',
  emailAddress: '1.2.840.113549.1.9.1',
};

/** `CN=alice`, or with the string already encoded. */
export type AttributeSpec = string | readonly [type: string, value: Uint8Array];

const attribute = (spec: AttributeSpec): Buffer => {
  const [type, value] =
    typeof spec === 'string'
      ? [
          spec.slice(0, spec.indexOf('=')),
          spec.startsWith('emailAddress=') ? ia5(spec.slice(13)) : utf8(spec.slice(spec.indexOf('=') + 1)),
        ]
      : spec;
  return seq(oid(attributeOids[type] ?? type), value);
};

/** A distinguished name; a list within it is one relative name of several values. */
export const dn = (
  ...rdns: readonly (AttributeSpec | { readonly together: readonly AttributeSpec[] })[]
): Buffer =>
  seq(
    ...rdns.map((rdn) =>
      typeof rdn === 'object' && 'together' in rdn
        ? set(...rdn.together.map(attribute))
        : set(attribute(rdn)),
    ),
  );

export const general = {
  dns: (text: string): Buffer => implicit(2, text),
  email: (text: string): Buffer => implicit(1, text),
  uri: (text: string): Buffer => implicit(6, text),
  ip: (...bytes: readonly number[]): Buffer => implicit(7, Buffer.from(bytes)),
  directory: (name: Uint8Array): Buffer => tagged(4, name),
  other: (type: string, value: Uint8Array): Buffer => tagged(0, oid(type), tagged(0, value)),
  registered: (dotted: string): Buffer => implicit(8, oid(dotted).subarray(2)),
} as const;

export const extensionOids = {
  ski: '2.5.29.14',
  ku: '2.5.29.15',
  san: '2.5.29.17',
  bc: '2.5.29.19',
  nc: '2.5.29.30',
  crldp: '2.5.29.31',
  policies: '2.5.29.32',
  mappings: '2.5.29.33',
  aki: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  eku: '2.5.29.37',
  inhibitAny: '2.5.29.54',
  nsCertType: '2.16.840.1.113730.1.1',
} as const;

export const extension = (dotted: string, value: Uint8Array, critical = false): Buffer =>
  seq(oid(dotted), ...(critical ? [bool(true)] : []), octets(value));

const kuBits = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsageName = (typeof kuBits)[number];

export function keyUsage(...usages: readonly KeyUsageName[]): Buffer {
  const positions = usages.map((usage) => kuBits.indexOf(usage));
  const highest = Math.max(-1, ...positions);
  const bytes = Buffer.alloc(Math.floor(highest / 8) + 1);
  for (const at of positions) bytes[at >> 3] = (bytes[at >> 3] ?? 0) | (0x80 >> (at & 7));
  return bits(bytes, highest < 0 ? 0 : bytes.length * 8 - highest - 1);
}

export const purposes = {
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
  code: '1.3.6.1.5.5.7.3.3',
  any: '2.5.29.37.0',
  sgc: '2.16.840.1.113730.4.1',
} as const;
export type PurposeName = keyof typeof purposes;
export const extendedUsage = (...usages: readonly PurposeName[]): Buffer =>
  seq(...usages.map((usage) => oid(purposes[usage])));
export const basic = (isCa: boolean, pathLength?: number): Buffer =>
  seq(...(isCa ? [bool(true)] : []), ...(pathLength === undefined ? [] : [int(pathLength)]));
export const constraints = (permitted: readonly Uint8Array[], excluded: readonly Uint8Array[] = []): Buffer =>
  seq(
    ...(permitted.length > 0 ? [tagged(0, ...permitted.map((name) => seq(name)))] : []),
    ...(excluded.length > 0 ? [tagged(1, ...excluded.map((name) => seq(name)))] : []),
  );

export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

export const p256 = (): Pair => generateKeyPairSync('ec', { namedCurve: 'P-256' });

/** What signs with the key: the identifier of the algorithm, and how. */
export interface Signing {
  readonly algorithm: Uint8Array;
  readonly sign: (body: Uint8Array, key: KeyObject) => Uint8Array;
}

const plain = (dotted: string, hash: string | null, withNull = false): Signing => ({
  algorithm: seq(oid(dotted), ...(withNull ? [nothing()] : [])),
  sign: (body, key) => sign(hash, body, key),
});

export const signings = {
  ecdsaSha256: plain('1.2.840.10045.4.3.2', 'sha256'),
  ecdsaSha384: plain('1.2.840.10045.4.3.3', 'sha384'),
  ecdsaSha512: plain('1.2.840.10045.4.3.4', 'sha512'),
  ecdsaSha224: plain('1.2.840.10045.4.3.1', 'sha224'),
  ecdsaSha1: plain('1.2.840.10045.4.1', 'sha1'),
  rsaSha256: plain('1.2.840.113549.1.1.11', 'sha256', true),
  ecdsaSha3: plain('2.16.840.1.101.3.4.3.10', 'sha3-256'),
  rsaSha224: plain('1.2.840.113549.1.1.14', 'sha224', true),
  rsaSha3: plain('2.16.840.1.101.3.4.3.14', 'sha3-256', true),
  rsaSha1: plain('1.2.840.113549.1.1.5', 'sha1', true),
  rsaMd5: plain('1.2.840.113549.1.1.4', 'md5', true),
  ed25519: plain('1.3.101.112', null),
  ed448: plain('1.3.101.113', null),
} satisfies Record<string, Signing>;

export function signingOf(key: KeyObject): Signing {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return signings.rsaSha256;
    case 'ed25519':
      return signings.ed25519;
    case 'ed448':
      return signings.ed448;
    default:
      return signings.ecdsaSha256;
  }
}

export interface Made {
  readonly der: Buffer;
  readonly pem: string;
  readonly pair: Pair;
  readonly subject: Buffer;
  readonly issuer: Buffer;
  readonly keyId: Buffer;
  /** Content of the INTEGER. */
  readonly serial: Buffer;
  /** Undefined where it signed itself. */
  readonly signer: Made | undefined;
}

/** An extension: its value, or its value and that it is critical, or the whole of it. `false` leaves out one that is there by default. */
export type ExtensionSpec =
  | Uint8Array
  | { readonly critical: Uint8Array }
  | { readonly whole: Uint8Array }
  | false;

export interface Spec {
  /** A name in DER, or the common name. */
  readonly subject?: string | Uint8Array;
  /** Absent: it signs itself. */
  readonly by?: Made;
  readonly pair?: Pair;
  readonly issuer?: Uint8Array;
  readonly serial?: Uint8Array;
  readonly notBefore?: Uint8Array;
  readonly notAfter?: Uint8Array;
  /** As written, from 0; `null` for version 1 by its absence. */
  readonly version?: number | null;
  readonly ext?: Readonly<Partial<Record<keyof typeof extensionOids, ExtensionSpec>>>;
  /** Whole extensions, behind the others. */
  readonly more?: readonly Uint8Array[];
  readonly noExtensions?: true;
  readonly spki?: Uint8Array;
  readonly signing?: Signing;
  /** The algorithm inside what is signed, where it differs. */
  readonly inner?: Uint8Array;
  readonly spoil?: (signature: Buffer) => Uint8Array;
}

let count = 0;

export const toPem = (label: string, bytes: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(bytes)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n')}-----END ${label}-----\n`;

function make(spec: Spec, defaults: Spec['ext']): Made {
  count++;
  const pair = spec.pair ?? p256();
  const spki = spec.spki ?? pair.publicKey.export({ type: 'spki', format: 'der' });
  const keyId = createHash('sha1').update(spki).digest();
  const subject =
    spec.subject === undefined
      ? dn(`CN=no ${count}`)
      : typeof spec.subject === 'string'
        ? dn(`CN=${spec.subject}`)
        : Buffer.from(spec.subject);
  const issuer = Buffer.from(spec.issuer ?? spec.by?.subject ?? subject);
  const serial = Buffer.from(spec.serial ?? Buffer.of(0x10, count >> 8, count & 0xff));
  const signer = spec.by?.pair ?? pair;
  const signing = spec.signing ?? signingOf(signer.privateKey);
  const values = {
    ski: octets(keyId),
    aki: seq(implicit(0, spec.by?.keyId ?? keyId)),
    ...defaults,
    ...spec.ext,
  };
  const extensions = Object.entries(values).flatMap(([name, value]) => {
    if (value === false) return [];
    const dotted = extensionOids[name as keyof typeof extensionOids];
    if (value instanceof Uint8Array) return [extension(dotted, value)];
    return 'whole' in value ? [value.whole] : [extension(dotted, value.critical, true)];
  });
  const tbs = seq(
    ...(spec.version === null ? [] : [tagged(0, int(spec.version ?? 2))]),
    int(serial),
    spec.inner ?? signing.algorithm,
    issuer,
    seq(spec.notBefore ?? utcTime('260101000000Z'), spec.notAfter ?? utcTime('360101000000Z')),
    subject,
    spki,
    ...(spec.noExtensions ? [] : [tagged(3, seq(...extensions, ...(spec.more ?? [])))]),
  );
  const signature = Buffer.from(signing.sign(tbs, signer.privateKey));
  const whole = seq(tbs, signing.algorithm, bits(spec.spoil?.(signature) ?? signature));
  return {
    der: whole,
    pem: toPem('CERTIFICATE', whole),
    pair,
    subject,
    issuer,
    keyId,
    serial,
    signer: spec.by,
  };
}

/** A CA: basicConstraints and keyUsage as they should be. */
export const ca = (spec: Spec = {}): Made =>
  make(spec, { bc: { critical: basic(true) }, ku: { critical: keyUsage('keyCertSign', 'cRLSign') } });

/** A leaf, good as server and client, for shop.test. */
export const leaf = (by: Made, spec: Spec = {}): Made =>
  make(
    { by, subject: 'leaf', ...spec },
    {
      bc: { critical: basic(false) },
      ku: { critical: keyUsage('digitalSignature') },
      eku: extendedUsage('server', 'client'),
      san: seq(general.dns('shop.test')),
    },
  );

/** With nothing by default but the identifiers. */
export const bare = (spec: Spec): Made => make(spec, {});

export interface ListSpec {
  readonly revoked?: readonly { readonly serial: Uint8Array; readonly entry?: readonly Uint8Array[] }[];
  readonly thisUpdate?: Uint8Array;
  readonly nextUpdate?: Uint8Array | null;
  readonly more?: readonly Uint8Array[];
  readonly signedBy?: Pair;
}

/** A revocation list of a CA, in PEM. */
export function revocationList(of: Made, spec: ListSpec = {}): string {
  const signing = signingOf((spec.signedBy ?? of.pair).privateKey);
  const revoked = (spec.revoked ?? []).map(({ serial, entry }) =>
    seq(int(serial), utcTime('260201000000Z'), ...(entry ? [seq(...entry)] : [])),
  );
  const tbs = seq(
    int(1),
    signing.algorithm,
    of.subject,
    spec.thisUpdate ?? utcTime('260101000000Z'),
    ...(spec.nextUpdate === null ? [] : [spec.nextUpdate ?? utcTime('360101000000Z')]),
    ...(revoked.length > 0 ? [seq(...revoked)] : []),
    tagged(
      0,
      seq(
        extension('2.5.29.35', seq(implicit(0, of.keyId))),
        extension('2.5.29.20', int(1)),
        ...(spec.more ?? []),
      ),
    ),
  );
  return toPem(
    'X509 CRL',
    seq(tbs, signing.algorithm, bits(signing.sign(tbs, (spec.signedBy ?? of.pair).privateKey))),
  );
}

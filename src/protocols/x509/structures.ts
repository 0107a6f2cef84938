/**
 * Parses the common parts of certificates, revocation lists and requests: distinguished names, algorithms, public keys,
 * general names (RFC 5280 sections 4.1 and 4.2). Text is kept as written, and made safe to print only in the display
 * forms (`distinguishedNameText`, `generalNameText`).
 */
import { latin1Text } from '../../core/bytes.ts';
import type { Cursor } from '../../core/cursor.ts';
import { toHex } from '../../core/hex.ts';
import {
  bitStringBytes,
  context,
  contextPrimitive,
  decodeOid,
  element,
  integerBytes,
  listOf,
  objectIdentifier,
  opaque,
  sequence,
  setValue,
  simple,
  smallInteger,
  tags,
} from './der.ts';
import type { X509FieldId } from './ids.ts';
import { addressText, attributeTypes, keyAlgorithms, nameOfOid, namedCurves, otherCurves } from './oids.ts';

/** The buffer that is read, for structures that are needed again as they were written. */
export interface Source {
  readonly der: Uint8Array;
  /** The offset of `der[0]` in the coordinates of the fields. */
  readonly base: number;
}

/** What `read` reads, with the bytes it took. */
export function withBytes<T>(
  source: Source,
  cursor: Cursor,
  read: () => T,
): { readonly value: T; readonly der: Uint8Array } {
  const start = cursor.offset - source.base;
  const value = read();
  return { value, der: source.der.subarray(start, cursor.offset - source.base) };
}

export interface Attribute {
  /** `CN`, `O` …, or the dotted number of a type that has no short name here. */
  readonly type: string;
  /** As written; may hold anything, control characters included. */
  readonly value: string;
  /** The value was no text: what stands there is `#` and the hex of its content (RFC 4514 section 2.4). */
  readonly encoded?: true;
  /** Identifier octet of the value, where it is not UTF8String's. */
  readonly tag?: number;
}

export interface DistinguishedName {
  readonly der: Uint8Array;
  readonly attributes: readonly Attribute[];
  /** The same attributes by relative distinguished name: nearly always one each. */
  readonly rdns?: readonly (readonly Attribute[])[];
  /** RFC 4514, but in the certificate's own order: `CN=alice,O=Workshop`. Control characters are escaped. */
  readonly text: string;
}

export function distinguishedName(source: Source, cursor: Cursor, id: X509FieldId): DistinguishedName {
  const { value: rdns, der } = withBytes(source, cursor, () =>
    listOf(cursor, id, (inner) => listOf(inner, 'x509.rdn', (one) => attribute(one), tags.set)),
  );
  const text = distinguishedNameText(rdns);
  setValue(cursor, text);
  return { der, attributes: rdns.flat(), rdns, text };
}

export function attribute(cursor: Cursor): Attribute {
  const found = sequence(cursor, 'x509.attribute', (content) => {
    const oid = objectIdentifier(content, 'x509.attribute.type');
    let encoded = false;
    let written: number = tags.utf8String;
    const value = simple(content, 'x509.attribute.value', undefined, (bytes, _fail, tag) => {
      const text = stringValue(tag, bytes);
      encoded = text === undefined;
      written = tag;
      return text ?? `#${toHex(bytes)}`;
    });
    return {
      type: attributeTypes[oid] ?? oid,
      value,
      ...(encoded ? { encoded: true as const } : {}),
      ...(written === tags.utf8String ? {} : { tag: written }),
    };
  });
  setValue(cursor, attributeText(found));
  return found;
}

/** A value that stands alone: its text, or the hex of its content. */
export function attributeValue(cursor: Cursor): string {
  return simple(
    cursor,
    'x509.attribute.value',
    undefined,
    (bytes, _fail, tag) => stringValue(tag, bytes) ?? hexText(bytes),
  );
}

/** Text of the string types; undefined for other types and for bytes that are not what their type says. */
export function stringValue(tag: number, bytes: Uint8Array): string | undefined {
  switch (tag) {
    case tags.utf8String:
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return undefined;
      }
    // NumericString, PrintableString, T61String (read as Latin-1, as other parsers do), IA5String, VisibleString
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x16:
    case 0x1a:
      return latin1Text(bytes);
    // BMPString
    case 0x1e:
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : undefined;
    default:
      return undefined;
  }
}

/** RFC 4514 section 2.4, and every control character escaped as well, so that the text is one harmless line. */
function attributeText(attribute: Attribute): string {
  const value = attribute.encoded
    ? attribute.value
    : escapeControls(attribute.value.replace(/["+,;<>\\]|^[ #]| $/g, '\\$&'));
  return `${attribute.type}=${value}`;
}

/** Control characters as backslash and hex of their UTF-8 bytes. */
export function escapeControls(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) =>
    Array.from(Buffer.from(character), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''),
  );
}

function distinguishedNameText(rdns: readonly (readonly Attribute[])[]): string {
  return rdns.map((rdn) => rdn.map(attributeText).join('+')).join(',');
}

export interface AlgorithmIdentifier {
  readonly oid: string;
  /** `ecdsa-with-SHA256` …, or the dotted number. */
  readonly name: string;
  /** DER of the whole identifier, parameters included. */
  readonly der: Uint8Array;
}

export function algorithmIdentifier(
  source: Source,
  cursor: Cursor,
  id: X509FieldId,
): AlgorithmIdentifier & { readonly curve: string | undefined; readonly hasStructure?: true } {
  const { value, der } = withBytes(source, cursor, () =>
    sequence(cursor, id, (content) => {
      const oid = objectIdentifier(content, 'x509.algorithm.oid');
      if (content.remaining === 0) return { oid, curve: undefined };
      if (content.peek() === tags.oid)
        return { oid, curve: objectIdentifier(content, 'x509.algorithm.parameters') };
      const hasStructure = content.peek() === tags.sequence;
      algorithmParameters(content, oid);
      return { oid, curve: undefined, ...(hasStructure ? { hasStructure: true as const } : {}) };
    }),
  );
  const name = value.oid === rsassaPss ? 'RSASSA-PSS' : (nameOfOid(value.oid) ?? value.oid);
  setValue(cursor, name);
  return { ...value, name, der };
}

const rsassaPss = '1.2.840.113549.1.1.10';

/** What stands behind the identifier: RFC 4055 section 3.1 (RSASSA-PSS), RFC 3279 sections 2.3.2 and 2.3.3 (DSA, DH); else NULL, or kept as it is. */
function algorithmParameters(cursor: Cursor, oid: string): void {
  const names = integerParameters[oid];
  if (cursor.peek() !== tags.sequence || (oid !== rsassaPss && !names)) {
    opaque(cursor, 'x509.algorithm.parameters');
    return;
  }
  sequence(cursor, 'x509.algorithm.parameters', (content) => {
    content.restOr('x509.der.value', (inner) => {
      if (!names) return pssParameters(inner);
      for (const name of names) if (inner.peek() === tags.integer) integerBytes(inner, name);
      if (inner.remaining > 0) inner.rest('x509.der.value');
    });
  });
}

const integerParameters: Readonly<Record<string, readonly X509FieldId[]>> = {
  '1.2.840.10040.4.1': ['x509.algorithm.prime', 'x509.algorithm.subprime', 'x509.algorithm.generator'],
  '1.2.840.10046.2.1': ['x509.algorithm.prime', 'x509.algorithm.generator', 'x509.algorithm.subprime'],
  '1.2.840.113549.1.3.1': ['x509.algorithm.prime', 'x509.algorithm.generator'],
};

function pssParameters(cursor: Cursor): void {
  if (cursor.peek() === context(0)) element(cursor, 'x509.algorithm.pss.hash', context(0), plainAlgorithm);
  if (cursor.peek() === context(1)) {
    element(cursor, 'x509.algorithm.pss.mask', context(1), (mask) =>
      sequence(mask, 'x509.algorithm.identifier', (content) => {
        objectIdentifier(content, 'x509.algorithm.oid');
        if (content.remaining > 0) plainAlgorithm(content);
      }),
    );
  }
  if (cursor.peek() === context(2))
    element(cursor, 'x509.algorithm.pss.salt_length', context(2), (inner) =>
      smallInteger(inner, 'x509.algorithm.pss.number'),
    );
  if (cursor.peek() === context(3))
    element(cursor, 'x509.algorithm.pss.trailer', context(3), (inner) =>
      smallInteger(inner, 'x509.algorithm.pss.number'),
    );
}

/** An identifier without relevant parameters: a digest. */
export function plainAlgorithm(cursor: Cursor): string {
  const oid = sequence(cursor, 'x509.algorithm.identifier', (content) => {
    const found = objectIdentifier(content, 'x509.algorithm.oid');
    if (content.remaining > 0) opaque(content, 'x509.algorithm.parameters');
    return found;
  });
  setValue(cursor, nameOfOid(oid) ?? oid);
  return oid;
}

export interface PublicKeyInfo {
  /** DER of the SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** `P-256`, `RSA-2048`, `Ed25519` …, or the dotted number of an algorithm or curve. */
  readonly name: string;
  readonly algorithm: string;
  /** Bits of an RSA modulus. */
  readonly bits?: number;
  /** A key on a curve whose numbers are spelled out instead of named, which RFC 5480 section 2.1.1 forbids. */
  readonly hasExplicitCurve?: true;
}

export function publicKeyInfo(source: Source, cursor: Cursor, id: X509FieldId): PublicKeyInfo {
  const { value, der } = withBytes(source, cursor, () =>
    sequence(cursor, id, (content) => {
      const algorithm = algorithmIdentifier(source, content, 'x509.public_key.algorithm');
      const family = keyAlgorithms[algorithm.oid];
      const bits = element(content, 'x509.public_key.bits', tags.bitString, (inner) => {
        const unused = inner.uint8('x509.der.unused_bits');
        if (unused !== 0)
          inner.fail('bad_value', 'x509.public_key.bits', 'no unused bits', String(unused), inner.offset - 1);
        if (family === 'RSA' || family === 'RSA-PSS') return rsaModulusBits(inner);
        inner.rest('x509.public_key.point');
        return undefined;
      });
      if (bits !== undefined) return { name: `RSA-${bits}`, algorithm: family ?? 'RSA', bits };
      if (family === 'EC')
        return {
          name: curveName(algorithm.curve),
          algorithm: 'EC',
          ...(algorithm.hasStructure ? { hasExplicitCurve: true as const } : {}),
        };
      return { name: family ?? algorithm.oid, algorithm: family ?? algorithm.oid };
    }),
  );
  setValue(cursor, value.name);
  return { ...value, der };
}

function curveName(oid: string | undefined): string {
  return namedCurves[oid ?? ''] ?? otherCurves[oid ?? ''] ?? oid ?? 'EC';
}

function rsaModulusBits(cursor: Cursor): number {
  return sequence(cursor, 'x509.public_key.rsa', (content) => {
    const modulus = integerBytes(content, 'x509.public_key.rsa.modulus');
    integerBytes(content, 'x509.public_key.rsa.exponent');
    const at = modulus.findIndex((byte) => byte !== 0);
    return at < 0 ? 0 : (modulus.length - at) * 8 - Math.clz32(modulus[at] ?? 0) + 24;
  });
}

export interface GeneralName {
  readonly kind:
    | 'otherName'
    | 'email'
    | 'DNS'
    | 'x400'
    | 'directory'
    | 'ediParty'
    | 'URI'
    | 'IP'
    | 'registeredId';
  /** Text as written; an address in its usual form; `#` and hex for what is not text. */
  readonly value: string;
  /** Of a directory name. */
  readonly name?: DistinguishedName;
}

const generalNameKinds: readonly GeneralName['kind'][] = [
  'otherName',
  'email',
  'DNS',
  'x400',
  'directory',
  'ediParty',
  'URI',
  'IP',
  'registeredId',
];

export function generalName(source: Source, cursor: Cursor): GeneralName {
  const kind = generalNameKinds[(cursor.peek() ?? 0) & 0x1f];
  if (!kind)
    cursor.fail('bad_value', 'x509.general_name', 'a general name [0] to [8]', String(cursor.peek()));
  if (kind === 'directory') {
    const name = element(cursor, 'x509.general_name', context(4), (content) =>
      distinguishedName(source, content, 'x509.general_name.directory'),
    );
    setValue(cursor, generalNameText({ kind, value: name.text }));
    return { kind, value: name.text, name };
  }
  const tag = generalNameKinds.indexOf(kind);
  const value =
    kind === 'otherName'
      ? otherName(cursor)
      : simple(
          cursor,
          'x509.general_name',
          kind === 'x400' || kind === 'ediParty' ? context(tag) : contextPrimitive(tag),
          decoders[kind] ?? hexText,
        );
  const name = { kind, value };
  setValue(cursor, generalNameText(name));
  return name;
}

const hexText = (bytes: Uint8Array): string => `#${toHex(bytes)}`;

const decoders: Readonly<Partial<Record<GeneralName['kind'], (bytes: Uint8Array) => string>>> = {
  email: latin1Text,
  DNS: latin1Text,
  URI: latin1Text,
  // In name constraints a mask of the same length follows (RFC 5280 section 4.2.1.10).
  IP: (bytes) => {
    const half = bytes.length / 2;
    const mask = half === 4 || bytes.length === 32 ? addressText(bytes.subarray(half)) : undefined;
    return mask === undefined
      ? (addressText(bytes) ?? hexText(bytes))
      : `${addressText(bytes.subarray(0, half))}/${mask}`;
  },
  registeredId: (bytes) => decodeOid(bytes) ?? hexText(bytes),
};

/** A type and a value of that type; its text where the value is one (RFC 5280 section 4.2.1.6). */
function otherName(cursor: Cursor): string {
  return element(cursor, 'x509.general_name', context(0), (content) => {
    const whole = toHex(Uint8Array.from({ length: content.remaining }, (_, at) => content.peek(at) ?? 0));
    const read = content.restOr('x509.der.value', (inner) => {
      const type = objectIdentifier(inner, 'x509.general_name.other_type');
      const value = element(inner, 'x509.general_name.other_value', context(0), attributeValue);
      return `${type}=${value}`;
    });
    return read ?? `#${whole}`;
  });
}

/** `DNS:shop.localhost`; control characters escaped, so that a name with a line feed cannot pose as two. */
export function generalNameText(name: GeneralName): string {
  return `${name.kind}:${escapeControls(name.value)}`;
}

/** BIT STRING of a signature at the end of a signed structure. */
export function signatureValue(cursor: Cursor): Uint8Array {
  return bitStringBytes(cursor, 'x509.signature_value');
}

/** The content of an INTEGER as hex without the sign's padding: how a serial number is written. */
export function serialText(serial: Uint8Array): string {
  let at = 0;
  while (at < serial.length - 1 && serial[at] === 0) at++;
  return toHex(serial.subarray(at));
}

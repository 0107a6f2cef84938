/**
 * What certificates, revocation lists and requests have in common: distinguished names, algorithms, public keys, general
 * names, extensions (RFC 5280 sections 4.1 and 4.2). Text is kept as it was written; made harmless only in the forms that
 * people are shown (`distinguishedNameText`, `generalNameText`).
 */
import type { Cursor } from '../../core/cursor.ts';
import { toHex } from '../../core/hex.ts';
import { bitStringBytes, boolean, context, contextPrimitive, element, every, integerBytes, namedBits, objectIdentifier, opaque, setValue, simple, smallInteger, tags } from './der.ts';
import type { X509FieldId } from './ids.ts';
import { addressText, attributeTypes, extendedKeyUsageNames, extensionTypes, keyAlgorithms, keyUsageNames, namedCurves, signatureAlgorithms } from './oids.ts';

/** The buffer that is read, for structures that are needed again as they were written. */
export interface Source {
  readonly der: Uint8Array;
  /** The offset of `der[0]` in the coordinates of the fields. */
  readonly base: number;
}

/** What `read` reads, with the bytes it took. */
export function withBytes<T>(source: Source, cursor: Cursor, read: () => T): { readonly value: T; readonly der: Uint8Array } {
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
}

export interface DistinguishedName {
  readonly der: Uint8Array;
  readonly attributes: readonly Attribute[];
  /** RFC 4514, but in the certificate's own order: `CN=alice,O=Workshop`. Control characters are escaped. */
  readonly text: string;
}

export function distinguishedName(source: Source, cursor: Cursor, id: X509FieldId): DistinguishedName {
  const { value: rdns, der } = withBytes(source, cursor, () =>
    element(cursor, id, tags.sequence, (content) =>
      every(content, (inner) => element(inner, 'x509.rdn', tags.set, (rdn) => every(rdn, (one) => attribute(one)))),
    ),
  );
  const text = distinguishedNameText(rdns);
  setValue(cursor, text);
  return { der, attributes: rdns.flat(), text };
}

function attribute(cursor: Cursor): Attribute {
  const found = element(cursor, 'x509.attribute', tags.sequence, (content) => {
    const oid = objectIdentifier(content, 'x509.attribute.type');
    let encoded = false;
    const value = simple(content, 'x509.attribute.value', undefined, (bytes, _fail, tag) => {
      const text = stringValue(tag, bytes);
      encoded = text === undefined;
      return text ?? `#${toHex(bytes)}`;
    });
    return { type: attributeTypes[oid] ?? oid, value, ...(encoded ? { encoded: true as const } : {}) };
  });
  setValue(cursor, attributeText(found));
  return found;
}

/** Text of the string types; undefined for other types and for bytes that are not what their type says. */
function stringValue(tag: number, bytes: Uint8Array): string | undefined {
  switch (tag) {
    case tags.utf8String:
      try {
        return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch {
        return undefined;
      }
    // NumericString, PrintableString, T61String (read as Latin-1, as everybody does), IA5String, VisibleString
    case 0x12:
    case 0x13:
    case 0x14:
    case 0x16:
    case 0x1a:
      return Buffer.from(bytes).toString('latin1');
    // BMPString
    case 0x1e:
      return bytes.length % 2 === 0 ? Buffer.from(bytes).swap16().toString('utf16le') : undefined;
    default:
      return undefined;
  }
}

/** RFC 4514 section 2.4, and every control character escaped as well, so that the text is one harmless line. */
function attributeText(attribute: Attribute): string {
  const value = attribute.encoded ? attribute.value : escapeControls(attribute.value.replace(/["+,;<>\\]|^[ #]| $/g, '\\$&'));
  return `${attribute.type}=${value}`;
}

/** Control characters as backslash and hex of their UTF-8 bytes. */
export function escapeControls(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, (character) => Array.from(Buffer.from(character), (byte) => `\\${byte.toString(16).padStart(2, '0')}`).join(''));
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

export function algorithmIdentifier(source: Source, cursor: Cursor, id: X509FieldId): AlgorithmIdentifier & { readonly curve: string | undefined } {
  const { value, der } = withBytes(source, cursor, () =>
    element(cursor, id, tags.sequence, (content) => {
      const oid = objectIdentifier(content, 'x509.algorithm.oid');
      if (content.remaining === 0) return { oid, curve: undefined };
      if (content.peek() === tags.oid) return { oid, curve: objectIdentifier(content, 'x509.algorithm.parameters') };
      opaque(content, 'x509.algorithm.parameters');
      return { oid, curve: undefined };
    }),
  );
  const name = signatureAlgorithms[value.oid]?.name ?? keyAlgorithms[value.oid] ?? (value.oid === '1.2.840.113549.1.1.10' ? 'RSASSA-PSS' : value.oid);
  setValue(cursor, name);
  return { ...value, name, der };
}

export interface PublicKeyInfo {
  /** DER of the SubjectPublicKeyInfo. */
  readonly der: Uint8Array;
  /** `P-256`, `RSA-2048`, `Ed25519` …, or the dotted number of an algorithm or curve. */
  readonly name: string;
  readonly algorithm: string;
  /** Bits of an RSA modulus. */
  readonly bits?: number;
}

export function publicKeyInfo(source: Source, cursor: Cursor, id: X509FieldId): PublicKeyInfo {
  const { value, der } = withBytes(source, cursor, () =>
    element(cursor, id, tags.sequence, (content) => {
      const algorithm = algorithmIdentifier(source, content, 'x509.public_key.algorithm');
      const family = keyAlgorithms[algorithm.oid];
      const bits = element(content, 'x509.public_key.bits', tags.bitString, (inner) => {
        const unused = inner.uint8('x509.der.unused_bits');
        if (unused !== 0) inner.fail('bad_value', 'x509.public_key.bits', 'no unused bits', String(unused), inner.offset - 1);
        if (family === 'RSA' || family === 'RSA-PSS') return rsaModulusBits(inner);
        inner.rest('x509.public_key.point');
        return undefined;
      });
      if (bits !== undefined) return { name: `RSA-${bits}`, algorithm: family ?? 'RSA', bits };
      if (family === 'EC') return { name: namedCurves[algorithm.curve ?? ''] ?? algorithm.curve ?? 'EC', algorithm: 'EC' };
      return { name: family ?? algorithm.oid, algorithm: family ?? algorithm.oid };
    }),
  );
  setValue(cursor, value.name);
  return { ...value, der };
}

function rsaModulusBits(cursor: Cursor): number {
  return element(cursor, 'x509.public_key.rsa', tags.sequence, (content) => {
    const modulus = integerBytes(content, 'x509.public_key.rsa.modulus');
    integerBytes(content, 'x509.public_key.rsa.exponent');
    const at = modulus.findIndex((byte) => byte !== 0);
    return at < 0 ? 0 : (modulus.length - at) * 8 - Math.clz32(modulus[at] ?? 0) + 24;
  });
}

export interface GeneralName {
  readonly kind: 'otherName' | 'email' | 'DNS' | 'x400' | 'directory' | 'ediParty' | 'URI' | 'IP' | 'registeredId';
  /** Text as written; an address in its usual form; hex for what is not text. */
  readonly value: string;
}

const generalNameKinds: readonly GeneralName['kind'][] = ['otherName', 'email', 'DNS', 'x400', 'directory', 'ediParty', 'URI', 'IP', 'registeredId'];

export function generalName(source: Source, cursor: Cursor): GeneralName {
  const kind = generalNameKinds[(cursor.peek() ?? 0) & 0x1f];
  if (!kind) cursor.fail('bad_value', 'x509.general_name', 'a general name [0] to [8]', String(cursor.peek()));
  if (kind === 'directory') {
    const value = element(cursor, 'x509.general_name', context(4), (content) => distinguishedName(source, content, 'x509.general_name.directory').text);
    return { kind, value };
  }
  const constructed = kind === 'otherName' || kind === 'x400' || kind === 'ediParty';
  const tag = generalNameKinds.indexOf(kind);
  const value = simple(cursor, 'x509.general_name', constructed ? context(tag) : contextPrimitive(tag), (bytes) =>
    kind === 'email' || kind === 'DNS' || kind === 'URI'
      ? Buffer.from(bytes).toString('latin1')
      : kind === 'IP'
        ? (addressText(bytes) ?? `#${toHex(bytes)}`)
        : `#${toHex(bytes)}`,
  );
  const name = { kind, value };
  setValue(cursor, generalNameText(name));
  return name;
}

/** `DNS:shop.localhost`; control characters escaped, so that a name with a line feed cannot pose as two. */
export function generalNameText(name: GeneralName): string {
  return `${name.kind}:${escapeControls(name.value)}`;
}

export interface Extension {
  readonly oid: string;
  /** The name in `extensionTypes`; undefined for one that nobody here knows. */
  readonly name: string | undefined;
  readonly critical: boolean;
}

/** Everything that the extensions of a certificate, a list, an entry or a request may say. */
export interface ExtensionValues {
  extensions: Extension[];
  keyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  keyUsage?: readonly string[];
  extendedKeyUsage?: readonly string[];
  basicConstraints?: { readonly isCa: boolean; readonly pathLength?: number };
  subjectAlternativeNames?: readonly GeneralName[];
  crlDistributionPoints?: number;
  crlNumber?: Uint8Array;
  reasonCode?: number;
}

type ExtensionReader = (source: Source, content: Cursor, into: ExtensionValues) => void;

const extensionReaders: Readonly<Record<string, ExtensionReader>> = {
  subject_key_identifier: (_source, content, into) => {
    into.keyId = simple(content, 'x509.extension.subject_key_identifier', tags.octetString, (bytes) => bytes);
  },
  authority_key_identifier: (_source, content, into) =>
    element(content, 'x509.extension.authority_key_identifier', tags.sequence, (inner) => {
      if (inner.peek() === contextPrimitive(0)) {
        into.authorityKeyId = simple(inner, 'x509.extension.authority_key_identifier.key_id', contextPrimitive(0), (bytes) => bytes);
      }
      if (inner.peek() === context(1)) opaque(inner, 'x509.extension.authority_key_identifier.issuer');
      if (inner.peek() === contextPrimitive(2)) integerBytes(inner, 'x509.extension.authority_key_identifier.serial_number', contextPrimitive(2));
    }),
  key_usage: (_source, content, into) => {
    const bits = namedBits(content, 'x509.extension.key_usage');
    into.keyUsage = bits.map((bit) => keyUsageNames[bit] ?? `bit${bit}`);
    setValue(content, into.keyUsage.join(', '));
  },
  extended_key_usage: (_source, content, into) => {
    into.extendedKeyUsage = element(content, 'x509.extension.extended_key_usage', tags.sequence, (inner) =>
      every(inner, (one) => {
        const oid = objectIdentifier(one, 'x509.extension.extended_key_usage.purpose');
        return extendedKeyUsageNames[oid] ?? oid;
      }),
    );
    setValue(content, into.extendedKeyUsage.join(', '));
  },
  basic_constraints: (_source, content, into) => {
    into.basicConstraints = element(content, 'x509.extension.basic_constraints', tags.sequence, (inner) => {
      const isCa = inner.peek() === tags.boolean && boolean(inner, 'x509.extension.basic_constraints.ca');
      if (inner.peek() !== tags.integer) return { isCa };
      return { isCa, pathLength: smallInteger(inner, 'x509.extension.basic_constraints.path_length') };
    });
  },
  subject_alternative_name: (source, content, into) => {
    into.subjectAlternativeNames = element(content, 'x509.extension.subject_alternative_name', tags.sequence, (inner) => every(inner, (one) => generalName(source, one)));
  },
  issuer_alternative_name: (source, content) => {
    element(content, 'x509.extension.issuer_alternative_name', tags.sequence, (inner) => every(inner, (one) => generalName(source, one)));
  },
  crl_distribution_points: (_source, content, into) => {
    const points = element(content, 'x509.extension.crl_distribution_points', tags.sequence, (inner) =>
      every(inner, (one) => opaque(one, 'x509.extension.crl_distribution_points.point')),
    );
    into.crlDistributionPoints = points.length;
  },
  crl_number: (_source, content, into) => {
    into.crlNumber = integerBytes(content, 'x509.extension.crl_number');
  },
  reason_code: (_source, content, into) => {
    into.reasonCode = smallInteger(content, 'x509.extension.reason_code', tags.enumerated);
  },
};

/** Extensions ::= SEQUENCE OF Extension, read into `into`. The same one twice is an error (RFC 5280 section 4.2). */
export function extensionList(source: Source, cursor: Cursor, into: ExtensionValues): void {
  element(cursor, 'x509.extensions', tags.sequence, (content) => {
    while (content.remaining > 0) {
      const start = content.offset;
      const found = oneExtension(source, content, into);
      setValue(content, found.name ?? found.oid);
      if (into.extensions.some((other) => other.oid === found.oid)) content.fail('bad_value', 'x509.extension', 'each extension once', `${found.oid} again`, start);
      into.extensions.push(found);
    }
  });
}

function oneExtension(source: Source, cursor: Cursor, into: ExtensionValues): Extension {
  return element(cursor, 'x509.extension', tags.sequence, (content) => {
    const oid = objectIdentifier(content, 'x509.extension.oid');
    const critical = content.peek() === tags.boolean && boolean(content, 'x509.extension.critical');
    const name = Object.hasOwn(extensionTypes, oid) ? extensionTypes[oid] : undefined;
    const read = name === undefined ? undefined : extensionReaders[name];
    element(content, 'x509.extension.value', tags.octetString, (inner) => {
      if (read) read(source, inner, into);
      else inner.rest('x509.extension.opaque');
    });
    return { oid, name, critical };
  });
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

/**
 * Parses X.509 certificates (RFC 5280 section 4): DER in, a field tree that covers every byte and the typed content
 * out. `pki/x509/verify.ts` verifies them.
 */
import { defined } from '../../core/defined.ts';
import type { CertificateSummary } from '../../capture/vocabulary.ts';
import { readStep } from '../../core/cursor.ts';
import type { Cursor } from '../../core/cursor.ts';
import type { Origin, Step } from '../../core/field.ts';
import { toColonHex } from '../../core/hex.ts';
import { sha256Hex } from '../../core/sha256.ts';
import {
  context,
  contextPrimitive,
  element,
  integerBytes,
  sequence,
  setValue,
  smallInteger,
  time,
} from './der.ts';
import { extensionList } from './extensions.ts';
import type { ExtensionValues } from './extensions.ts';
import {
  algorithmIdentifier,
  distinguishedName,
  generalNameText,
  publicKeyInfo,
  serialText,
  signatureValue,
  withBytes,
} from './structures.ts';
import type { AlgorithmIdentifier, DistinguishedName, PublicKeyInfo, Source } from './structures.ts';

export interface Certificate extends Readonly<ExtensionValues> {
  readonly der: Uint8Array;
  /** What is signed. */
  readonly tbs: Uint8Array;
  /** 1, 2 or 3. */
  readonly version: number;
  /** The INTEGER's content. */
  readonly serial: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Milliseconds since the epoch; both ends belong to the validity. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKeyInfo;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  /** The same algorithm inside what is signed; must be equal (RFC 5280 section 4.1.1.2). */
  readonly signedAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

export interface ReadOptions {
  /** The offset of the first byte in the stream that it was cut from. */
  readonly base?: number;
  readonly origin?: Origin;
  /** More bytes may follow: a certificate cut short is then incomplete, not malformed. */
  readonly open?: boolean;
}

/** Reads one certificate, which must fill `der` to its end. */
export function readCertificate(der: Uint8Array, options: ReadOptions = {}): Step<Certificate> {
  const source: Source = { der, base: options.base ?? 0 };
  return readSigned(source, options, (cursor) => certificate(source, cursor));
}

/** Reads one distinguished name that stands alone, as a server names the CAs that it takes. */
export function readDistinguishedName(der: Uint8Array, options: ReadOptions = {}): Step<DistinguishedName> {
  const source: Source = { der, base: options.base ?? 0 };
  return readSigned(source, options, (cursor) => distinguishedName(source, cursor, 'x509.name'));
}

/** Runs a reader over bytes that hold one structure and nothing else. */
export function readSigned<T>(source: Source, options: ReadOptions, read: (cursor: Cursor) => T): Step<T> {
  return readStep(
    'x509',
    source.der,
    (cursor) => {
      const value = read(cursor);
      if (cursor.remaining > 0)
        cursor.fail('trailing_bytes', 'x509', 'the end of the structure', `${cursor.remaining} more bytes`);
      return value;
    },
    { ...options, open: options.open ?? false },
  );
}

/** One certificate at the cursor; `source` is what the cursor reads from. */
export function certificate(source: Source, cursor: Cursor): Certificate {
  const { value, der } = withBytes(source, cursor, () =>
    sequence(cursor, 'x509.certificate', (content) => {
      const { value: body, der: tbs } = withBytes(source, content, () => tbsCertificate(source, content));
      const signatureAlgorithm = algorithmIdentifier(source, content, 'x509.signature_algorithm');
      const signature = signatureValue(content);
      return { ...body, tbs, signatureAlgorithm, signature };
    }),
  );
  return { ...value, der };
}

function tbsCertificate(
  source: Source,
  cursor: Cursor,
): Omit<Certificate, 'der' | 'tbs' | 'signatureAlgorithm' | 'signature'> {
  return sequence(cursor, 'x509.tbs_certificate', (content) => {
    const version = versionNumber(content);
    const serial = serialNumber(content);
    const signedAlgorithm = algorithmIdentifier(source, content, 'x509.tbs_certificate.signature');
    const issuer = distinguishedName(source, content, 'x509.tbs_certificate.issuer');
    const validity = sequence(content, 'x509.tbs_certificate.validity', (inner) => ({
      notBefore: time(inner, 'x509.tbs_certificate.validity.not_before'),
      notAfter: time(inner, 'x509.tbs_certificate.validity.not_after'),
    }));
    const subject = distinguishedName(source, content, 'x509.tbs_certificate.subject');
    const publicKey = publicKeyInfo(source, content, 'x509.tbs_certificate.subject_public_key_info');
    if (content.peek() === contextPrimitive(1))
      integerBytes(content, 'x509.tbs_certificate.issuer_unique_id', contextPrimitive(1));
    if (content.peek() === contextPrimitive(2))
      integerBytes(content, 'x509.tbs_certificate.subject_unique_id', contextPrimitive(2));
    const extensions: ExtensionValues = { extensions: [] };
    if (content.peek() === context(3)) {
      element(content, 'x509.tbs_certificate.extensions', context(3), (inner) =>
        extensionList(source, inner, extensions),
      );
    }
    return { version, serial, signedAlgorithm, issuer, ...validity, subject, publicKey, ...extensions };
  });
}

function serialNumber(cursor: Cursor): Uint8Array {
  const start = cursor.offset;
  const serial = integerBytes(cursor, 'x509.tbs_certificate.serial_number');
  const [first = 0, second = 0] = serial;
  // X.690 section 8.3.2: OpenSSL reads no certificate with a padded number.
  const isPadded =
    serial.length > 1 && ((first === 0 && second < 0x80) || (first === 0xff && second >= 0x80));
  if (isPadded)
    cursor.fail(
      'bad_value',
      'x509.tbs_certificate.serial_number',
      'the shortest form of an integer',
      `${serial.length} bytes`,
      start,
    );
  return serial;
}

function versionNumber(cursor: Cursor): number {
  if (cursor.peek() !== context(0)) return 1;
  const version =
    element(cursor, 'x509.tbs_certificate.version', context(0), (inner) =>
      smallInteger(inner, 'x509.tbs_certificate.version.number'),
    ) + 1;
  setValue(cursor, version);
  if (version > 3)
    cursor.fail('bad_value', 'x509.tbs_certificate.version', 'version 1, 2 or 3', String(version));
  return version;
}

/**
 * Names of critical extensions that wirelab does not handle; a verifier must refuse them (RFC 5280 section 4.2). Those that are
 * handled are OpenSSL's (`X509_supported_extension`), without the address blocks of RFC 3779 and proxy certificates. Key
 * identifiers are not among them: they must never be critical (RFC 5280 sections 4.2.1.1 and 4.2.1.2).
 */
export function unhandledCriticalExtensions(certificate: Certificate): string[] {
  return certificate.extensions
    .filter((one) => one.critical && !handled.has(one.name ?? ''))
    .map((one) => one.oid);
}

// Policies bind only if a verifier requires one, which none here does; nor does `openssl verify` without -policy_check.
const handled = new Set([
  'key_usage',
  'extended_key_usage',
  'basic_constraints',
  'subject_alternative_name',
  'name_constraints',
  'netscape_cert_type',
  'ocsp_no_check',
  'certificate_policies',
  'policy_mappings',
  'policy_constraints',
  'inhibit_any_policy',
  'crl_distribution_points',
]);

/** What a certificate says, in one row. Every text in it is one line without control characters. */
export function certificateSummary(certificate: Certificate): CertificateSummary {
  const { keyId, authorityKeyId, extendedKeyUsage } = certificate;
  return defined({
    subject: certificate.subject.text,
    issuer: certificate.issuer.text,
    serial: serialText(certificate.serial),
    notBefore: isoTime(certificate.notBefore),
    notAfter: isoTime(certificate.notAfter),
    san: (certificate.subjectAlternativeNames ?? []).map(generalNameText),
    extendedKeyUsage,
    isCa: certificate.basicConstraints?.isCa ?? false,
    publicKey: certificate.publicKey.name,
    keyId: keyId && toColonHex(keyId),
    authorityKeyId: authorityKeyId && toColonHex(authorityKeyId),
    sha256: sha256Hex(certificate.der),
  });
}

/** ISO 8601 in UTC, to the second: certificates know nothing smaller. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

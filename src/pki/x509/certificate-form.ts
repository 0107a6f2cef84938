/**
 * Checks the form of a certificate: which part is wrong, what is expected and what was found. The parser
 * (`protocols/x509`) reports what it cannot read; this adds what it reads but OpenSSL rejects, and the rules of RFC
 * 5280 that only `-x509_strict` enforces.
 */
import { sameBytes } from '../../core/bytes.ts';
import type { CertificateFault } from '../../capture/event.ts';
import type { Malformed } from '../../core/field.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { nameOfOid } from '../../protocols/x509/oids.ts';
import type { DistinguishedName } from '../../protocols/x509/structures.ts';
import { sameName } from './distinguished-name.ts';

const partNames: readonly (readonly [prefix: string, part: string])[] = [
  ['x509.extension.basic_constraints', 'basicConstraints'],
  ['x509.extension.key_usage', 'keyUsage'],
  ['x509.extension.extended_key_usage', 'extendedKeyUsage'],
  ['x509.extension.subject_alternative_name', 'subjectAltName'],
  ['x509.general_name', 'subjectAltName'],
  ['x509.extension.subject_key_identifier', 'subjectKeyIdentifier'],
  ['x509.extension.authority_key_identifier', 'authorityKeyIdentifier'],
  ['x509.extension.crl_distribution_points', 'cRLDistributionPoints'],
  ['x509.extension', 'extensions'],
  ['x509.tbs_certificate.version', 'version'],
  ['x509.tbs_certificate.serial_number', 'serialNumber'],
  ['x509.tbs_certificate.validity', 'validity'],
  ['x509.tbs_certificate.subject_public_key_info', 'subjectPublicKeyInfo'],
  ['x509.public_key', 'subjectPublicKeyInfo'],
  ['x509.tbs_certificate.issuer', 'issuer'],
  ['x509.tbs_certificate.subject', 'subject'],
  ['x509.signature', 'signature'],
];

/** For a certificate that the parser could not read. */
export function faultOfMalformed({ id, expected, found }: Malformed): CertificateFault {
  // The parser identifies a duplicate extension by its number.
  const again = id === 'x509.extension' ? /^([\d.]+) again$/.exec(found)?.[1] : undefined;
  if (again !== undefined)
    return {
      part: 'extensions',
      expected,
      found: `${(nameOfOid(again) ?? again).replaceAll('_', ' ')} twice`,
    };
  const part =
    partNames.find(
      ([prefix]) => id === prefix || id.startsWith(`${prefix}.`) || id.startsWith(`${prefix}_`),
    )?.[1] ?? 'certificate';
  return { part, expected, found };
}

/** Name values that OpenSSL keeps undecoded: BIT STRING, UniversalString, SEQUENCE. */
const opaqueValues: ReadonlySet<number> = new Set([0x03, 0x1c, 0x30]);

function nameFault(part: string, { attributes }: DistinguishedName): CertificateFault | undefined {
  const broken = attributes.find(({ encoded, tag = 0 }) => encoded && !opaqueValues.has(tag));
  return (
    broken && {
      part,
      expected: 'text in each attribute',
      found: `${broken.type}=${broken.value.slice(0, 40)}`,
    }
  );
}

/** What our parser reads but OpenSSL treats as an invalid certificate: such a certificate has no issuer and issues nothing. */
export function formFault(certificate: Certificate): CertificateFault | undefined {
  const { keyUsage, nameConstraints, netscapeCertType } = certificate;
  const has = (name: string): boolean => certificate.extensions.some((one) => one.name === name);
  if (keyUsage?.length === 0) return { part: 'keyUsage', expected: 'at least one usage', found: 'none' };
  if (!nameConstraints && has('name_constraints'))
    return { part: 'nameConstraints', expected: 'subtrees of names', found: 'an unreadable value' };
  if (!netscapeCertType && has('netscape_cert_type'))
    return { part: 'nsCertType', expected: 'a bit string', found: 'an unreadable value' };
  return nameFault('subject', certificate.subject) ?? nameFault('issuer', certificate.issuer);
}

/**
 * The first rule of RFC 5280 that a certificate of a path breaks and that `openssl verify -x509_strict` enforces. Most
 * are rules for paths: a trust anchor may break them.
 * @param depth its position in the path: 0 is the leaf.
 */
export function strictFault(
  certificate: Certificate,
  depth: number,
  length: number,
): CertificateFault | undefined {
  const authority = authorityFault(certificate, depth);
  return authority ?? (length > 1 ? ruleFault(certificate, depth === length - 1) : undefined);
}

/** An issuer must have CA:TRUE in basicConstraints; others must not claim to be issuers elsewhere. */
function authorityFault(
  { basicConstraints, keyUsage, version, subject, issuer }: Certificate,
  depth: number,
): CertificateFault | undefined {
  if (basicConstraints) return undefined;
  const seems =
    (keyUsage?.includes('keyCertSign') ?? false) || (version === 1 && sameName(subject, issuer) && !keyUsage);
  return depth > 0 || seems
    ? { part: 'basicConstraints', expected: 'CA:TRUE in a CA', found: 'no basicConstraints' }
    : undefined;
}

/** @param isLast whether it is the last one of its path, which need not name an issuer. */
function ruleFault(certificate: Certificate, isLast: boolean): CertificateFault | undefined {
  const { basicConstraints, keyUsage, subject, issuer, subjectAlternativeNames, version } = certificate;
  const isCa = basicConstraints?.isCa ?? false;
  const isCritical = (name: string): boolean =>
    certificate.extensions.some((one) => one.name === name && one.critical);
  const signs = keyUsage?.includes('keyCertSign') ?? false;
  const rows: readonly (readonly [isBroken: boolean, part: string, expected: string, found: string])[] = [
    [
      basicConstraints?.pathLength !== undefined && !isCa,
      'basicConstraints',
      'a path length in a CA only',
      'a path length without CA:TRUE',
    ],
    [
      basicConstraints?.pathLength !== undefined && keyUsage !== undefined && !signs,
      'basicConstraints',
      'keyCertSign beside a path length',
      'a path length without keyCertSign',
    ],
    [
      basicConstraints?.pathLength !== undefined && keyUsage === undefined,
      'basicConstraints',
      'keyCertSign beside a path length',
      'a path length without keyUsage',
    ],
    [isCa && !isCritical('basic_constraints'), 'basicConstraints', 'critical in a CA', 'not critical'],
    [isCa && !keyUsage, 'keyUsage', 'keyUsage in a CA', 'none'],
    [!isCa && signs, 'keyUsage', 'keyCertSign in a CA only', 'keyCertSign without CA:TRUE'],
    [issuer.attributes.length === 0, 'issuer', 'a name', 'an empty one'],
    [
      (isCa || (keyUsage?.includes('cRLSign') ?? false) || !subjectAlternativeNames) &&
        subject.attributes.length === 0,
      'subject',
      'a name',
      'an empty one',
    ],
    [
      subject.attributes.length === 0 &&
        subjectAlternativeNames !== undefined &&
        !isCritical('subject_alternative_name'),
      'subjectAltName',
      'critical where the subject is empty',
      'not critical',
    ],
    [subjectAlternativeNames?.length === 0, 'subjectAltName', 'at least one name', 'none'],
    [
      !sameBytes(certificate.signatureAlgorithm.der, certificate.signedAlgorithm.der),
      'signature',
      'the same algorithm twice',
      'two algorithms',
    ],
    [
      version >= 3 && !isLast && !certificate.authorityKeyId,
      'authorityKeyIdentifier',
      'the key of its issuer',
      'none',
    ],
    [version >= 3 && isCa && !certificate.keyId, 'subjectKeyIdentifier', 'an identifier in a CA', 'none'],
    [
      version < 3 && certificate.extensions.length > 0,
      'version',
      '3, where there are extensions',
      String(version),
    ],
  ];
  const broken = rows.find(([isBroken]) => isBroken);
  return broken && { part: broken[1], expected: broken[2], found: broken[3] };
}

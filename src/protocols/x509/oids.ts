/**
 * Maps the object identifiers of X.509 to names and back, and addresses between text and bytes. One table per kind.
 */
import { ipVersion } from '../../core/ip-version.ts';

/** RFC 4514 section 3 and RFC 4519; `emailAddress` is PKCS #9's. */
export const attributeTypes: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.12': 'title',
  '2.5.4.4': 'SN',
  '2.5.4.42': 'GN',
  '0.9.2342.19200300.100.1.25': 'DC',
  '0.9.2342.19200300.100.1.1': 'UID',
  '1.2.840.113549.1.9.1': 'emailAddress',
  '1.2.840.113549.1.9.2': 'unstructuredName',
  '2.5.4.9': 'street',
  '2.5.4.13': 'description',
  '2.5.4.15': 'businessCategory',
  '2.5.4.17': 'postalCode',
  '2.5.4.41': 'name',
  '2.5.4.43': 'initials',
  '2.5.4.44': 'generationQualifier',
  '2.5.4.46': 'dnQualifier',
  '2.5.4.65': 'pseudonym',
  '2.5.4.97': 'organizationIdentifier',
  // Where a company is registered (CA/Browser Forum, EV Guidelines).
  '1.3.6.1.4.1.311.60.2.1.1': 'jurisdictionL',
  '1.3.6.1.4.1.311.60.2.1.2': 'jurisdictionST',
  '1.3.6.1.4.1.311.60.2.1.3': 'jurisdictionC',
};

/** RFC 5280 sections 4.2 and 5, and what other documents add. */
export const extensionTypes: Readonly<Record<string, string>> = {
  '2.5.29.9': 'subject_directory_attributes',
  '2.5.29.14': 'subject_key_identifier',
  '2.5.29.15': 'key_usage',
  '2.5.29.16': 'private_key_usage_period',
  '2.5.29.17': 'subject_alternative_name',
  '2.5.29.18': 'issuer_alternative_name',
  '2.5.29.19': 'basic_constraints',
  '2.5.29.20': 'crl_number',
  '2.5.29.21': 'reason_code',
  '2.5.29.23': 'hold_instruction',
  '2.5.29.24': 'invalidity_date',
  '2.5.29.27': 'delta_crl_indicator',
  '2.5.29.28': 'issuing_distribution_point',
  '2.5.29.29': 'certificate_issuer',
  '2.5.29.30': 'name_constraints',
  '2.5.29.31': 'crl_distribution_points',
  '2.5.29.32': 'certificate_policies',
  '2.5.29.33': 'policy_mappings',
  '2.5.29.35': 'authority_key_identifier',
  '2.5.29.36': 'policy_constraints',
  '2.5.29.37': 'extended_key_usage',
  '2.5.29.46': 'freshest_crl',
  '2.5.29.54': 'inhibit_any_policy',
  '1.3.6.1.5.5.7.1.1': 'authority_information_access',
  '1.3.6.1.5.5.7.1.11': 'subject_information_access',
  // RFC 7633, RFC 6960 section 4, RFC 6962 section 3.
  '1.3.6.1.5.5.7.1.24': 'tls_feature',
  '1.3.6.1.5.5.7.48.1.2': 'ocsp_nonce',
  '1.3.6.1.5.5.7.48.1.5': 'ocsp_no_check',
  '1.3.6.1.4.1.11129.2.4.2': 'signed_certificate_timestamps',
  '1.3.6.1.4.1.11129.2.4.3': 'precertificate_poison',
  // The same in an OCSP response. RFC 9345 section 4.2.
  '1.3.6.1.4.1.11129.2.4.5': 'ocsp_signed_certificate_timestamps',
  '1.3.6.1.4.1.44363.44': 'delegation_usage',
  '2.16.840.1.113730.1.1': 'netscape_cert_type',
  '2.16.840.1.113730.1.13': 'netscape_comment',
};

/** RFC 5280 section 4.2.1.12. */
export const extendedKeyUsageNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'serverAuth',
  '1.3.6.1.5.5.7.3.2': 'clientAuth',
  '1.3.6.1.5.5.7.3.3': 'codeSigning',
  '1.3.6.1.5.5.7.3.4': 'emailProtection',
  '1.3.6.1.5.5.7.3.8': 'timeStamping',
  '1.3.6.1.5.5.7.3.9': 'OCSPSigning',
  '1.3.6.1.5.5.7.3.17': 'ipsecIKE',
  '1.3.6.1.5.2.3.4': 'pkinitClientAuth',
  '1.3.6.1.5.2.3.5': 'pkinitKDC',
  '1.3.6.1.4.1.311.20.2.2': 'msSmartcardLogin',
  '1.3.6.1.4.1.11129.2.4.4': 'precertificateSigning',
  '2.5.29.37.0': 'anyExtendedKeyUsage',
};

/** RFC 5280 sections 4.2.1.4 and 4.2.2; the four levels are the CA/Browser Forum's. */
export const policyNames: Readonly<Record<string, string>> = {
  '2.5.29.32.0': 'anyPolicy',
  '2.23.140.1.1': 'extendedValidation',
  '2.23.140.1.2.1': 'domainValidated',
  '2.23.140.1.2.2': 'organizationValidated',
  '2.23.140.1.2.3': 'individualValidated',
};

const policyQualifierNames: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.2.1': 'certificationPracticeStatement',
  '1.3.6.1.5.5.7.2.2': 'userNotice',
};

export const accessMethods: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.48.1': 'OCSP',
  '1.3.6.1.5.5.7.48.2': 'caIssuers',
  '1.3.6.1.5.5.7.48.3': 'timeStamping',
  '1.3.6.1.5.5.7.48.5': 'caRepository',
};

/** RFC 7633 section 4.2.3.1: extensions of TLS. */
export const tlsFeatureNames: Readonly<Record<number, string>> = {
  5: 'status_request',
  17: 'status_request_v2',
};

/** By bit. */
export const netscapeTypeNames = [
  'sslClient',
  'sslServer',
  'smime',
  'objectSigning',
  'reserved',
  'sslCA',
  'smimeCA',
  'objectSigningCA',
] as const;

/** Digests, masks, and what else identifies an algorithm and is neither a key nor a signature. */
const otherAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.2.5': 'MD5',
  '1.3.14.3.2.26': 'SHA-1',
  '2.16.840.1.101.3.4.2.1': 'SHA-256',
  '2.16.840.1.101.3.4.2.2': 'SHA-384',
  '2.16.840.1.101.3.4.2.3': 'SHA-512',
  '2.16.840.1.101.3.4.2.4': 'SHA-224',
  '2.16.840.1.101.3.4.2.11': 'SHAKE128',
  '2.16.840.1.101.3.4.2.12': 'SHAKE256',
  '1.2.840.113549.1.1.8': 'MGF1',
  '1.2.840.113549.1.1.2': 'md2WithRSAEncryption',
  '1.2.840.10040.4.3': 'dsa-with-SHA1',
  '2.16.840.1.101.3.4.3.1': 'dsa-with-SHA224',
  '2.16.840.1.101.3.4.3.2': 'dsa-with-SHA256',
  '2.16.840.1.101.3.4.3.3': 'dsa-with-SHA384',
  '2.16.840.1.101.3.4.3.4': 'dsa-with-SHA512',
  '1.2.156.10197.1.501': 'SM2-with-SM3',
  '1.3.6.1.5.5.7.48.1.1': 'basicOcspResponse',
};

/** RFC 5280 section 4.2.1.3, by bit. */
export const keyUsageNames = [
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

/** RFC 5280 section 5.3.1, by number. */
export const revocationReasons: Readonly<Record<number, string>> = {
  0: 'unspecified',
  1: 'keyCompromise',
  2: 'cACompromise',
  3: 'affiliationChanged',
  4: 'superseded',
  5: 'cessationOfOperation',
  6: 'certificateHold',
  8: 'removeFromCRL',
  9: 'privilegeWithdrawn',
  10: 'aACompromise',
};

/** RFC 6960 section 4.2.1, by number. */
export const ocspStatuses: Readonly<Record<number, string>> = {
  0: 'successful',
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};

export interface SignatureAlgorithm {
  readonly name: string;
  /** The digest as node:crypto names it; null where the algorithm has its own. */
  readonly hash: string | null;
  /** The type of key that can have made it, as node:crypto names it. */
  readonly keyType: 'rsa' | 'ec' | 'ed25519' | 'ed448' | 'ml-dsa-44' | 'ml-dsa-65' | 'ml-dsa-87';
  /** The digest is broken: a certificate with it is refused. */
  readonly weak?: true;
}

/** RFC 8017, RFC 5758, RFC 8410, RFC 9881, and NIST's numbers for SHA-3. RSASSA-PSS names its digest in its parameters and is not in the table. */
export const signatureAlgorithms: Readonly<Record<string, SignatureAlgorithm>> = {
  '1.2.840.113549.1.1.4': { name: 'md5WithRSAEncryption', hash: 'md5', keyType: 'rsa', weak: true },
  '1.2.840.113549.1.1.5': { name: 'sha1WithRSAEncryption', hash: 'sha1', keyType: 'rsa', weak: true },
  '1.2.840.113549.1.1.11': { name: 'sha256WithRSAEncryption', hash: 'sha256', keyType: 'rsa' },
  '1.2.840.113549.1.1.12': { name: 'sha384WithRSAEncryption', hash: 'sha384', keyType: 'rsa' },
  '1.2.840.113549.1.1.13': { name: 'sha512WithRSAEncryption', hash: 'sha512', keyType: 'rsa' },
  '1.2.840.113549.1.1.14': { name: 'sha224WithRSAEncryption', hash: 'sha224', keyType: 'rsa' },
  '1.2.840.10045.4.1': { name: 'ecdsa-with-SHA1', hash: 'sha1', keyType: 'ec', weak: true },
  '1.2.840.10045.4.3.1': { name: 'ecdsa-with-SHA224', hash: 'sha224', keyType: 'ec' },
  '1.2.840.10045.4.3.2': { name: 'ecdsa-with-SHA256', hash: 'sha256', keyType: 'ec' },
  '1.2.840.10045.4.3.3': { name: 'ecdsa-with-SHA384', hash: 'sha384', keyType: 'ec' },
  '1.2.840.10045.4.3.4': { name: 'ecdsa-with-SHA512', hash: 'sha512', keyType: 'ec' },
  '2.16.840.1.101.3.4.3.9': { name: 'ecdsa-with-SHA3-224', hash: 'sha3-224', keyType: 'ec' },
  '2.16.840.1.101.3.4.3.10': { name: 'ecdsa-with-SHA3-256', hash: 'sha3-256', keyType: 'ec' },
  '2.16.840.1.101.3.4.3.11': { name: 'ecdsa-with-SHA3-384', hash: 'sha3-384', keyType: 'ec' },
  '2.16.840.1.101.3.4.3.12': { name: 'ecdsa-with-SHA3-512', hash: 'sha3-512', keyType: 'ec' },
  '2.16.840.1.101.3.4.3.13': { name: 'sha3-224WithRSAEncryption', hash: 'sha3-224', keyType: 'rsa' },
  '2.16.840.1.101.3.4.3.14': { name: 'sha3-256WithRSAEncryption', hash: 'sha3-256', keyType: 'rsa' },
  '2.16.840.1.101.3.4.3.15': { name: 'sha3-384WithRSAEncryption', hash: 'sha3-384', keyType: 'rsa' },
  '2.16.840.1.101.3.4.3.16': { name: 'sha3-512WithRSAEncryption', hash: 'sha3-512', keyType: 'rsa' },
  '1.3.101.112': { name: 'Ed25519', hash: null, keyType: 'ed25519' },
  '1.3.101.113': { name: 'Ed448', hash: null, keyType: 'ed448' },
  '2.16.840.1.101.3.4.3.17': { name: 'ML-DSA-44', hash: null, keyType: 'ml-dsa-44' },
  '2.16.840.1.101.3.4.3.18': { name: 'ML-DSA-65', hash: null, keyType: 'ml-dsa-65' },
  '2.16.840.1.101.3.4.3.19': { name: 'ML-DSA-87', hash: null, keyType: 'ml-dsa-87' },
};

export const namedCurves: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** Named curves that should not be used for TLS any more, or not yet. */
export const otherCurves: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.1': 'P-192',
  '1.3.132.0.33': 'P-224',
  '1.3.132.0.10': 'secp256k1',
  '1.3.36.3.3.2.8.1.1.7': 'brainpoolP256r1',
  '1.3.36.3.3.2.8.1.1.11': 'brainpoolP384r1',
  '1.3.36.3.3.2.8.1.1.13': 'brainpoolP512r1',
  '1.2.156.10197.1.301': 'SM2',
};

/** Keys whose algorithm alone says everything (RFC 8410, RFC 9881). */
export const keyAlgorithms: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.1': 'RSA',
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.10046.2.1': 'DH',
  '1.2.840.113549.1.3.1': 'DH',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
  '2.16.840.1.101.3.4.3.17': 'ML-DSA-44',
  '2.16.840.1.101.3.4.3.18': 'ML-DSA-65',
  '2.16.840.1.101.3.4.3.19': 'ML-DSA-87',
  '2.16.840.1.101.3.4.4.1': 'ML-KEM-512',
  '2.16.840.1.101.3.4.4.2': 'ML-KEM-768',
  '2.16.840.1.101.3.4.4.3': 'ML-KEM-1024',
};

/** RFC 2985 sections 5.4.1 and 5.4.2. */
const requestAttributes: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.9.7': 'challengePassword',
  '1.2.840.113549.1.9.14': 'extensionRequest',
};

const named: readonly Readonly<Record<string, string>>[] = [
  attributeTypes,
  extensionTypes,
  extendedKeyUsageNames,
  keyAlgorithms,
  namedCurves,
  otherCurves,
  otherAlgorithms,
  policyNames,
  policyQualifierNames,
  accessMethods,
  requestAttributes,
];

/** What an object identifier is called, whatever it identifies; undefined for one that no table here has. */
export function nameOfOid(oid: string): string | undefined {
  return signatureAlgorithms[oid]?.name ?? named.find((table) => Object.hasOwn(table, oid))?.[oid];
}

/** The identifier of a name in one of the tables above. */
export function oidOf(table: Readonly<Record<string, string>>, name: string): string {
  const found = Object.keys(table).find((oid) => table[oid] === name);
  if (found === undefined) throw new RangeError(`no object identifier is known for ${name}`);
  return found;
}

/** 4 or 16 bytes of an address; undefined when the text is not an address. A zone (`%eth0`) is not allowed in a certificate. */
export function addressBytes(text: string): Uint8Array | undefined {
  const version = ipVersion(text);
  if (version === 4) return Uint8Array.from(text.split('.'), Number);
  if (version !== 6 || text.includes('%')) return undefined;
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted ? Array.from((dotted[2] ?? '').split('.'), Number) : [];
  const [head = '', after] = (dotted ? (dotted[1] ?? '').replace(/([^:]):$/, '$1') : text).split('::');
  const words = (part: string): number[] =>
    part
      .split(':')
      .filter(Boolean)
      .flatMap((word) => [Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 0xff]);
  const left = words(head);
  const right = [...words(after ?? ''), ...tail];
  const bytes = new Uint8Array(16);
  bytes.set(left, 0);
  bytes.set(right, 16 - right.length);
  return bytes;
}

/** `127.0.0.1`, `::1` (the shortest form of RFC 5952); undefined for a length that no address has. */
export function addressText(bytes: Uint8Array): string | undefined {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return undefined;
  const words = Array.from({ length: 8 }, (_, at) => ((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0));
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && words[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const text = (part: readonly number[]): string => part.map((word) => word.toString(16)).join(':');
  return best.at < 0
    ? text(words)
    : `${text(words.slice(0, best.at))}::${text(words.slice(best.at + best.length))}`;
}

/**
 * Parses the extensions of certificates, revocation lists, their entries and requests (RFC 5280 sections 4.2 and 5),
 * and those of other documents that occur in them. One row per extension; one without a row is kept as bytes.
 *
 * 1. Extensions that a verifier uses (`verdictReaders`) must conform to the standard: otherwise the whole is malformed.
 * 2. The others (`informationReaders`) only inform: a malformed one is kept as bytes.
 */
import { defined } from '../../core/defined.ts';
import type { Cursor } from '../../core/cursor.ts';
import { toHex } from '../../core/hex.ts';
import {
  boolean,
  context,
  contextPrimitive,
  element,
  every,
  integerBytes,
  listOf,
  namedBits,
  objectIdentifier,
  opaque,
  sequence,
  setValue,
  simple,
  smallInteger,
  tags,
  time,
} from './der.ts';
import type { X509FieldId } from './ids.ts';
import {
  accessMethods,
  extendedKeyUsageNames,
  extensionTypes,
  keyUsageNames,
  netscapeTypeNames,
  policyNames,
  revocationReasons,
  tlsFeatureNames,
} from './oids.ts';
import { readSctList } from './sct.ts';
import type { SignedCertificateTimestamp } from './sct.ts';
import { attribute, attributeValue, generalName, stringValue } from './structures.ts';
import type { DistinguishedName, GeneralName, Source } from './structures.ts';

export interface Extension {
  readonly oid: string;
  /** The name in `extensionTypes`; undefined for an unknown one. */
  readonly name: string | undefined;
  readonly critical: boolean;
}

/** One subtree of name constraints (RFC 5280 section 4.2.1.10). */
export interface Subtree {
  readonly base: GeneralName;
  /** Has a minimum other than 0, or a maximum: RFC 5280 forbids both. */
  readonly isBounded?: true;
}

export interface NameConstraints {
  readonly permitted: readonly Subtree[];
  readonly excluded: readonly Subtree[];
}

/** Everything that the extensions of a certificate, a list, an entry or a request may say. */
export interface ExtensionValues {
  extensions: Extension[];
  keyId?: Uint8Array;
  authorityKeyId?: Uint8Array;
  /** Of the issuer's own certificate: the first directory name among its issuers, and its serial number. */
  authorityIssuer?: DistinguishedName;
  authoritySerial?: Uint8Array;
  keyUsage?: readonly string[];
  extendedKeyUsage?: readonly string[];
  basicConstraints?: { readonly isCa: boolean; readonly pathLength?: number };
  subjectAlternativeNames?: readonly GeneralName[];
  crlDistributionPoints?: number;
  /** Undefined as well where the extension is there and cannot be read. */
  nameConstraints?: NameConstraints;
  /** Flags of Netscape's extension; undefined as well where it cannot be read. */
  netscapeCertType?: readonly string[];
  /** Certificates that may follow until a policy must be named, and until policies may no longer be mapped. */
  policyConstraints?: { readonly requireExplicitPolicy?: number; readonly inhibitPolicyMapping?: number };
  /** Certificates that may follow until `anyPolicy` no longer counts. */
  inhibitAnyPolicy?: number;
  /** Dotted numbers. */
  policies?: readonly string[];
  /** Codes of TLS extensions that the certificate's owner must use: 5 is a stapled OCSP response. */
  tlsFeatures?: readonly number[];
  timestamps?: readonly SignedCertificateTimestamp[];
  crlNumber?: Uint8Array;
  reasonCode?: number;
}

type ExtensionReader = (source: Source, content: Cursor, into: ExtensionValues) => void;

const verdictReaders: Readonly<Record<string, ExtensionReader>> = {
  subject_key_identifier: (_source, content, into) => {
    into.keyId = simple(content, 'x509.extension.subject_key_identifier', tags.octetString, (bytes) => bytes);
  },
  authority_key_identifier: (source, content, into) =>
    sequence(content, 'x509.extension.authority_key_identifier', (inner) => {
      if (inner.peek() === contextPrimitive(0)) {
        into.authorityKeyId = simple(
          inner,
          'x509.extension.authority_key_identifier.key_id',
          contextPrimitive(0),
          (bytes) => bytes,
        );
      }
      if (inner.peek() === context(1)) {
        element(inner, 'x509.extension.authority_key_identifier.issuer', context(1), (names) => {
          const issuers = names.restOr('x509.der.value', (each) => generalNames(source, each));
          const issuer = issuers?.find(({ kind }) => kind === 'directory')?.name;
          if (issuer) into.authorityIssuer = issuer;
        });
      }
      if (inner.peek() === contextPrimitive(2))
        into.authoritySerial = integerBytes(
          inner,
          'x509.extension.authority_key_identifier.serial_number',
          contextPrimitive(2),
        );
    }),
  key_usage: (_source, content, into) => {
    const bits = namedBits(content, 'x509.extension.key_usage');
    into.keyUsage = bits.map((bit) => keyUsageNames[bit] ?? `bit${bit}`);
    setValue(content, into.keyUsage.join(', '));
  },
  extended_key_usage: (_source, content, into) => {
    into.extendedKeyUsage = listOf(content, 'x509.extension.extended_key_usage', (one) => {
      const oid = objectIdentifier(one, 'x509.extension.extended_key_usage.purpose');
      return extendedKeyUsageNames[oid] ?? oid;
    });
    setValue(content, into.extendedKeyUsage.join(', '));
  },
  basic_constraints: (_source, content, into) => {
    into.basicConstraints = sequence(content, 'x509.extension.basic_constraints', (inner) => {
      const isCa = inner.peek() === tags.boolean && boolean(inner, 'x509.extension.basic_constraints.ca');
      if (inner.peek() !== tags.integer) return { isCa };
      return { isCa, pathLength: smallInteger(inner, 'x509.extension.basic_constraints.path_length') };
    });
  },
  subject_alternative_name: (source, content, into) => {
    into.subjectAlternativeNames = listOf(content, 'x509.extension.subject_alternative_name', (one) =>
      generalName(source, one),
    );
  },
  crl_distribution_points: (source, content, into) => {
    const start = content.offset;
    const points = distributionPoints(source, content, 'x509.extension.crl_distribution_points');
    if (points.includes(false))
      content.fail(
        'bad_value',
        'x509.extension.crl_distribution_points',
        'a name or a CRL issuer in each point',
        'a point with neither',
        start,
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

const noValue = (): void => {};

/** GeneralNames up to the end of what holds them. */
function generalNames(source: Source, cursor: Cursor): GeneralName[] {
  return every(cursor, (one) => generalName(source, one));
}

/** Text of any of the string types, hex where it is none. */
function text(cursor: Cursor, id: X509FieldId): string {
  return simple(cursor, id, undefined, (bytes, _fail, tag) => stringValue(tag, bytes) ?? `#${toHex(bytes)}`);
}

/** Flags by name, in one line. */
function flags(cursor: Cursor, id: X509FieldId, tag: number, names: readonly string[]): string[] {
  const set = namedBits(cursor, id, tag).map((bit) => names[bit] ?? `bit${bit}`);
  setValue(cursor, set.join(', '));
  return set;
}

/** RFC 5280 section 4.2.1.13; the reasons are bits whose numbers are those of the reasons. Whether each point says where it is, or cannot be read. */
function distributionPoints(
  source: Source,
  cursor: Cursor,
  id: 'x509.extension.crl_distribution_points' | 'x509.extension.freshest_crl',
): boolean[] {
  return listOf(cursor, id, (one) =>
    sequence(one, 'x509.extension.crl_distribution_points.point', (point) => {
      if (point.remaining === 0) return false;
      const isPlaced = point.restOr('x509.der.value', (parts) => {
        const hasName = parts.peek() === context(0);
        if (hasName)
          element(parts, 'x509.distribution_point.name', context(0), (name) =>
            distributionPointName(source, name),
          );
        if (parts.peek() === contextPrimitive(1))
          flags(parts, 'x509.distribution_point.reasons', contextPrimitive(1), reasonFlags);
        const hasIssuer = parts.peek() === context(2);
        if (hasIssuer)
          element(parts, 'x509.distribution_point.crl_issuer', context(2), (names) =>
            generalNames(source, names),
          );
        return hasName || hasIssuer;
      });
      return isPlaced ?? true;
    }),
  );
}

const reasonFlags = Array.from({ length: 9 }, (_, bit) =>
  bit === 0 ? 'unused' : (revocationReasons[bit < 7 ? bit : bit + 2] ?? ''),
);

function distributionPointName(source: Source, cursor: Cursor): void {
  if (cursor.peek() === context(0))
    element(cursor, 'x509.distribution_point.full_name', context(0), (names) => generalNames(source, names));
  else listOf(cursor, 'x509.distribution_point.relative_name', (one) => attribute(one), context(1));
}

/** RFC 5280 section 4.2.1.4. */
function policyInformation(cursor: Cursor): string {
  const oid = sequence(cursor, 'x509.extension.certificate_policies.policy', (policy) => {
    const found = objectIdentifier(policy, 'x509.extension.certificate_policies.policy.oid');
    if (policy.remaining > 0)
      listOf(policy, 'x509.extension.certificate_policies.qualifiers', policyQualifier);
    return found;
  });
  setValue(cursor, policyNames[oid] ?? oid);
  return oid;
}

function policyQualifier(cursor: Cursor): void {
  sequence(cursor, 'x509.extension.certificate_policies.qualifier', (qualifier) => {
    objectIdentifier(qualifier, 'x509.extension.certificate_policies.qualifier.oid');
    if (qualifier.peek() === tags.ia5String)
      text(qualifier, 'x509.extension.certificate_policies.practice_statement');
    else if (qualifier.peek() === tags.sequence)
      sequence(qualifier, 'x509.extension.certificate_policies.user_notice', userNotice);
    else opaque(qualifier, 'x509.extension.opaque');
  });
}

function userNotice(notice: Cursor): void {
  if (notice.peek() === tags.sequence) {
    sequence(notice, 'x509.extension.certificate_policies.notice_reference', (reference) => {
      text(reference, 'x509.extension.certificate_policies.notice_reference.organization');
      listOf(reference, 'x509.extension.certificate_policies.notice_reference.numbers', (one) =>
        smallInteger(one, 'x509.extension.certificate_policies.notice_reference.number'),
      );
    });
  }
  if (notice.remaining > 0) text(notice, 'x509.extension.certificate_policies.explicit_text');
}

/** RFC 5280 section 4.2.1.10. */
function subtrees(
  source: Source,
  cursor: Cursor,
  id: 'x509.extension.name_constraints.permitted' | 'x509.extension.name_constraints.excluded',
  tag: number,
): Subtree[] {
  if (cursor.peek() !== context(tag)) return [];
  return listOf(
    cursor,
    id,
    (one) =>
      sequence(one, 'x509.extension.name_constraints.subtree', (subtree): Subtree => {
        const base = generalName(source, subtree);
        let isBounded = false;
        if (subtree.peek() === contextPrimitive(0))
          isBounded = integerBytes(
            subtree,
            'x509.extension.name_constraints.minimum',
            contextPrimitive(0),
          ).some((byte) => byte !== 0);
        if (subtree.peek() === contextPrimitive(1)) {
          integerBytes(subtree, 'x509.extension.name_constraints.maximum', contextPrimitive(1));
          isBounded = true;
        }
        return defined({ base, isBounded: isBounded || undefined });
      }),
    context(tag),
  );
}

/** RFC 5280 sections 4.2.2.1 and 4.2.2.2: what is offered, and where. */
function accessDescriptions(
  source: Source,
  cursor: Cursor,
  id: 'x509.extension.authority_information_access' | 'x509.extension.subject_information_access',
): void {
  listOf(cursor, id, (one) => {
    const method = sequence(one, 'x509.access_description', (description) => {
      const oid = objectIdentifier(description, 'x509.access_description.method');
      generalName(source, description);
      return oid;
    });
    setValue(one, accessMethods[method] ?? method);
  });
}

/** RFC 5280 section 5.2.5: the certificates that a list covers. */
function issuingDistributionPoint(source: Source, cursor: Cursor): void {
  const id = 'x509.extension.issuing_distribution_point';
  sequence(cursor, id, (inner) => {
    const flag = (tag: number, name: X509FieldId): void => {
      if (inner.peek() === contextPrimitive(tag)) boolean(inner, name, contextPrimitive(tag));
    };
    if (inner.peek() === context(0))
      element(inner, 'x509.distribution_point.name', context(0), (name) =>
        distributionPointName(source, name),
      );
    flag(1, `${id}.only_user_certificates`);
    flag(2, `${id}.only_ca_certificates`);
    if (inner.peek() === contextPrimitive(3))
      flags(inner, 'x509.distribution_point.reasons', contextPrimitive(3), reasonFlags);
    flag(4, `${id}.indirect`);
    flag(5, `${id}.only_attribute_certificates`);
  });
}

const informationReaders: Readonly<Record<string, ExtensionReader>> = {
  issuer_alternative_name: (source, content) => {
    sequence(content, 'x509.extension.issuer_alternative_name', (inner) => generalNames(source, inner));
  },
  subject_directory_attributes: (_source, content) => {
    listOf(content, 'x509.extension.subject_directory_attributes', (one) =>
      sequence(one, 'x509.extension.subject_directory_attributes.attribute', (attributes) => {
        objectIdentifier(attributes, 'x509.attribute.type');
        listOf(attributes, 'x509.extension.subject_directory_attributes.values', attributeValue, tags.set);
      }),
    );
  },
  private_key_usage_period: (_source, content) => {
    const id = 'x509.extension.private_key_usage_period';
    sequence(content, id, (inner) => {
      if (inner.peek() === contextPrimitive(0)) time(inner, `${id}.not_before`, contextPrimitive(0));
      if (inner.peek() === contextPrimitive(1)) time(inner, `${id}.not_after`, contextPrimitive(1));
    });
  },
  certificate_policies: (_source, content, into) => {
    into.policies = listOf(content, 'x509.extension.certificate_policies', policyInformation);
  },
  policy_mappings: (_source, content) => {
    listOf(content, 'x509.extension.policy_mappings', (one) =>
      sequence(one, 'x509.extension.policy_mappings.mapping', (mapping) => {
        objectIdentifier(mapping, 'x509.extension.policy_mappings.issuer_domain');
        objectIdentifier(mapping, 'x509.extension.policy_mappings.subject_domain');
      }),
    );
  },
  policy_constraints: (_source, content, into) => {
    const id = 'x509.extension.policy_constraints';
    into.policyConstraints = sequence(content, id, (inner) =>
      defined({
        requireExplicitPolicy:
          inner.peek() === contextPrimitive(0)
            ? smallInteger(inner, `${id}.require_explicit_policy`, contextPrimitive(0))
            : undefined,
        inhibitPolicyMapping:
          inner.peek() === contextPrimitive(1)
            ? smallInteger(inner, `${id}.inhibit_policy_mapping`, contextPrimitive(1))
            : undefined,
      }),
    );
  },
  inhibit_any_policy: (_source, content, into) => {
    into.inhibitAnyPolicy = smallInteger(content, 'x509.extension.inhibit_any_policy');
  },
  name_constraints: (source, content, into) => {
    into.nameConstraints = sequence(content, 'x509.extension.name_constraints', (inner) => ({
      permitted: subtrees(source, inner, 'x509.extension.name_constraints.permitted', 0),
      excluded: subtrees(source, inner, 'x509.extension.name_constraints.excluded', 1),
    }));
  },
  freshest_crl: (source, content) => {
    distributionPoints(source, content, 'x509.extension.freshest_crl');
  },
  authority_information_access: (source, content) =>
    accessDescriptions(source, content, 'x509.extension.authority_information_access'),
  subject_information_access: (source, content) =>
    accessDescriptions(source, content, 'x509.extension.subject_information_access'),
  signed_certificate_timestamps: (_source, content, into) => {
    into.timestamps = element(
      content,
      'x509.extension.signed_certificate_timestamps',
      tags.octetString,
      readSctList,
    );
  },
  ocsp_signed_certificate_timestamps: (_source, content, into) => {
    into.timestamps = element(
      content,
      'x509.extension.signed_certificate_timestamps',
      tags.octetString,
      readSctList,
    );
  },
  delegation_usage: (_source, content) =>
    element(content, 'x509.extension.delegation_usage', tags.null, noValue),
  // Poison: a certificate with it was made to be logged, never to be used (RFC 6962 section 3.1).
  precertificate_poison: (_source, content) =>
    element(content, 'x509.extension.precertificate_poison', tags.null, noValue),
  ocsp_no_check: (_source, content) => element(content, 'x509.extension.ocsp_no_check', tags.null, noValue),
  ocsp_nonce: (_source, content) => {
    simple(content, 'x509.extension.ocsp_nonce', tags.octetString, (bytes) => bytes);
  },
  tls_feature: (_source, content, into) => {
    const id = 'x509.extension.tls_feature';
    into.tlsFeatures = listOf(content, id, (one) => smallInteger(one, `${id}.feature`));
    setValue(content, into.tlsFeatures.map((code) => tlsFeatureNames[code] ?? String(code)).join(', '));
  },
  netscape_cert_type: (_source, content, into) => {
    into.netscapeCertType = flags(
      content,
      'x509.extension.netscape_cert_type',
      tags.bitString,
      netscapeTypeNames,
    );
  },
  netscape_comment: (_source, content) => {
    text(content, 'x509.extension.netscape_comment');
  },
  delta_crl_indicator: (_source, content) => {
    integerBytes(content, 'x509.extension.delta_crl_indicator');
  },
  issuing_distribution_point: issuingDistributionPoint,
  invalidity_date: (_source, content) => {
    time(content, 'x509.extension.invalidity_date');
  },
  certificate_issuer: (source, content) => {
    sequence(content, 'x509.extension.certificate_issuer', (inner) => generalNames(source, inner));
  },
  hold_instruction: (_source, content) => {
    objectIdentifier(content, 'x509.extension.hold_instruction');
  },
};

/** Extensions ::= SEQUENCE OF Extension, read into `into`. The same one twice is an error (RFC 5280 section 4.2). */
export function extensionList(source: Source, cursor: Cursor, into: ExtensionValues): void {
  sequence(cursor, 'x509.extensions', (content) => {
    while (content.remaining > 0) {
      const start = content.offset;
      const found = oneExtension(source, content, into);
      setValue(content, found.name ?? found.oid);
      if (into.extensions.some((other) => other.oid === found.oid))
        content.fail('bad_value', 'x509.extension', 'each extension once', `${found.oid} again`, start);
      into.extensions.push(found);
    }
  });
}

function oneExtension(source: Source, cursor: Cursor, into: ExtensionValues): Extension {
  return sequence(cursor, 'x509.extension', (content) => {
    const oid = objectIdentifier(content, 'x509.extension.oid');
    const critical = content.peek() === tags.boolean && boolean(content, 'x509.extension.critical');
    const name = Object.hasOwn(extensionTypes, oid) ? extensionTypes[oid] : undefined;
    const [judged, informing] = [verdictReaders[name ?? ''], informationReaders[name ?? '']];
    element(content, 'x509.extension.value', tags.octetString, (inner) => {
      if (judged) judged(source, inner, into);
      else if (informing) inner.restOr('x509.extension.opaque', (value) => informing(source, value, into));
      else inner.rest('x509.extension.opaque');
    });
    return { oid, name, critical };
  });
}

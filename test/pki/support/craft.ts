/** Certificates with something unusual in them, which no recipe and no kubeadm makes. */
import type { KeyObject } from 'node:crypto';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import {
  explicit,
  implicit,
  implicitList,
  octetString,
  sequence,
  small,
  taken,
  time,
  unsigned,
} from '../../../src/pki/ca/asn1.ts';
import type { Asn1 } from '../../../src/pki/ca/asn1.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  extension,
  extensionOf,
  keyUsage,
  subjectAlternativeName,
} from '../../../src/pki/ca/extensions.ts';
import type { ExtendedKeyUsage, KeyUsage, SubjectAttribute } from '../../../src/pki/ca/plan.ts';
import { algorithmFor, keyIdentifier, publicKeyInfo, signed } from '../../../src/pki/ca/sign.ts';

export interface Craft {
  readonly subject: readonly (readonly [SubjectAttribute, string])[];
  /** In place of the subject: a name as it is written elsewhere, to the byte. */
  readonly name?: Uint8Array;
  readonly key: KeyObject;
  /** Left out: it signs itself. */
  readonly issuer?: { readonly certificate: Certificate; readonly key: KeyObject };
  readonly notBefore: number;
  readonly notAfter: number;
  readonly isCa?: boolean;
  /** A CA without a key identifier, as small tools make them. */
  readonly hasNoKeyId?: boolean;
  readonly pathLength?: number;
  readonly keyUsage?: readonly KeyUsage[];
  readonly extendedKeyUsage?: readonly ExtendedKeyUsage[];
  readonly san?: readonly string[];
  /** The INTEGER's content. */
  readonly serial?: Uint8Array;
  readonly digest?: 'sha1';
  readonly more?: readonly Asn1[];
  /** One bit of the signature is another. */
  readonly broken?: boolean;
  /** Version 1, without extensions. */
  readonly isOld?: boolean;
}

export function craft({
  subject,
  name: written,
  key,
  issuer,
  notBefore,
  notAfter,
  isCa = false,
  hasNoKeyId = false,
  pathLength,
  keyUsage: usages,
  extendedKeyUsage: extended,
  san,
  serial = Uint8Array.of(0x12, 0x34),
  digest,
  more = [],
  broken,
  isOld,
}: Craft): Certificate {
  const signer = issuer?.key ?? key;
  const name = written ? taken(written) : distinguishedName(subject);
  const algorithm = algorithmFor(signer, digest ?? 'strong');
  const spki = publicKeyInfo(key);
  const ownId = keyIdentifier(spki);
  const extensions = [
    extension('basic_constraints', basicConstraints(isCa, pathLength), true),
    ...(isCa && !hasNoKeyId ? [extension('subject_key_identifier', octetString(ownId))] : []),
    ...(issuer?.certificate.keyId
      ? [extension('authority_key_identifier', authorityKeyIdentifier(issuer.certificate.keyId))]
      : []),
    ...(usages ? [extension('key_usage', keyUsage(usages), true)] : []),
    ...(extended ? [extension('extended_key_usage', extendedKeyUsage(extended))] : []),
    ...(san && san.length > 0
      ? [extension('subject_alternative_name', subjectAlternativeName(san, 'test'))]
      : []),
    ...more,
  ];
  const number = unsigned(Uint8Array.of(1));
  number.value = Buffer.from(serial).toString('latin1');
  const body = sequence(
    ...(isOld ? [] : [explicit(0, small(2))]),
    number,
    algorithm.identifier(),
    issuer ? taken(issuer.certificate.subject.der) : name,
    sequence(time(notBefore), time(notAfter)),
    name,
    taken(spki),
    ...(isOld ? [] : [explicit(3, sequence(...extensions))]),
  );
  const step = readCertificate(signed(body, signer, algorithm, broken));
  if ('got' in step) return step.got;
  throw new Error(JSON.stringify(step));
}

/** Critical, and known to nobody. */
export const unknownCritical = (): Asn1 => extensionOf('1.3.6.1.4.1.32473.1', Uint8Array.of(5, 0), true);

/** The server must send an OCSP response with it (RFC 7633): a sequence of the code 5, status_request. */
export const mustStaple: Asn1 = extensionOf('1.3.6.1.5.5.7.1.24', Uint8Array.of(0x30, 3, 2, 1, 5));

/** The signed timestamps of logs (RFC 6962 section 3.3), of which there are none in it: a list in an octet string. */
export const ofPublicCa: Asn1 = extensionOf('1.3.6.1.4.1.11129.2.4.2', Uint8Array.of(4, 2, 0, 0));

/** Only names below one domain. */
export const onlyBelow = (domain: string, critical: boolean): Asn1 =>
  extension(
    'name_constraints',
    sequence(implicitList(0, sequence(implicit(2, new Uint8Array(Buffer.from(domain)))))),
    critical,
  );

/** No name below one domain. */
export const notBelow = (domain: string): Asn1 =>
  extension(
    'name_constraints',
    sequence(implicitList(1, sequence(implicit(2, new Uint8Array(Buffer.from(domain)))))),
  );

/**
 * Creates the certificates of `certificates.ts`: keys, signatures, and PEM as kubeadm writes it (`EC PRIVATE KEY`, `RSA
 * PRIVATE KEY`). `pki/kubeadm/folder.ts` decides which are needed.
 *
 * The encoding is that of Go's crypto/x509, which kubeadm uses: PrintableString where possible, organization before
 * common name, several organizations in one set, a subject key identifier only in a CA, no authority key identifier in
 * a self-signed certificate.
 */
import { createPublicKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { attributeTypes, oidOf } from '../../protocols/x509/oids.ts';
import { octetString, oid, printableString, sequence, set, taken, toDer, utf8String } from '../ca/asn1.ts';
import type { Asn1 } from '../ca/asn1.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extendedKeyUsage,
  extension,
  keyUsage,
  subjectAlternativeName,
} from '../ca/extensions.ts';
import { buildCertificate } from '../ca/issue.ts';
import { validity } from './certificates.ts';
import type { AuthorityRow, KubeadmKeyKind, LeafFacts } from './certificates.ts';
import { toPem } from '../keystore/pem.ts';
import type { ExtendedKeyUsage } from '../ca/plan.ts';
import { keyIdentifier, makeKey, publicKeyInfo } from '../ca/sign.ts';

export interface Issuing {
  /** Milliseconds since the epoch; fractions of a second are dropped. */
  readonly now: number;
  readonly random: RandomBytes;
  readonly keyKind: KubeadmKeyKind;
}

export interface KeyedCertificate {
  /** Parsed on first use. */
  readonly certificate: Certificate;
  readonly key: KeyObject;
}

/** A certificate just created: its bytes are available. */
export interface NewCertificate extends KeyedCertificate {
  readonly der: Uint8Array;
}

export function issueAuthority(
  { commonName }: AuthorityRow,
  { now, random, keyKind }: Issuing,
): NewCertificate {
  const key = makeKey(keyKind);
  const spki = publicKeyInfo(key);
  const name = goName([], commonName);
  const start = wholeSeconds(now);
  return keyed(key, {
    serial: serialNumber(random),
    issuer: name,
    subject: name,
    notBefore: start - validity.backdate,
    notAfter: start + validity.authority,
    spki,
    extensions: [
      extension('key_usage', keyUsage(['digitalSignature', 'keyEncipherment', 'keyCertSign']), true),
      extension('basic_constraints', basicConstraints(true, undefined), true),
      extension('subject_key_identifier', octetString(keyIdentifier(spki))),
      extension('subject_alternative_name', subjectAlternativeName([`DNS:${commonName}`], commonName)),
    ],
    signer: key,
  });
}

/**
 * A certificate with a new key. It never outlives its CA: it would be useless after that. (kubeadm itself always sets a
 * year.)
 * @throws UserError for a name that a certificate cannot contain.
 */
export function issueLeaf(
  { commonName, organizations, usages, san }: LeafFacts,
  authority: KeyedCertificate,
  { now, random, keyKind }: Issuing,
): NewCertificate {
  const key = makeKey(keyKind);
  const { keyId, subject, notBefore, notAfter } = authority.certificate;
  return keyed(key, {
    serial: serialNumber(random),
    issuer: taken(subject.der),
    subject: goName(organizations, commonName),
    notBefore,
    notAfter: Math.min(wholeSeconds(now) + validity.leaf, notAfter),
    spki: publicKeyInfo(key),
    extensions: [
      extension('key_usage', keyUsage(['digitalSignature', 'keyEncipherment']), true),
      ...(usages.length > 0
        ? [extension('extended_key_usage', extendedKeyUsage(usages as readonly ExtendedKeyUsage[]))]
        : []),
      extension('basic_constraints', basicConstraints(false, undefined), true),
      ...(keyId ? [extension('authority_key_identifier', authorityKeyIdentifier(keyId))] : []),
      ...(san.length > 0
        ? [extension('subject_alternative_name', subjectAlternativeName(san, commonName))]
        : []),
    ],
    signer: authority.key,
  });
}

function keyed(key: KeyObject, parts: Parameters<typeof buildCertificate>[0]): NewCertificate {
  const der = buildCertificate(parts);
  let read: Certificate | undefined;
  return {
    der,
    key,
    get certificate() {
      const step = read ? { got: read } : readCertificate(der);
      if (!('got' in step)) throw new Error('the generated certificate cannot be parsed');
      read = step.got;
      return read;
    },
  };
}

export const certificatePem = ({ der }: Pick<Certificate, 'der'>): string => toPem('CERTIFICATE', der);

export function keyPem(key: KeyObject): string {
  const type = key.asymmetricKeyType === 'rsa' ? 'pkcs1' : key.asymmetricKeyType === 'ec' ? 'sec1' : 'pkcs8';
  return key.export({ type, format: 'pem' } as { type: 'pkcs8'; format: 'pem' }).toString();
}

export function publicKeyPem(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
}

/** A positive number of at most 63 bits. */
function serialNumber(random: RandomBytes): Uint8Array {
  for (;;) {
    const serial = Uint8Array.from(random(8));
    serial[0] = (serial[0] ?? 0) & 0x7f;
    if (serial.some((byte) => byte !== 0)) return serial;
  }
}

function goName(organizations: readonly string[], commonName: string): Asn1 {
  const attribute = (type: string, value: string): Asn1 =>
    sequence(
      oid(oidOf(attributeTypes, type)),
      (/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value) ? printableString : utf8String)(value),
    );
  return sequence(
    ...(organizations.length > 0
      ? [
          set(
            ...organizations
              .map((one) => attribute('O', one))
              .sort((left, right) => Buffer.compare(toDer(left), toDer(right))),
          ),
        ]
      : []),
    ...(commonName === '' ? [] : [set(attribute('CN', commonName))]),
  );
}

const wholeSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;

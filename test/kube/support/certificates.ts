/** Certificates for the tests of an API server, each made of a few facts; what a test leaves out is as it should be. */
import { randomBytes } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readCertificate } from '../../../src/protocols/x509/certificate.ts';
import type { Certificate } from '../../../src/protocols/x509/certificate.ts';
import { octetString, oid, sequence, taken, time, unsigned } from '../../../src/pki/ca/asn1.ts';
import type { Asn1 } from '../../../src/pki/ca/asn1.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extension,
  extensionOf,
  keyUsage,
} from '../../../src/pki/ca/extensions.ts';
import { buildCertificate, serialNumber } from '../../../src/pki/ca/issue.ts';
import type { SubjectAttribute } from '../../../src/pki/ca/plan.ts';
import { toPem } from '../../../src/pki/keystore/pem.ts';
import { algorithmFor, keyIdentifier, makeKey, publicKeyInfo, signed } from '../../../src/pki/ca/sign.ts';

export const at = Date.parse('2026-06-01T00:00:00Z');
export const day = 86_400_000;

/** Extended usages by number. */
export const usages = {
  clientAuth: '1.3.6.1.5.5.7.3.2',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  any: '2.5.29.37.0',
} as const;

export interface Facts {
  readonly subject: readonly (readonly [SubjectAttribute, string])[];
  readonly issuer?: Issued;
  readonly key?: KeyObject;
  readonly notBefore?: number;
  readonly notAfter?: number;
  readonly isCa?: boolean;
  readonly pathLength?: number;
  /** Dotted numbers; none: no such extension. */
  readonly extendedKeyUsage?: readonly string[];
  readonly keyUsage?: Parameters<typeof keyUsage>[0];
  readonly digest?: 'sha1';
  readonly broken?: boolean;
  readonly criticalExtension?: boolean;
  /** False: neither the key's identifier nor that of the CA's. */
  readonly keyIds?: boolean;
}

export interface Issued {
  readonly der: Uint8Array;
  readonly pem: string;
  readonly key: KeyObject;
  readonly keyPem: string;
  readonly certificate: Certificate;
}

export function issue(facts: Facts): Issued {
  const {
    subject,
    issuer,
    key = makeKey('P-256'),
    notBefore = at - day,
    notAfter = at + 365 * day,
    isCa = false,
    extendedKeyUsage = isCa ? [] : [usages.clientAuth],
  } = facts;
  const extensions: Asn1[] = [
    extension('basic_constraints', basicConstraints(isCa, facts.pathLength), true),
    ...(facts.keyIds === false
      ? []
      : [
          extension('subject_key_identifier', octetString(keyIdentifier(publicKeyInfo(key)))),
          extension(
            'authority_key_identifier',
            authorityKeyIdentifier(keyIdentifier(publicKeyInfo(issuer?.key ?? key))),
          ),
        ]),
    ...(facts.keyUsage ? [extension('key_usage', keyUsage(facts.keyUsage), true)] : []),
    ...(extendedKeyUsage.length > 0
      ? [extension('extended_key_usage', sequence(...extendedKeyUsage.map(oid)))]
      : []),
    ...(facts.criticalExtension ? [extensionOf('1.3.6.1.4.1.32473.1', Uint8Array.of(5, 0), true)] : []),
  ];
  const der = buildCertificate({
    serial: serialNumber(randomBytes),
    issuer: issuer ? taken(issuer.certificate.subject.der) : distinguishedName(subject),
    subject: distinguishedName(subject),
    notBefore,
    notAfter,
    spki: publicKeyInfo(key),
    extensions,
    signer: issuer?.key ?? key,
    ...(facts.digest ? { digest: facts.digest } : {}),
    ...(facts.broken ? { broken: true } : {}),
  });
  return issuedOf(der, key);
}

function issuedOf(der: Uint8Array, key: KeyObject): Issued {
  const step = readCertificate(der);
  if (!('got' in step)) throw new Error('the test made a certificate that cannot be read');
  return {
    der,
    pem: toPem('CERTIFICATE', der),
    key,
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: step.got,
  };
}

/** A certificate of version 1, which has no extensions to say anything with (RFC 5280 section 4.1.2.1). */
export function issueOld(name: string, issuer?: Issued, key: KeyObject = makeKey('P-256')): Issued {
  const subject = distinguishedName([['CN', name]]);
  const signer = issuer?.key ?? key;
  const algorithm = algorithmFor(signer, 'strong');
  const validity = sequence(time(at - day), time(at + 3650 * day));
  const der = signed(
    sequence(
      unsigned(serialNumber(randomBytes)),
      algorithm.identifier(),
      issuer ? taken(issuer.certificate.subject.der) : subject,
      validity,
      subject,
      taken(publicKeyInfo(key)),
    ),
    signer,
    algorithm,
  );
  return issuedOf(der, key);
}

export const authority = (name: string, facts: Partial<Facts> = {}): Issued =>
  issue({
    subject: [['CN', name]],
    isCa: true,
    notBefore: at - 10 * day,
    notAfter: at + 3650 * day,
    ...facts,
  });

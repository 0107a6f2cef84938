/**
 * Implements the built-in signers of kube-controller-manager: which requests each accepts, the certificate that it
 * issues, which kubelet requests are approved automatically, and when a request is removed. Pure: the clock and
 * randomness are arguments. `certificates.ts` has the API's rules; `controller-manager.ts` talks to the API.
 *
 * 1. A request is signed if it is approved, has neither failed nor a certificate, and names a known signer.
 * 2. Usages come from spec.usages, never from the PKCS #10 request; of its extensions only the names are copied.
 * 3. A certificate is backdated by five minutes and never outlives its CA.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import type { KeyObject } from 'node:crypto';
import type { RandomBytes } from '../../core/clock.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { SigningRequest } from '../../protocols/x509/request.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';
import { oid, sequence, taken } from '../../pki/ca/asn1.ts';
import type { Asn1 } from '../../pki/ca/asn1.ts';
import {
  authorityKeyIdentifier,
  basicConstraints,
  extension,
  keyUsage,
  subjectAlternativeName,
} from '../../pki/ca/extensions.ts';
import { buildCertificate, serialNumber } from '../../pki/ca/issue.ts';
import { pemCertificates, toPem } from '../../pki/keystore/pem.ts';
import type { KeyUsage } from '../../pki/ca/plan.ts';
import { keyIdentifier } from '../../pki/ca/sign.ts';
import { publicKeyOf } from '../../pki/x509/signature.ts';
import { signers } from './signer-names.ts';
import { hasCondition, specOf, statusOf } from './request-fields.ts';
import type { CertificateKeyUsage } from './certificates.ts';
import type { RequestCondition, RequestSpec } from './request-fields.ts';
import type { KubeObject } from '../objects/objects.ts';
import { readPemRequest } from './signing-request.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** What is wrong with a request, in the words of the condition; undefined when the signer takes it. */
type SignerRule = (request: SigningRequest, usages: readonly string[]) => string | undefined;

const valuesOf = ({ subject }: SigningRequest, type: string): string[] =>
  subject.attributes.filter((one) => one.type === type).map((one) => one.value);
const names = ({ subjectAlternativeNames = [] }: SigningRequest, kind: GeneralName['kind']): number =>
  subjectAlternativeNames.filter((one) => one.kind === kind).length;

const notNodes: SignerRule = (request) => {
  const organizations = valuesOf(request, 'O');
  return organizations.length === 1 && organizations[0] === 'system:nodes'
    ? undefined
    : 'subject organization is not system:nodes';
};
const notNode: SignerRule = (request) =>
  valuesOf(request, 'CN').at(-1)?.startsWith('system:node:')
    ? undefined
    : 'subject common name does not begin with system:node:';
const nameless: SignerRule = (request) =>
  names(request, 'DNS') + names(request, 'IP') > 0 ? undefined : 'DNS or IP subjectAltName is required';
const without =
  (kind: GeneralName['kind'], word: string): SignerRule =>
  (request) =>
    names(request, kind) === 0 ? undefined : `${word} subjectAltNames are not allowed`;

/** These usages, no other; a key that cannot encipher (any but RSA) does without key encipherment. */
const exactly =
  (purpose: string): SignerRule =>
  (_request, usages) => {
    const asked = new Set(usages);
    const all = ['digital signature', 'key encipherment', purpose];
    asked.add('key encipherment');
    const fits = asked.size === all.length && all.every((one) => asked.has(one));
    return fits ? undefined : `usages did not match [${all.toSorted().join(' ')}]`;
  };
const noForeignUsage: SignerRule = (_request, usages) => {
  const foreign = usages.find(
    (one) => !['digital signature', 'key encipherment', 'client auth'].includes(one),
  );
  return foreign === undefined ? undefined : `invalid usage for client certificate: ${foreign}`;
};
const forClients: SignerRule = (_request, usages) =>
  usages.includes('client auth') ? undefined : 'missing required usage for client certificate: client auth';

/** In this order; the first reason is reported. */
export const signerRules: Dictionary<readonly SignerRule[]> = {
  [signers.client]: [noForeignUsage, forClients],
  [signers.kubeletClient]: [
    notNodes,
    without('DNS', 'DNS'),
    without('email', 'Email'),
    without('IP', 'IP'),
    without('URI', 'URI'),
    notNode,
    exactly('client auth'),
  ],
  [signers.kubeletServing]: [
    notNodes,
    nameless,
    without('email', 'Email'),
    without('URI', 'URI'),
    exactly('server auth'),
    notNode,
  ],
  [signers.legacyUnknown]: [],
};

function refusal(signerName: string, request: SigningRequest, usages: readonly string[]): string | undefined {
  for (const rule of signerRules[signerName] ?? []) {
    const wrong = rule(request, usages);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Usages of keys (RFC 5280 section 4.2.1.3). */
const keyUsageOf: Readonly<Partial<Record<CertificateKeyUsage, KeyUsage>>> = {
  signing: 'digitalSignature',
  'digital signature': 'digitalSignature',
  'content commitment': 'nonRepudiation',
  'key encipherment': 'keyEncipherment',
  'key agreement': 'keyAgreement',
  'data encipherment': 'dataEncipherment',
  'cert sign': 'keyCertSign',
  'crl sign': 'cRLSign',
  'encipher only': 'encipherOnly',
  'decipher only': 'decipherOnly',
};

/** Extended usages (RFC 5280 section 4.2.1.12), and those of others that Kubernetes names. */
const extendedUsageOf: Readonly<Partial<Record<CertificateKeyUsage, string>>> = {
  any: '2.5.29.37.0',
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4',
  'ipsec end system': '1.3.6.1.5.5.7.3.5',
  'ipsec tunnel': '1.3.6.1.5.5.7.3.6',
  'ipsec user': '1.3.6.1.5.5.7.3.7',
  timestamping: '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9',
  'microsoft sgc': '1.3.6.1.4.1.311.10.3.3',
  'netscape sgc': '2.16.840.1.113730.4.1',
};

const mapped = <T>(
  table: Readonly<Partial<Record<CertificateKeyUsage, T>>>,
  usages: readonly string[],
): T[] => [
  ...new Set(
    usages.flatMap((one) => (Object.hasOwn(table, one) ? [table[one as CertificateKeyUsage] as T] : [])),
  ),
];

export interface SigningAuthority {
  readonly certificate: Certificate;
  readonly key: KeyObject;
  /** `--cluster-signing-duration`, in seconds; a year where it is left out. */
  readonly duration?: number;
}

/** Seconds: twice the time by which certificates are dated back. */
const shortest = 600;

/** Beginning and end in milliseconds since the epoch; undefined when the CA itself is over. */
export function validityOf(
  expirationSeconds: number | undefined,
  { certificate, duration = 8760 * 3600 }: SigningAuthority,
  at: number,
): { readonly notBefore: number; readonly notAfter: number } | undefined {
  const now = Math.floor(at / second) * second;
  // The minimum applies to the requested duration: a signer configured for less issues less.
  const ttl = Math.min(Math.max(expirationSeconds ?? duration, shortest), duration) * second;
  const backdate = 5 * minute;
  // Of a short life five minutes would be a part worth having.
  const notAfter = Math.min(now + ttl - (ttl < 8 * hour ? 0 : backdate), certificate.notAfter);
  return now < certificate.notAfter ? { notBefore: now - backdate, notAfter } : undefined;
}

const copied = new Set<GeneralName['kind']>(['DNS', 'IP', 'URI', 'email']);

/** The certificate, PEM; undefined when the CA itself is over. @param at milliseconds since the epoch. */
export function signCertificate(
  request: SigningRequest,
  { usages, expirationSeconds }: Pick<RequestSpec, 'usages' | 'expirationSeconds'>,
  authority: SigningAuthority,
  at: number,
  random: RandomBytes,
): string | undefined {
  const validity = validityOf(expirationSeconds, authority, at);
  if (!validity) return undefined;
  const { certificate, key } = authority;
  const keyUsages = mapped(keyUsageOf, usages);
  const extendedUsages = mapped(extendedUsageOf, usages);
  const san = (request.subjectAlternativeNames ?? [])
    .filter(({ kind }) => copied.has(kind))
    .map(({ kind, value }) => `${kind}:${value}`);
  const extensions: Asn1[] = [
    ...(keyUsages.length > 0 ? [extension('key_usage', keyUsage(keyUsages), true)] : []),
    ...(extendedUsages.length > 0
      ? [extension('extended_key_usage', sequence(...extendedUsages.map(oid)))]
      : []),
    extension('basic_constraints', basicConstraints(false, undefined), true),
    extension(
      'authority_key_identifier',
      authorityKeyIdentifier(certificate.keyId ?? keyIdentifier(certificate.publicKey.der)),
    ),
    ...(san.length > 0
      ? [
          extension(
            'subject_alternative_name',
            subjectAlternativeName(san, 'spec.request'),
            request.subject.attributes.length === 0,
          ),
        ]
      : []),
  ];
  const der = buildCertificate({
    serial: serialNumber(random),
    issuer: taken(certificate.subject.der),
    subject: taken(request.subject.der),
    ...validity,
    spki: canonicalKey(request),
    extensions,
    signer: key,
  });
  return toPem('CERTIFICATE', der);
}

/** The key as OpenSSL writes it: whatever else stood in its parameters is not signed. */
function canonicalKey({ publicKey }: SigningRequest): Uint8Array {
  return new Uint8Array(publicKeyOf(publicKey)?.export({ type: 'spki', format: 'der' }) ?? publicKey.der);
}

export type SigningDecision =
  | { readonly decision: 'sign'; readonly certificate: string }
  /** The condition for /status. */
  | { readonly decision: 'fail'; readonly condition: RequestCondition }
  /** Another signer's, not approved, already done, or not possible now. */
  | { readonly decision: 'leave'; readonly why: string };

const leave = (why: string): SigningDecision => ({ decision: 'leave', why });

/** What the signers do with a stored request. @throws ApiFailure when it is not of its shape, which no server stores. */
export function decideSigning(
  object: KubeObject,
  authority: SigningAuthority,
  at: number,
  random: RandomBytes,
): SigningDecision {
  const status = statusOf(object);
  if (status.certificate) return leave('it has a certificate');
  if (!hasCondition(status, 'Approved')) return leave('it is not approved');
  if (hasCondition(status, 'Denied')) return leave('it is denied');
  if (hasCondition(status, 'Failed')) return leave('it has failed');
  const spec = specOf(object);
  if (!Object.hasOwn(signerRules, spec.signerName))
    return leave(`signer ${spec.signerName} is not one of ours`);
  const read = readPemRequest(spec.request);
  if ('fault' in read) return leave(read.fault);
  const wrong = refusal(spec.signerName, read.request, spec.usages);
  if (wrong !== undefined) {
    return {
      decision: 'fail',
      condition: {
        type: 'Failed',
        status: 'True',
        reason: 'SignerValidationFailure',
        message: wrong,
        lastUpdateTime: isoTime(at),
      },
    };
  }
  const certificate = signCertificate(read.request, spec, authority, at, random);
  return certificate === undefined
    ? leave(`the signer has expired: NotAfter=${isoTime(authority.certificate.notAfter)}`)
    : { decision: 'sign', certificate };
}

/** A right under which a kubelet's request is approved by itself, if the requestor has it (verb create). */
export interface ApprovalAttempt {
  readonly subresource: 'selfnodeclient' | 'nodeclient';
  readonly condition: RequestCondition;
}

/** In the order in which they are tried; none for what people decide about. @throws ApiFailure as `decideSigning`. */
export function approvalAttempts(object: KubeObject, at: number): ApprovalAttempt[] {
  const status = statusOf(object);
  if (status.certificate || hasCondition(status, 'Approved') || hasCondition(status, 'Denied')) return [];
  const { signerName, request: pem, usages, username } = specOf(object);
  if (signerName !== signers.kubeletClient) return [];
  const read = readPemRequest(pem);
  if ('fault' in read || refusal(signerName, read.request, usages) !== undefined) return [];
  const approved = (message: string): RequestCondition => ({
    type: 'Approved',
    status: 'True',
    reason: 'AutoApproved',
    message,
    lastUpdateTime: isoTime(at),
  });
  const isOwn = valuesOf(read.request, 'CN').at(-1) === username;
  return [
    ...(isOwn
      ? [
          {
            subresource: 'selfnodeclient',
            condition: approved('Auto approving self kubelet client certificate after SubjectAccessReview.'),
          } as const,
        ]
      : []),
    {
      subresource: 'nodeclient',
      condition: approved('Auto approving kubelet client certificate after SubjectAccessReview.'),
    },
  ];
}

const kept = { decided: hour, pending: 24 * hour } as const;

/** Why a request is cleared away now; undefined while it stays. @throws ApiFailure as `decideSigning`. */
export function garbageReason(
  object: KubeObject,
  at: number,
): 'issued' | 'denied' | 'failed' | 'pending' | 'expired' | undefined {
  const { conditions, certificate } = statusOf(object);
  const created = Date.parse(object.metadata.creationTimestamp ?? '');
  const isOld = (time: number, age: number): boolean => at - time > age;
  const decidedLongAgo = (type: string): boolean =>
    conditions.some((one) => one.type === type && isOld(Date.parse(one.lastUpdateTime ?? ''), kept.decided));
  const isApproved = conditions.some(({ type }) => type === 'Approved');
  if (certificate && isApproved && decidedLongAgo('Approved')) return 'issued';
  if (decidedLongAgo('Denied')) return 'denied';
  if (decidedLongAgo('Failed')) return 'failed';
  if (conditions.length === 0 && isOld(created, kept.pending)) return 'pending';
  if (certificate && isApproved && hasEnded(certificate, at)) return 'expired';
  return undefined;
}

function hasEnded(pem: Uint8Array, at: number): boolean {
  const [der] = pemCertificates(Buffer.from(pem).toString('latin1'));
  const step = der ? readCertificate(der) : undefined;
  return step !== undefined && 'got' in step && at > step.got.notAfter;
}

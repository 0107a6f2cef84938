/**
 * Reports the defects of a presented chain that any observer can see: dates, names, usage, signatures. Not a verdict:
 * the verifier's trusted CAs and revocations are unknown. `pki/x509/verify.ts` gives verdicts.
 */
import { bufferOf } from '../../core/bytes.ts';
import type { Side } from '../../capture/event.ts';
import type { CertificateSummary, RefusalReason } from '../../capture/vocabulary.ts';
import { unhandledCriticalExtensions } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { formFault } from '../../pki/x509/certificate-form.ts';
import { matchesHostname } from '../../pki/x509/hostname.ts';
import { constraintFault } from '../../pki/x509/name-constraints.ts';
import {
  hasExtendedUsage,
  hasLeafUsage,
  hasWeakDigest,
  hasWeakKey,
  isAuthority,
  isIssuedBy,
  mayHaveIssued,
  sameName,
} from '../../pki/x509/verify.ts';
import { presentedCertificate, summaryOf } from '../../protocols/x509/known-certificates.ts';

export interface Flaw {
  readonly reason: RefusalReason;
  /** The certificate of the chain that has it; undefined for one that cannot be read. */
  readonly certificate?: CertificateSummary;
}

export interface ChainQuestion {
  /** Whose chain it is. */
  readonly owner: Side;
  /** Milliseconds since the epoch; undefined if unknown, then dates are not checked. */
  readonly at: number | undefined;
  /** The name that the client requested; used for a server's chain only. */
  readonly hostname: string | undefined;
}

/** More is hostile: OpenSSL stops at a hundred as well. */
const mostCertificates = 100;

export class PresentedChain {
  /** Of the leaf, where it can be read. */
  readonly leaf: CertificateSummary | undefined;
  readonly flaws: readonly Flaw[];

  /** @param chain DER, leaf first */
  constructor(chain: readonly Uint8Array[], question: ChainQuestion) {
    const certificates = chain.slice(0, mostCertificates).map((der) => presentedCertificate(der));
    const [leaf] = certificates;
    this.leaf = leaf && summaryOf(leaf);
    this.flaws = [
      ...(certificates.includes(undefined) ? [{ reason: 'malformed_certificate' } as const] : []),
      ...certificates.flatMap((one) =>
        one && formFault(one)
          ? [{ reason: 'malformed_certificate', certificate: summaryOf(one) } as const]
          : [],
      ),
      ...(leaf
        ? [
            ...flawsOfLeaf(leaf, question, chain.length),
            ...flawsOfAll(
              certificates.filter((one) => one !== undefined),
              question.at,
            ),
            ...flawsOfConstraints(certificates.filter((one) => one !== undefined)),
          ]
        : []),
    ];
  }

  /** The first of these reasons for which there is a flaw. */
  firstOf(reasons: readonly RefusalReason[]): Flaw | undefined {
    for (const reason of reasons) {
      const flaw = this.flaws.find((one) => one.reason === reason);
      if (flaw) return flaw;
    }
    return undefined;
  }
}

function flawsOfLeaf(leaf: Certificate, { owner, hostname }: ChainQuestion, count: number): Flaw[] {
  const certificate = summaryOf(leaf);
  const checks: readonly (readonly [RefusalReason, boolean])[] = [
    [
      'name_mismatch',
      owner === 'server' &&
        hostname !== undefined &&
        !matchesHostname(leaf.subjectAlternativeNames ?? [], hostname),
    ],
    ['wrong_usage', !hasExtendedUsage(leaf, owner) || !hasLeafUsage(leaf, owner)],
    ['self_signed', sameName(leaf.subject, leaf.issuer) && isIssuedBy(leaf, leaf)],
    ['intermediate_missing', count === 1 && namesIssuersPlace(leaf)],
    ['ca_as_leaf', leaf.basicConstraints?.isCa ?? false],
  ];
  return checks.flatMap(([reason, isSo]) => (isSo ? [{ reason, certificate }] : []));
}

/** Authority information access, and in it the place where the issuer's certificate is to be had (RFC 5280 section 4.2.2.1). */
const accessOid = '1.3.6.1.5.5.7.1.1';
const caIssuers = Buffer.from('06082b06010505073002', 'hex');

/** CAs add this to certificates of intermediates: verifiers need not fetch a root. */
function namesIssuersPlace({ extensions, tbs }: Certificate): boolean {
  return extensions.some(({ oid }) => oid === accessOid) && bufferOf(tbs).includes(caIssuers);
}

/** Only if each certificate was issued by the next: otherwise the order of the CAs is unknown. */
function flawsOfConstraints(chain: readonly Certificate[]): Flaw[] {
  const broken = chain.findIndex((certificate, depth) => {
    const issuer = chain[depth + 1];
    return issuer !== undefined && !mayHaveIssued(issuer, certificate);
  });
  const path = broken < 0 ? chain : chain.slice(0, broken + 1);
  const fault = constraintFault(path);
  const blamed = fault && path[fault.depth];
  return blamed ? [{ reason: 'name_constraint_violated', certificate: summaryOf(blamed) }] : [];
}

function flawsOfAll(chain: readonly Certificate[], at: number | undefined): Flaw[] {
  return chain.flatMap((certificate, depth) => {
    const issuer = chain[depth + 1];
    const isLinked = issuer !== undefined && mayHaveIssued(issuer, certificate);
    const checks: readonly (readonly [RefusalReason, boolean])[] = [
      ['certificate_not_yet_valid', at !== undefined && at < certificate.notBefore],
      // The second of notAfter belongs to the validity (RFC 5280 section 4.1.2.5).
      ['certificate_expired', at !== undefined && at >= certificate.notAfter + 1000],
      ['bad_signature', isLinked && !isIssuedBy(certificate, issuer)],
      ['not_a_ca', depth > 0 && !isAuthority(certificate, depth === chain.length - 1)],
      ['unhandled_critical_extension', unhandledCriticalExtensions(certificate).length > 0],
      ['unusable_key', certificate.publicKey.hasExplicitCurve === true],
      ['weak_key', hasWeakKey(certificate)],
      // The signature of a root over itself is not relied on.
      ['weak_signature', hasWeakDigest(certificate) && !sameName(certificate.subject, certificate.issuer)],
    ];
    return checks.flatMap(([reason, isSo]) =>
      isSo ? [{ reason, certificate: summaryOf(certificate) }] : [],
    );
  });
}

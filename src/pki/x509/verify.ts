/**
 * Verifies a presented chain for a purpose, and gives one reason if it is refused (RFC 5280 section 6). Pure: the clock
 * is an argument. OpenSSL decides in the handshake; this names the reason and never admits more.
 *
 * 1. If there are several problems, the first in OpenSSL's order is reported: unreadable certificates; the leaf's key;
 *    a path to a trusted CA (`path.ts`); along the path from the leaf up: critical extensions, CA or not, explicit
 *    curves, usage, path length; weak keys and digests; the hostname; revocation; then from the root down: signatures
 *    and dates; last the name constraints (`name-constraints.ts`).
 * 2. Every certificate in `roots` is an anchor, self-signed or not. (openssl requires -partial_chain for the latter.) A
 *    leaf that is itself an anchor is trusted for its purposes.
 * 3. With revocation lists, every certificate below the anchor needs a current list of its issuer, as in Node.
 * 4. Policies are not evaluated, whatever requireExplicitPolicy contains; neither does OpenSSL without -policy_check,
 *    nor Node.
 * 5. The second of notAfter is excluded, as in OpenSSL: one second less than in RFC 5280.
 * 6. Deliberately stricter than OpenSSL: a common name is not a hostname, and a wildcard does not match part of a
 *    label. A CA certificate is not accepted as a leaf. Extensions must be unique and DER; there is no version 4; every
 *    certificate that was sent must be readable. RSA keys need 2048 bits, not 2047. Address blocks (RFC 3779) and
 *    Server Gated Crypto are unknown. A NUL in a URI is refused if names are constrained. A serial number and its
 *    negative are the same in a revocation list, and a list for a part of the certificates does not count.
 */
import { sameBytes } from '../../core/bytes.ts';
import { defined } from '../../core/defined.ts';
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { CertificateFault, RefusalDetail } from '../../capture/event.ts';
import { toColonHex } from '../../core/hex.ts';
import {
  certificateSummary,
  isoTime,
  readCertificate,
  unhandledCriticalExtensions,
} from '../../protocols/x509/certificate.ts';
import { recentCertificate } from '../../protocols/x509/known-certificates.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { readRevocationList } from '../../protocols/x509/crl.ts';
import type { RevocationList, RevokedCertificate } from '../../protocols/x509/crl.ts';
import { serialText } from '../../protocols/x509/structures.ts';
import type { DistinguishedName } from '../../protocols/x509/structures.ts';
import { UserError } from '../../i18n/user-error.ts';
import { faultOfMalformed, formFault } from './certificate-form.ts';
import { comparableName, sameName } from './distinguished-name.ts';
import { matchesHostname } from './hostname.ts';
import { hasWeakDigest, hasWeakKey, isUnknownKey, keyFault } from './key-strength.ts';
import { constraintFault } from './name-constraints.ts';
import { buildPath, findPaths, hasFittingKey, isSelfIssued, isSelfSigned, mayHaveIssued } from './path.ts';
import type { BuiltPath } from './path.ts';
import { isSignedBy } from './signature.ts';

export { comparableName, findPaths, hasWeakDigest, hasWeakKey, isSelfSigned, mayHaveIssued, sameName };

/** Whether it is a client's or a server's certificate. */
export type Purpose = 'client' | 'server';

export interface Trust {
  /** DER. */
  readonly roots: readonly Uint8Array[];
  /** Revocation lists, DER; without any, revocation is not checked. */
  readonly revocations?: readonly Uint8Array[];
  /** Other intermediates known to this side, DER. They complete no path; they prove that one is missing. */
  readonly known?: readonly Uint8Array[];
  readonly purpose: Purpose;
}

export interface PresentedChain {
  /** DER, leaf first, as presented; empty if there was no certificate. */
  readonly chain: readonly Uint8Array[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The name that the client requested. */
  readonly hostname?: string;
}

export interface TrustedAuthority {
  readonly subject: string;
  readonly keyId?: string;
}

export type Verification =
  | {
      readonly admitted: true;
      /** Leaf first, anchor last. */
      readonly path: readonly Certificate[];
    }
  | {
      readonly admitted: false;
      readonly reason: RefusalReason;
      /** The certificate of the path that caused the refusal: 0 is the leaf. */
      readonly depth: number;
      /** The leaf, if it could be read. */
      readonly presented?: Certificate;
      /** The certificate that caused the refusal, if it is not the leaf. */
      readonly blamed?: Certificate;
      /** The malformed part, or the name outside the constraints. */
      readonly fault?: CertificateFault;
      readonly trusted: readonly TrustedAuthority[];
    };

interface Blame {
  readonly reason: RefusalReason;
  readonly depth: number;
  readonly fault?: CertificateFault;
}

export interface Pool {
  readonly roots: readonly Certificate[];
  readonly known: readonly Certificate[];
  readonly revocations: readonly RevocationList[] | undefined;
  readonly purpose: Purpose | undefined;
}

/** Verifies one chain. For many chains with the same CAs use `prepareTrust`. */
export function verifyChain(question: Trust & PresentedChain): Verification {
  return prepareTrust(question)(question);
}

/**
 * Parses CAs and revocation lists once and returns a verifier for chains.
 * @throws UserError if a CA or a list cannot be read.
 */
export function prepareTrust(trust: Trust): (presented: PresentedChain) => Verification {
  const pool: Pool = {
    roots: trust.roots.map(readTrusted),
    known: (trust.known ?? []).map(readTrusted),
    revocations:
      trust.revocations && trust.revocations.length > 0 ? trust.revocations.map(readList) : undefined,
    purpose: trust.purpose,
  };
  const trusted = pool.roots.map((root) =>
    defined({ subject: root.subject.text, keyId: root.keyId && toColonHex(root.keyId) }),
  );
  return (presented) => {
    const verdict = judge(pool, presented);
    if ('path' in verdict) return { admitted: true, path: verdict.path };
    const { reason, depth, leaf, blamed, fault } = verdict;
    return defined({
      admitted: false,
      reason,
      depth,
      presented: leaf,
      blamed: blamed && depth > 0 ? blamed : undefined,
      fault,
      trusted,
    });
  };
}

/** The contents of the refusal card for a refused chain. */
export function refusalDetail(
  refused: Extract<Verification, { admitted: false }>,
  question: Pick<PresentedChain, 'at' | 'hostname'> & { readonly purpose: Purpose },
): RefusalDetail {
  const timely =
    refused.reason === 'certificate_expired' ||
    refused.reason === 'certificate_not_yet_valid' ||
    refused.reason === 'crl_expired';
  const usage = question.purpose === 'client' ? 'clientAuth' : 'serverAuth';
  const expected =
    refused.reason === 'name_mismatch'
      ? question.hostname
      : refused.reason === 'wrong_usage'
        ? usage
        : undefined;
  return defined({
    presented: refused.presented && certificateSummary(refused.presented),
    trusted: refused.trusted,
    now: timely ? isoTime(question.at) : undefined,
    expected,
    fault: refused.fault,
    blamed:
      refused.reason === 'certificate_expired' && refused.blamed
        ? certificateSummary(refused.blamed)
        : undefined,
  });
}

type Judgement =
  | { readonly path: readonly Certificate[] }
  | (Blame & { readonly leaf?: Certificate; readonly blamed?: Certificate | undefined });

function judge(pool: Pool, presented: PresentedChain): Judgement {
  if (presented.chain.length === 0) return { reason: 'certificate_missing', depth: 0 };
  const chain: Certificate[] = [];
  for (const [depth, der] of presented.chain.entries()) {
    // A copy of an anchor in the chain was parsed when it was configured.
    const known = pool.roots.find((root) => sameBytes(root.der, der));
    if (known) {
      chain.push(known);
      continue;
    }
    const step = recentCertificate(der);
    if (!('got' in step)) {
      const fault = 'malformed' in step ? faultOfMalformed(step.malformed) : undefined;
      return defined({ reason: 'malformed_certificate', depth, fault, leaf: chain[0] });
    }
    chain.push(step.got);
  }
  const [leaf, ...others] = chain as [Certificate, ...Certificate[]];
  return judgeRead(leaf, others, pool, presented);
}

/** The same for parsed certificates. Without a purpose, usages are not checked. */
export function judgeRead(
  leaf: Certificate,
  others: readonly Certificate[],
  pool: Pool,
  presented: Pick<PresentedChain, 'at' | 'hostname'>,
): Judgement {
  const own = blameLeaf(leaf);
  if (own) return { ...own, leaf };
  const built = buildPath(leaf, others.filter(isWellFormed), pool.roots.filter(isWellFormed), presented.at);
  if (!built.complete) return { ...blameIncomplete(built, pool, others), leaf, blamed: built.path.at(-1) };
  const blame = blamePath(built.path, pool, presented);
  return blame ? { ...blame, leaf, blamed: built.path[blame.depth] } : { path: built.path };
}

export const isWellFormed = (certificate: Certificate): boolean => formFault(certificate) === undefined;

/** OpenSSL's checks before any path. */
function blameLeaf(leaf: Certificate): Blame | undefined {
  if (isUnknownKey(leaf)) return { reason: 'unusable_key', depth: 0, fault: keyFault(leaf) };
  if (hasWeakKey(leaf)) return { reason: 'weak_key', depth: 0 };
  const fault = formFault(leaf);
  return fault && { reason: 'malformed_certificate', depth: 0, fault };
}

/** Why the built path does not reach an anchor. */
export function blameIncomplete(
  { path, isTooLong }: BuiltPath,
  pool: Pick<Pool, 'roots' | 'known'>,
  others: readonly Certificate[],
): Blame {
  const depth = path.length - 1;
  const tip = path[depth];
  if (isTooLong || !tip) return { reason: 'path_too_long', depth };
  const namesakes = [...pool.roots, ...others].filter(
    (one) => !path.includes(one) && mayHaveIssued(one, tip),
  );
  const fault = namesakes.map(formFault).find((one) => one !== undefined);
  if (fault) return { reason: 'malformed_certificate', depth: depth + 1, fault };
  if (namesakes.some((one) => !hasFittingKey(one, tip))) return { reason: 'bad_signature', depth };
  return blameMissingPath(path, pool);
}

/**
 * Why there is no path: a self-signed end of the chain is untrusted. Otherwise the issuer of the last certificate is
 * missing. If it has the name of a trusted CA, it is another key with that name. A missing intermediate can be proven
 * only by a side that knows it (`known`); otherwise a common organization is taken as the sign, where a leaf stands alone: whoever
 * sends intermediate certificates leaves out the root.
 */
export function blameMissingPath(
  longest: readonly Certificate[],
  pool: Pick<Pool, 'roots' | 'known'>,
): Blame {
  const depth = longest.length - 1;
  const tip = longest[depth];
  if (!tip) return { reason: 'unknown_ca', depth: 0 };
  if (sameName(tip.subject, tip.issuer))
    return { reason: depth === 0 && isSelfSigned(tip) ? 'self_signed' : 'unknown_ca', depth };
  const completes = (known: Certificate): boolean =>
    mayHaveIssued(known, tip) && isIssuedBy(tip, known) && pool.roots.some((root) => isIssuedBy(known, root));
  if (pool.known.some(completes)) return { reason: 'intermediate_missing', depth };
  const akin = depth === 0 && isAkin(tip, pool.roots);
  const sameNameOtherKey = pool.roots.some((root) => sameName(root.subject, tip.issuer));
  return { reason: akin && !sameNameOtherKey ? 'intermediate_missing' : 'unknown_ca', depth };
}

/** Whether the issuer of a certificate is of the organization of a trusted CA. */
export function isAkin({ issuer }: Certificate, roots: readonly Certificate[]): boolean {
  const organizations = new Set(roots.flatMap((root) => organizationsOf(root.subject)));
  return organizationsOf(issuer).some((name) => organizations.has(name));
}

function organizationsOf(name: DistinguishedName): string[] {
  return name.attributes.filter((one) => one.type === 'O').map((one) => one.value);
}

/** The first problem of a path, in the order of rule 1. */
function blamePath(
  path: readonly Certificate[],
  pool: Pool,
  presented: Pick<PresentedChain, 'at' | 'hostname'>,
): Blame | undefined {
  return (
    blameExtensions(path, pool.purpose) ??
    blameWeakness(path) ??
    (presented.hostname !== undefined &&
    !matchesHostname(path[0]?.subjectAlternativeNames ?? [], presented.hostname)
      ? { reason: 'name_mismatch', depth: 0 }
      : undefined) ??
    (pool.revocations ? blameRevocation(path, pool.revocations, presented.at) : undefined) ??
    blameSignaturesAndDates(path, presented.at) ??
    blameConstraints(path)
  );
}

function blameConstraints(path: readonly Certificate[]): Blame | undefined {
  const found = constraintFault(path);
  return (
    found && {
      reason: 'name_constraint_violated',
      depth: found.depth,
      fault: { part: 'nameConstraints', expected: found.constraint, found: found.name },
    }
  );
}

export const usageOf: Readonly<Record<Purpose, { extended: string; leaf: readonly string[] }>> = {
  client: { extended: 'clientAuth', leaf: ['digitalSignature', 'keyAgreement'] },
  server: { extended: 'serverAuth', leaf: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] },
};

function blameExtensions(path: readonly Certificate[], purpose: Purpose | undefined): Blame | undefined {
  // Intermediates below the current one; self-issued ones do not count (RFC 5280 section 6.1.4 (l)).
  let below = 0;
  for (const [depth, certificate] of path.entries()) {
    const unknown = unknownConditions(certificate, depth);
    if (unknown.length > 0)
      return {
        reason: 'unhandled_critical_extension',
        depth,
        fault: { part: 'extensions', expected: 'known critical extensions', found: unknown.join(', ') },
      };
    if (depth > 0 && !mayIssue(certificate, depth === path.length - 1)) return { reason: 'not_a_ca', depth };
    if (path.length > 1 && certificate.publicKey.hasExplicitCurve)
      return { reason: 'unusable_key', depth, fault: keyFault(certificate) };
    if (depth === 0 && path.length > 1 && certificate.basicConstraints?.isCa)
      return { reason: 'ca_as_leaf', depth };
    // As in OpenSSL, the extended key usage of a CA restricts what it issues, and anyExtendedKeyUsage permits nothing.
    if (purpose && (!hasExtendedUsage(certificate, purpose) || !hasTypeOfCa(certificate, depth)))
      return { reason: 'wrong_usage', depth };
    if (purpose && depth === 0 && !hasLeafUsage(certificate, purpose))
      return { reason: 'wrong_usage', depth };
    const limit = certificate.basicConstraints?.pathLength;
    if (depth > 0 && limit !== undefined && below > limit) return { reason: 'path_too_long', depth };
    if (depth > 0 && !isSelfIssued(certificate)) below++;
  }
  return undefined;
}

/** RFC 3779 and RFC 3820: OpenSSL evaluates the former in a leaf and refuses the latter, critical or not. */
const addressBlocks: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.1.7', '1.3.6.1.5.5.7.1.8']);
const proxyCertificate = '1.3.6.1.5.5.7.1.14';

/** Critical extensions that are not evaluated here: dotted numbers. */
export function unknownConditions(certificate: Certificate, depth: number): string[] {
  const more = certificate.extensions
    .filter(
      ({ oid, critical }) =>
        !critical && (oid === proxyCertificate || (depth === 0 && addressBlocks.has(oid))),
    )
    .map(({ oid }) => oid);
  return [...unhandledCriticalExtensions(certificate), ...more];
}

export function hasExtendedUsage({ extendedKeyUsage }: Certificate, purpose: Purpose): boolean {
  return !extendedKeyUsage || extendedKeyUsage.includes(usageOf[purpose].extended);
}

export function hasLeafUsage(leaf: Certificate, purpose: Purpose): boolean {
  return hasLeafKeyUsage(leaf, purpose) && hasNetscapeType(leaf, purpose);
}

/** The predecessor of extended key usage; OpenSSL still respects it. */
export function hasNetscapeType({ netscapeCertType }: Certificate, purpose: Purpose): boolean {
  return !netscapeCertType || netscapeCertType.includes(purpose === 'client' ? 'sslClient' : 'sslServer');
}

function hasLeafKeyUsage({ keyUsage }: Certificate, purpose: Purpose): boolean {
  return !keyUsage || usageOf[purpose].leaf.some((one) => keyUsage.includes(one));
}

const netscapeCaTypes = ['sslCA', 'smimeCA', 'objectSigningCA'];

/**
 * Whether OpenSSL accepts a certificate as an issuer. Roots of version 1, and anchors without basicConstraints that
 * indicate it otherwise, are accepted because they are trusted.
 */
export function mayIssue(certificate: Certificate, isAnchor: boolean): boolean {
  const { basicConstraints, keyUsage, netscapeCertType } = certificate;
  if (keyUsage && !keyUsage.includes('keyCertSign')) return false;
  if (basicConstraints) return basicConstraints.isCa;
  if (!isAnchor) return false;
  if (certificate.version === 1 && isSelfSigned(certificate)) return true;
  return (
    keyUsage !== undefined || (netscapeCertType?.some((type) => netscapeCaTypes.includes(type)) ?? false)
  );
}

/** A CA by Netscape's extension alone may issue for TLS only if that extension includes it. */
export function hasTypeOfCa(
  { version, basicConstraints, keyUsage, netscapeCertType }: Certificate,
  depth: number,
): boolean {
  return (
    depth === 0 ||
    version === 1 ||
    basicConstraints !== undefined ||
    keyUsage !== undefined ||
    (netscapeCertType?.includes('sslCA') ?? false)
  );
}

/**
 * As in RFC 5280 and Go, stricter than `mayIssue`. A root of version 1 has no extensions; it is accepted because it is
 * trusted.
 */
export function isAuthority(certificate: Certificate, isAnchor: boolean): boolean {
  if (certificate.version < 3) return isAnchor;
  if (!certificate.basicConstraints?.isCa) return false;
  return !certificate.keyUsage || certificate.keyUsage.includes('keyCertSign');
}

function blameWeakness(path: readonly Certificate[]): Blame | undefined {
  for (const [depth, certificate] of path.entries()) {
    if (depth > 0 && isUnknownKey(certificate))
      return { reason: 'unusable_key', depth, fault: keyFault(certificate) };
    if (hasWeakKey(certificate)) return { reason: 'weak_key', depth };
    // The signature of an anchor over itself is not relied on.
    if (depth < path.length - 1 && hasWeakDigest(certificate)) return { reason: 'weak_signature', depth };
  }
  return undefined;
}

function blameRevocation(
  path: readonly Certificate[],
  lists: readonly RevocationList[],
  at: number,
): Blame | undefined {
  for (const [depth, certificate] of path.slice(0, -1).entries()) {
    const issuer = path[depth + 1];
    const { reason } = issuer ? revocationOf(certificate, issuer, lists, at) : {};
    if (reason) return { reason, depth };
  }
  return undefined;
}

export interface Revocation {
  /** Undefined if a current list of its issuer does not contain it. */
  readonly reason?: 'crl_missing' | 'crl_expired' | 'certificate_revoked';
  /** The list that was consulted. */
  readonly list?: RevocationList;
  readonly entry?: RevokedCertificate;
}

/** The entry for a certificate in the newest current list of its issuer. */
export function revocationOf(
  certificate: Certificate,
  issuer: Certificate,
  lists: readonly RevocationList[],
  at: number,
): Revocation {
  const usable = lists.filter((list) => isListOf(list, issuer) && list.thisUpdate <= at);
  if (usable.length === 0) return { reason: 'crl_missing' };
  const current = usable.filter((list) => list.nextUpdate === undefined || at < list.nextUpdate);
  const newest = (current.length > 0 ? current : usable).reduce((best, list) =>
    list.thisUpdate > best.thisUpdate ? list : best,
  );
  if (current.length === 0) return { reason: 'crl_expired', list: newest };
  const entry = newest.revoked.get(serialText(certificate.serial));
  // An unknown critical extension may change the meaning of any entry (RFC 5280 section 5.3).
  if (newest.entries.hasUnhandled) return defined({ reason: 'crl_missing', list: newest, entry });
  if (!entry) return { list: newest };
  return defined({
    list: newest,
    entry,
    reason: entry.reason === removeFromCrl ? undefined : 'certificate_revoked',
  });
}

/** RFC 5280 section 5.3.1: removed from the list again. */
const removeFromCrl = 8;

/** A complete list signed by this CA: partial and delta lists have a critical extension. */
export function isListOf(list: RevocationList, issuer: Certificate): boolean {
  if (!sameName(list.issuer, issuer.subject)) return false;
  if (list.authorityKeyId && issuer.keyId && !sameBytes(list.authorityKeyId, issuer.keyId)) return false;
  if (issuer.keyUsage && !issuer.keyUsage.includes('cRLSign')) return false;
  if (list.extensions.some((one) => one.critical)) return false;
  return sameBytes(list.signatureAlgorithm.der, list.signedAlgorithm.der) && signatureHolds(list, issuer);
}

function blameSignaturesAndDates(path: readonly Certificate[], at: number): Blame | undefined {
  for (let depth = path.length - 1; depth >= 0; depth--) {
    const certificate = path[depth];
    const issuer = path[depth + 1];
    if (!certificate) continue;
    if (issuer && !isIssuedBy(certificate, issuer)) return { reason: 'bad_signature', depth };
    if (at < certificate.notBefore) return { reason: 'certificate_not_yet_valid', depth };
    if (at >= certificate.notAfter) return { reason: 'certificate_expired', depth };
  }
  return undefined;
}

export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return (
    sameBytes(certificate.signatureAlgorithm.der, certificate.signedAlgorithm.der) &&
    signatureHolds(certificate, issuer)
  );
}

type SignedStructure = Pick<Certificate, 'tbs' | 'signature' | 'signatureAlgorithm'>;

function signatureHolds(signed: SignedStructure, issuer: Certificate): boolean {
  let known = verified.get(issuer);
  if (!known) verified.set(issuer, (known = new WeakMap()));
  let holds = known.get(signed);
  if (holds === undefined) {
    holds = isSignedBy(
      { body: signed.tbs, signature: signed.signature, algorithm: signed.signatureAlgorithm },
      issuer.publicKey,
    );
    known.set(signed, holds);
  }
  return holds;
}

// The revocation lists of a pool are used with the same CAs at each handshake; their signatures are checked once.
const verified = new WeakMap<Certificate, WeakMap<SignedStructure, boolean>>();

function readTrusted(der: Uint8Array): Certificate {
  const step = readCertificate(der);
  if ('got' in step) return step.got;
  throw new UserError(
    defined({
      what: { en: 'a trusted certificate cannot be read', ko: '신뢰하는 인증서를 읽을 수 없습니다' },
      received:
        'malformed' in step
          ? `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}`
          : undefined,
    }),
  );
}

function readList(der: Uint8Array): RevocationList {
  const step = readRevocationList(der);
  if ('got' in step) return step.got;
  throw new UserError(
    defined({
      what: { en: 'a revocation list cannot be read', ko: '인증서 폐기 목록(CRL)을 읽을 수 없습니다' },
      received:
        'malformed' in step
          ? `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}`
          : undefined,
    }),
  );
}

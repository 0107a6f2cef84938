/**
 * Whether a presented chain is good for a purpose, and if not, for which one reason (RFC 5280 section 6). Pure: the clock
 * is an argument. OpenSSL stays the judge of the handshake; this names the reason and never admits more.
 *
 * 1. When several things are wrong, the first of this order is named, which is OpenSSL's: the certificates can be read; the
 *    leaf's key; a path to a trusted CA (`path.ts`); along the path from the leaf up: critical extensions, CA or not, curves
 *    that are spelled out, usage, path length; weak keys and digests; the hostname; revocation; then from the root down:
 *    signature and dates; last the name constraints (`name-constraints.ts`).
 * 2. Every certificate in `roots` is an anchor, self-signed or not. (openssl wants -partial_chain for those that are not.) A
 *    leaf that is itself an anchor is trusted as it is, for what it is good for.
 * 3. With revocation lists given, every certificate below the anchor needs one of its issuer that is current, as Node has it.
 * 4. Policies are not evaluated, whatever requireExplicitPolicy says: neither does OpenSSL without -policy_check, nor Node.
 * 5. The second of notAfter no longer belongs to the validity: so OpenSSL counts, one second less than RFC 5280.
 * 6. Stricter than OpenSSL, on purpose. A common name is no hostname, nor does a star stand for a part of a label. A CA's
 *    certificate is nobody's own. An extension stands once, and is DER; there is no version 4; every certificate that was
 *    sent can be read. RSA keys have 2048 bits, not 2047. Address blocks (RFC 3779) and Server Gated Crypto are not known. A
 *    NUL in a URI refuses it where names are constrained. A number and its negative twin are one in a revocation list, and a
 *    list that speaks for a part of the certificates is none.
 */
import type { RefusalReason } from '../../capture/vocabulary.ts';
import type { CertificateFault, RefusalDetail } from '../../capture/event.ts';
import { toColonHex } from '../../core/hex.ts';
import {
  certificateSummary,
  isoTime,
  readCertificate,
  unhandledCriticalExtensions,
} from '../../protocols/x509/certificate.ts';
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

/** Whose certificate it is: a client's, or a server's. */
export type Purpose = 'client' | 'server';

export interface Trust {
  /** DER. */
  readonly roots: readonly Uint8Array[];
  /** Revocation lists, DER; none means that revocation is not looked at. */
  readonly revocations?: readonly Uint8Array[];
  /** Intermediates that this side happens to know, DER. They complete no path; they prove that one is missing. */
  readonly known?: readonly Uint8Array[];
  readonly purpose: Purpose;
}

export interface PresentedChain {
  /** DER, leaf first, as it was presented; empty when no certificate was. */
  readonly chain: readonly Uint8Array[];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** The name that the client asked for. */
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
      /** Which certificate of the path is to blame: 0 is the leaf. */
      readonly depth: number;
      /** The leaf, where it could be read. */
      readonly presented?: Certificate;
      /** The certificate that is to blame, where it is another one. */
      readonly blamed?: Certificate;
      /** What is wrong with its form, or with a name in it. */
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

/** Answers one question. For many questions to the same CAs use `prepareTrust`. */
export function verifyChain(question: Trust & PresentedChain): Verification {
  return prepareTrust(question)(question);
}

/**
 * Reads CAs and revocation lists once and returns the verifier of chains against them.
 * @throws UserError when a CA or a list cannot be read.
 */
export function prepareTrust(trust: Trust): (presented: PresentedChain) => Verification {
  const pool: Pool = {
    roots: trust.roots.map(readTrusted),
    known: (trust.known ?? []).map(readTrusted),
    revocations:
      trust.revocations && trust.revocations.length > 0 ? trust.revocations.map(readList) : undefined,
    purpose: trust.purpose,
  };
  const trusted = pool.roots.map((root) => ({
    subject: root.subject.text,
    ...(root.keyId ? { keyId: toColonHex(root.keyId) } : {}),
  }));
  return (presented) => {
    const verdict = judge(pool, presented);
    if ('path' in verdict) return { admitted: true, path: verdict.path };
    const { reason, depth, leaf, blamed, fault } = verdict;
    return {
      admitted: false,
      reason,
      depth,
      ...(leaf ? { presented: leaf } : {}),
      ...(blamed && depth > 0 ? { blamed } : {}),
      ...(fault ? { fault } : {}),
      trusted,
    };
  };
}

/** What the refusal card says of a refused chain. */
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
  return {
    ...(refused.presented ? { presented: certificateSummary(refused.presented) } : {}),
    trusted: refused.trusted,
    ...(timely ? { now: isoTime(question.at) } : {}),
    ...(expected === undefined ? {} : { expected }),
    ...(refused.fault ? { fault: refused.fault } : {}),
    ...(refused.reason === 'certificate_expired' && refused.blamed
      ? { blamed: certificateSummary(refused.blamed) }
      : {}),
  };
}

type Judgement =
  | { readonly path: readonly Certificate[] }
  | (Blame & { readonly leaf?: Certificate; readonly blamed?: Certificate | undefined });

function judge(pool: Pool, presented: PresentedChain): Judgement {
  if (presented.chain.length === 0) return { reason: 'certificate_missing', depth: 0 };
  const chain: Certificate[] = [];
  for (const [depth, der] of presented.chain.entries()) {
    // An anchor that is sent along was read when it was configured.
    const known = pool.roots.find((root) => sameBytes(root.der, der));
    if (known) {
      chain.push(known);
      continue;
    }
    const step = readCertificate(der);
    if (!('got' in step)) {
      const fault = 'malformed' in step ? faultOfMalformed(step.malformed) : undefined;
      return {
        reason: 'malformed_certificate',
        depth,
        ...(fault ? { fault } : {}),
        ...(chain[0] ? { leaf: chain[0] } : {}),
      };
    }
    chain.push(step.got);
  }
  const [leaf, ...others] = chain as [Certificate, ...Certificate[]];
  return judgeRead(leaf, others, pool, presented);
}

/** The same of certificates that were read. Without a purpose no usage is asked. */
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

/** What OpenSSL looks at before any path. */
function blameLeaf(leaf: Certificate): Blame | undefined {
  if (isUnknownKey(leaf)) return { reason: 'unusable_key', depth: 0, fault: keyFault(leaf) };
  if (hasWeakKey(leaf)) return { reason: 'weak_key', depth: 0 };
  const fault = formFault(leaf);
  return fault && { reason: 'malformed_certificate', depth: 0, fault };
}

/** Why the path that was built leads to no anchor. */
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
 * No path: why? A self-signed end of the chain is known to be foreign. Otherwise the issuer of the last certificate is not
 * here. If it bears the name of a CA that is trusted, it is another key under that name. Whether it is an intermediate of a
 * trusted CA can be proven only by one who knows it (`known`); else the organization in its name is taken as the sign.
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
  const organizations = new Set(pool.roots.flatMap((root) => organizationsOf(root.subject)));
  const akin = organizationsOf(tip.issuer).some((name) => organizations.has(name));
  const sameNameOtherKey = pool.roots.some((root) => sameName(root.subject, tip.issuer));
  return { reason: akin && !sameNameOtherKey ? 'intermediate_missing' : 'unknown_ca', depth };
}

function organizationsOf(name: DistinguishedName): string[] {
  return name.attributes.filter((one) => one.type === 'O').map((one) => one.value);
}

/** The first thing that is wrong with a path, in the order of the head of this file. */
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
  // Intermediates below the one looked at; self-issued ones do not count (RFC 5280 section 6.1.4 (l)).
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
    // As OpenSSL has it, an extended usage of a CA binds what it issues, and anyExtendedKeyUsage admits to nothing.
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

/** RFC 3779 and RFC 3820: OpenSSL evaluates the one in a leaf and refuses the other, critical or not. */
const addressBlocks: ReadonlySet<string> = new Set(['1.3.6.1.5.5.7.1.7', '1.3.6.1.5.5.7.1.8']);
const proxyCertificate = '1.3.6.1.5.5.7.1.14';

/** Extensions that may not be ignored and that nobody here evaluates: dotted numbers. */
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

/** What extended key usage says today; OpenSSL still heeds it. */
export function hasNetscapeType({ netscapeCertType }: Certificate, purpose: Purpose): boolean {
  return !netscapeCertType || netscapeCertType.includes(purpose === 'client' ? 'sslClient' : 'sslServer');
}

function hasLeafKeyUsage({ keyUsage }: Certificate, purpose: Purpose): boolean {
  return !keyUsage || usageOf[purpose].leaf.some((one) => keyUsage.includes(one));
}

const netscapeCaTypes = ['sslCA', 'smimeCA', 'objectSigningCA'];

/** Whether OpenSSL lets a certificate issue others. It takes at the word of who trusts them roots of version 1, and anchors without basicConstraints that say it otherwise. */
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

/** A CA by nothing but Netscape's extension is one for TLS only where that says so. */
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

/** As RFC 5280 and Go have it, stricter than `mayIssue`. A root of version 1 has no extensions to say so; it is taken at the word of who trusts it. */
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
    // Nobody relies on an anchor's signature over itself.
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
  /** Undefined when a current list of its issuer does not name it. */
  readonly reason?: 'crl_missing' | 'crl_expired' | 'certificate_revoked';
  /** What it was looked for in. */
  readonly list?: RevocationList;
  readonly entry?: RevokedCertificate;
}

/** What the newest current list of its issuer says of a certificate. */
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
  // A condition that nobody here knows may change what any entry means (RFC 5280 section 5.3).
  if (newest.entries.hasUnhandled)
    return { reason: 'crl_missing', list: newest, ...(entry ? { entry } : {}) };
  if (!entry) return { list: newest };
  return {
    list: newest,
    entry,
    ...(entry.reason === removeFromCrl ? {} : { reason: 'certificate_revoked' }),
  };
}

/** RFC 5280 section 5.3.1: taken off the list again. */
const removeFromCrl = 8;

/** A list that this CA signed and that is about all of its certificates: parts and deltas have a critical extension. */
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

// The revocation lists of a pool meet the same CAs at each handshake; their signatures are checked once.
const verified = new WeakMap<Certificate, WeakMap<SignedStructure, boolean>>();

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && Buffer.from(left.buffer, left.byteOffset, left.length).equals(right);
}

function readTrusted(der: Uint8Array): Certificate {
  const step = readCertificate(der);
  if ('got' in step) return step.got;
  throw new UserError({
    what: { en: 'a trusted certificate cannot be read', ko: '신뢰하는 인증서를 읽을 수 없습니다' },
    ...('malformed' in step
      ? { received: `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}` }
      : {}),
  });
}

function readList(der: Uint8Array): RevocationList {
  const step = readRevocationList(der);
  if ('got' in step) return step.got;
  throw new UserError({
    what: { en: 'a revocation list cannot be read', ko: '인증서 폐기 목록(CRL)을 읽을 수 없습니다' },
    ...('malformed' in step
      ? { received: `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}` }
      : {}),
  });
}

/**
 * Whether a presented chain is good for a purpose, and if not, for which one reason (RFC 5280 section 6). Pure: the clock
 * is an argument. OpenSSL stays the judge of the handshake; this names the reason and never admits more.
 *
 * 1. When several things are wrong, the first of this order is named, which is OpenSSL's: the certificates can be read;
 *    a path to a trusted CA; along the path from the leaf up: critical extensions, CA or not, usage, path length; weak
 *    keys and digests; the hostname; revocation; then from the root down: signature and dates.
 * 2. Every certificate in `roots` is an anchor, self-signed or not. (OpenSSL wants self-signed ones.) A leaf that is
 *    itself an anchor is trusted as it is.
 * 3. With revocation lists given, every certificate below the anchor needs one of its issuer that is current, as Node has it.
 * 4. Stricter than OpenSSL: a common name is no hostname; a CA's certificate is nobody's own; a critical name constraint is
 *    refused and not evaluated.
 */
import type { RefusalReason } from '../capture/vocabulary.ts';
import type { RefusalDetail } from '../capture/event.ts';
import { toColonHex } from '../core/hex.ts';
import { certificateSummary, isoTime, readCertificate, unhandledCriticalExtensions } from '../dissect/x509/certificate.ts';
import type { Certificate } from '../dissect/x509/certificate.ts';
import { readRevocationList } from '../dissect/x509/crl.ts';
import type { RevocationList, RevokedCertificate } from '../dissect/x509/crl.ts';
import { serialText } from '../dissect/x509/structures.ts';
import type { DistinguishedName } from '../dissect/x509/structures.ts';
import { Mistake } from '../i18n/mistake.ts';
import { matchesHostname } from './hostname.ts';
import { digestOf, isSignedBy } from './signature.ts';

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
      readonly trusted: readonly TrustedAuthority[];
    };

interface Blame {
  readonly reason: RefusalReason;
  readonly depth: number;
}

export interface Pool {
  readonly roots: readonly Certificate[];
  readonly known: readonly Certificate[];
  readonly revocations: readonly RevocationList[] | undefined;
  readonly purpose: Purpose;
}

/** Answers one question. For many questions to the same CAs use `prepareTrust`. */
export function verifyChain(question: Trust & PresentedChain): Verification {
  return prepareTrust(question)(question);
}

/**
 * Reads CAs and revocation lists once and returns the verifier of chains against them.
 * @throws Mistake when a CA or a list cannot be read.
 */
export function prepareTrust(trust: Trust): (presented: PresentedChain) => Verification {
  const pool: Pool = {
    roots: trust.roots.map(readTrusted),
    known: (trust.known ?? []).map(readTrusted),
    revocations: trust.revocations && trust.revocations.length > 0 ? trust.revocations.map(readList) : undefined,
    purpose: trust.purpose,
  };
  const trusted = pool.roots.map((root) => ({ subject: root.subject.text, ...(root.keyId ? { keyId: toColonHex(root.keyId) } : {}) }));
  return (presented) => {
    const verdict = judge(pool, presented);
    if ('path' in verdict) return { admitted: true, path: verdict.path };
    return { admitted: false, reason: verdict.reason, depth: verdict.depth, ...(verdict.leaf ? { presented: verdict.leaf } : {}), trusted };
  };
}

/** What the refusal card says of a refused chain. */
export function refusalDetail(refused: Extract<Verification, { admitted: false }>, question: Pick<PresentedChain, 'at' | 'hostname'> & { readonly purpose: Purpose }): RefusalDetail {
  const timely = refused.reason === 'certificate_expired' || refused.reason === 'certificate_not_yet_valid' || refused.reason === 'crl_expired';
  const usage = question.purpose === 'client' ? 'clientAuth' : 'serverAuth';
  const expected = refused.reason === 'name_mismatch' ? question.hostname : refused.reason === 'wrong_usage' ? usage : undefined;
  return {
    ...(refused.presented ? { presented: certificateSummary(refused.presented) } : {}),
    trusted: refused.trusted,
    ...(timely ? { now: isoTime(question.at) } : {}),
    ...(expected === undefined ? {} : { expected }),
  };
}

function judge(pool: Pool, presented: PresentedChain): { path: readonly Certificate[] } | (Blame & { leaf?: Certificate }) {
  if (presented.chain.length === 0) return { reason: 'certificate_missing', depth: 0 };
  const chain: Certificate[] = [];
  for (const [depth, der] of presented.chain.entries()) {
    const step = readCertificate(der);
    if (!('got' in step)) return { reason: 'malformed_certificate', depth, ...(chain[0] ? { leaf: chain[0] } : {}) };
    chain.push(step.got);
  }
  const [leaf, ...others] = chain as [Certificate, ...Certificate[]];
  const { paths, longest } = findPaths(leaf, others, pool.roots);
  let first: Blame | undefined;
  for (const path of paths) {
    const blame = blamePath(path, pool, presented);
    if (!blame) return { path };
    first ??= blame;
  }
  return { ...(first ?? blameMissingPath(longest, pool)), leaf };
}

/** More is hostile: OpenSSL stops at a hundred certificates, and no honest chain has ten. */
const longestPath = 10;
const mostPaths = 16;

/** Paths from the leaf to an anchor, by names and key identifiers, anchors before presented certificates. */
export function findPaths(leaf: Certificate, others: readonly Certificate[], roots: readonly Certificate[]): { paths: Certificate[][]; longest: Certificate[] } {
  const paths: Certificate[][] = [];
  let longest: Certificate[] = [leaf];
  if (roots.some((root) => sameBytes(root.der, leaf.der))) return { paths: [[leaf]], longest };
  // Each round makes every open path one certificate longer; the number of open paths is bounded, so is the work.
  let open: Certificate[][] = [[leaf]];
  while (open.length > 0 && paths.length < mostPaths) {
    const grown: Certificate[][] = [];
    for (const path of open) {
      const tip = path.at(-1) ?? leaf;
      if (path.length > longest.length) longest = path;
      for (const root of roots) if (mayHaveIssued(root, tip)) paths.push([...path, root]);
      if (path.length >= longestPath) continue;
      for (const other of others) {
        if (mayHaveIssued(other, tip) && !path.some((seen) => sameBytes(seen.der, other.der))) grown.push([...path, other]);
      }
    }
    open = grown.slice(0, mostPaths);
  }
  return { paths: paths.slice(0, mostPaths), longest };
}

/** By name and, where both carry them, key identifier; the signature is looked at later (RFC 4158). */
export function mayHaveIssued(issuer: Certificate, subject: Certificate): boolean {
  if (!sameName(issuer.subject, subject.issuer)) return false;
  return !issuer.keyId || !subject.authorityKeyId || sameBytes(issuer.keyId, subject.authorityKeyId);
}

/**
 * No path: why? A self-signed end of the chain is known to be foreign. Otherwise the issuer of the last certificate is not
 * here. If it bears the name of a CA that is trusted, it is another key under that name. Whether it is an intermediate of a
 * trusted CA can be proven only by one who knows it (`known`); else the organization in its name is taken as the sign.
 */
export function blameMissingPath(longest: readonly Certificate[], pool: Pick<Pool, 'roots' | 'known'>): Blame {
  const depth = longest.length - 1;
  const tip = longest[depth];
  if (!tip) return { reason: 'unknown_ca', depth: 0 };
  if (sameName(tip.subject, tip.issuer)) return { reason: depth === 0 ? 'self_signed' : 'unknown_ca', depth };
  const completes = (known: Certificate): boolean => mayHaveIssued(known, tip) && isIssuedBy(tip, known) && pool.roots.some((root) => isIssuedBy(known, root));
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
function blamePath(path: readonly Certificate[], pool: Pool, presented: PresentedChain): Blame | undefined {
  return (
    blameExtensions(path, pool.purpose) ??
    blameWeakness(path) ??
    (presented.hostname !== undefined && !matchesHostname(path[0]?.subjectAlternativeNames ?? [], presented.hostname)
      ? { reason: 'name_mismatch', depth: 0 }
      : undefined) ??
    (pool.revocations ? blameRevocation(path, pool.revocations, presented.at) : undefined) ??
    blameSignaturesAndDates(path, presented.at)
  );
}

export const usageOf: Readonly<Record<Purpose, { extended: string; leaf: readonly string[] }>> = {
  client: { extended: 'clientAuth', leaf: ['digitalSignature', 'keyAgreement'] },
  server: { extended: 'serverAuth', leaf: ['digitalSignature', 'keyEncipherment', 'keyAgreement'] },
};

function blameExtensions(path: readonly Certificate[], purpose: Purpose): Blame | undefined {
  // Intermediates below the one looked at; self-issued ones do not count (RFC 5280 section 6.1.4 (l)).
  let below = 0;
  for (const [depth, certificate] of path.entries()) {
    if (unhandledCriticalExtensions(certificate).length > 0) return { reason: 'unhandled_critical_extension', depth };
    if (depth > 0 && !isAuthority(certificate, depth === path.length - 1)) return { reason: 'not_a_ca', depth };
    if (depth === 0 && path.length > 1 && certificate.basicConstraints?.isCa) return { reason: 'ca_as_leaf', depth };
    // As OpenSSL has it, an extended usage of a CA binds what it issues, and anyExtendedKeyUsage admits to nothing.
    if (!hasExtendedUsage(certificate, purpose)) return { reason: 'wrong_usage', depth };
    // A self-signed certificate that is trusted as it is may be a bare CA's.
    if (depth === 0 && path.length > 1 && !hasLeafUsage(certificate, purpose)) return { reason: 'wrong_usage', depth };
    const limit = certificate.basicConstraints?.pathLength;
    if (depth > 0 && limit !== undefined && below > limit) return { reason: 'path_too_long', depth };
    if (depth > 0 && !sameName(certificate.subject, certificate.issuer)) below++;
  }
  return undefined;
}

export function hasExtendedUsage({ extendedKeyUsage }: Certificate, purpose: Purpose): boolean {
  return !extendedKeyUsage || extendedKeyUsage.includes(usageOf[purpose].extended);
}

export function hasLeafUsage({ keyUsage }: Certificate, purpose: Purpose): boolean {
  return !keyUsage || usageOf[purpose].leaf.some((one) => keyUsage.includes(one));
}

/** A root of version 1 has no extensions to say so; it is taken at the word of who trusts it. */
export function isAuthority(certificate: Certificate, isAnchor: boolean): boolean {
  if (certificate.version < 3) return isAnchor;
  if (!certificate.basicConstraints?.isCa) return false;
  return !certificate.keyUsage || certificate.keyUsage.includes('keyCertSign');
}

function blameWeakness(path: readonly Certificate[]): Blame | undefined {
  for (const [depth, certificate] of path.entries()) {
    if (hasWeakKey(certificate)) return { reason: 'weak_key', depth };
    // Nobody relies on an anchor's signature over itself.
    if (depth < path.length - 1 && hasWeakDigest(certificate)) return { reason: 'weak_signature', depth };
  }
  return undefined;
}

/** Less than 112 bits of strength: RSA below 2048 bits. */
export function hasWeakKey({ publicKey }: Pick<Certificate, 'publicKey'>): boolean {
  return publicKey.bits !== undefined && publicKey.bits < 2048;
}

export function hasWeakDigest({ signatureAlgorithm }: Pick<Certificate, 'signatureAlgorithm'>): boolean {
  const digest = digestOf(signatureAlgorithm);
  return digest === 'sha1' || digest === 'md5';
}

function blameRevocation(path: readonly Certificate[], lists: readonly RevocationList[], at: number): Blame | undefined {
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
export function revocationOf(certificate: Certificate, issuer: Certificate, lists: readonly RevocationList[], at: number): Revocation {
  const usable = lists.filter((list) => isListOf(list, issuer) && list.thisUpdate <= at);
  if (usable.length === 0) return { reason: 'crl_missing' };
  const current = usable.filter((list) => list.nextUpdate === undefined || at <= list.nextUpdate);
  const newest = (current.length > 0 ? current : usable).reduce((best, list) => (list.thisUpdate > best.thisUpdate ? list : best));
  if (current.length === 0) return { reason: 'crl_expired', list: newest };
  const entry = newest.revoked.get(serialText(certificate.serial));
  if (!entry) return { list: newest };
  if (entry.unhandled.length > 0) return { reason: 'crl_missing', list: newest, entry };
  return { list: newest, entry, ...(entry.reason === removeFromCrl ? {} : { reason: 'certificate_revoked' }) };
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
    // The second of notAfter belongs to the validity (RFC 5280 section 4.1.2.5).
    if (at >= certificate.notAfter + 1000) return { reason: 'certificate_expired', depth };
  }
  return undefined;
}

export function isIssuedBy(certificate: Certificate, issuer: Certificate): boolean {
  return sameBytes(certificate.signatureAlgorithm.der, certificate.signedAlgorithm.der) && signatureHolds(certificate, issuer);
}

type SignedStructure = Pick<Certificate, 'tbs' | 'signature' | 'signatureAlgorithm'>;

function signatureHolds(signed: SignedStructure, issuer: Certificate): boolean {
  let known = verified.get(issuer);
  if (!known) verified.set(issuer, (known = new WeakMap()));
  let holds = known.get(signed);
  if (holds === undefined) {
    holds = isSignedBy({ body: signed.tbs, signature: signed.signature, algorithm: signed.signatureAlgorithm }, issuer.publicKey);
    known.set(signed, holds);
  }
  return holds;
}

// The revocation lists of a pool meet the same CAs at each handshake; their signatures are checked once.
const verified = new WeakMap<Certificate, WeakMap<SignedStructure, boolean>>();

/** RFC 5280 section 7.1: case and runs of white space do not matter, nor which string type was used. */
export function sameName(left: DistinguishedName, right: DistinguishedName): boolean {
  return sameBytes(left.der, right.der) || comparableName(left) === comparableName(right);
}

/** Equal for names that are the same by `sameName`. */
export function comparableName(name: DistinguishedName): string {
  return JSON.stringify(name.attributes.map((one) => [one.type, one.value.trim().replace(/\s+/g, ' ').toLowerCase(), one.encoded === true]));
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && Buffer.from(left.buffer, left.byteOffset, left.length).equals(right);
}

function readTrusted(der: Uint8Array): Certificate {
  const step = readCertificate(der);
  if ('got' in step) return step.got;
  throw new Mistake({
    what: { en: 'a trusted certificate cannot be read', ko: '신뢰하는 인증서를 읽을 수 없습니다' },
    ...('malformed' in step ? { received: `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}` } : {}),
  });
}

function readList(der: Uint8Array): RevocationList {
  const step = readRevocationList(der);
  if ('got' in step) return step.got;
  throw new Mistake({
    what: { en: 'a revocation list cannot be read', ko: '인증서 폐기 목록(CRL)을 읽을 수 없습니다' },
    ...('malformed' in step ? { received: `${step.malformed.id} at ${step.malformed.offset}: ${step.malformed.found}` } : {}),
  });
}

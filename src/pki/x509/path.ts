/**
 * Builds the path from a leaf to an anchor, in two ways: the single path that OpenSSL builds (`buildPath`), used by
 * `verify.ts`; and all paths (`findPaths`), for verification as in Go. Signatures are not checked here.
 *
 * 1. OpenSSL selects one issuer at each step and never backtracks: trusted certificates before presented ones, of
 *    several the first that is valid at the time, and if none is, the one that ends last. So a bad issuer that is
 *    presented first hides a good one after it.
 * 2. An issuer must match by name, by the authority key identifier, and by its key type.
 * 3. A self-issued certificate is an anchor only if its identifiers match itself as well: otherwise OpenSSL continues
 *    to look for its issuer. Any other trusted certificate is an anchor, for which openssl requires -partial_chain.
 */
import { sameBytes } from '../../core/bytes.ts';
import { toHex } from '../../core/hex.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { signatureAlgorithms } from '../../protocols/x509/oids.ts';
import { sameName } from './distinguished-name.ts';

/** OpenSSL's default (-verify_depth 100): the leaf, a hundred CAs, and the anchor. */
const mostBelowAnchor = 101;

export interface BuiltPath {
  /** Leaf first. */
  readonly path: readonly Certificate[];
  /** Whether its last certificate is an anchor. */
  readonly complete: boolean;
  readonly isTooLong: boolean;
}

/**
 * @param others the certificates after the leaf, in any order.
 * @param at milliseconds since the epoch.
 */
export function buildPath(
  leaf: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
  at: number,
): BuiltPath {
  const path = [leaf];
  const left = [...others];
  // Above a trusted certificate only trusted ones are considered.
  let fromPresented = true;
  for (;;) {
    const tip = path.at(-1) ?? leaf;
    const isEnd = isSelfSigned(tip);
    if (isEnd && roots.some((root) => sameBytes(root.der, tip.der)))
      return { path, complete: true, isTooLong: false };
    if (isEnd) break;
    if (path.length > mostBelowAnchor) return { path, complete: false, isTooLong: true };
    const anchor = bestIssuer(
      roots.filter((root) => !path.includes(root)),
      tip,
      at,
    );
    if (anchor) {
      path.push(anchor);
      if (isSelfSigned(anchor) || !isSelfIssued(anchor)) return { path, complete: true, isTooLong: false };
      fromPresented = false;
      continue;
    }
    const issuer = fromPresented ? bestIssuer(left, tip, at) : undefined;
    if (!issuer) break;
    left.splice(left.indexOf(issuer), 1);
    if (!path.some((seen) => sameBytes(seen.der, issuer.der))) path.push(issuer);
  }
  const isItselfTrusted = !isSelfIssued(leaf) && roots.some((root) => sameBytes(root.der, leaf.der));
  return isItselfTrusted
    ? { path: [leaf], complete: true, isTooLong: false }
    : { path, complete: false, isTooLong: false };
}

function bestIssuer(
  candidates: readonly Certificate[],
  tip: Certificate,
  at: number,
): Certificate | undefined {
  let latest: Certificate | undefined;
  for (const candidate of candidates) {
    if (!isLikelyIssuer(candidate, tip)) continue;
    if (candidate.notBefore <= at && at < candidate.notAfter) return candidate;
    if (!latest || candidate.notAfter > latest.notAfter) latest = candidate;
  }
  return latest;
}

export const isSelfIssued = ({ subject, issuer }: Pick<Certificate, 'subject' | 'issuer'>): boolean =>
  sameName(subject, issuer);

/** Names itself as its issuer, by every identifier that it has. */
export const isSelfSigned = (certificate: Certificate): boolean =>
  isSelfIssued(certificate) && isLikelyIssuer(certificate, certificate);

/** Whether one may have issued the other, without checking signatures. */
function isLikelyIssuer(issuer: Certificate, subject: Certificate): boolean {
  return mayHaveIssued(issuer, subject) && fitsAuthority(issuer, subject) && hasFittingKey(issuer, subject);
}

/** RFC 5280 section 4.2.1.1: the serial number of the issuer's certificate, and its issuer. */
function fitsAuthority(issuer: Certificate, { authoritySerial, authorityIssuer }: Certificate): boolean {
  if (authoritySerial && toHex(authoritySerial) !== toHex(issuer.serial)) return false;
  return !authorityIssuer || sameName(authorityIssuer, issuer.issuer);
}

/** Key types, by the signature algorithms that need them. */
const keysOfSignatures: Readonly<Record<string, readonly string[]>> = {
  rsa: ['RSA'],
  ec: ['EC'],
  ed25519: ['Ed25519'],
  ed448: ['Ed448'],
  'ml-dsa-44': ['ML-DSA-44'],
  'ml-dsa-65': ['ML-DSA-65'],
  'ml-dsa-87': ['ML-DSA-87'],
};

const rsassaPss = '1.2.840.113549.1.1.10';

/** Whether the key type for a signature algorithm is known. */
export function isKnownSignature({ signedAlgorithm: { oid } }: Certificate): boolean {
  return oid === rsassaPss || signatureAlgorithms[oid] !== undefined;
}

export function hasFittingKey({ publicKey }: Certificate, { signedAlgorithm }: Certificate): boolean {
  const fitting =
    signedAlgorithm.oid === rsassaPss
      ? ['RSA', 'RSA-PSS']
      : keysOfSignatures[signatureAlgorithms[signedAlgorithm.oid]?.keyType ?? ''];
  return fitting?.includes(publicKey.algorithm) ?? false;
}

/** By name and, if both have one, key identifier; signatures are checked later (RFC 4158). */
export function mayHaveIssued(issuer: Certificate, subject: Certificate): boolean {
  if (!sameName(issuer.subject, subject.issuer)) return false;
  return !issuer.keyId || !subject.authorityKeyId || sameBytes(issuer.keyId, subject.authorityKeyId);
}

/** More is an attack on those that try every path: no honest chain has ten. */
const longestPath = 10;
const mostPaths = 16;

/** Paths from the leaf to an anchor, by names and key identifiers, anchors before presented certificates. */
export function findPaths(
  leaf: Certificate,
  others: readonly Certificate[],
  roots: readonly Certificate[],
): { paths: Certificate[][]; longest: Certificate[] } {
  const paths: Certificate[][] = [];
  let longest: Certificate[] = [leaf];
  if (roots.some((root) => sameBytes(root.der, leaf.der))) return { paths: [[leaf]], longest };
  // Each round extends every open path by one certificate; the number of open paths is limited, and so is the work.
  let open: Certificate[][] = [[leaf]];
  while (open.length > 0 && paths.length < mostPaths) {
    const grown: Certificate[][] = [];
    for (const path of open) {
      const tip = path.at(-1) ?? leaf;
      if (path.length > longest.length) longest = path;
      for (const root of roots) if (mayHaveIssued(root, tip)) paths.push([...path, root]);
      if (path.length >= longestPath) continue;
      for (const other of others) {
        if (mayHaveIssued(other, tip) && !path.some((seen) => sameBytes(seen.der, other.der)))
          grown.push([...path, other]);
      }
    }
    open = grown.slice(0, mostPaths);
  }
  return { paths: paths.slice(0, mostPaths), longest };
}

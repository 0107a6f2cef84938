/**
 * Which path leads from a leaf to an anchor. Two ways: the one path that OpenSSL builds (`buildPath`), on which `verify.ts`
 * judges; and every path there is (`findPaths`), for those that judge as Go does. No signature is looked at here.
 *
 * 1. OpenSSL takes one issuer at each step and never comes back: trusted certificates before presented ones, of several the
 *    first that is valid at the time, and where none is the one that ends last. So a bad issuer that is presented first
 *    hides a good one behind it.
 * 2. An issuer fits by its name, by what the authority key identifier says of it, and by the type of its key.
 * 3. What names itself as its issuer is an anchor only where its identifiers fit itself as well: otherwise OpenSSL goes on
 *    to look for its issuer. Any other trusted certificate is an anchor as it is, which openssl wants -partial_chain for.
 */
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
 * @param others whatever stands behind the leaf, in any order.
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
  // What has a trusted certificate above it is looked for among the trusted alone.
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

/** Names itself as its issuer, by every identifier that it carries. */
export const isSelfSigned = (certificate: Certificate): boolean =>
  isSelfIssued(certificate) && isLikelyIssuer(certificate, certificate);

/** Whether one may have issued the other, as far as it can be said without their signatures. */
function isLikelyIssuer(issuer: Certificate, subject: Certificate): boolean {
  return mayHaveIssued(issuer, subject) && fitsAuthority(issuer, subject) && hasFittingKey(issuer, subject);
}

/** RFC 5280 section 4.2.1.1: the serial number of the issuer's certificate, and who issued that. */
function fitsAuthority(issuer: Certificate, { authoritySerial, authorityIssuer }: Certificate): boolean {
  if (authoritySerial && toHex(authoritySerial) !== toHex(issuer.serial)) return false;
  return !authorityIssuer || sameName(authorityIssuer, issuer.issuer);
}

/** Names of the kinds of keys, as keys say them, by those that signatures ask for. */
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

/** Whether anybody here can say which key a signature of that algorithm needs. */
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

/** By name and, where both carry them, key identifier; the signature is looked at later (RFC 4158). */
export function mayHaveIssued(issuer: Certificate, subject: Certificate): boolean {
  if (!sameName(issuer.subject, subject.issuer)) return false;
  return !issuer.keyId || !subject.authorityKeyId || sameBytes(issuer.keyId, subject.authorityKeyId);
}

/** More is hostile for those that try every path: no honest chain has ten. */
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
        if (mayHaveIssued(other, tip) && !path.some((seen) => sameBytes(seen.der, other.der)))
          grown.push([...path, other]);
      }
    }
    open = grown.slice(0, mostPaths);
  }
  return { paths: paths.slice(0, mostPaths), longest };
}

function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return left.length === right.length && Buffer.from(left.buffer, left.byteOffset, left.length).equals(right);
}

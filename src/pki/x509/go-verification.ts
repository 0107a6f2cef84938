/**
 * Verifies a server's chain as Go's crypto/x509 does, and words what is wrong as it does: what kube-apiserver, etcd and kubectl
 * print after `tls: failed to verify certificate: `. `verify.ts` decides on the path; this has Go's order, and its exceptions.
 *
 * 1. The leaf's dates come first, then its names, then the path.
 * 2. A certificate among the roots is trusted as it is, a CA's or not.
 * 3. If a trusted CA has the name of the unknown issuer, the reason names it: most often a new CA of the same name.
 */
import { sameBytes } from '../../core/bytes.ts';
import { ipVersion } from '../../core/ip-version.ts';
import { isoTime, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { signatureAlgorithms } from '../../protocols/x509/oids.ts';
import { namesAsIssuer } from './go-x509.ts';
import { matchesHostname, matchesHostnameLoosely } from './hostname.ts';
import { hasWeakDigest, verifyChain } from './verify.ts';
import { serialText } from '../../protocols/x509/structures.ts';

export interface GoQuestion {
  /** DER, leaf first, as presented. */
  readonly chain: readonly Uint8Array[];
  /** DER. */
  readonly roots: readonly Uint8Array[];
  /** A DNS name or an address. */
  readonly hostname: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** The reason why the chain is not accepted; undefined if it is. */
export function goRefusal({ chain, roots, hostname, at }: GoQuestion): string | undefined {
  const presented = chain.map(readOrNone);
  const [leaf] = presented;
  if (!leaf) return 'x509: malformed certificate';
  const dates = datesFault(leaf, at);
  if (dates !== undefined) return dates;
  const names = nameFault(leaf, hostname);
  if (names !== undefined) return names;
  const trusted = roots.filter((root) => readOrNone(root) !== undefined);
  if (trusted.some((root) => sameBytes(root, leaf.der))) return isForServers(leaf) ? undefined : wrongUsage;
  const verification = verifyChain({ chain, roots: trusted, purpose: 'server', at });
  if (verification.admitted) return undefined;
  const blamed = verification.blamed ?? leaf;
  switch (verification.reason) {
    case 'certificate_expired':
    case 'certificate_not_yet_valid':
      return datesFault(blamed, at) ?? unknownAuthority;
    case 'wrong_usage':
      return wrongUsage;
    case 'path_too_long':
      return 'x509: too many intermediates for path length constraint';
    case 'unhandled_critical_extension':
      return 'x509: unhandled critical extension';
    case 'ca_as_leaf':
      // Go looks at no such thing.
      return undefined;
    default: {
      const top = topOf(
        leaf,
        presented.filter((one) => one !== undefined),
      );
      return `${unknownAuthority}${hintOf(
        top,
        trusted.flatMap((root) => readOrNone(root) ?? []),
      )}`;
    }
  }
}

const unknownAuthority = 'x509: certificate signed by unknown authority';
const wrongUsage = 'x509: certificate specifies an incompatible key usage';

function readOrNone(der: Uint8Array): Certificate | undefined {
  const step = readCertificate(der);
  return 'got' in step ? step.got : undefined;
}

function datesFault({ notBefore, notAfter }: Certificate, at: number): string | undefined {
  const words = `x509: certificate has expired or is not yet valid: current time ${isoTime(at)} is`;
  if (at < notBefore) return `${words} before ${isoTime(notBefore)}`;
  return at > notAfter ? `${words} after ${isoTime(notAfter)}` : undefined;
}

/** From so many on, Go counts them (since version 1.25). */
const mostNames = 100;

/** Go's HostnameError. */
export function nameFault(leaf: Certificate, hostname: string): string | undefined {
  const names = leaf.subjectAlternativeNames;
  if (matchesHostname(names ?? [], hostname)) return undefined;
  if (names === undefined && matchesHostnameLoosely(leaf, hostname) === 'common_name')
    return 'x509: certificate relies on legacy Common Name field, use SANs instead';
  const isAddress = ipVersion(hostname) !== 0;
  const own = (names ?? [])
    .filter(({ kind }) => kind === (isAddress ? 'IP' : 'DNS'))
    .map(({ value }) => value);
  if (own.length >= mostNames)
    return `x509: certificate is valid for ${own.length} ${isAddress ? 'IP SANs' : 'names'}, but none matched ${hostname}`;
  if (own.length > 0) return `x509: certificate is valid for ${own.join(', ')}, not ${hostname}`;
  return isAddress
    ? `x509: cannot validate certificate for ${hostname} because it doesn't contain any IP SANs`
    : `x509: certificate is not valid for any names, but wanted to match ${hostname}`;
}

const isForServers = ({ extendedKeyUsage }: Certificate): boolean =>
  extendedKeyUsage === undefined ||
  extendedKeyUsage.some((usage) => usage === 'serverAuth' || usage === 'anyExtendedKeyUsage');

/** The last certificate of the presented path. */
function topOf(leaf: Certificate, presented: readonly Certificate[]): Certificate {
  const seen = new Set([leaf]);
  let top = leaf;
  for (;;) {
    const next = presented.find((one) => !seen.has(one) && namesAsIssuer(top, one));
    if (!next) return top;
    seen.add(next);
    top = next;
  }
}

/** Why the trusted CA with the name of the issuer did not sign it. */
function hintOf(child: Certificate, trusted: readonly Certificate[]): string {
  const candidate = trusted.find((root) => namesAsIssuer(child, root));
  if (!candidate) return '';
  const organization = candidate.subject.attributes.find(({ type }) => type === 'O')?.value;
  const name =
    candidate.subject.attributes.findLast(({ type }) => type === 'CN')?.value ??
    organization ??
    `serial:${BigInt(`0x${serialText(candidate.serial)}`)}`;
  return ` (possibly because of ${JSON.stringify(signatureFault(child, candidate))} while trying to verify candidate authority certificate ${JSON.stringify(name)})`;
}

const families: Readonly<Record<string, string>> = { rsa: 'RSA', ec: 'ECDSA', ed25519: 'Ed25519' };
const goKeys: Readonly<Record<string, string>> = {
  rsa: '*rsa.PublicKey',
  ec: '*ecdsa.PublicKey',
  ed25519: 'ed25519.PublicKey',
};

function signatureFault(child: Certificate, candidate: Certificate): string {
  const { basicConstraints, keyUsage } = candidate;
  if (
    (candidate.version === 3 && basicConstraints?.isCa !== true) ||
    (keyUsage !== undefined && !keyUsage.includes('keyCertSign'))
  )
    return 'x509: invalid signature: parent certificate cannot sign this kind of certificate';
  const algorithm = signatureAlgorithms[child.signedAlgorithm.oid];
  const own = keyTypeOf(candidate);
  if (hasWeakDigest(child) && algorithm)
    return `x509: cannot verify signature: insecure algorithm ${algorithm.hash === 'md5' ? 'MD5' : 'SHA1'}-RSA`;
  if (algorithm && algorithm.keyType !== own && families[algorithm.keyType] !== undefined)
    return `x509: signature algorithm specifies an ${families[algorithm.keyType]} public key, but have public key of type ${goKeys[own] ?? 'unknown'}`;
  return own === 'rsa'
    ? 'crypto/rsa: verification error'
    : `x509: ${families[own] ?? own} verification failure`;
}

const keyTypeOf = ({ publicKey: { name } }: Certificate): string =>
  name.startsWith('RSA') ? 'rsa' : name === 'Ed25519' ? 'ed25519' : 'ec';

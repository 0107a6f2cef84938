/**
 * Implements checks of Go's crypto/x509 that OpenSSL does not make: kube-apiserver, etcd, kubectl and the kubelet are
 * written in Go. The counterpart for files is `go-pem.ts`; what both refuse is in `verify.ts` and
 * `certificate-form.ts`. Measured with kubectl 1.32 and etcd 3.5.
 *
 * 1. Invalid names make a certificate unreadable, whether or not they are used.
 * 2. Go 1.23 (Kubernetes 1.32) knows no critical policy constraints and no Netscape extensions. It evaluates name
 *    constraints on DNS names, addresses, mail and URIs: others, if critical, refuse everything.
 * 3. Issuer names are compared byte for byte: a different string type or case makes a different name.
 */
import { sameBytes } from '../../core/bytes.ts';
import type { CertificateFault } from '../../capture/event.ts';
import { unhandledCriticalExtensions } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import type { GeneralName } from '../../protocols/x509/structures.ts';
import { publicKeyOf } from './signature.ts';

const unknownToGo: ReadonlySet<string> = new Set([
  'policy_mappings',
  'policy_constraints',
  'inhibit_any_policy',
  'netscape_cert_type',
  'ocsp_no_check',
]);
const constrainedByGo: ReadonlySet<GeneralName['kind']> = new Set(['DNS', 'IP', 'email', 'URI']);

/** Why Go cannot parse the certificate. */
export function goFault({
  subjectAlternativeNames = [],
  nameConstraints,
}: Certificate): CertificateFault | undefined {
  const broken = subjectAlternativeNames.find((name) => !isReadableName(name));
  if (broken)
    return {
      part: 'subjectAltName',
      expected: expectedForms[broken.kind] ?? 'a name',
      found: `${broken.kind}:${broken.value}`.slice(0, 80),
    };
  const subtrees = [...(nameConstraints?.permitted ?? []), ...(nameConstraints?.excluded ?? [])];
  const mask = subtrees.find(({ base }) => base.kind === 'IP' && !isReadableNetwork(base.value))?.base;
  return (
    mask && {
      part: 'nameConstraints',
      expected: 'an address and a mask of ones and then zeros',
      found: `IP:${mask.value}`.slice(0, 80),
    }
  );
}

const expectedForms: Readonly<Record<string, string>> = {
  IP: 'an address of 4 or 16 bytes',
  DNS: 'ASCII',
  email: 'ASCII',
  URI: 'a URI with a host that can be',
};

function isReadableName({ kind, value }: GeneralName): boolean {
  if (kind === 'IP') return !/^#|\//.test(value);
  if (kind !== 'DNS' && kind !== 'email' && kind !== 'URI') return true;
  return /^[\0-\x7f]*$/.test(value) && (kind !== 'URI' || isReadableUri(value));
}

/** Approximates what net/url and the host rules refuse. */
function isReadableUri(uri: string): boolean {
  if (/[\0-\x1f\x7f]/.test(uri) || /%(?![0-9A-Fa-f]{2})/.test(uri.split('?', 1)[0] ?? '')) return false;
  const authority = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/.exec(uri)?.[1];
  const host = authority?.slice(authority.lastIndexOf('@') + 1);
  if (host === undefined || host === '') return true;
  if (host.startsWith('[')) return /^\[[0-9A-Fa-f:.]+\](?::\d*)?$/.test(host);
  return /^[^[\]:]+(?::\d*)?$/.test(host) && host.split('.').every((label) => /^[!-~]+$/.test(label));
}

function isReadableNetwork(text: string): boolean {
  const mask = text.startsWith('#') ? undefined : text.split('/')[1];
  if (mask === undefined) return false;
  const bits = mask.includes(':')
    ? groupsOf(mask).map((group) => group.toString(2).padStart(16, '0'))
    : mask.split('.').map((byte) => Number(byte).toString(2).padStart(8, '0'));
  return /^1*0*$/.test(bits.join(''));
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [before = '', after] = address.split('::');
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const [first, last] = [groups(before), after === undefined ? [] : groups(after)];
  return [...first, ...Array.from({ length: Math.max(0, 8 - first.length - last.length) }, () => 0), ...last];
}

/** Critical extensions for which Go refuses the certificate and everything below it: their names, or dotted numbers. */
export function unhandledByGo(certificate: Certificate): string[] {
  const { extensions, nameConstraints } = certificate;
  const nameOf = (oid: string): string => extensions.find((one) => one.oid === oid)?.name ?? oid;
  const isPartly = [...(nameConstraints?.permitted ?? []), ...(nameConstraints?.excluded ?? [])].some(
    ({ base }) => !constrainedByGo.has(base.kind),
  );
  const more = extensions.filter(
    ({ name = '', critical }) =>
      critical && (unknownToGo.has(name) || (name === 'name_constraints' && isPartly)),
  );
  return [
    ...new Set([
      ...unhandledCriticalExtensions(certificate).map(nameOf),
      ...more.map(({ oid }) => nameOf(oid)),
    ]),
  ];
}

/** Whether one names the other as its issuer, byte for byte. */
export function namesAsIssuer({ issuer }: Certificate, { subject }: Certificate): boolean {
  return sameBytes(issuer.der, subject.der);
}

/** The limits of crypto/rsa. */
const [largestExponent, mostBits] = [2n ** 31n - 1n, 8192] as const;

/**
 * Why Go cannot use an RSA key that OpenSSL can. @param isShown it is sent in a handshake: there crypto/tls limits its
 * size.
 */
export function goKeyFault(
  { publicKey }: Pick<Certificate, 'publicKey'>,
  isShown: boolean,
): CertificateFault | undefined {
  if (publicKey.bits === undefined) return undefined;
  if (isShown && publicKey.bits > mostBits)
    return { part: 'subjectPublicKeyInfo', expected: `at most ${mostBits} bits`, found: publicKey.name };
  const exponent = publicKeyOf(publicKey)?.asymmetricKeyDetails?.publicExponent ?? 0n;
  return exponent > largestExponent
    ? {
        part: 'subjectPublicKeyInfo',
        expected: 'a public exponent below 2^31',
        found: `${publicKey.name}, exponent ${exponent}`.slice(0, 80),
      }
    : undefined;
}

/**
 * The client's view of a certificate chain: from the server's certificate up to a trusted root, and where that path breaks.
 * `pki/x509/examination.ts` finds the faults; OpenSSL decides whether the connection continues.
 */
import { rootCertificates } from 'node:tls';
import type { Observation } from '../../capture/event.ts';
import type { ChainStep } from '../reports/chain.ts';
import type { RunLog } from '../../capture/log.ts';
import type { Clock } from '../../core/clock.ts';
import { certificateSummary, readCertificate } from '../../protocols/x509/certificate.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { examine } from '../../pki/x509/examination.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';

type ChainReport = Extract<Observation, { kind: 'chain' }>;

interface Reporter {
  readonly who: string;
  readonly log: RunLog;
  readonly clock: Pick<Clock, 'now'>;
  /** The name that the client expects. */
  readonly host: string;
  /** PEM; Node's bundled roots when omitted. */
  readonly authorities?: readonly string[];
}

/** Reports each chain presented to the client, as soon as it arrives. */
export function reporting({
  who,
  log,
  clock,
  host,
  authorities,
}: Reporter): (chain: readonly Uint8Array[]) => void {
  const roots = readableRoots(authorities);
  return (chain) => {
    const result = chainReport(chain, roots, { name: host, at: clock.now() });
    if (result) log.append({ type: 'observed', who, result });
  };
}

/** The certificates that a client trusts. @param authorities PEM; Node's bundled roots when omitted */
export function readableRoots(authorities: readonly string[] = rootCertificates): readonly Certificate[] {
  return readable(authorities.flatMap(pemCertificates));
}

/** Undefined where not even the first certificate can be parsed. */
export function chainReport(
  chain: readonly Uint8Array[],
  roots: readonly Certificate[],
  { name, at }: { readonly name: string; readonly at: number },
): ChainReport | undefined {
  const [leaf, ...others] = readable(chain);
  if (!leaf) return undefined;
  const { path, checks } = examine({ chain: [leaf, ...others], roots, purpose: 'server', name, at });
  const failed = checks.find(({ status, reason }) => status === 'failed' && reason !== undefined);
  const reason = failed?.reason === 'not_conforming' ? 'malformed_certificate' : failed?.reason;
  const isTrusted = ({ der }: Certificate): boolean =>
    roots.some((root) => Buffer.from(root.der).equals(der));
  return {
    kind: 'chain',
    name,
    trusts: roots.length,
    way: path.map((certificate) => stepOf(certificate, isTrusted(certificate))),
    ...(reason === undefined ? {} : { breaks: { at: failed?.depth ?? 0, reason } }),
  };
}

function stepOf(certificate: Certificate, trusted: boolean): ChainStep {
  const { subject, issuer, keyId, authorityKeyId, notAfter, sha256 } = certificateSummary(certificate);
  return {
    subject,
    issuer,
    ...(keyId ? { keyId } : {}),
    ...(authorityKeyId ? { authorityKeyId } : {}),
    notAfter,
    sha256,
    ...(trusted ? { trusted: true } : {}),
  };
}

/** Unparseable certificates are left out: OpenSSL's verdict on the chain counts, not this report. */
function readable(list: readonly Uint8Array[]): Certificate[] {
  return list.flatMap((der) => {
    const step = readCertificate(der);
    return 'got' in step ? [step.got] : [];
  });
}

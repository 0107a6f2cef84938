/** What the client says of the chain that a server presented: the verdict that would end its handshake. */
import type { Certificate } from '../protocols/x509/certificate.ts';
import { presentedCertificate } from '../protocols/x509/known-certificates.ts';
import { readRevocationList } from '../protocols/x509/crl.ts';
import type { RevocationList } from '../protocols/x509/crl.ts';
import { defined } from '../core/defined.ts';
import { pemCertificates, pemRevocationLists } from '../pki/keystore/pem.ts';
import { examine } from '../pki/x509/examination.ts';
import type { Examination } from '../pki/x509/examination.ts';
import type { Attempt } from './attempt/attempt.ts';
import { meantName } from './attempt/call.ts';
import type { Call } from './attempt/call.ts';

/** Undefined where no certificate was seen, or one of them cannot be read. @param at milliseconds since the epoch */
export function judgeChain(
  call: Call,
  { chain }: Pick<Attempt, 'chain'>,
  at: number,
): Examination | undefined {
  const [leaf, ...others] = readChainOf({ chain }) ?? [];
  if (!leaf) return undefined;
  return examine(
    defined({
      chain: [leaf, ...others] as const,
      roots: call.authorities.flatMap(readChain),
      lists: call.revocations?.flatMap(listsIn),
      purpose: 'server' as const,
      name: meantName(call),
      at,
    }),
  );
}

/** The chain verifies with those CAs, whatever name was asked for. @param at milliseconds since the epoch */
export function isTrustedWith(pem: string, { chain }: Pick<Attempt, 'chain'>, at: number): boolean {
  const [leaf, ...others] = readChainOf({ chain }) ?? [];
  if (!leaf) return false;
  return examine({ chain: [leaf, ...others], roots: readChain(pem), purpose: 'server', at }).verified;
}

/** Leaf first, as presented; undefined where one cannot be read. */
export function readChainOf({ chain }: Pick<Attempt, 'chain'>): readonly Certificate[] | undefined {
  const certificates = chain.flatMap(read);
  return certificates.length < chain.length ? undefined : certificates;
}

/** The place of the first certificate that cannot be read; undefined where all can. */
export function unreadableIn({ chain }: Pick<Attempt, 'chain'>): number | undefined {
  const depth = chain.findIndex((der) => read(der).length === 0);
  return depth < 0 ? undefined : depth;
}

/** The CAs that the client trusts. */
export const trustedCertificates = ({ authorities }: Pick<Call, 'authorities'>): readonly Certificate[] =>
  authorities.flatMap(readChain);

/** Whether a CA that the client was told to trust cannot be read: then it is not known whom it trusts. */
export const isTrustUnread = ({
  authorities,
  authoritiesFrom,
}: Pick<Call, 'authorities' | 'authoritiesFrom'>): boolean =>
  authoritiesFrom === 'given' &&
  authorities.some((pem) => pemCertificates(pem).some((der) => read(der).length === 0));

function read(der: Uint8Array): Certificate[] {
  const certificate = presentedCertificate(der);
  return certificate ? [certificate] : [];
}

/** The first of a PEM text; undefined where that cannot be read. */
export function readLeaf(pem: string): Certificate | undefined {
  const [der] = pemCertificates(pem);
  return der && presentedCertificate(der);
}

/** Those of a PEM text, in order; what cannot be read is left out. */
export const readChain = (pem: string): readonly Certificate[] => pemCertificates(pem).flatMap(read);

function listsIn(pem: string): RevocationList[] {
  return pemRevocationLists(pem).flatMap((der) => {
    const step = readRevocationList(der);
    return 'got' in step ? [step.got] : [];
  });
}

/** What the client says of the chain that a server presented: the verdict that would end its handshake. */
import { readCertificate } from '../protocols/x509/certificate.ts';
import type { Certificate } from '../protocols/x509/certificate.ts';
import { readRevocationList } from '../protocols/x509/crl.ts';
import type { RevocationList } from '../protocols/x509/crl.ts';
import { defined } from '../core/defined.ts';
import { pemCertificates, pemRevocationLists } from '../pki/keystore/pem.ts';
import { examine } from '../pki/x509/examination.ts';
import type { Examination } from '../pki/x509/examination.ts';
import type { Attempt } from './attempt/attempt.ts';
import { meantName } from './attempt/call.ts';
import type { Call } from './attempt/call.ts';

/** Undefined where no certificate was seen, or the first of them cannot be read. @param at milliseconds since the epoch */
export function judgeChain(
  call: Call,
  { chain }: Pick<Attempt, 'chain'>,
  at: number,
): Examination | undefined {
  const [leaf, ...others] = chain.flatMap(read);
  if (!leaf) return undefined;
  return examine(
    defined({
      chain: [leaf, ...others] as const,
      roots: call.authorities.flatMap(certificatesIn),
      lists: call.revocations?.flatMap(listsIn),
      purpose: 'server' as const,
      name: meantName(call),
      at,
    }),
  );
}

/** The CAs that the client trusts. */
export const trustedCertificates = ({ authorities }: Pick<Call, 'authorities'>): readonly Certificate[] =>
  authorities.flatMap(certificatesIn);

/** The client's own chain, as a server that trusts those CAs would see it: without a trust store only its own faults count. */
export function readChain(pem: string): readonly Certificate[] {
  return certificatesIn(pem);
}

function read(der: Uint8Array): Certificate[] {
  const step = readCertificate(der);
  return 'got' in step ? [step.got] : [];
}

const certificatesIn = (pem: string): Certificate[] => pemCertificates(pem).flatMap(read);

function listsIn(pem: string): RevocationList[] {
  return pemRevocationLists(pem).flatMap((der) => {
    const step = readRevocationList(der);
    return 'got' in step ? [step.got] : [];
  });
}

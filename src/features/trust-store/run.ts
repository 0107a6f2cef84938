/** Runs the `trustStore` step: reads Node's bundled roots and reports them. */
import { rootCertificates } from 'node:tls';
import type { Observation } from '../../capture/event.ts';
import type { Certificate } from '../../protocols/x509/certificate.ts';
import { readCertificate } from '../../protocols/x509/certificate.ts';
import { pemCertificates } from '../../pki/keystore/pem.ts';
import { groupTrusted } from '../../pki/x509/trust-store.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions } from '../../engine/run-context.ts';

export async function runTrustStore({ client }: PlannedStep, { log, clock }: RunOptions): Promise<void> {
  log.append({ type: 'observed', who: client, result: storeReport(rootCertificates, clock.now()) });
}

/** @param roots PEM. */
export function storeReport(
  roots: readonly string[],
  now: number,
): Extract<Observation, { kind: 'trust-store' }> {
  const certificates = roots.flatMap(pemCertificates).flatMap((der): Certificate[] => {
    const step = readCertificate(der);
    return 'got' in step ? [step.got] : [];
  });
  return {
    kind: 'trust-store',
    roots: certificates.length,
    ended: certificates.filter(({ notAfter }) => notAfter < now).length,
    organizations: groupTrusted(certificates).map(({ organization, roots: members }) => ({
      organization,
      subjects: members.map(({ subject }) => subject.text),
    })),
  };
}

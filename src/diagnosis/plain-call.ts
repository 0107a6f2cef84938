/**
 * Diagnoses a call that uses no TLS, as `http://` has it: made once as it is; where HTTP answers, nothing is wrong. Otherwise the
 * same is tried with TLS, which may be what the port wants.
 */
import type { Change } from './attempt/call.ts';
import { asCalled } from './attempt/call.ts';
import { difference, explained } from './case.ts';
import { diagnose } from './diagnose.ts';
import type { Diagnosis } from './diagnosis.ts';
import { isTlsWanted } from './hypotheses/application.ts';
import type { Laboratory } from './laboratory.ts';

const withoutTls: Change = {
  id: 'as-called-plain',
  words: { en: 'as called, without TLS', ko: '호출한 그대로(TLS 없이)' },
  plain: 'http',
};

export async function diagnosePlain(laboratory: Laboratory): Promise<Diagnosis> {
  const plain = laboratory.call.addresses.length > 0 ? await laboratory.try(withoutTls) : undefined;
  const said = Buffer.from(plain?.answer?.said ?? []).toString('latin1');
  if (said.startsWith('HTTP/') && !isTlsWanted(said)) return { others: [], attempts: laboratory.attempts };
  const diagnosis = await diagnose(laboratory);
  const secured = laboratory.attempts.find(
    ({ change, result }) => change.id === asCalled.id && result === 'completed',
  );
  if (plain && secured)
    return {
      ...diagnosis,
      finding: explained({
        cause: 'plaintext_on_tls_port',
        by: 'server',
        detail: {},
        confidence: 'proven',
        evidence: [difference(plain, secured)],
      }),
      others: diagnosis.finding ? [diagnosis.finding, ...diagnosis.others] : diagnosis.others,
    };
  const { finding } = diagnosis;
  // TLS is not what was called for: that the port has none explains little.
  return finding?.cause === 'tls_on_plaintext_port' && finding.confidence === 'proven'
    ? { ...diagnosis, finding: { ...finding, confidence: 'likely' } }
    : diagnosis;
}

/**
 * A certificate that a command did not accept, where neither its bytes nor its words say why: what any client sees in it. An
 * experiment has got the same certificate; whether that is why the command refused it is likely, and no more.
 */
import { matchesHostname } from '../../pki/x509/hostname.ts';
import { defined } from '../../core/defined.ts';
import { certificateSummary, isoTime } from '../../protocols/x509/certificate.ts';
import { explained } from '../case.ts';
import { readChainOf } from '../chain.ts';
import type { DiagnosedCause, Diagnosis, Finding } from '../diagnosis.ts';
import { untimelyIn } from './judge.ts';

/** They leave open what is wrong with the certificate, and the second also whether anything is. */
const open: ReadonlySet<DiagnosedCause> = new Set<DiagnosedCause>([
  'certificate_not_accepted',
  'closed_during_handshake',
]);

/** @param name the one that the command verifies; undefined where that is not known */
export function withVisibleFlaw(
  finding: Finding,
  { attempts: [base] }: Pick<Diagnosis, 'attempts'>,
  name: string | undefined,
): Finding {
  if (finding.by !== 'client' || !open.has(finding.cause)) return finding;
  if (finding.cause === 'closed_during_handshake' && finding.confidence === 'proven') return finding;
  const [leaf] = (base && readChainOf(base)) ?? [];
  if (!base || !leaf) return finding;
  const untimely = untimelyIn(base);
  const isOther = name !== undefined && !matchesHostname(leaf.subjectAlternativeNames ?? [], name);
  const cause = untimely?.cause ?? (isOther ? ('name_mismatch' as const) : undefined);
  if (cause === undefined) return finding;
  const presented = certificateSummary(leaf);
  const blamed = untimely && untimely.depth > 0 ? certificateSummary(untimely.certificate) : undefined;
  const isShown = finding.evidence.some(({ kind }) => kind === 'certificate');
  return {
    ...finding,
    ...explained({
      cause,
      by: 'client',
      detail: defined({
        presented,
        blamed,
        expected: isOther && !untimely ? name : undefined,
        chainLength: base.chain.length,
        now: untimely ? isoTime(base.at) : undefined,
      }),
      confidence: 'likely',
      message: 'Certificate',
      evidence: [
        ...finding.evidence,
        ...(isShown
          ? []
          : [
              {
                kind: 'certificate',
                certificate: blamed ?? presented,
                words: {
                  en: "the server's certificate, as an experiment got it",
                  ko: '실험에서 받은 서버 인증서',
                },
              } as const,
            ]),
      ],
    }),
  };
}

/**
 * Makes a finding of a connection that was observed: of a capture, of a command's own traffic, or of an attempt. It rests on the
 * bytes alone, and is as sure as these (`analysis/outcome`).
 */
import type { Outcome, OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import { bytesOf, explained } from './case.ts';
import type { Finding } from './diagnosis.ts';

/** An outcome as it was judged, or as a line of the JSON output has it. */
export type ObservedOutcome = Pick<Outcome, 'kind' | 'cause' | 'by' | 'detail' | 'alert' | 'step'> & {
  readonly confidence?: Outcome['confidence'];
  readonly evidence: readonly (OutcomeEvidence & { readonly frame?: number })[];
};

/** @param outcome absent where no connection was established */
export function findingOf(
  outcome: ObservedOutcome | undefined,
  { attempt }: { readonly attempt?: number } = {},
): Finding {
  // Whoever ended it: the client began with TLS where nobody speaks it.
  const by = outcome?.cause === 'tls_on_plaintext_port' ? 'client' : outcome?.by;
  const finding = explained({
    cause: outcome?.cause ?? 'closed_during_handshake',
    by: by ?? 'server',
    blamed: outcome?.cause === 'nothing_listens' ? 'nobody' : (by ?? 'unknown'),
    detail: outcome?.detail ?? {},
    alert: outcome?.alert ? { ...outcome.alert, from: by ?? 'server' } : undefined,
    confidence: outcome?.cause === undefined ? 'unknown' : (outcome.confidence ?? 'likely'),
    message: outcome && messageAt(outcome),
    evidence: bytesOf({
      ...(outcome ? { outcome } : {}),
      ...(attempt === undefined ? {} : { number: attempt }),
    }),
  });
  return outcome?.cause === undefined && outcome?.step === 'plaintext'
    ? { ...finding, ...inClear(outcome) }
    : finding;
}

/** No handshake had begun that could have been ended. */
const inClear = ({ kind }: ObservedOutcome): Pick<Finding, 'name' | 'because' | 'remedy'> => ({
  name:
    kind === 'reset'
      ? { en: 'reset while plaintext was spoken', ko: '평문 통신 중 재설정(RST)' }
      : { en: 'ended while plaintext was spoken', ko: '평문 통신 중 종료' },
  because: {
    en: `the connection was ${kind === 'reset' ? 'reset' : 'ended'} while plaintext was spoken on it: no TLS handshake had begun. A port that expects TLS does this to a client that speaks plaintext; so does a server that fails, and a relay whose server is not there`,
    ko: `평문으로 통신하던 연결이 ${kind === 'reset' ? '재설정(RST)되었습니다' : '끊겼습니다'}. TLS 핸드셰이크는 시작되지 않았습니다. TLS를 기대하는 포트는 평문 클라이언트를 이렇게 끊습니다. 오류로 멈춘 서버나 뒤의 서버가 없는 중계기도 그렇습니다.`,
  },
  remedy: {
    on: 'client',
    words: {
      en: 'see whether that port speaks TLS (./wirelab why HOST:PORT), and let the client begin with it then (https:// in an address); otherwise read the log of the server',
      ko: '그 포트가 TLS를 쓰는지 확인하고(./wirelab why HOST:PORT), 쓴다면 클라이언트가 TLS로 시작하게 하세요(주소에 https://). 아니라면 서버 로그를 확인하세요.',
    },
  },
});

/** The message that was being judged, in the standard's spelling; undefined where that is not known. */
function messageAt({ step, evidence }: ObservedOutcome): string | undefined {
  for (const place of evidence)
    if ('message' in place && place.message !== undefined && place.message !== 'Alert') return place.message;
  return step === 'client_hello' ? 'ClientHello' : undefined;
}

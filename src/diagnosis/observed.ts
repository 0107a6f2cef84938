/**
 * Makes a finding of a connection that was observed: of a capture, of a command's own traffic, or of an attempt. It rests on the
 * bytes alone, and is as sure as these (`analysis/outcome`).
 */
import type { Outcome, OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import { josa } from '../i18n/josa.ts';
import { bytesOf, explained } from './case.ts';
import type { Cause } from '../analysis/outcome/cause-words.ts';
import type { Blamed, Finding } from './diagnosis.ts';

/** An outcome as it was judged, or as a line of the JSON output has it. */
export type ObservedOutcome = Pick<Outcome, 'kind' | 'cause' | 'by' | 'detail' | 'alert' | 'step'> & {
  readonly confidence?: Outcome['confidence'];
  readonly evidence: readonly (OutcomeEvidence & { readonly frame?: number })[];
};

/** @param outcome absent where no connection was established */
export function findingOf(
  outcome: ObservedOutcome | undefined,
  { attempt }: { readonly attempt?: number | undefined } = {},
): Finding {
  if (outcome && isOfCertificate(outcome)) return findingOf({ ...outcome, ...notAccepted }, { attempt });
  // Whoever ended it: the client began with TLS where nobody speaks it.
  const by = outcome?.cause === 'tls_on_plaintext_port' ? 'client' : outcome?.by;
  const capped = outcome && cappedAt(outcome);
  return explained({
    cause: outcome?.cause ?? 'closed_during_handshake',
    by: by ?? 'server',
    blamed: blamedFor(outcome?.cause) ?? by ?? 'unknown',
    detail: outcome?.detail ?? {},
    alert: outcome?.alert ? { ...outcome.alert, from: by ?? 'server' } : undefined,
    confidence: outcome?.cause === undefined ? 'unknown' : (outcome.confidence ?? 'likely'),
    message: outcome && messageAt(outcome),
    ...(capped === undefined
      ? {}
      : {
          on: 'client',
          remedy: {
            en: `see first why the client offers ${capped} at most: a limit in its arguments or settings (--tls-max, .curlrc, MaxProtocol in openssl.cnf, a variable of its runtime), or an old library; if it cannot offer a newer version, let the server accept ${capped}`,
            ko: `먼저 클라이언트가 왜 ${capped}까지만 제안하는지 확인하세요. 인자나 설정의 제한(--tls-max, .curlrc, openssl.cnf의 MaxProtocol, 런타임의 변수)이거나 오래된 라이브러리입니다. 더 새 버전을 쓸 수 없다면 서버가 ${josa(capped, '을/를')} 받아들이게 하세요.`,
          },
        }),
    evidence: bytesOf({
      ...(outcome ? { outcome } : {}),
      ...(attempt === undefined ? {} : { number: attempt }),
    }),
  });
}

/**
 * A client that stops right behind the server's certificate with `internal_error` has refused it in a callback of its own: OpenSSL
 * sends that alert where the application says no (mosquitto, with a name that does not fit).
 */
const isOfCertificate = ({ cause, by, step }: ObservedOutcome): boolean =>
  cause === 'internal_error' && by === 'client' && step === 'server_flight';

const notAccepted = { cause: 'certificate_not_accepted', confidence: 'likely' } as const;

/** The newest version that the client offers, where that is not the newest there is: then it is the client that stops short. */
function cappedAt({ cause, detail, by }: ObservedOutcome): string | undefined {
  if (cause !== 'no_common_version' || by !== 'server') return undefined;
  const newest = detail.offered?.toSorted().at(-1);
  return newest !== undefined && /^TLS 1\.[0-2]$/.test(newest) ? newest : undefined;
}

/** Neither side, where it is in what happened and not in who ended it. */
function blamedFor(cause: ObservedOutcome['cause']): Blamed | undefined {
  if (cause === 'nothing_listens') return 'nobody';
  return cause !== undefined && onTheWay.has(cause) ? 'between' : undefined;
}

const onTheWay: ReadonlySet<Cause> = new Set<Cause>([
  'large_packets_lost',
  'packets_lost',
  'reset_on_the_way',
]);

/** The message that was being judged, in the standard's spelling; undefined where that is not known. */
function messageAt({ step, evidence }: ObservedOutcome): string | undefined {
  for (const place of evidence)
    if ('message' in place && place.message !== undefined && place.message !== 'Alert') return place.message;
  return step === 'client_hello' ? 'ClientHello' : undefined;
}

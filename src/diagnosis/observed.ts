/**
 * Makes a finding of a connection that was observed: of a capture, of a command's own traffic, or of an attempt. It rests on the
 * bytes alone, and is as sure as these (`analysis/outcome`).
 */
import type { Outcome, OutcomeEvidence } from '../analysis/outcome/outcome-facts.ts';
import type { Localized } from '../i18n/language.ts';
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
  // It is the server that said nothing; where the client left, it may have owed no answer.
  const isLeft = outcome?.cause === 'no_reply' && by === 'client';
  const capped = outcome && cappedAt(outcome);
  const finding = explained({
    cause: outcome?.cause ?? 'closed_during_handshake',
    by: isLeft ? 'server' : (by ?? 'server'),
    blamed: (isLeft ? 'unknown' : undefined) ?? blamedFor(outcome?.cause) ?? by ?? 'unknown',
    detail: outcome?.detail ?? {},
    alert: outcome?.alert ? { ...outcome.alert, from: by ?? 'server' } : undefined,
    confidence:
      outcome?.cause === undefined ? 'unknown' : isLeft ? 'likely' : (outcome.confidence ?? 'likely'),
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
  if (outcome && isHelloLost(outcome))
    return { ...finding, remedy: { on: 'between', words: forLargeHellos } };
  return outcome?.cause === undefined && outcome?.step === 'plaintext'
    ? { ...finding, ...inClear(outcome) }
    : finding;
}

/**
 * A client that stops right behind the server's certificate with `internal_error` has refused it in a callback of its own: OpenSSL
 * sends that alert where the application says no (mosquitto, with a name that does not fit).
 */
const isOfCertificate = ({ cause, by, step }: ObservedOutcome): boolean =>
  cause === 'internal_error' && by === 'client' && step === 'server_flight';

const notAccepted = { cause: 'certificate_not_accepted', confidence: 'likely' } as const;

/** It may be its size alone that something on the way does not take: a hello with post-quantum keys is larger than one packet. */
const isHelloLost = ({ cause, step, detail }: ObservedOutcome): boolean =>
  cause === 'large_packets_lost' && step === 'client_hello' && detail.lost?.from === 'client';

const forLargeHellos: Localized = {
  en: 'it is the ClientHello that does not arrive: let the client leave out its post-quantum key share, which makes the hello large (curl --curves X25519, Go GODEBUG=tlsmlkem=0). If that helps, update the firewall or load balancer on the way that drops a hello of this size; or let ICMP "fragmentation needed" through and lower the MTU',
  ko: 'ClientHello가 도착하지 않습니다. ClientHello를 크게 만드는 양자내성 키 공유를 클라이언트에서 빼 보세요(curl --curves X25519, Go GODEBUG=tlsmlkem=0). 그러면 될 때는 이 크기의 ClientHello를 버리는 중간의 방화벽이나 로드 밸런서를 업데이트하세요. 아니라면 ICMP "fragmentation needed" 메시지를 허용하고 MTU를 낮추세요.',
};

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

/** TLS succeeded, and the application refuses in its own words: they count, where they are about certificates or names. */
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Change } from '../attempt/call.ts';
import { bytesOf, difference, explained, firstLine } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';

type Meant = 'certificate_missing' | 'certificate_refused' | 'no_common_protocol';

/** What nginx, Apache, haproxy, Envoy, Go, Node, PostgreSQL and wirelab itself write. */
const known: readonly (readonly [RegExp, Meant])[] = [
  [/No required SSL certificate was sent/i, 'certificate_missing'],
  [/connection requires a valid client certificate/i, 'certificate_missing'],
  [/client certificate (?:is )?(?:required|missing|not provided)/i, 'certificate_missing'],
  [/Cannot perform Post-Handshake Authentication/i, 'certificate_missing'],
  [/The SSL certificate error/i, 'certificate_refused'],
  [/certificate authentication failed/i, 'certificate_refused'],
  [/(?:Unknown|Missing) ALPN Protocol/i, 'no_common_protocol'],
];

/** What an application's words mean, and the words themselves; undefined where they mean nothing that is known. */
export const meaningOf = (attempt: Attempt): Meaning | undefined => meaningIn(wordsOf(attempt));

/** They may be about the certificate of the client: what it asks for is not the matter. */
const aboutClients: ReadonlySet<number> = new Set([400, 401, 403, 495, 496]);

/** The client is admitted: the handshake completed, and no answer that may be about its certificate came. */
export const isAccepted = (attempt: Attempt): boolean =>
  attempt.result === 'completed' &&
  meaningOf(attempt) === undefined &&
  !aboutClients.has(statusOf(attempt) ?? 200);

interface Meaning {
  readonly meant: Meant;
  readonly said: string;
}

function meaningIn(text: string): Meaning | undefined {
  for (const [pattern, meant] of known) {
    const said = pattern.exec(text)?.[0];
    if (said !== undefined) return { meant, said };
  }
  return undefined;
}

/** The words with which a server says that a client's certificate is missing, or is refused. */
export function certificateWords(text: string): string | undefined {
  const meaning = meaningIn(text);
  return meaning?.meant === 'no_common_protocol' ? undefined : meaning?.said;
}

/** The status of an answer over HTTP. */
export const statusOf = (attempt: Attempt): number | undefined => {
  const status = /^HTTP\/[\d.]+ (\d{3})/.exec(wordsOf(attempt))?.[1];
  return status === undefined ? undefined : Number(status);
};

/** They are about the connection: misdirected, upgrade required, and nginx's own two about certificates. */
const aboutConnections: ReadonlySet<number> = new Set([421, 426, 495, 496]);

/** Of a server behind TLS that expected TLS itself: nginx, Apache, Go. */
const plainBehind =
  /plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled server port|HTTP request to an HTTPS server/i;

/** The answer over plain HTTP says that TLS is wanted here. */
export const isTlsWanted = (text: string): boolean => plainBehind.test(text);

/** A gateway has nobody to pass requests on to (RFC 9110 sections 15.6.3 to 15.6.5), in the order of what is likely. */
const gatewayErrors: Readonly<Record<number, Localized>> = {
  502: {
    en: 'the server behind it is not there, does not speak the protocol that is expected of it (TLS or plain HTTP), or its certificate is not accepted',
    ko: '뒤의 서버가 없거나, 기대한 프로토콜(TLS 또는 평문 HTTP)로 답하지 않거나, 그 서버의 인증서를 받아들이지 않은 것입니다',
  },
  503: {
    en: 'no server behind it is up, by its own checks, or all of them are busy; or the application itself says so',
    ko: '상태 검사를 통과한 뒤의 서버가 하나도 없거나, 모두 바쁜 것입니다. 애플리케이션 자신이 이렇게 답하기도 합니다',
  },
  504: {
    en: 'the server behind it does not answer in time',
    ko: '뒤의 서버가 제시간에 답하지 않은 것입니다',
  },
};

/** An answer that may be another one the next time: of a gateway, or of a limit (429). */
export const isLimited = (status: number | undefined): boolean =>
  status !== undefined && (status === 429 || Object.hasOwn(gatewayErrors, status));

const overHttp2: Change = {
  id: 'alpn-h2',
  words: { en: 'with ALPN h2', ko: 'ALPN h2로' },
  alpn: ['h2'],
};

export const application: Hypothesis = {
  name: 'application',
  async test({ base, call, laboratory }) {
    const { answer, outcome } = base;
    if (!answer || answer.said.length === 0 || (base.result !== 'completed' && base.result !== 'refused'))
      return undefined;
    const text = wordsOf(base);
    const meaning = meaningOf(base);
    const evidence: readonly Evidence[] = [
      {
        kind: 'words',
        attempt: base.number,
        said: meaning?.said ?? firstLine(base),
        words: { en: 'the server said', ko: '서버의 말' },
      },
      ...bytesOf(base),
    ];
    if (meaning?.meant === 'certificate_missing')
      return explained({
        cause: 'certificate_missing',
        by: 'server',
        detail: outcome?.detail ?? {},
        confidence: 'proven',
        message: 'application data',
        evidence,
      });
    if (meaning?.meant === 'no_common_protocol') {
      const made = await laboratory.try(overHttp2);
      return explained({
        cause: 'no_common_protocol',
        by: 'server',
        detail: { offered: call.alpn ?? [] },
        confidence: 'proven',
        message: 'application data',
        evidence: made?.secured?.alpn === 'h2' ? [difference(base, made), ...evidence] : evidence,
      });
    }
    if (meaning) return appFinding('certificate_refused', evidence, text);
    const behind = statusOf(base) === 400 ? plainBehind.exec(text)?.[0] : undefined;
    if (behind !== undefined)
      return {
        ...appFinding('refused_by_application', evidence, behind),
        remedy: {
          on: 'server',
          words: {
            en: 'what ends TLS at this port passes the request on in plain HTTP, to a port that expects TLS: let it use TLS to the server behind it, or pass TLS through, or use the plain port of that server',
            ko: '이 포트에서 TLS를 끝내는 것이 요청을 평문 HTTP로 TLS 포트에 넘깁니다. 뒤의 서버에도 TLS로 접속하게 하거나, TLS를 그대로 통과시키거나, 그 서버의 평문 포트를 쓰세요.',
          },
        },
      };
    if (aboutConnections.has(statusOf(base) ?? 0))
      return appFinding('refused_by_application', evidence, text.split(/\r?\n/)[0] ?? '');
    // TLS is well, and what answers is only what stands before the application.
    const gateway = gatewayErrors[statusOf(base) ?? 0];
    if (gateway)
      return {
        ...appFinding('refused_by_application', evidence, text.split(/\r?\n/)[0] ?? ''),
        confidence: 'likely',
        remedy: {
          on: 'server',
          words: {
            en: `read the log of what answered here, a gateway as a rule: ${gateway.en}`,
            ko: `여기서 답한 서버(보통 게이트웨이)의 로그를 확인하세요. ${gateway.ko}.`,
          },
        },
      };
    return base.result === 'refused'
      ? appFinding('refused_by_application', evidence, firstLine(base))
      : undefined;
  },
};

const appFinding = (
  cause: 'certificate_refused' | 'refused_by_application',
  evidence: readonly Evidence[],
  said: string,
): Finding =>
  found({
    cause,
    by: 'server',
    confidence: 'proven',
    message: 'application data',
    evidence,
    more: { en: said.slice(0, 160), ko: said.slice(0, 160) },
  });

/** Head and beginning of the body; of PostgreSQL's ErrorResponse the fields as lines. */
export function wordsOf({ answer }: Pick<Attempt, 'answer'>): string {
  if (!answer) return '';
  const text = Buffer.from(answer.said.subarray(0, 16_384)).toString('utf8');
  return answer.said[0] === 0x45 ? postgresWords(Buffer.from(answer.said)) : text;
}

/** `FATAL: connection requires a valid client certificate`: severity and message. */
function postgresWords(said: Buffer): string {
  const fields = said.subarray(5).toString('utf8').split('\0');
  const of = (type: string): string | undefined => fields.find((field) => field.startsWith(type))?.slice(1);
  return [of('S'), of('M')].filter(Boolean).join(': ');
}

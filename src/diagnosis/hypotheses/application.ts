/** TLS succeeded, and the application refuses in its own words: they count, where they are about certificates or names. */
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import type { Call, Change } from '../attempt/call.ts';
import { isHttp2Preface } from '../attempt/http2-question.ts';
import { packetWords } from '../attempt/packet-words.ts';
import { bytesOf, difference, explained, firstLine, serverSaid } from '../case.ts';
import type { Explained, Hypothesis } from '../case.ts';
import { protocolWords } from './answers/protocol-words.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';

type Meant = 'certificate_missing' | 'certificate_refused' | 'no_common_protocol' | 'name_missing';

/** What nginx, Apache, haproxy, Envoy, Go, Node, PostgreSQL and wirelab itself write; `general`: an application may write it too. */
const known: readonly (readonly [RegExp, Meant, 'general'?])[] = [
  [/No required SSL certificate was sent/i, 'certificate_missing'],
  [/connection requires a valid client certificate/i, 'certificate_missing'],
  [/client certificate (?:is )?(?:required|missing|not provided)/i, 'certificate_missing', 'general'],
  [/Cannot perform Post-Handshake Authentication/i, 'certificate_missing'],
  [/The SSL certificate error/i, 'certificate_refused'],
  [/certificate authentication failed/i, 'certificate_refused'],
  [/(?:Unknown|Missing) ALPN Protocol/i, 'no_common_protocol'],
  [/did not provide a hostname using Server Name Indication/i, 'name_missing'],
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
  /** No application would write it by itself. */
  readonly isOwn: boolean;
}

function meaningIn(text: string): Meaning | undefined {
  for (const [pattern, meant, kind] of known) {
    const said = pattern.exec(text)?.[0];
    if (said !== undefined) return { meant, said, isOwn: kind === undefined };
  }
  return undefined;
}

/** The words with which a server says that a client's certificate is missing, or is refused. */
export function certificateWords(text: string): string | undefined {
  const meaning = meaningIn(text);
  return meaning?.meant === 'certificate_missing' || meaning?.meant === 'certificate_refused'
    ? meaning.said
    : undefined;
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
export const gatewayErrors: Readonly<Record<number, Localized>> = {
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

/** A server of HTTP/2 that ends the stream, or the connection, instead of answering the request (`http2Words`). */
const givenUp = /^HTTP\/2 (?:RST_STREAM|GOAWAY)\b/;

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
    // It has a hypothesis of its own.
    if (isLoginRefused(base)) return undefined;
    const text = wordsOf(base);
    // In HTTP/2, though no protocol was agreed on: whoever speaks HTTP/1.1 then cannot go on.
    if (base.secured && base.secured.alpn === undefined && isHttp2Preface(answer.said)) {
      const made = await laboratory.try(overHttp2);
      return made && isAnsweredOverHttp2(made) ? onlyHttp2(call, base, made) : unagreedHttp2(call, base);
    }
    const meaning = meaningOf(base);
    const evidence: readonly Evidence[] = [
      serverSaid(base, meaning?.said ?? firstLine(base)),
      ...bytesOf(base),
    ];
    if (meaning?.meant === 'certificate_missing')
      return explained({
        cause: 'certificate_missing',
        by: 'server',
        detail: outcome?.detail ?? {},
        confidence: meaning.isOwn || base.acceptable !== undefined ? 'proven' : 'likely',
        message: 'application data',
        evidence,
        ...(base.acceptable === undefined && base.secured !== undefined ? unasked : {}),
      });
    if (meaning?.meant === 'no_common_protocol') {
      const made = await laboratory.try(overHttp2);
      return explained({
        cause: 'no_common_protocol',
        by: 'server',
        detail: { offered: call.alpn ?? [] },
        confidence: 'proven',
        message: 'application data',
        ...protocolWords(call.alpn, made?.secured?.alpn),
        evidence: made?.secured?.alpn === 'h2' ? [difference(base, made), ...evidence] : evidence,
      });
    }
    if (meaning?.meant === 'certificate_refused') return appFinding('certificate_refused', evidence, text);
    const behind = statusOf(base) === 400 ? plainBehind.exec(text)?.[0] : undefined;
    if (behind !== undefined)
      return {
        ...appFinding('refused_by_application', evidence, behind),
        remedy: {
          on: 'server',
          words: {
            en: 'let what ends TLS at this port use TLS to the server behind it too (nginx: proxy_pass https://, haproxy: server … ssl), or pass TLS through, or use the plain port of that server: it passes the request on in plain HTTP, to a port that expects TLS',
            ko: '이 포트에서 TLS를 끝내는 것이 뒤의 서버에도 TLS로 접속하게 하거나(nginx: proxy_pass https://, haproxy: server … ssl), TLS를 그대로 통과시키거나, 그 서버의 평문 포트를 쓰세요. 지금은 요청을 평문 HTTP로 TLS 포트에 넘깁니다.',
          },
        },
      };
    if (call.asks === undefined && statusOf(base) === upgradeRequired) {
      const made = await laboratory.try(asWebSocket);
      if (made && statusOf(made) === switching)
        return { ...webSocketNote, evidence: [difference(base, made)] };
    }
    if (aboutConnections.has(statusOf(base) ?? 0))
      return appFinding('refused_by_application', evidence, text.split(/\r?\n/)[0] ?? '');
    // TLS works, and what answers is only what stands before the application.
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
    if (givenUp.test(text)) {
      return {
        ...appFinding('refused_by_application', evidence, text),
        confidence: 'likely',
        remedy: givenUpRemedy,
      };
    }
    if (isOwnComplaint(base))
      return { ...appFinding('refused_by_application', evidence, firstLine(base)), ...ownComplaint };
    return base.result === 'refused'
      ? appFinding('refused_by_application', evidence, firstLine(base))
      : undefined;
  },
};

const switching = 101;

/** 426 (RFC 9110 section 15.5.22): something else is spoken here than HTTP alone, and not every server names it. */
const upgradeRequired = 426;

const asWebSocket: Change = {
  id: 'as-websocket',
  words: { en: 'asked for a WebSocket', ko: 'WebSocket을 요청' },
  asks: { question: 'websocket' },
};

const webSocketNote: Finding = {
  ...found({ cause: 'refused_by_application', by: 'server', confidence: 'proven', evidence: [] }),
  name: { en: 'a server of WebSockets', ko: 'WebSocket 서버' },
  because: {
    en: 'TLS works. GET is answered with 426 Upgrade Required, and a request for a WebSocket with 101 Switching Protocols, as it should be',
    ko: 'TLS는 정상입니다. GET에는 426 Upgrade Required로, WebSocket 요청에는 101 Switching Protocols로 답하며 올바른 동작입니다.',
  },
  isNote: true,
};

/** A status has come over HTTP/2. */
export const isAnsweredOverHttp2 = (made: Attempt): boolean =>
  made.secured?.alpn === 'h2' && made.result === 'completed' && /^HTTP\/2 \d/.test(wordsOf(made));

/** Without ALPN nothing was agreed on, and HTTP/1.1 was spoken. */
export const onlyHttp2 = ({ alpn = [] }: Call, base: Attempt, made: Attempt): Finding =>
  explained({
    cause: 'no_common_protocol',
    by: 'server',
    blamed: 'unknown',
    detail: { offered: alpn },
    confidence: 'proven',
    message: 'application data',
    ...protocolWords(alpn, 'h2'),
    because: {
      en: 'the server answers over HTTP/2, and not where no protocol is agreed on (ALPN) and HTTP/1.1 is spoken',
      ko: '서버가 HTTP/2로는 답하지만, 프로토콜(ALPN)을 합의하지 않고 HTTP/1.1로 말하면 답하지 않습니다.',
    },
    evidence: [difference(base, made)],
  });

/** As behind a gateway that ends TLS, and knows nothing of ALPN. */
const unagreedHttp2 = ({ alpn = [] }: Call, base: Attempt): Finding =>
  explained({
    cause: 'no_common_protocol',
    by: 'server',
    blamed: 'unknown',
    detail: { offered: alpn },
    confidence: 'likely',
    message: 'application data',
    evidence: [serverSaid(base, firstLine(base))],
    because: {
      en: 'the server speaks HTTP/2 over TLS, though no protocol was agreed on (ALPN): browsers and most clients speak HTTP/1.1 then, and cannot go on',
      ko: '프로토콜(ALPN)을 합의하지 않았는데 서버가 TLS 위에서 HTTP/2로 말합니다. 브라우저와 대부분의 클라이언트는 이때 HTTP/1.1로 말하므로 이어 갈 수 없습니다.',
    },
    on: 'server',
    remedy: {
      en: 'let what ends TLS agree on h2 (nginx: http2 on; haproxy: alpn h2; stunnel cannot), or let the server behind it take HTTP/1.1 too',
      ko: 'TLS를 끝내는 것이 h2를 합의하게 하거나(nginx: http2 on, haproxy: alpn h2, stunnel은 지원하지 않음), 뒤의 서버가 HTTP/1.1도 받게 하세요.',
    },
  });

const givenUpRemedy: Finding['remedy'] = {
  on: 'server',
  words: {
    en: 'read the log of the application: over HTTP/2 it gave the request up, or the whole connection, without an answer, as a program does that fails while it answers (INTERNAL_ERROR), or that refuses the client (REFUSED_STREAM, ENHANCE_YOUR_CALM)',
    ko: '애플리케이션 로그를 확인하세요. HTTP/2에서 답하지 않고 요청이나 연결을 끝냈습니다. 답하다 실패한 프로그램(INTERNAL_ERROR)이나 클라이언트를 거부한 프로그램(REFUSED_STREAM, ENHANCE_YOUR_CALM)이 이렇게 합니다.',
  },
};

export const appFinding = (
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

/** Of PostgreSQL: it does not know the user or the database, or has no rule for them. It is a matter of the login, not of TLS. */
const loginWords = /^FATAL: (?:no pg_hba\.conf entry for |role "|database "|permission denied for database)/;

export const isLoginRefused = (base: Attempt): boolean =>
  base.result === 'refused' && base.secured !== undefined && loginWords.test(wordsOf(base));

const unasked: Pick<Explained, 'because' | 'remedy' | 'on'> = {
  because: {
    en: 'the answer says that a certificate is missing, and the server did not ask for one in the handshake',
    ko: '응답은 인증서가 없다고 하지만, 서버가 핸드셰이크에서 인증서를 요구하지 않았습니다.',
  },
  on: 'server',
  remedy: {
    en: 'let the server ask for a certificate in the handshake (nginx: ssl_verify_client, Apache: SSLVerifyClient, haproxy: verify), and present one with the client (--cert and --key)',
    ko: '서버가 핸드셰이크에서 인증서를 요구하게 하고(nginx: ssl_verify_client, Apache: SSLVerifyClient, haproxy: verify), 클라이언트는 인증서를 제시하세요(--cert, --key).',
  },
};

/** The words are about certificates, and nobody asked for one: the application has business of its own with certificates. */
export const isOwnComplaint = (base: Attempt): boolean =>
  base.result === 'refused' &&
  base.outcome?.cause === 'refused_over_http' &&
  statusOf(base) === 400 &&
  base.secured !== undefined &&
  base.acceptable === undefined &&
  meaningOf(base) === undefined;

const ownComplaint: Pick<Finding, 'confidence' | 'isNote' | 'name' | 'because'> = {
  name: { en: 'the application’s answer', ko: '애플리케이션의 응답' },
  confidence: 'likely',
  isNote: true,
  because: {
    en: 'TLS works, and no client certificate was asked for: that the answer speaks of a certificate is the application’s own matter',
    ko: 'TLS는 정상이고 클라이언트 인증서를 요구하지 않았습니다. 응답에 인증서라는 말이 있지만 애플리케이션 자체의 내용입니다.',
  },
};

/** Head and beginning of the body; of a packet of its own what it says. */
export function wordsOf({ answer }: Pick<Attempt, 'answer'>): string {
  if (!answer) return '';
  return packetWords(answer.said) ?? Buffer.from(answer.said.subarray(0, 16_384)).toString('utf8');
}

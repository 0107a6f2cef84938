/**
 * Explains the outcome of a connection to a beginner: which side, at which step, why, and what to try. `outcome.ts`
 * determines it; `refusal.ts` words the cause and the remedy.
 *
 * 1. An inference is called one in the same sentence.
 * 2. Korean clauses end as sentences; English ones are joined and get their full stops here.
 */
import { defined } from '../../core/defined.ts';
import type { Side } from '../../capture/event.ts';
import type { Localized } from '../../i18n/language.ts';
import { verbatim } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { josa } from '../../i18n/josa.ts';
import type { Cause } from './cause-words.ts';
import type { HandshakeStep } from './handshake-progress.ts';
import type { Confidence } from './cause-table.ts';
import type { OutcomeFacts, OutcomeKind } from './outcome-facts.ts';
import { explainRefusal } from './refusal.ts';

export const outcomeWords: Readonly<Record<OutcomeKind, Localized>> = {
  completed: { en: 'completed', ko: '정상 완료' },
  refused_by_client: { en: 'refused by the client', ko: '클라이언트가 거부함' },
  refused_by_server: { en: 'refused by the server', ko: '서버가 거부함' },
  closed_without_alert: { en: 'closed without an alert', ko: '알림(Alert) 없이 종료됨' },
  reset: { en: 'broken off', ko: '강제 종료됨' },
  timed_out: { en: 'timed out', ko: '시간 초과' },
  no_answer: { en: 'no answer', ko: '응답 없음' },
  not_accepted: { en: 'connection refused', ko: '연결 거부됨' },
  nothing_said: { en: 'handshake completed, nothing said', ko: '핸드셰이크 완료, 주고받은 내용 없음' },
  left_on_request: { en: 'left when asked for a certificate', ko: '인증서를 요청받고 끊음' },
  empty: { en: 'opened and closed, nothing said', ko: '주고받은 내용 없음' },
  open: { en: 'still open', ko: '열려 있음' },
};

/** When it happened, behind a verb in English and before one in Korean. */
export const stepWords: Readonly<Record<HandshakeStep, Localized>> = {
  connecting: { en: 'while TCP was connecting', ko: 'TCP 연결 단계에서' },
  client_hello: { en: 'right after the ClientHello', ko: 'ClientHello 직후' },
  server_flight: { en: "after the server's part of the handshake", ko: '서버 쪽 핸드셰이크 메시지 직후' },
  client_certificate: {
    en: "after the client's Certificate message",
    ko: '클라이언트의 Certificate 메시지 직후',
  },
  client_flight: {
    en: "after the client's part of the handshake",
    ko: '클라이언트 쪽 핸드셰이크 메시지 직후',
  },
  connected: { en: 'after the handshake', ko: '핸드셰이크를 마친 뒤' },
  application_data: { en: 'while data was exchanged', ko: '데이터를 주고받던 중' },
  plaintext: verbatim(''),
};

const sides: Readonly<Record<Side, Localized>> = {
  client: { en: 'the client', ko: '클라이언트가' },
  server: { en: 'the server', ko: '서버가' },
};
const unnamedSide: Localized = { en: 'one side', ko: '한쪽이' };

type Clause = (facts: OutcomeFacts) => Localized;

const who = ({ by }: OutcomeFacts): Localized => (by === undefined ? unnamedSide : sides[by]);
const when = ({ step }: OutcomeFacts): Localized => (step === undefined ? verbatim('') : stepWords[step]);

/** English: subject, verb, time. Korean: subject, time, verb. */
const clause =
  (en: string, ko: string): Clause =>
  (facts) => ({
    en: [who(facts).en, en, when(facts).en].filter(Boolean).join(' '),
    ko: [who(facts).ko, when(facts).ko, ko].filter(Boolean).join(' '),
  });

/** Whether not only the cause is an inference, but that it was a refusal at all: an alert that was read proves it. */
export function isLikelyRefusal({ kind, inferred, alert, source, detail }: OutcomeFacts): boolean {
  return (
    inferred &&
    alert === undefined &&
    source === 'wire' &&
    detail.said === undefined &&
    (kind === 'refused_by_client' || kind === 'refused_by_server')
  );
}

const refused: Clause = (facts) => {
  const { alert } = facts;
  const said = alert
    ? {
        en: ` with the alert ${alert.description} (${alert.code})`,
        ko: `알림(Alert) ${josa(`${alert.description}(${alert.code})`, '을/를')} 보내 `,
      }
    : verbatim('');
  const isLikely = isLikelyRefusal(facts);
  const { en, ko } = clause(
    isLikely ? 'most likely refused' : 'refused',
    `${said.ko}거부${isLikely ? '한 것으로 보입니다' : '했습니다'}`,
  )(facts);
  return { en: en + said.en, ko };
};

/** Who closed, where something went well. */
const closing = ({ by }: OutcomeFacts): Localized =>
  by === undefined
    ? verbatim('')
    : { en: `; ${sides[by].en} closed first`, ko: ` ${sides[by].ko} 먼저 연결을 닫았습니다.` };

const oneSide: Localized = {
  en: 'most likely completed: only one direction was captured, and it shows no failure',
  ko: '한 방향만 캡처되었고 실패한 흔적은 없습니다. 정상적으로 끝난 것으로 보입니다',
};

const onlyOne = ({ by }: OutcomeFacts): Localized => ({
  en: `only one direction was captured: ${by === undefined ? 'the connection was broken off' : `it was broken off (RST) in the name of ${sides[by].en}`}, and what the other side had sent by then is unknown`,
  ko: `한 방향만 캡처되었습니다. ${by === undefined ? '연결이 강제로 끊겼지만' : `${by === 'client' ? '클라이언트' : '서버'} 이름으로 온 재설정(RST)으로 끊겼지만`}, 그때까지 상대가 무엇을 보냈는지는 알 수 없습니다`,
});

const withGap: Localized = {
  en: 'most likely completed: bytes of the handshake are not in the capture, and what is there shows no failure',
  ko: '핸드셰이크의 일부가 캡처되지 않았고, 캡처된 부분에 실패한 흔적은 없습니다. 정상적으로 끝난 것으로 보입니다',
};

/** How the closing side signalled the end. */
const closed: Readonly<Record<'none' | 'close_notify' | 'sealed', Clause>> = {
  none: clause('closed the connection without an alert', '알림(Alert) 없이 연결을 닫았습니다'),
  close_notify: clause(
    'ended the connection with the alert close_notify (0), which names no error,',
    '오류를 뜻하지 않는 알림(Alert) close_notify(0)를 보내고 연결을 닫았습니다',
  ),
  sealed: clause(
    'sent an encrypted alert and closed the connection',
    '암호화된 알림(Alert)을 보내고 연결을 닫았습니다',
  ),
};

const leads: Readonly<Record<OutcomeKind, Clause>> = {
  completed: (facts) =>
    facts.oneSided
      ? oneSide
      : facts.incomplete
        ? withGap
        : {
            en: `completed: ${facts.step === 'application_data' ? 'the handshake succeeded and data was exchanged' : 'data was exchanged'}${closing(facts).en}${notesOf(facts).en}`,
            ko: `${facts.step === 'application_data' ? '핸드셰이크에 성공했고 데이터를 주고받았습니다.' : '데이터를 주고받았습니다.'}${closing(facts).ko}${notesOf(facts).ko}`,
          },
  refused_by_client: refused,
  refused_by_server: refused,
  closed_without_alert: (facts) => closed[facts.farewell ?? 'none'](facts),
  reset: (facts) =>
    facts.oneSided
      ? onlyOne(facts)
      : facts.cause === 'reset_on_the_way'
        ? brokenOff(facts)
        : clause('broke the connection off (RST)', '연결을 강제로 끊었습니다(RST)')(facts),
  timed_out: (facts) => ({
    en: `the time ran out ${when(facts).en}`.trim(),
    ko: `${when(facts).ko} 제한 시간이 지났습니다`.trim(),
  }),
  no_answer: (facts) => ({
    en: `no answer came ${when(facts).en}`.trim(),
    ko: `${when(facts).ko} 응답이 없었습니다`.trim(),
  }),
  not_accepted: () => ({
    en: 'the connection was refused before a byte was said',
    ko: '한 바이트도 주고받기 전에 연결이 거부되었습니다',
  }),
  nothing_said: (facts) => ({
    en: `the handshake was completed, and ${who(facts).en} closed before anything was said${facts.cause === undefined && facts.by === 'client' ? '. A mere probe looks like this, and so does a client that refuses the server without an alert: the bytes do not show which' : ''}`,
    ko: `핸드셰이크는 끝났지만, 아무 내용도 보내기 전에 ${who(facts).ko} 연결을 닫았습니다${facts.cause === undefined && facts.by === 'client' ? '. 단순한 확인 접속도, 알림(Alert) 없이 서버를 거부한 클라이언트도 이렇게 보입니다. 오간 바이트만으로는 구분할 수 없습니다' : ''}`,
  }),
  left_on_request: () => ({
    en: 'the client left when it was asked for a certificate, and said nothing. Browsers do so when they open a connection ahead of its use or let their user choose a certificate, and come back over a new one; a client that refuses the server without an alert looks the same',
    ko: '클라이언트가 인증서를 요청받고 아무 말 없이 연결을 끊었습니다. 브라우저는 연결을 미리 열어 두었을 때나 사용자에게 인증서를 고르게 할 때 이렇게 끊고 새로 연결합니다. 알림(Alert) 없이 서버를 거부한 클라이언트도 이렇게 보입니다',
  }),
  empty: ({ alert, inTunnel }) =>
    inTunnel
      ? {
          en: 'a tunnel was opened and closed, and nothing was said through it',
          ko: '터널이 열렸다가 아무 내용 없이 닫혔습니다',
        }
      : alert
        ? {
            en: `the client opened the connection and closed it without saying anything; the server answered that with the alert ${alert.description} (${alert.code})`,
            ko: `클라이언트가 연결을 열고 아무 내용 없이 닫았습니다. 서버는 ${josa(`${alert.description}(${alert.code})`, '이라는/라는')} 알림(Alert)을 보냈습니다`,
          }
        : {
            en: 'the connection was opened and closed, and nothing was said',
            ko: '연결이 열렸다가 아무 내용 없이 닫혔습니다',
          },
  open: (facts) => ({
    en: `still open when the log ends${facts.step && facts.step !== 'plaintext' ? `, ${when(facts).en}` : ''}`,
    ko: `기록이 끝날 때까지 열려 있습니다${facts.step && facts.step !== 'plaintext' ? `(${when(facts).ko})` : ''}`,
  }),
};

/** The side whose name was used, if a third party seems to have sent it. */
const brokenOff: Clause = (facts) => ({
  en: ['the connection was broken off (RST)', when(facts).en, `in the name of ${who(facts).en}`]
    .filter(Boolean)
    .join(' '),
  ko: [
    when(facts).ko,
    `${facts.by === 'client' ? '클라이언트' : '서버'} 이름으로 온 재설정(RST)으로 연결이 끊겼습니다`,
  ]
    .filter(Boolean)
    .join(' '),
});

/** What a reader may take for a failure, and is none. */
function notesOf({ resumption, withoutCertificate, inClear }: OutcomeFacts): Localized {
  const declined = resumption === 'declined';
  return {
    en: `${declined ? '; the server did not resume the session that the client offered, and a full handshake took place instead, which is not a failure' : ''}${withoutCertificate ? '; the server requested a certificate and the client presented none: the response may be due to that' : ''}${inClear === undefined ? '' : `; the client asked to turn to TLS, the server refused (${safeText(inClear)}), and the session went on in clear`}`,
    ko: `${declined ? ' 클라이언트가 제안한 세션을 서버가 이어받지 않아 전체 핸드셰이크를 했습니다. 실패가 아닙니다.' : ''}${withoutCertificate ? ' 서버가 인증서를 요구했지만 클라이언트가 제시하지 않았습니다. 서버의 응답이 그 때문일 수 있습니다.' : ''}${inClear === undefined ? '' : ` 클라이언트가 TLS로 전환하자고 요청했지만 서버가 거절했고(${safeText(inClear)}), 세션은 평문으로 계속되었습니다.`}`,
  };
}

export const confidenceWords: Readonly<Record<Confidence, Localized>> = {
  proven: { en: 'proven', ko: '확실' },
  likely: { en: 'likely', ko: '추정' },
  unknown: { en: 'unknown', ko: '알 수 없음' },
};

/** How sure it is, and by what. */
export function certaintyOf({ confidence, source, seen, decidedBy, cause, kind }: OutcomeFacts): Localized {
  const { en, ko } = confidenceWords[confidence];
  if (confidence === 'proven') {
    const by =
      source === 'endpoint'
        ? { en: 'reported by the endpoint', ko: '해당 프로그램이 직접 알린 내용' }
        : { en: 'by the bytes', ko: '오간 바이트가 증명함' };
    return { en: `${en}, ${by.en}`, ko: `${ko}, ${by.ko}` };
  }
  const list = { en: seen.map((one) => one.en).join('; '), ko: seen.map((one) => one.ko).join('. ') };
  const isUnknown = confidence === 'unknown';
  const lead = isUnknown
    ? {
        en: kind === 'completed' || kind === 'open' ? 'observed' : 'reason not known; observed',
        ko: '관찰한 내용',
      }
    : { en: 'evidence', ko: '근거' };
  const decides =
    decidedBy && (cause !== undefined || isUnknown)
      ? { en: ` To make sure: ${decidedBy.en}.`, ko: ` 확인 방법: ${decidedBy.ko}.` }
      : verbatim('');
  if (list.en === '')
    return {
      en: `${en}${decides.en ? `.${decides.en}` : ''}`,
      ko: `${ko}${decides.ko ? `.${decides.ko}` : ''}`,
    };
  return {
    en: `${en}; ${lead.en}: ${list.en}.${decides.en}`,
    ko: `${ko}. ${lead.ko}: ${list.ko}.${decides.ko}`,
  };
}

/** The side that caused it, if it is not the one that ended the connection. */
const doings: Readonly<Partial<Record<Cause, Side>>> = {
  no_reply: 'server',
  unanswered: 'server',
  nothing_listens: 'server',
  plaintext_on_tls_port: 'server',
  tls_on_plaintext_port: 'server',
  server_silent: 'server',
  client_silent: 'client',
  psk_wrong: 'server',
};

/** The side that refused, or failed to do what was its part. */
export function refuserOf({ by, cause, kind }: Pick<OutcomeFacts, 'by' | 'cause' | 'kind'>): Side {
  if (kind === 'refused_by_client') return 'client';
  if (kind === 'refused_by_server') return 'server';
  return (cause === undefined ? undefined : doings[cause]) ?? by ?? 'server';
}

const noReason: Localized = { en: 'it gave no reason', ko: '이유는 알려 주지 않았습니다.' };

/** Silence after a handshake may mean nothing. */
const probe: Localized = {
  en: '. A mere probe looks like this; if it was a refusal, then most likely because ',
  ko: '단순한 확인 접속도 이렇게 보입니다. 거부한 것이라면 추정되는 이유: ',
};

export function sentenceOf(facts: OutcomeFacts): Localized {
  const { cause, inferred, alert, detail, joinedLate } = facts;
  const late: Localized = joinedLate
    ? {
        en: 'The capture joined this connection after it had begun. ',
        ko: '연결이 시작된 뒤부터 캡처되었습니다. ',
      }
    : verbatim('');
  const lead = leads[facts.kind](facts);
  const said =
    detail.said === undefined
      ? verbatim('')
      : { en: ` It said: ${safeText(detail.said)}.`, ko: ` 응답 내용: ${safeText(detail.said)}.` };
  if (cause === undefined)
    return { en: late.en + stopped(capital(lead.en)) + said.en, ko: late.ko + stopped(lead.ko) + said.ko };
  const words = explainRefusal(defined({ by: refuserOf(facts), reason: cause, detail, alert }));
  const { remedy } = words;
  // The lead has said the rest of it.
  const because = cause === 'closed_during_handshake' ? noReason : words.because;
  const repeats = detail.said !== undefined && words.because.en.includes(safeText(detail.said));
  return {
    en: `${late.en}${capital(lead.en)}${facts.kind === 'nothing_said' ? probe.en : inferred ? '. Most likely ' : ': '}${stopped(because.en)}${repeats ? '' : said.en} What to try: ${stopped(remedy.en)}`,
    ko: `${late.ko}${stopped(lead.ko)} ${facts.kind === 'nothing_said' ? probe.ko : inferred ? '추정되는 이유: ' : ''}${stopped(because.ko)}${repeats ? '' : said.ko} 해결 방법: ${stopped(remedy.ko)}`,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const stopped = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

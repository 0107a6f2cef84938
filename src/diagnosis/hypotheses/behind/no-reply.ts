/**
 * TLS is established, and no answer comes to what is asked over it, or none that can be used. A server of another protocol than HTTP
 * owes none: what it speaks is seen by what it agrees on (ALPN), or by how it refuses a request that no server of HTTP knows.
 */
import type { Localized } from '../../../i18n/language.ts';
import { mostBytes } from '../../attempt/answer.ts';
import { flawOf } from '../../attempt/answer-flaw.ts';
import { httpAnswerOf } from '../../attempt/http-answer.ts';
import { isHttp2Begun } from '../../attempt/http2-question.ts';
import type { Attempt } from '../../attempt/attempt.ts';
import { waitedFor } from '../../attempt/call.ts';
import type { Change } from '../../attempt/call.ts';
import { difference, explained, firstLine } from '../../case.ts';
import type { Case, Hypothesis } from '../../case.ts';
import type { Evidence, Finding } from '../../diagnosis.ts';
import { found } from '../../found.ts';
import { application, isAnsweredOverHttp2, onlyHttp2 } from '../application.ts';
import { unasked } from '../ended-unasked.ts';
import { arrived, isLostOnTheWay, lostOnTheWay } from './not-arrived.ts';
import { overHttp, tls12 } from '../negotiation.ts';

/** In HTTP/2 a server begins by itself, and its first words are no answer. */
const isReplied = ({ answer, secured }: Attempt): boolean =>
  answer !== undefined && (secured?.alpn === 'h2' ? isHttp2Begun(answer.said) : answer.said.length > 0);

const isUnreplied = (attempt: Attempt): boolean =>
  attempt.result === 'completed' && attempt.answer?.asked === true && !isReplied(attempt);

/** Under TLS 1.2 the server has the last word in the handshake: it shows whether what the client sends arrives at all. */
async function isLost({ base, laboratory }: Case): Promise<Attempt | undefined> {
  if (base.version !== 'TLS 1.3' || base.answer?.end !== 'open') return undefined;
  const made = await laboratory.try(tls12);
  return made?.result === 'silence' && made.version !== undefined ? made : undefined;
}

const isLeftUnasked = ({ result, answer }: Attempt): boolean =>
  (result === 'closed' || result === 'reset') && answer?.asked === false;

const unknownVersion: Change = {
  id: 'http-unknown-version',
  words: {
    en: 'a request in a version of HTTP that does not exist: every HTTP server refuses it at once',
    ko: '없는 버전의 HTTP 요청(HTTP 서버라면 곧바로 거부)',
  },
  asks: { question: 'unknown-http' },
};

/** Milliseconds: with less left nothing is begun that takes so long, and what is begun has these at least. */
const fewest = 2000;
const patience = 9000;

/** The call, waited for until the time for a diagnosis is over. */
const patiently = (milliseconds: number): Change => ({
  id: waitedFor,
  words: {
    en: `as called, waited for up to ${Math.round(milliseconds / 1000)} s`,
    ko: `호출한 그대로 ${Math.round(milliseconds / 1000)}초까지 기다리며`,
  },
  timeout: milliseconds,
  asks: { answerTime: milliseconds, isPatient: true },
});

/** Undefined where no time is left for that. */
export async function waitLonger({ laboratory }: Pick<Case, 'laboratory'>): Promise<Attempt | undefined> {
  const { timeLeft } = laboratory;
  return timeLeft < fewest ? undefined : laboratory.try(patiently(Math.max(patience, timeLeft)));
}

const seconds = (milliseconds: number): string => (milliseconds / 1000).toFixed(1);

/** @param before how long it was waited for in vain, in milliseconds */
export const slowNote = (made: Attempt, before: number): Finding => ({
  ...found({
    cause: 'slow_server',
    by: 'server',
    confidence: 'proven',
    evidence: [],
    more: {
      en: `after ${seconds(made.milliseconds)} s; a client that waits only ${seconds(before)} s gives up`,
      ko: `${seconds(made.milliseconds)}초 걸렸으며, ${seconds(before)}초만 기다리는 클라이언트는 포기합니다.`,
    },
  }),
  isNote: true,
});

/** That a server of HTTP answers here: by what it agrees on, or by a refusal in HTTP. */
async function spokenHttp({ base, laboratory }: Case): Promise<Attempt | undefined> {
  if (base.secured?.alpn !== undefined) return isHttp(base.secured.alpn) ? base : undefined;
  const agreed = await laboratory.try(overHttp);
  if (agreed?.secured?.alpn !== undefined) return agreed;
  const refused = await laboratory.try(unknownVersion);
  return refused?.answer && httpAnswerOf(refused.answer.said) ? refused : undefined;
}

const isHttp = (protocol: string): boolean => protocol === 'h2' || protocol.startsWith('http/');

const alike = (one: Attempt): Evidence => ({
  kind: 'words',
  attempt: one.number,
  said: one.secured?.alpn ?? firstLine(one),
  words:
    one.secured?.alpn === undefined
      ? { en: 'it speaks HTTP: its refusal of that request', ko: 'HTTP 서버라는 근거(그 요청에 대한 거부)' }
      : { en: 'it speaks HTTP, as agreed on (ALPN)', ko: 'HTTP 서버라는 근거(합의한 ALPN)' },
});

export const noReply: Hypothesis = {
  name: 'no-reply',
  async test(current): Promise<Finding | undefined> {
    const { base, call, laboratory } = current;
    if (!isUnreplied(base)) return undefined;
    if (isLostOnTheWay(base)) return lostOnTheWay(base, 'application data', []);
    const lost = await isLost(current);
    if (lost)
      return explained({
        cause: 'packets_lost',
        by: 'client',
        blamed: 'between',
        detail: { lost: { from: 'client', bytes: lost.connection?.lengthOf('wire', 'client') ?? 0 } },
        confidence: 'likely',
        message: 'Finished',
        evidence: [difference(base, lost)],
      });
    const isOfHttp = call.starttls === undefined;
    const made = isOfHttp && base.acceptable !== undefined ? await laboratory.try(overHttp) : undefined;
    // It hangs up on this client without being asked, only later the first time: it has judged what the client presented.
    if (made && base.acceptable !== undefined && call.identity && isLeftUnasked(made))
      return found({
        cause: 'certificate_refused',
        by: 'server',
        confidence: 'likely',
        message: 'Certificate',
        evidence: [difference(base, made)],
      });
    const spoken = isOfHttp ? await spokenHttp(current) : base;
    if (!spoken) return unknownProtocol(base);
    const evidence = spoken === base ? [] : [difference(base, spoken), alike(spoken)];
    switch (base.answer?.end) {
      case 'ended':
        return base.secured?.alpn === undefined && isAnsweredOverHttp2(spoken)
          ? onlyHttp2(call, base, spoken)
          : hungUp(current, spoken, evidence);
      case 'failed':
        return wasReset(current, evidence);
      default:
        return unanswered(current, evidence);
    }
  },
};

const hungUp = ({ call }: Case, { secured }: Attempt, evidence: readonly Evidence[]): Finding =>
  found({
    cause: 'refused_by_application',
    by: 'server',
    confidence: 'likely',
    message: 'application data',
    evidence,
    more:
      call.starttls === undefined
        ? {
            en: `it speaks HTTP${secured?.alpn === undefined ? '' : ` (ALPN ${secured.alpn})`}, and ends the connection without an answer to GET /`,
            ko: `HTTP 서버${secured?.alpn === undefined ? '' : `(ALPN ${secured.alpn})`}인데 GET /에 답하지 않고 연결을 끊습니다.`,
          }
        : undefined,
    on: 'server',
    remedy: {
      en: 'read the log of the server, which alone says why: a server that has no site of this name hangs up like this (nginx: a default server with return 444), so does one that takes a request for harmful, and a gateway whose server behind it is gone',
      ko: '서버 로그를 확인하세요. 아무 말 없이 끊으므로 이유는 로그에만 있습니다. 이 이름의 사이트가 없는 서버(nginx: return 444인 기본 서버), 요청을 위험하다고 본 서버, 뒤의 서버가 사라진 게이트웨이가 이렇게 끊습니다.',
    },
  });

async function wasReset({ base, laboratory }: Case, evidence: readonly Evidence[]): Promise<Finding> {
  const quiet = await laboratory.try(unasked(base));
  const isByData = quiet?.result === 'completed' && quiet.answer?.end === 'open';
  return found({
    cause: 'application_resets',
    by: 'unknown',
    confidence: 'likely',
    message: 'application data',
    evidence: [...(isByData ? [difference(base, quiet)] : []), ...evidence],
    more: isByData
      ? { en: 'as long as nothing is sent it stays', ko: '아무것도 보내지 않으면 연결이 유지됩니다.' }
      : undefined,
  });
}

/** It takes the request and is silent: slow, or stuck. */
async function unanswered(current: Case, evidence: readonly Evidence[]): Promise<Finding | undefined> {
  const { base } = current;
  const longer = await waitLonger(current);
  if (longer && longer.secured !== undefined && isReplied(longer))
    return (await application.test({ ...current, base: longer })) ?? slowNote(longer, base.milliseconds);
  const waited = Math.max(base.milliseconds, longer?.milliseconds ?? 0);
  const isEnded = longer?.answer !== undefined && longer.answer.end !== 'open';
  return found({
    cause: 'application_silent',
    by: 'unknown',
    confidence: 'likely',
    message: 'application data',
    evidence: [...(longer ? [difference(base, longer)] : []), ...arrived(longer ?? base), ...evidence],
    more: isEnded
      ? {
          en: `and after ${seconds(waited)} s the connection was ended`,
          ko: `${seconds(waited)}초 뒤에 연결이 끊겼습니다.`,
        }
      : {
          en: `in ${seconds(waited)} s, and the connection was still open`,
          ko: `${seconds(waited)}초를 기다렸고 연결은 열려 있었습니다.`,
        },
  });
}

/** Whether that is right, depends on a protocol that was not asked for. */
function unknownProtocol(base: Attempt): Finding | undefined {
  const how: Readonly<Record<'open' | 'ended' | 'failed', Localized>> = {
    open: {
      en: `no answer to GET / came in ${seconds(base.milliseconds)} s`,
      ko: `GET /에 ${seconds(base.milliseconds)}초 동안 답이 없었습니다.`,
    },
    ended: { en: 'it hung up at GET /', ko: 'GET /를 보내자 연결을 끊었습니다.' },
    failed: { en: 'the connection was reset at GET /', ko: 'GET /를 보내자 연결이 재설정(RST)되었습니다.' },
  };
  const words = how[base.answer?.end ?? 'open'];
  return {
    ...found({ cause: 'application_silent', by: 'unknown', confidence: 'likely', evidence: [] }),
    name: { en: 'no answer to GET /', ko: 'GET /에 답 없음' },
    because: {
      en: `${words.en}. A server of another protocol than HTTP is right to do so, and nothing here shows that this is one of HTTP`,
      ko: `${words.ko} HTTP가 아닌 서버라면 정상이며, HTTP 서버라는 근거는 없습니다.`,
    },
    isNote: true,
  };
}

export const unusableAnswer: Hypothesis = {
  name: 'unusable-answer',
  async test(current): Promise<Finding | undefined> {
    const { base } = current;
    if (base.result !== 'completed') return undefined;
    const flaw = flawOf(base);
    if (!flaw) return undefined;
    const isOpen = base.answer?.end === 'open' && base.answer.said.length < mostBytes;
    // Only a slow one, perhaps.
    const longer = isOpen ? await waitLonger(current) : undefined;
    if (longer?.result === 'completed' && (longer.answer?.said.length ?? 0) > 0 && !flawOf(longer))
      return slowNote(longer, base.milliseconds);
    return found({
      cause: 'unusable_answer',
      by: base.answer?.error === undefined ? 'server' : 'unknown',
      confidence: 'likely',
      message: 'application data',
      evidence: [
        {
          kind: 'words',
          attempt: base.number,
          said: firstLine(base),
          words: { en: 'the answer begins', ko: '응답의 시작' },
        },
        ...(longer ? [difference(base, longer)] : []),
      ],
      more: (longer && flawOf(longer)) ?? flaw,
    });
  },
};

/** Every connection ends in the same way, whatever is said on it: what is said has nothing to do with it. */
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { difference, explained, isUnanswered } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { arrived, isLostOnTheWay, lostOnTheWay } from './behind/not-arrived.ts';

/** That it is no chance. */
const fewest = 4;
/** A busy server may end one or the other later than it is waited for. */
const mostOf = 0.75;

const isEnded = ({ result }: Attempt): boolean => result === 'closed' || result === 'reset';

/** It ended before anything was asked of it. */
const isUnasked = ({ change, answer }: Attempt): boolean =>
  change.plain !== undefined && answer?.asked === false;

export const beforeAnything: Localized = {
  en: 'it ends them before anything is said, so that it is not about TLS. A load balancer without a healthy server behind it, or one that puts a PROXY protocol header (send-proxy) before a server that does not expect it, an access list, a limit of connections (Redis: maxclients), or a program that fails as it starts does this',
  ko: '아무것도 보내기 전에 끊으므로 TLS 문제가 아닙니다. 뒤에 정상 서버가 없는 로드 밸런서, PROXY 프로토콜 헤더를 기대하지 않는 서버 앞에 그 헤더를 붙이는(send-proxy) 로드 밸런서, 접근 제한 목록, 연결 수 제한(Redis: maxclients), 시작하다 실패하는 프로그램이 이렇게 동작합니다.',
};

export const endings: Hypothesis = {
  name: 'endings',
  async test({ base, laboratory }) {
    const made = laboratory.attempts.filter(({ connection }) => connection !== undefined);
    if (!isUnanswered(base) || made.length < fewest || !made.every(isUnanswered)) return undefined;
    const ended = made.filter(isEnded);
    if (isEnded(base) && ended.length >= Math.max(fewest, mostOf * made.length)) {
      const unasked = ended.find(isUnasked);
      return found({
        cause: 'ends_every_connection',
        by: 'unknown',
        confidence: unasked && ended.length === made.length ? 'proven' : 'likely',
        evidence: [difference(base, unasked ?? ended[1] ?? base)],
        more: unasked
          ? beforeAnything
          : {
              en: 'a server without TLS, of a protocol that was not tried, does this; so does a load balancer without a healthy server behind it, a router that picks a server by the name in the hello (SNI) and has none for this one, and a server that has as many clients as it takes (Redis: maxclients)',
              ko: 'TLS 없이 여기서 시험하지 않은 프로토콜을 쓰는 서버, 뒤에 정상 서버가 없는 로드 밸런서, ClientHello의 이름(SNI)으로 서버를 고르는데 이 이름이 없는 라우터, 클라이언트 수가 한도에 이른 서버(Redis: maxclients)가 이렇게 동작합니다.',
            },
      });
    }
    if (base.result !== 'silence') return undefined;
    return wasSilent(
      base,
      'ClientHello',
      made.slice(1, 4).map((other) => difference(base, other)),
    );
  },
};

/** In protocols that turn to TLS the server speaks first: then the client has said nothing either. */
export function wasSilent(
  base: Attempt,
  message: string | undefined,
  evidence: readonly Evidence[],
): Finding {
  if (isLostOnTheWay(base)) return lostOnTheWay(base, message, evidence);
  const silentFor = base.quietFor ?? base.milliseconds;
  const silence = explained({
    cause: 'server_silent',
    by: 'server',
    blamed: 'unknown',
    detail: { silentFor },
    confidence: 'likely',
    message,
    evidence: [...arrived(base), ...evidence],
  });
  if (base.connection === undefined || base.connection.lengthOf('wire', 'client') > 0) return silence;
  const seconds = (silentFor / 1000).toFixed(1);
  return {
    ...silence,
    because: {
      en: `the server speaks first in this protocol, and it said nothing in ${seconds} s`,
      ko: `이 프로토콜에서는 서버가 먼저 말하는데 ${seconds}초 동안 아무 말도 하지 않았습니다.`,
    },
  };
}

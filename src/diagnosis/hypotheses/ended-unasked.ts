/**
 * The server ends connections by itself: before TLS, after a while in which it tries something else, or right after the handshake.
 * Both are what a gateway does that has nobody behind it.
 */
import type { Localized } from '../../i18n/language.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { asCalledAgain } from '../attempt/call.ts';
import type { Change } from '../attempt/call.ts';
import { difference, isUnanswered, shown } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import type { Evidence, Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { modest } from './hello-form.ts';

/** Milliseconds: whoever ends a connection later has tried something meanwhile, or has waited for it. */
const slow = 1000;

const isEnded = ({ result }: Attempt): boolean => result === 'closed' || result === 'reset';

const seconds = ({ milliseconds }: Attempt): string => (milliseconds / 1000).toFixed(1);

const silently = (base: Attempt): Change => ({
  id: 'nothing-said',
  words: { en: 'no TLS, and nothing said', ko: 'TLS 없이 아무것도 보내지 않고' },
  plain: 'nothing',
  asks: { greetingTime: base.milliseconds + slow },
});

const inHttp = (base: Attempt): Change => ({
  id: 'plain-http-patiently',
  words: { en: 'no TLS: plain HTTP, waited for as long', ko: 'TLS 없이 평문 HTTP를 보내고 그만큼 기다리며' },
  plain: 'http',
  asks: { greetingTime: 50, answerTime: base.milliseconds + slow },
});

const inAnotherHello = (base: Attempt): Change => ({
  ...modest,
  id: 'hello-modest-patiently',
  asks: { greetingTime: base.milliseconds + slow },
});

const isEndedUnanswered = (made: Attempt | undefined): made is Attempt =>
  made !== undefined && isUnanswered(made) && isEnded(made);

/**
 * Before TLS. It is tested early: each further attempt would take as long, or be given up too soon. A load balancer that waits for
 * a ClientHello before it tries anything stays silent without one; then another hello has to have the same end.
 */
export const endedUnasked: Hypothesis = {
  name: 'ended-unasked',
  async test({ base, laboratory }) {
    if (!isEndedUnanswered(base) || base.milliseconds < slow) return undefined;
    const asked = await laboratory.try(inHttp(base));
    if (!asked || !isUnanswered(asked)) return undefined;
    const silent = isEnded(asked) ? await laboratory.try(silently(base)) : undefined;
    if (isEndedUnanswered(silent))
      return endedFinding([difference(base, silent), difference(base, asked)], {
        en: `it ends them after ${seconds(base)} s, and after ${seconds(silent)} s where nothing was said, so that it is hardly about TLS`,
        ko: `${seconds(base)}초 뒤에 끊고, 아무것도 보내지 않아도 ${seconds(silent)}초 뒤에 끊으므로 TLS 문제는 아닌 듯합니다`,
      });
    const other = await laboratory.try(inAnotherHello(base));
    if (!isEndedUnanswered(other) || other.milliseconds < slow) return undefined;
    return endedFinding([difference(base, other), difference(base, asked)], {
      en: `it ends them after ${seconds(base)} s, and after ${seconds(other)} s where the ClientHello is another one, without an answer to either`,
      ko: `${seconds(base)}초 뒤에 끊고, 다른 ClientHello에도 답하지 않은 채 ${seconds(other)}초 뒤에 끊습니다`,
    });
  },
};

const endedFinding = (evidence: readonly Evidence[], seen: Localized): Finding =>
  found({
    cause: 'ends_every_connection',
    by: 'unknown',
    confidence: 'likely',
    evidence,
    more: {
      en: `${seen.en}. A load balancer does this that tries the server behind it in vain`,
      ko: `${seen.ko}. 로드 밸런서가 뒤의 서버에 연결하지 못할 때 이렇게 동작합니다.`,
    },
    remedy: {
      en: 'look at what listens on that port (ss -ltnp) and at its log: whether the server behind it runs, and listens where it is expected; then at lists of allowed addresses',
      ko: '그 포트에서 연결을 받는 프로그램(ss -ltnp)과 그 로그를 보고, 뒤의 서버가 실행 중이며 지정된 주소에서 연결을 받는지 확인하세요. 그다음 허용 주소 목록을 살펴보세요.',
    },
  });

export const unasked = (base: Attempt): Change => ({
  id: 'nothing-asked',
  words: { en: 'with nothing asked over TLS', ko: 'TLS 위에서 아무것도 요청하지 않고' },
  asks: { question: 'nothing', greetingTime: base.milliseconds + slow },
});

/** It took what was asked, said nothing, and hung up. */
const isGivenUp = ({ result, answer }: Attempt): boolean =>
  result === 'completed' && answer?.asked === true && answer.said.length === 0 && answer.end !== 'open';

const after = (attempt: Attempt): Evidence => ({
  kind: 'words',
  attempt: attempt.number,
  said: '',
  words: {
    en: `it ends after ${seconds(attempt)} s by itself, with nothing asked`,
    ko: `아무것도 요청하지 않아도 ${seconds(attempt)}초 뒤에 끝납니다`,
  },
});

/** After the handshake. Who asks for a certificate may do it because of that. */
export const endedAfterHandshake: Hypothesis = {
  name: 'ended-after-handshake',
  async test({ base, laboratory }) {
    if (base.secured === undefined || base.acceptable !== undefined) return undefined;
    const isAtOnce = isEnded(base);
    if (!isAtOnce && !isGivenUp(base)) return undefined;
    const made = await laboratory.try(isAtOnce ? asCalledAgain(1) : unasked(base));
    if (!made || made.secured === undefined || !isEnded(made)) return undefined;
    return found({
      cause: 'ends_after_handshake',
      by: base.result === 'reset' ? 'unknown' : 'server',
      confidence: 'likely',
      message: 'application data',
      evidence: isAtOnce ? [shown(base), shown(made)] : [difference(base, made), after(made)],
    });
  },
};

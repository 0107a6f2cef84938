/** Every connection ends in the same way, whatever is said on it: what is said has nothing to do with it. */
import type { Attempt } from '../attempt/attempt.ts';
import { difference, explained, isUnanswered } from '../case.ts';
import type { Hypothesis } from '../case.ts';
import { found } from '../found.ts';

/** That it is no chance. */
const fewest = 4;

const isEnded = ({ result }: Attempt): boolean => result === 'closed' || result === 'reset';

/** It ended before anything was asked of it. */
const isUnasked = ({ change, answer }: Attempt): boolean =>
  change.plain !== undefined && answer?.asked === false;

export const endings: Hypothesis = {
  name: 'endings',
  async test({ base, laboratory }) {
    const made = laboratory.attempts.filter(({ connection }) => connection !== undefined);
    if (!isUnanswered(base) || made.length < fewest || !made.every(isUnanswered)) return undefined;
    if (made.every(isEnded)) {
      const unasked = made.find(isUnasked);
      return found({
        cause: 'ends_every_connection',
        by: 'unknown',
        confidence: unasked ? 'proven' : 'likely',
        evidence: [difference(base, unasked ?? made[1] ?? base)],
        more: unasked
          ? {
              en: 'it ends before anything is said: it is not about TLS',
              ko: '아무것도 보내기 전에 끊으므로 TLS 문제가 아닙니다.',
            }
          : {
              en: 'a server of another protocol, without TLS, that ends what it cannot read does this too',
              ko: 'TLS 없이 다른 프로토콜을 쓰며 읽지 못하는 것을 끊는 서버일 수도 있습니다.',
            },
      });
    }
    if (base.result !== 'silence') return undefined;
    return explained({
      cause: 'server_silent',
      by: 'server',
      blamed: 'unknown',
      detail: { silentFor: base.milliseconds },
      confidence: 'likely',
      message: 'ClientHello',
      evidence: made.slice(1, 4).map((other) => difference(base, other)),
    });
  },
};

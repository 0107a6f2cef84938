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

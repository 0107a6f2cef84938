/** TLS is established, and no answer comes to what is asked over it. A server of another protocol than HTTP owes none. */
import type { Attempt } from '../attempt/attempt.ts';
import { difference, explained, firstLine } from '../case.ts';
import type { Case, Hypothesis } from '../case.ts';
import type { Finding } from '../diagnosis.ts';
import { found } from '../found.ts';
import { overHttp, tls12 } from './negotiation.ts';

const isUnreplied = ({ result, answer }: Attempt): boolean =>
  result === 'completed' && answer?.asked === true && answer.said.length === 0;

/** Under TLS 1.2 the server has the last word in the handshake: it shows whether what the client sends arrives at all. */
async function isLost({ base, laboratory }: Case): Promise<Attempt | undefined> {
  if (base.version !== 'TLS 1.3' || base.answer?.end !== 'open') return undefined;
  const made = await laboratory.try(tls12);
  return made?.result === 'silence' && made.version !== undefined ? made : undefined;
}

const isLeftUnasked = ({ result, answer }: Attempt): boolean =>
  (result === 'closed' || result === 'reset') && answer?.asked === false;

export const noReply: Hypothesis = {
  name: 'no-reply',
  async test(current): Promise<Finding | undefined> {
    const { base, call, laboratory } = current;
    if (!isUnreplied(base)) return undefined;
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
    const made = await laboratory.try(overHttp);
    // It hangs up on this client without being asked, only later the first time: it has judged what the client presented.
    if (made && base.acceptable !== undefined && call.identity && isLeftUnasked(made))
      return found({
        cause: 'certificate_refused',
        by: 'server',
        confidence: 'likely',
        message: 'Certificate',
        evidence: [difference(base, made)],
      });
    const protocol = made?.secured?.alpn;
    if (!made || protocol === undefined) return undefined;
    const evidence = [difference(base, made)];
    if (base.answer?.end !== 'open')
      return found({
        cause: 'refused_by_application',
        by: 'server',
        confidence: 'likely',
        message: 'application data',
        evidence,
        more: {
          en: `it speaks HTTP (ALPN ${protocol}), and ends the connection without an answer to GET /`,
          ko: `HTTP 서버(ALPN ${protocol})인데 GET /에 답하지 않고 연결을 끊습니다.`,
        },
      });
    return explained({
      cause: 'no_reply',
      by: 'server',
      detail: { said: firstLine(base), silentFor: base.milliseconds },
      confidence: 'likely',
      message: 'application data',
      evidence,
    });
  },
};

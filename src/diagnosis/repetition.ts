/**
 * A failure that comes and goes: the call is repeated without a change, and how often it failed is counted. Behind one address
 * are several servers then that are not alike, or one that is overloaded, or that limits how often it is called.
 */
import type { Localized } from '../i18n/language.ts';
import { judgeChain } from './chain.ts';
import type { Case } from './case.ts';
import { asCalledAgain } from './attempt/call.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Evidence, Finding } from './diagnosis.ts';
import { found } from './found.ts';
import { isLimited, statusOf } from './hypotheses/application.ts';

/** So often the call is made in all where it fails now and then. */
const mostCalls = 7;

/** What the other side did, and not the limit of time of this diagnosis, which a busy machine may exceed. */
const acts: ReadonlySet<Attempt['result']> = new Set([
  'plaintext',
  'alert',
  'refused',
  'closed',
  'reset',
  'no_connection',
]);

const isLate = ({ failure }: Attempt): boolean =>
  failure?.code === 'ETIMEDOUT' || failure?.reason === 'handshake_timeout';

/** Something came behind the handshake: under TLS 1.3 a refusal of the client's certificate may still be on its way. */
export const isHeard = ({ answer }: Attempt): boolean => answer !== undefined && answer.said.length > 0;

/** `open`: nothing was heard for as long as this diagnosis waits, which is shorter than a client does. */
export function healthOf({ call, laboratory, base }: Case, attempt: Attempt): 'well' | 'failing' | 'open' {
  if (attempt.result !== 'completed')
    return attempt === base || (acts.has(attempt.result) && !isLate(attempt)) ? 'failing' : 'open';
  if (isLimited(statusOf(attempt))) return 'failing';
  if (judgeChain(call, attempt, laboratory.clock.now())?.verified === false) return 'failing';
  return isHeard(attempt) ? 'well' : 'open';
}

/** Those that differ in nothing, the call itself the first. */
const repeated = ({ base, laboratory }: Case): readonly Attempt[] =>
  laboratory.attempts.filter((one) => one === base || /^as-called-again-\d+$/.test(one.change.id));

/** @param evidence that two calls that differ in nothing have had another end */
export async function nowAndThen(
  current: Case,
  {
    evidence,
    more,
    confidence = 'proven',
  }: {
    readonly evidence: readonly Evidence[];
    readonly more?: Localized;
    readonly confidence?: Finding['confidence'];
  },
): Promise<Finding> {
  for (let time = 1; repeated(current).length < mostCalls && time < mostCalls; time++)
    if (!(await current.laboratory.try(asCalledAgain(time)))) break;
  const all = repeated(current).map((one) => healthOf(current, one));
  const failed = all.filter((one) => one === 'failing').length;
  const isMixed = failed > 0 && all.includes('well');
  const count = `${failed} / ${all.length}`;
  const limit = repeated(current)
    .map(statusOf)
    .find((status) => status === 429);
  return {
    ...found({
      cause: 'intermittent',
      by: 'unknown',
      confidence,
      ...(isMixed
        ? {
            more: {
              en: `it failed ${failed} of ${all.length} times${more ? `; ${more.en}` : ''}`,
              ko: `${all.length}번 가운데 ${failed}번 실패했습니다.${more ? ` ${more.ko}` : ''}`,
            },
          }
        : more
          ? { more }
          : {}),
      evidence: [
        ...evidence,
        ...(isMixed
          ? [
              {
                kind: 'words',
                said: count,
                words: {
                  en: 'calls without a change that failed, of all of these',
                  ko: '바꾸지 않고 되풀이한 호출 가운데 실패한 수와 전체 수',
                },
              } as const,
            ]
          : []),
      ],
      ...(limit === undefined
        ? {}
        : {
            remedy: {
              en: 'the server limits how often it is called (429): call it less often, or have its limit raised; its Retry-After header says when to try again',
              ko: '서버가 호출 횟수를 제한합니다(429). 덜 자주 호출하거나 제한을 올리게 하세요. 다시 시도할 때는 Retry-After 헤더에 있습니다.',
            },
          }),
    }),
  };
}

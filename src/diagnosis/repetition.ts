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
import { flawOf } from './attempt/answer-flaw.ts';

/** Milliseconds after which a call is made once more, where the first alone went well. */
const waiting = 2500;

async function wellLater(current: Case): Promise<boolean | undefined> {
  const { laboratory } = current;
  if (laboratory.timeLeft < 2 * waiting) return undefined;
  await laboratory.pause(waiting);
  const made = await laboratory.try({
    id: 'as-called-later',
    words: { en: `as called, ${waiting / 1000} s later`, ko: `호출한 그대로 ${waiting / 1000}초 뒤에` },
  });
  return made && healthOf(current, made) === 'well';
}

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
  if (isLimited(statusOf(attempt)) || flawOf(attempt)) return 'failing';
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
    name,
    confidence = 'proven',
  }: {
    readonly evidence: readonly Evidence[];
    readonly more?: Localized;
    /** In the place of the general one. */
    readonly name?: Localized | undefined;
    readonly confidence?: Finding['confidence'];
  },
): Promise<Finding> {
  for (let time = 1; repeated(current).length < mostCalls && time < mostCalls; time++)
    if (!(await current.laboratory.try(asCalledAgain(time)))) break;
  const all = repeated(current).map((one) => healthOf(current, one));
  const failed = all.filter((one) => one === 'failing').length;
  const isMixed = failed > 0 && all.includes('well');
  const count = `${failed} / ${all.length}`;
  const isFirstAlone = all.length > 3 && all[0] === 'well' && all.slice(1).every((one) => one !== 'well');
  const later = isFirstAlone ? await wellLater(current) : undefined;
  const limit = repeated(current)
    .map(statusOf)
    .find((status) => status === 429);
  return {
    ...found({
      cause: 'intermittent',
      by: 'unknown',
      confidence,
      ...(isFirstAlone
        ? {
            more: {
              en: `the first call went well, and all ${all.length - 1} after it failed${later === undefined ? '' : `; ${waiting / 1000} s later ${later ? 'one went well again' : 'one failed too'}`}. A limit of connections for each client (firewall, load balancer, server) looks like that`,
              ko: `첫 호출은 성공하고 그 뒤의 ${all.length - 1}번은 모두 실패했습니다.${later === undefined ? '' : ` ${waiting / 1000}초 뒤에는 ${later ? '다시 성공했습니다' : '역시 실패했습니다'}.`} 클라이언트마다 연결 수를 제한하는 것(방화벽, 로드 밸런서, 서버)이 있으면 이렇게 보입니다.`,
            },
            on: 'between' as const,
            remedy: {
              en: 'look for a limit of connections for one client (per second, or at a time: haproxy stick-table, nginx limit_conn, nft limit, fail2ban), and let the client keep its connections or raise the limit; if it stays so, see whether the server has failed meanwhile',
              ko: '클라이언트 하나의 시간당 연결 수를 제한하는 것(haproxy stick-table, nginx limit_conn, nft limit, fail2ban)을 찾아 제한을 올리거나 클라이언트가 연결을 재사용하게 하세요. 계속 실패하면 그사이 서버가 멈췄는지 확인하세요.',
            },
          }
        : isMixed
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
              en: 'call it less often, or have its limit raised: the server limits how often it is called (429), and its Retry-After header says when to try again',
              ko: '덜 자주 호출하거나 제한을 올리게 하세요. 서버가 호출 횟수를 제한하며(429), 다시 시도할 때는 Retry-After 헤더에 있습니다.',
            },
          }),
    }),
    ...(name && !isFirstAlone ? { name } : {}),
  };
}

/**
 * A failure that comes and goes: the call is repeated without a change, and how often it failed is counted. Behind one address
 * are several servers then that are not alike, or one that is overloaded, or that limits how often it is called.
 */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { judgeChain } from './chain.ts';
import { cameBack } from './case.ts';
import type { Case } from './case.ts';
import { asCalledAgain } from './attempt/call.ts';
import type { Attempt } from './attempt/attempt.ts';
import type { Evidence, Finding } from './diagnosis.ts';
import { found } from './found.ts';
import type { Found } from './found.ts';
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
  const isFirstAlone = all.length > 3 && all[0] === 'well' && all.slice(1).every((one) => one !== 'well');
  const spent = isFirstAlone ? afterTheFirst(all.length - 1, await wellLater(current)) : undefined;
  const isCountedOut = repeated(current).some((one) => statusOf(one) === 429);
  const finding = found({
    cause: 'intermittent',
    by: 'unknown',
    confidence,
    more: spent?.more ?? (isMixed ? soOften(failed, all.length, more ?? endOf(current)) : more),
    on: spent?.on,
    remedy: isCountedOut ? callLess : spent?.remedy,
    evidence: isMixed ? [...evidence, counted(failed, all.length)] : evidence,
  });
  const failures = repeated(current)
    .filter((one) => healthOf(current, one) === 'failing')
    .map(failsWith);
  const [first] = failures;
  const isAlike = isMixed && failures.every(({ en }) => en === first?.en);
  const what = name ?? (isAlike ? first : undefined);
  return what && !isFirstAlone ? { ...finding, name: what } : finding;
}

/** With what it fails, in a few words. */
function failsWith(attempt: Attempt): Localized {
  const status =
    attempt.result === 'completed' || attempt.result === 'refused' ? statusOf(attempt) : undefined;
  const back = cameBack(attempt);
  return inEach((language) => {
    const what = status === undefined ? back[language] : `HTTP ${status}`;
    return { en: `it fails now and then: ${what}`, ko: `되다 안 되다 함: ${what}` }[language];
  });
}

/** @param well whether one went well again later; undefined where there was no time for that */
const afterTheFirst = (
  failed: number,
  well: boolean | undefined,
): Required<Pick<Found, 'more' | 'on' | 'remedy'>> => ({
  more: {
    en: `the first call went well, and all ${failed} after it failed${well === undefined ? '' : `; ${waiting / 1000} s later ${well ? 'one went well again' : 'one failed too'}`}. A limit of connections for each client (firewall, load balancer, server) looks like that`,
    ko: `첫 호출은 성공하고 그 뒤의 ${failed}번은 모두 실패했습니다.${well === undefined ? '' : ` ${waiting / 1000}초 뒤에는 ${well ? '다시 성공했습니다' : '역시 실패했습니다'}.`} 클라이언트마다 연결 수를 제한하는 것(방화벽, 로드 밸런서, 서버)이 있으면 이렇게 보입니다.`,
  },
  on: 'between',
  remedy: {
    en: 'look for a limit of connections for one client (per second, or at a time: haproxy stick-table, nginx limit_conn, nft limit, fail2ban), and let the client keep its connections or raise the limit; if it stays so, see whether the server has failed meanwhile',
    ko: '클라이언트 하나의 시간당 연결 수를 제한하는 것(haproxy stick-table, nginx limit_conn, nft limit, fail2ban)을 찾아 제한을 올리거나 클라이언트가 연결을 재사용하게 하세요. 계속 실패하면 그사이 서버가 멈췄는지 확인하세요.',
  },
});

/** How those calls ended that failed, if all of them ended in the same way. */
function endOf(current: Case): Localized | undefined {
  const ends = repeated(current)
    .filter((one) => healthOf(current, one) === 'failing' && one.result !== 'completed')
    .map((one) => cameBack(one));
  const [first] = ends;
  return first && ends.every(({ en }) => en === first.en)
    ? { en: `what came back then: ${first.en}`, ko: `그때 돌아온 것: ${first.ko}` }
    : undefined;
}

const soOften = (failed: number, all: number, more: Localized | undefined): Localized => ({
  en: `it failed ${failed} of ${all} times${more ? `; ${more.en}` : ''}`,
  ko: `${all}번 가운데 ${failed}번 실패했습니다.${more ? ` ${more.ko}` : ''}`,
});

const counted = (failed: number, all: number): Evidence => ({
  kind: 'words',
  said: `${failed} / ${all}`,
  words: {
    en: 'calls without a change that failed, of all of these',
    ko: '바꾸지 않고 되풀이한 호출 가운데 실패한 수와 전체 수',
  },
});

const callLess: Localized = {
  en: 'call it less often, or have its limit raised: the server limits how often it is called (429), and its Retry-After header says when to try again',
  ko: '덜 자주 호출하거나 제한을 올리게 하세요. 서버가 호출 횟수를 제한하며(429), 다시 시도할 때는 Retry-After 헤더에 있습니다.',
};

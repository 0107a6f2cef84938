/**
 * What a server has, one by one: its groups each in a hello of its own, beside the usual ones that it does not take (a certificate
 * may need one of these up to TLS 1.2, RFC 8422 section 5.1); its cipher suites by leaving out the one that it chose last. Made only where these are what is missing.
 */
import { cipherSuiteName, groupName, nameOrCode } from '../../protocols/tls/codes.ts';
import type { Attempt } from '../attempt/attempt.ts';
import { everySuite, rareGroups, usualGroups } from '../attempt/hello.ts';
import { isAnswered } from '../case.ts';
import type { HelloForm } from '../attempt/call.ts';
import type { Case } from '../case.ts';
import type { Evidence } from '../diagnosis.ts';

const mostSuites = 8;

/** Of the groups that few clients offer. @param first was answered with one of them @returns evidence that names those that are answered */
export async function groupsOf(
  { laboratory }: Case,
  first: Attempt,
): Promise<{ names: string; evidence: Evidence[] }> {
  const names: string[] = [];
  for (const code of rareGroups) {
    const name = nameOrCode(groupName, code);
    const made = await laboratory.try({
      id: `group-${name}`,
      words: { en: `with the group ${name} besides`, ko: `그룹 ${name}도 함께` },
      hello: {
        ...versionsOf(first),
        isHybrid: false,
        sent: 'whole',
        groups: [...usualGroups, code],
        hasNoShares: true,
      },
    });
    // Who does not answer at all would be waited for each time.
    if (!made || made.result === 'silence') break;
    if (isAnswered(made)) names.push(name);
  }
  const list = names.join(', ');
  return {
    names: list,
    evidence: listed(list, { en: 'groups that the server has', ko: '서버가 쓰는 그룹' }),
  };
}

const versionsOf = ({ change: { hello } }: Attempt): Pick<HelloForm, 'versions'> =>
  hello?.versions ? { versions: hello.versions } : {};

/** @param first chose the first of them */
export async function suitesOf({ laboratory }: Case, first: Attempt): Promise<Evidence[]> {
  const names: string[] = [];
  let left = everySuite;
  for (let made: Attempt | undefined = first; made?.cipher !== undefined && names.length < mostSuites; ) {
    const chosen: string = made.cipher;
    const rest: readonly number[] = left.filter((code) => nameOrCode(cipherSuiteName, code) !== chosen);
    if (rest.length === left.length) break;
    left = rest;
    names.push(chosen);
    made = await laboratory.try({
      id: `without-suites-${names.length}`,
      words: { en: `without ${chosen} too`, ko: `${chosen}도 빼고` },
      hello: { ...first.change.hello, isHybrid: false, sent: 'whole', suites: left },
    });
  }
  return listed(names.join(', '), {
    en: 'cipher suites that the server has, in its order',
    ko: '서버가 쓰는 암호 스위트(서버의 순서)',
  });
}

const listed = (said: string, words: Evidence['words']): Evidence[] =>
  said === '' ? [] : [{ kind: 'words', said, words }];

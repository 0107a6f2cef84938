/**
 * Judges the learner's own program by what arrived at the sites that it was led to: it must log in at some, and nothing of the
 * login may arrive at the others. `client-visits.ts` makes the visits.
 *
 * 1. An impostor to which the program never connected proves nothing, and nor does what it did past the port that it was given.
 * 2. A login with another password is one, too: an impostor accepts whatever it is sent, so its answer proves nothing to the
 *    program.
 */
import { toOffset } from '../../core/hex.ts';
import type { Localized } from '../../i18n/language.ts';
import { josa } from '../../i18n/josa.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { telling } from '../../peers/by-hand/telling.ts';
import type { CompiledLab, TaskFile } from '../lab.ts';
import { bytesOf, FileError } from '../own-files.ts';
import type { CheckOptions, TaskResult } from './checking.ts';
import { missed, resultOf } from './claims.ts';
import type { Judged } from './claims.ts';
import { leadKey, leadsOf, makeVisits, visitMs } from './client-visits.ts';
import type { Lead, OwnClientFacts, SecretHit, Visit } from './client-visits.ts';

/** The visits of a check: made once for all of its tasks. */
export class OwnClientCheck {
  readonly #compiled: CompiledScenario;
  readonly #options: CheckOptions;
  readonly #tasks: readonly OwnClientFacts[];
  #visits: ReturnType<typeof makeVisits> | undefined;

  constructor(tasks: readonly TaskFile[], compiled: CompiledScenario, options: CheckOptions) {
    this.#tasks = tasks.flatMap(({ ownClient }) => ownClient ?? []);
    this.#compiled = compiled;
    this.#options = options;
  }

  async result(id: string, facts: OwnClientFacts): Promise<TaskResult> {
    const { lab, folder, signal } = this.#options;
    const file = fileOf(lab);
    try {
      bytesOf(folder, file);
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      return resultOf(id, [], { reason: error.reason, facts: error.facts });
    }
    const visits = await (this.#visits ??= makeVisits(this.#tasks, this.#compiled, this.#options));
    const { admitted, kept } = leadsOf(facts);
    const late = [...visits.values()].flat().find(({ program }) => program.isLate);
    const judge =
      (one: (visit: Visit, file: string, lead: Lead) => Judged) =>
      (lead: Lead): { expectation: string; judged: Judged } => {
        const of = visits.get(leadKey(lead)) ?? [];
        const judged = of.map((visit) => one(visit, file, lead));
        return {
          expectation: leadName(lead),
          judged:
            judged.find((claim) => 'reason' in claim && claim.reason === 'given_away') ??
            judged.find((claim) => 'reason' in claim) ??
            judged[0] ??
            notMade(file, [...admitted, ...kept], late),
        };
      };
    const claims = [...admitted.map(judge(judgeAdmitted)), ...kept.map(judge(judgeKept))];
    // What is wrong with the program as such comes first; then what it has given away.
    const given = claims
      .map(({ judged }) => judged)
      .find((judged) => 'reason' in judged && judged.reason === 'given_away');
    const instead = late && !signal?.aborted ? tooLate(late, file, [...admitted, ...kept]) : given;
    const result = resultOf(id, claims, instead && 'reason' in instead ? instead : undefined);
    return result.status === 'done' ? { ...result, says: wholeResult(file, admitted, kept) } : result;
  }
}

function wholeResult(file: string, admitted: readonly Lead[], kept: readonly Lead[]): Localized {
  const [at, others] = [admitted, kept].map((leads) => leads.map(leadName).join(', '));
  return others === ''
    ? { en: `${file} logged in at ${at}`, ko: `${josa(file, '이/가')} 로그인한 곳: ${at}` }
    : {
        en: `${file} logged in at ${at}; neither the password nor the rrn reached ${others}`,
        ko: `${josa(file, '이/가')} 로그인한 곳: ${at}. 비밀번호도 주민등록번호도 가지 않은 곳: ${others}`,
      };
}

function fileOf({ name, tasks: { ownClient } }: CompiledLab): string {
  if (!ownClient) throw new Error(`${name} has no client of the learner's`);
  return ownClient.file;
}

const leadName = ({ step, first }: Lead): string => (first === undefined ? step : `${first}-then-${step}`);

/** @param late the visit after which no others were made. */
function notMade(file: string, leads: readonly Lead[], late: Visit | undefined): Judged {
  const site = late && siteMet(late, leads);
  const [at, there] = site === undefined ? ['', ''] : [` at ${site}`, ` ${site}에서`];
  return missed(
    'not_met',
    late
      ? {
          en: `${file} did not end${at}, so it was led nowhere else`,
          ko: `${josa(file, '이/가')}${there} 끝나지 않아 다른 곳으로는 안내하지 않았습니다`,
        }
      : { en: `${file} was not led there`, ko: `${josa(file, '을/를')} 그곳으로 안내하지 않았습니다` },
    { where: file },
  );
}

/** What of a login is secret. */
const secretNames: Readonly<Record<SecretHit['is'], Localized>> = {
  password: { en: 'password', ko: '비밀번호' },
  rrn: { en: 'rrn (resident registration number)', ko: '주민등록번호' },
};

/** It has connected to somewhere else than to the port that it was given. */
function strayed(file: string): Judged {
  return missed('not_met', {
    en: `${file} went to another port than the one that it was given: only what it does there counts`,
    ko: `${josa(file, '이/가')} 안내받은 포트가 아닌 다른 포트에 연결했습니다. 안내받은 포트에서 한 일만 인정합니다`,
  });
}

/** @returns the site, of a task that leads there: another one is none that the learner has met yet. */
const siteMet = ({ step }: Visit, leads: readonly Lead[]): string | undefined =>
  leads.some((lead) => lead.step === step.id) ? step.server : undefined;

function tooLate(visit: Visit, file: string, leads: readonly Lead[]): Judged {
  const site = siteMet(visit, leads);
  const [at, there] = site === undefined ? ['', ''] : [` at ${site}`, `${site}에서 `];
  return missed('not_met', {
    en: `${file} did not end within ${visitMs / 1000} seconds${at}, and was stopped`,
    ko: `${josa(file, '이/가')} ${there}${visitMs / 1000}초 안에 끝나지 않아 중단했습니다`,
  });
}

/** How the program ended, and the first of its own words about an error. */
function ending({ program }: Visit): Localized {
  const { code } = program;
  const [line = ''] = telling(program.errors).split('\n');
  const how: Localized =
    typeof code === 'number'
      ? { en: `it ended with exit code ${code}`, ko: `종료 코드 ${josa(String(code), '으로/로')} 끝났습니다` }
      : { en: `it was ended by ${code}`, ko: `${josa(code, '으로/로')} 끝났습니다` };
  return line === '' ? how : { en: `${how.en}: ${line}`, ko: `${how.ko}. ${line}` };
}

/** At a site where it must log in. */
function judgeAdmitted(visit: Visit, file: string): Judged {
  const { step, user, onWire, logins, connections, strays, refusal } = visit;
  const { server } = step;
  const how = ending(visit);
  if (onWire) {
    const what = secretNames[onWire.is];
    return missed('readable', {
      en: `${file} sent ${user}’s ${what.en} to ${server} in the clear: on wire ${onWire.hop} it can be read at offset ${toOffset(onWire.offset)}`,
      ko: `${josa(file, '이/가')} ${user}의 ${josa(what.ko, '을/를')} ${server}에 평문으로 보냈습니다. 구간 ${onWire.hop}의 오프셋 ${toOffset(onWire.offset)}에서 읽을 수 있습니다`,
    });
  }
  if (strays > 0) return strayed(file);
  if (logins.some((login) => login.user === user && login.accepted))
    return {
      says: {
        en: `${file} logged in at ${server} as ${user}`,
        ko: `${josa(file, '이/가')} ${server}에 ${user} 계정으로 로그인했습니다`,
      },
    };
  if (logins.length > 0)
    return missed('wrong_login', {
      en: `${server} denied the login: it was not ${user} with the password that ${file} was given`,
      ko: `${josa(server, '이/가')} 로그인을 거절했습니다. ${file}에 건네준 ${user}의 비밀번호로 로그인한 것이 아닙니다`,
    });
  if (connections === 0)
    return missed('no_login', {
      en: `${file} did not connect to ${server}, where it was led: ${how.en}`,
      ko: `${josa(file, '이/가')} 안내받은 ${server}에 연결하지 않았습니다. ${how.ko}`,
    });
  return missed(
    refusal === undefined ? 'no_login' : 'refused',
    {
      en: `${file} did not log in at ${server}, the real site: ${how.en}`,
      ko: `${josa(file, '이/가')} 진짜 사이트인 ${server}에 로그인하지 못했습니다. ${how.ko}`,
    },
    {},
    refusal,
  );
}

/** At an impostor. */
function judgeKept(visit: Visit, file: string, { first }: Lead): Judged {
  const { step, user, onWire, aboveTls, logins, connections, firstConnections, passes, strays, bytes } =
    visit;
  const { server } = step;
  const hit = aboveTls ?? onWire;
  const [before, beforeKo] =
    first === undefined
      ? ['', '']
      : [
          `the first ${passes === 1 ? 'connection' : `${passes} connections`} led to ${first}, and a later one to ${server}: `,
          `${passes === 1 ? '첫 번째 연결은' : `처음 ${passes}개의 연결은`} ${josa(first, '으로/로')}, 그 뒤의 연결은 ${josa(server, '으로/로')} 이어졌습니다. `,
        ];
  if (hit) {
    const what = secretNames[hit.is];
    return missed('given_away', {
      en: `${before}the fake site ${server} has ${user}’s ${what.en}: ${file} sent it, ${hit.vantage === 'plaintext' ? 'under TLS, to whoever was at the other end' : 'in the clear'}`,
      ko: `${beforeKo}가짜 사이트 ${josa(server, '이/가')} ${user}의 ${josa(what.ko, '을/를')} 얻었습니다. ${josa(file, '이/가')} ${hit.vantage === 'plaintext' ? 'TLS로 보냈지만 상대가 가짜였습니다' : '평문으로 보냈습니다'}`,
    });
  }
  if (logins.length > 0)
    return missed('given_away', {
      en: `${before}${file} sent a login to the fake site ${server}, though not with the right password`,
      ko: `${beforeKo}${josa(file, '이/가')} 가짜 사이트 ${server}에 로그인 정보를 보냈습니다(비밀번호는 다름)`,
    });
  if (strays > 0) return strayed(file);
  if (connections + firstConnections === 0)
    return missed('not_met', {
      en: `${file} did not connect to the fake site ${server}, where it was led, so nothing is proven: ${ending(visit).en}`,
      ko: `${josa(file, '이/가')} 안내받은 가짜 사이트 ${server}에 연결하지 않아 증명된 것이 없습니다. ${ending(visit).ko}`,
    });
  return {
    says:
      first === undefined
        ? {
            en: `${file} came to the fake site ${server} and left: neither the password nor the rrn is in the ${bytes} bytes that it sent`,
            ko: `${josa(file, '은/는')} 가짜 사이트 ${server}에 연결했다가 끊었습니다. 보낸 ${bytes}바이트에 비밀번호도 주민등록번호도 없습니다`,
          }
        : {
            en: `only the first connection led to ${first} (in other visits more of them); neither the password nor the rrn reached the fake site ${server} behind it`,
            ko: `첫 번째 연결만 ${josa(first, '으로/로')} 이어졌고(다른 방문에서는 더 여러 번), 그 뒤의 가짜 사이트 ${server}에는 비밀번호도 주민등록번호도 가지 않았습니다`,
          },
  };
}

/** The options of `run --hosts`: what they are, what their values may be, and what they exclude. */
import { defined } from '../../core/defined.ts';
import { josa } from '../../i18n/josa.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { features } from '../../features/registry.ts';
import { loadScenario, scenarioNames } from '../../engine/load.ts';
import type { ScenarioPlaces } from '../../engine/load.ts';
import { planScenario } from '../../engine/planning.ts';
import type { Plan } from '../../engine/plan.ts';
import type { WireConditions } from '../../wire/hosts/three-hosts.ts';
import type { OptionTable, Parsed } from '../command.ts';
import { standsOf } from './stands.ts';
import type { Stands } from './stands.ts';

export const hostsOptions: OptionTable = {
  hosts: {
    value: 'netns',
    choices: ['netns'],
    help: {
      en: 'client, router and server in three network namespaces; the router captures with tcpdump, and the claims are judged from that (root, or users who may make namespaces)',
      ko: '클라이언트, 라우터, 서버를 네트워크 네임스페이스 셋에서 실행. 라우터가 tcpdump로 캡처하고 그 캡처로 판정(root 또는 네임스페이스를 만들 수 있는 사용자)',
    },
  },
  delay: {
    value: 'MS',
    help: {
      en: 'with --hosts: the router delays every packet that it sends or forwards by so many milliseconds (0 to 2000)',
      ko: '--hosts와 함께: 라우터가 내보내는 모든 패킷을 이만큼 늦춤(밀리초, 0~2000)',
    },
  },
  loss: {
    value: 'PERCENT',
    help: {
      en: 'with --hosts: the router loses so many of a hundred of these packets (0 to 30)',
      ko: '--hosts와 함께: 라우터가 내보내는 패킷 100개 중 이만큼을 잃음(0~30)',
    },
  },
  mtu: {
    value: 'BYTES',
    help: {
      en: 'with --hosts: the largest packet on the wires (576 to 9000; default 1500)',
      ko: '--hosts와 함께: 구간의 최대 패킷 크기(576~9000, 기본값 1500)',
    },
  },
};

interface Range {
  readonly least: number;
  readonly most: number;
  readonly isWhole?: true;
}

const ranges = {
  delay: { least: 0, most: 2000 },
  loss: { least: 0, most: 30 },
  mtu: { least: 576, most: 9000, isWhole: true },
} as const satisfies Readonly<Record<string, Range>>;

/** What excludes `--hosts`, and why. */
const excluded: Readonly<Record<'hold' | 'peers' | 'loop' | 'from', Localized>> = {
  hold: {
    en: 'your own programs are not on these hosts',
    ko: '직접 실행하는 프로그램은 이 호스트들에 있지 않습니다',
  },
  peers: { en: 'other programs are not on these hosts', ko: '다른 프로그램은 이 호스트들에 있지 않습니다' },
  loop: { en: 'a loop keeps no capture', ko: '반복 실행은 캡처를 남기지 않습니다' },
  from: { en: 'it shows another capture', ko: '다른 캡처를 보여 주는 옵션입니다' },
};

/** Where a run's participants stand, and what its wires are like; undefined without `--hosts`. */
export interface AskedHosts {
  readonly conditions: WireConditions;
  /** @param others scenarios that can run so, for the message. @throws UserError where the plan cannot */
  standsOf(plan: Plan, others?: readonly string[]): Stands;
}

/** @throws UserError for a value out of range, an option that goes without `--hosts`, or one that excludes it */
export function askedHosts(parsed: Parsed): AskedHosts | undefined {
  const names = Object.keys(ranges) as (keyof typeof ranges)[];
  if (parsed.text('hosts') === undefined) {
    const name = names.find((one) => parsed.text(one) !== undefined);
    if (name === undefined) return undefined;
    throw new UserError({
      what: {
        en: `--${name} is about the wires between hosts`,
        ko: `--${josa(name, '은/는')} 호스트 사이의 구간에 쓰는 옵션입니다`,
      },
      where: 'wirelab run',
      expected: { en: `--hosts netns as well`, ko: '--hosts netns와 함께' },
      received: `--${name} ${parsed.text(name)}`,
    });
  }
  for (const [name, why] of Object.entries(excluded))
    if (parsed.flag(name) || parsed.text(name) !== undefined)
      throw new UserError({
        what: {
          en: `--hosts and --${name} exclude each other: ${why.en}`,
          ko: `--hosts와 --${josa(name, '은/는')} 함께 쓸 수 없습니다. ${why.ko}`,
        },
        where: 'wirelab run',
        expected: { en: `--hosts without --${name}`, ko: `--${name} 없이 --hosts` },
        received: `--hosts netns --${name}`,
      });
  const [delay, loss, mtu] = names.map((name) => numberOf(parsed, name));
  return {
    conditions: defined({ delay, loss, mtu }),
    standsOf(plan, others = []) {
      const stands = standsOf(features, plan);
      if (!('why' in stands)) return stands;
      throw new UserError({
        what: {
          en: `${plan.scenario} cannot run on three hosts: ${stands.why.en}`,
          ko: `${plan.scenario} 시나리오는 호스트 셋에서 실행할 수 없습니다. ${stands.why.ko}`,
        },
        where: 'wirelab run --hosts',
        received: plan.scenario,
        remedy: {
          en: `Run it without --hosts.${others.length > 0 ? ` On three hosts run: ${others.join(', ')}.` : ''}`,
          ko: `--hosts 없이 실행하세요.${others.length > 0 ? ` 호스트 셋에서 실행되는 시나리오: ${others.join(', ')}.` : ''}`,
        },
      });
    },
  };
}

export const canRunOnHosts = (plan: Plan): boolean => !('why' in standsOf(features, plan));

/** The names of the bundled scenarios that can. */
export async function scenariosOnHosts(places: ScenarioPlaces): Promise<readonly string[]> {
  const names: string[] = [];
  for (const name of scenarioNames(places.compiled))
    if (canRunOnHosts(planScenario(features, await loadScenario(name, places)))) names.push(name);
  return names;
}

function numberOf(parsed: Parsed, name: keyof typeof ranges): number | undefined {
  const text = parsed.text(name);
  if (text === undefined) return undefined;
  const range: Range = ranges[name];
  const { least, most, isWhole } = range;
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
  throw new UserError({
    what: { en: `invalid value for --${name}`, ko: `--${name} 옵션에 쓸 수 없는 값입니다` },
    where: 'wirelab run',
    expected: {
      en: `${isWhole ? 'a whole number' : 'a number'} from ${least} to ${most}`,
      ko: `${least}부터 ${most}까지의 ${isWhole ? '정수' : '수'}`,
    },
    received: text,
  });
}

/** How many exchanges of a step may follow each other, with some to spare: for each a packet goes there and one comes back. */
const mostRoundTrips = 40;

/** The plan with the time that such wires need. */
export function patientPlan(plan: Plan, { delay = 0, loss = 0 }: WireConditions): Plan {
  // A lost packet costs TCP a fifth of a second, and one that is lost again twice that, and so on.
  const stepTimeoutMs = plan.stepTimeoutMs * (1 + loss / 5) + mostRoundTrips * 2 * delay;
  return stepTimeoutMs === plan.stepTimeoutMs ? plan : { ...plan, stepTimeoutMs };
}

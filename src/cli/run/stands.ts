/**
 * On which of three hosts a plan's participants stand: the client's, a router on the way to the server (the access point of a
 * café), and the server's. A plan can run so only if all of its steps and servers can, and if the router sees every wire.
 */
import { inEach } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import type { RemoteHost } from '../../wire/hosts/remote-host.ts';
import type { WireConditions } from '../../wire/hosts/three-hosts.ts';
import type { Features } from '../../engine/features.ts';
import type { Stand } from '../../engine/kinds.ts';
import type { Plan } from '../../engine/plan.ts';

/** Every participant's place, by its name. Proxies are on the way. */
export type Stands = ReadonlyMap<string, Stand>;

/** The participants' places, or why the plan cannot run on three hosts. */
export function standsOf(features: Features, plan: Plan): Stands | { readonly why: Localized } {
  const stands = new Map<string, Stand>();
  for (const { name } of plan.clients) stands.set(name, 'client');
  for (const { name } of plan.proxies) stands.set(name, 'router');
  for (const { name, kind } of plan.servers) {
    const { standsAt } = features.server(kind);
    if (standsAt === undefined)
      return {
        why: {
          en: `its server ${name} (${kind}) cannot be on a host of its own`,
          ko: `${name} 서버(${kind})는 다른 호스트에 둘 수 없습니다`,
        },
      };
    stands.set(name, standsAt);
  }
  const step = plan.steps.find(({ kind }) => !features.stepKind(kind).worksAcrossHosts);
  if (step)
    return {
      why: {
        en: `its step ${step.id} (${step.kind}) works on one host only`,
        ko: `${step.id} 단계(${step.kind})는 한 호스트에서만 실행됩니다`,
      },
    };
  const inside = plan.wires.find(({ from, to }) => stands.get(from) === stands.get(to));
  if (inside)
    return {
      why: {
        en: `its wire ${inside.hop} stays inside one host, where the router cannot see it`,
        ko: `${inside.hop} 구간은 한 호스트 안에 있어 라우터가 볼 수 없습니다`,
      },
    };
  return stands;
}

/**
 * Sentences with the participants of each host, its addresses, the process in its network namespace, and what the wires do to
 * packets.
 */
export function whoStandsWhere(
  plan: Plan,
  hosts: ReadonlyMap<string, RemoteHost>,
  conditions: WireConditions,
): Localized {
  const on = new Map<RemoteHost, string[]>();
  for (const { name } of [...plan.clients, ...plan.proxies, ...plan.servers]) {
    const host = hosts.get(name);
    if (host) on.set(host, [...(on.get(host) ?? []), name]);
  }
  const all = [...on].map(
    ([{ address, otherAddresses, pid }, names]) =>
      `${[address, ...otherAddresses].join(', ')} (PID ${pid}): ${names.join(', ')}`,
  );
  return inEach((language) =>
    [`${hostsWords[language]} ${all.join('; ')}.`, ...wireWords(conditions, language)].join(' '),
  );
}

function wireWords({ delay = 0, loss = 0, mtu }: WireConditions, language: Language): string[] {
  const words =
    language === 'en'
      ? [
          ...(delay > 0 ? [`delays every packet that it sends by ${delay} ms`] : []),
          ...(loss > 0 ? [`loses ${loss} % of what it sends`] : []),
          ...(mtu === undefined ? [] : [`carries at most ${mtu} bytes in one packet`]),
        ]
      : [
          ...(delay > 0 ? [`내보내는 패킷을 ${delay}ms 늦춤`] : []),
          ...(loss > 0 ? [`내보내는 패킷의 ${loss}%를 잃음`] : []),
          ...(mtu === undefined ? [] : [`패킷 하나에 최대 ${mtu}바이트`]),
        ];
  if (words.length === 0) return [];
  return [language === 'en' ? `The router ${words.join(', ')}.` : `라우터의 조건: ${words.join(', ')}.`];
}

const hostsWords: Localized = {
  en: 'Each of these hosts has a network stack of its own, and a router between client and server captures every packet.',
  ko: '아래 호스트는 저마다 네트워크 스택이 따로 있고, 클라이언트와 서버 사이의 라우터가 모든 패킷을 캡처합니다.',
};

/** What such a run leaves open. */
export const threeStacks: Localized = {
  en: 'Client, router and server were three network namespaces of one machine: three network stacks, with packets as on any wire between them. The wires themselves were virtual, and one program spoke for all of them. The packets of TCP itself are in the router’s capture (-w); what is drawn of them here is still reconstructed.',
  ko: '클라이언트, 라우터, 서버는 한 컴퓨터의 네트워크 네임스페이스 셋이었습니다. 네트워크 스택은 셋이고 그 사이의 패킷은 여느 구간과 같지만, 선은 가상이었고 프로그램 하나가 모두를 대신해 통신했습니다. TCP 자체의 패킷은 라우터의 캡처(-w)에 있고, 여기에 그린 것은 여전히 재구성한 것입니다.',
};

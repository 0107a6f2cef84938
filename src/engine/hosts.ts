/**
 * On which of three hosts a plan's participants stand: the client's, a router on the way to the server (the access point of a
 * café), and the server's. A plan can run so only if all of its steps and servers can, and if the router sees every wire.
 */
import type { Localized } from '../i18n/language.ts';
import type { Features } from './features.ts';
import type { Plan } from './plan.ts';

export type Stand = 'client' | 'router' | 'server';

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

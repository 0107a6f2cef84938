/** Semantic errors of a login in a scenario file. */
import { needs, oneOf } from '../../engine/problems.ts';
import type { Problem, StepPlace } from '../../engine/problems.ts';
import { clientsOf } from './step.ts';
import type { LoginFacts } from './step.ts';

export function loginProblems(facts: LoginFacts, place: StepPlace): Problem[] {
  return [...notThere(facts, place), ...neverTried(facts, place), ...notTakenBack(facts, place)];
}

/** A site must belong to the server that the step connects to. */
function notThere({ to, sites = [] }: LoginFacts, { file, path }: StepPlace): Problem[] {
  const known = Object.keys(file.servers[to]?.sites ?? {});
  return sites.flatMap((site, place): Problem[] =>
    known.includes(site)
      ? []
      : [
          {
            path: [...path, 'sites', place],
            what: {
              en: `unknown site of ${to}: ${site}`,
              ko: `${to}: 그런 이름의 사이트가 없습니다: ${site}`,
            },
            expected: oneOf(known),
            received: site,
            known,
          },
        ],
  );
}

/** A client that supports none of the step's versions would silently be skipped. */
function neverTried(facts: LoginFacts, { file, path }: StepPlace): Problem[] {
  const { tls } = facts;
  if (tls === undefined) return [];
  return clientsOf(facts).flatMap((name): Problem[] => {
    const supported = file.clients[name]?.tls;
    if (supported === undefined || supported.some((version) => tls.includes(version))) return [];
    return [
      {
        path: [...path, 'tls'],
        what: {
          en: `${name} supports none of these TLS versions`,
          ko: `${name}: 여기 적힌 TLS 버전을 쓰지 않습니다`,
        },
        expected: oneOf(supported),
        received: tls.join(', '),
      },
    ];
  });
}

/** A certificate to revoke must exist, and a proxy must check the list. */
function notTakenBack(facts: LoginFacts, { file, path: own }: StepPlace): Problem[] {
  if (!facts.revokedMeanwhile) return [];
  const path = [...own, 'revokedMeanwhile'];
  const problems = clientsOf(facts).flatMap((name): Problem[] =>
    file.clients[name] && file.clients[name].certificate === undefined
      ? [needs(['clients', name], 'certificate', 'revokedMeanwhile')]
      : [],
  );
  const proxy = file.proxies?.[facts.to];
  if (proxy?.revocations) return problems;
  return [
    ...problems,
    {
      path,
      what: {
        en: `${facts.to} checks no revocation list`,
        ko: `${facts.to}: 인증서 폐기 목록을 확인하지 않습니다`,
      },
      expected: { en: 'a proxy of kind mtls with revocations', ko: 'revocations가 있는 mtls 프록시' },
      received: facts.to,
    },
  ];
}

/** Semantic errors of a look-up in a scenario file. */
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { LookUpFacts } from './step.ts';

/** The server must be a resolver. */
export function resolverProblems({ resolver: name }: LookUpFacts, { file, path }: StepPlace): Problem[] {
  const kind = file.servers[name]?.kind;
  if (kind === undefined || kind === 'resolver') return [];
  return [
    {
      path: [...path, 'resolver'],
      what: {
        en: `${name} is not a resolver`,
        ko: `${name}: 이름을 찾아 주는 서버가 아닙니다`,
      },
      expected: { en: 'a server of kind resolver', ko: 'kind가 resolver인 서버' },
      received: kind,
    },
  ];
}

/** The clients that ask, in turn. */
export function clientsOf({ client }: LookUpFacts): readonly string[] {
  return [client].flat();
}

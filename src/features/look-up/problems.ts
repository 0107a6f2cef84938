/** What can be wrong with a question to a resolver in a scenario file whose shape is right. */
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { LookUpFacts } from './step.ts';

/** Who is asked must be able to answer. */
export function resolverProblems({ resolver: name }: LookUpFacts, { file, path }: StepPlace): Problem[] {
  const kind = file.servers[name]?.kind;
  if (kind === undefined || kind === 'resolver') return [];
  return [
    {
      path: [...path, 'resolver'],
      what: {
        en: `${name} answers no questions about names`,
        ko: `${name}: 이름을 찾아 주는 서버가 아닙니다`,
      },
      expected: { en: 'a server of kind resolver', ko: 'kind가 resolver인 서버' },
      received: kind,
    },
  ];
}

/** Who asks, in turn. */
export function clientsOf({ client }: LookUpFacts): readonly string[] {
  return [client].flat();
}

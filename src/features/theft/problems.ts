/** Semantic errors of a theft in a scenario file. */
import { oneOf } from '../../engine/problems.ts';
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { PlannedTheft } from './step.ts';

/** Only an earlier step whose bytes crossed a wire can have been recorded. */
export function theftProblems(
  theft: PlannedTheft,
  { file, index, path, entryPointsOf, idsOf }: StepPlace,
): Problem[] {
  const earlier = file.steps.slice(0, index).filter((step) => entryPointsOf(step).length > 0);
  const ids = earlier.flatMap((step) => idsOf(step));
  if (ids.includes(theft.recorded)) return [];
  return [
    {
      path: [...path, 'recorded'],
      what: {
        en: 'no earlier step of that name recorded a wire',
        ko: '이 단계보다 먼저, 그 이름으로 구간을 기록한 단계가 없습니다',
      },
      expected: oneOf(ids),
      received: theft.recorded,
    },
  ];
}

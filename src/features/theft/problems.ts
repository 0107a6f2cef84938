/** What can be wrong with a theft in a scenario file whose shape is right. */
import { oneOf } from '../../engine/problems.ts';
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { PlannedTheft } from './step.ts';

/** A thief has what was recorded before, and only of a step whose bytes passed a wire. */
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
        en: 'no wire was recorded in a step of that name before this one',
        ko: '이 단계보다 먼저, 그 이름으로 구간을 기록한 단계가 없습니다',
      },
      expected: oneOf(ids),
      received: theft.recorded,
    },
  ];
}

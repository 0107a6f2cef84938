/** Semantic errors of a theft in a scenario file. */
import { needs, oneOf } from '../../engine/problems.ts';
import type { Problem, StepPlace } from '../../engine/problems.ts';
import type { TheftFacts } from './step.ts';

export function theftProblems(theft: TheftFacts, place: StepPlace): Problem[] {
  return [...nothingStolen(theft, place), ...neverRecorded(theft, place)];
}

function nothingStolen({ key, stolenFrom, ticketKeys }: TheftFacts, { path }: StepPlace): Problem[] {
  if (key === undefined && stolenFrom === undefined)
    return [needs(path, 'key', 'a theft without stolenFrom')];
  if (stolenFrom !== undefined && key === undefined) return [];
  const both = stolenFrom !== undefined;
  if (!both && ticketKeys === undefined) return [];
  return [
    {
      path: [...path, both ? 'stolenFrom' : 'ticketKeys'],
      what: both
        ? { en: 'key and stolenFrom exclude each other', ko: 'key와 stolenFrom 가운데 하나만 쓸 수 있습니다' }
        : { en: 'ticketKeys needs stolenFrom', ko: 'ticketKeys는 stolenFrom과 함께 씁니다' },
    },
  ];
}

/** Only an earlier step whose bytes crossed a wire can have been recorded. */
function neverRecorded(theft: TheftFacts, { file, index, path, entryPointsOf, idsOf }: StepPlace): Problem[] {
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

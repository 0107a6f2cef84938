/**
 * The stops of a planned run, as a person goes through them: the introduction, a question and a result for each step, the
 * verdict. A step that starts by itself has no question.
 */
import type { PlannedStep } from './plan.ts';

export interface PlannedStop {
  readonly kind: 'intro' | 'question' | 'reveal' | 'verdict';
  readonly step?: PlannedStep;
}

export function plannedStops(steps: readonly PlannedStep[]): readonly PlannedStop[] {
  return [
    { kind: 'intro' },
    ...steps.flatMap((step): PlannedStop[] => [
      ...(step.goesOn ? [] : [{ kind: 'question' as const, step }]),
      { kind: 'reveal', step },
    ]),
    { kind: 'verdict' },
  ];
}

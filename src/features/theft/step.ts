/**
 * The step `theft`: an eavesdropper who recorded an earlier step has stolen a private key, and tries it on the recording. No
 * byte crosses a wire. Schema and planning; `features/theft/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { Plan, PlannedStep } from '../../engine/plan.ts';

export function theftSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The thief.'),
    key: zod.string().describe('The certificate whose private key was stolen.'),
    recorded: zod.string().describe('An earlier step, whose first wire was recorded.'),
  });
}

export type PlannedTheft = z.infer<ReturnType<typeof theftSchema>>;

export const theft = {
  reports: 'theft',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedTheft): StepPart<PlannedTheft>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedTheft, PlannedTheft>;

/** The recorded steps of the plan: one for each TLS version. */
export function stepsRecorded({ recorded }: PlannedTheft, plan: Pick<Plan, 'steps'>): readonly PlannedStep[] {
  return plan.steps.filter(({ id, base }) => id === recorded || base === recorded);
}

/**
 * The step `renew`: overwrites certificates in a control plane's folder with new ones, as `kubeadm certs renew` does;
 * processes keep the old ones in memory. Schema and planning; `features/renew/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function renewSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client that renews them.'),
    files: zod
      .array(
        zod.strictObject({
          was: zod.string().describe('The row in the file at the start.'),
          becomes: zod.string().describe('The row in the file from now on.'),
        }),
      )
      .min(1),
  });
}

export type PlannedRenew = z.infer<ReturnType<typeof renewSchema>>;

export const renew = {
  reports: 'papers',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedRenew): StepPart<PlannedRenew>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedRenew, PlannedRenew>;

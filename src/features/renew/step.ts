/**
 * The step `renew`: new certificates are written over those in a control plane's folder, as `kubeadm certs renew` does. Who
 * has read the old ones still has them. Here are its words and what planning makes of it; `features/renew/run.ts` does it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function renewSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('Who renews.'),
    files: zod
      .array(
        zod.strictObject({
          was: zod.string().describe('The row that lay there in the beginning.'),
          becomes: zod.string().describe('The row that lies there from now on.'),
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

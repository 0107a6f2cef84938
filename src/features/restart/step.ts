/**
 * The step `restart`: restarts a control plane process, which then reads its files. Schema and planning;
 * `features/restart/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import { processNames } from '../../peers/control-plane/processes.ts';

export function restartSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client that restarts it.'),
    server: zod.string().describe('A server of the kind kube-apiserver or etcd.'),
    process: zod
      .enum(processNames)
      .describe('The server itself, or the controller manager of an API server.'),
  });
}

export type PlannedRestart = z.infer<ReturnType<typeof restartSchema>>;

export const restart = {
  reports: 'papers',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedRestart): StepPart<PlannedRestart>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedRestart, PlannedRestart>;

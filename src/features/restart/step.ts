/**
 * The step `restart`: a process of a control plane is ended and started anew, and reads its files. Here are its words and what
 * planning makes of it; `features/restart/run.ts` does it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import { processNames } from '../../peers/control-plane/processes.ts';

export function restartSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('Who restarts it.'),
    server: zod.string().describe('A server of the kind kube-apiserver or etcd.'),
    process: zod.enum(processNames).describe('It, or the controller manager beside an API server.'),
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

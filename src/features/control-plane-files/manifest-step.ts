/**
 * The steps `flags` (a client reads which certificates the processes of a control plane are given) and `manifest` (it takes
 * lines out of the API server's manifest, or puts them back; the process starts anew). Schemas and planning; `manifest-run.ts` runs
 * them.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPart, StepPlanning } from '../../engine/feature.ts';
import { removableFlags } from '../../peers/control-plane/processes.ts';

const processes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'etcd', 'kubelet'] as const;

export function flagsSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client that reads them.'),
    of: zod.array(zod.enum(processes)).min(1).describe('The processes whose settings are read.'),
  });
}

export function manifestSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client that changes it.'),
    server: zod.string().describe('A server of the kind kube-apiserver.'),
    without: zod
      .array(zod.enum(removableFlags))
      .describe('The flags that are missing from then on; none: as kubeadm has written it.'),
  });
}

export type PlannedFlags = z.infer<ReturnType<typeof flagsSchema>>;
export type PlannedManifest = z.infer<ReturnType<typeof manifestSchema>>;

export const flagsStep = {
  reports: 'flags',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedFlags): StepPart<PlannedFlags>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedFlags, PlannedFlags>;

export const manifestStep = {
  reports: 'manifest',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedManifest): StepPart<PlannedManifest>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedManifest, PlannedManifest>;

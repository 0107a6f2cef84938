/**
 * The step `restart`: restarts a control plane process, which then reads its files. Schema and planning;
 * `features/restart/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import { processNames } from '../../peers/control-plane/processes.ts';

export function restartSchema(zod: Z) {
  const authorities = zod.array(zod.string()).min(1);
  const process = zod
    .enum(processNames)
    .describe('The server itself, or a component of an API server that controlPlane has.');
  const flags = zod
    .strictObject({
      certificate: zod
        .string()
        .optional()
        .describe('What it proves itself with: of an API server --tls-cert-file, else in its kubeconfig.'),
      trust: authorities.optional().describe('The CAs in its kubeconfig.'),
      clientAuthorities: authorities.optional().describe('Of an API server: --client-ca-file.'),
      rootAuthorities: authorities
        .optional()
        .describe('Of a controller manager: --root-ca-file, which pods are given to trust.'),
      issuer: zod
        .string()
        .optional()
        .describe('Of a controller manager: --cluster-signing-cert-file and its key.'),
    })
    .optional()
    .describe('What its flags and its kubeconfig name from now on. Default: what they have named.');
  return zod.strictObject({
    client: zod.string().describe('The client that restarts it.'),
    server: zod.string().describe('A server of the kind kube-apiserver or etcd.'),
    process,
    with: flags,
    also: zod
      .array(zod.strictObject({ process, with: flags }))
      .min(1)
      .optional()
      .describe('More processes of the same server, restarted with it.'),
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

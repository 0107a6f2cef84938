/**
 * The step `papers`: a client reads certificate files of a control plane, in kubeadm's layout, and the certificates inside
 * kubeconfigs. Schema and planning; `features/control-plane-files/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function certificateFilesSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client that reads them.'),
    files: zod
      .array(zod.string().regex(/^(?:pki\/(?:etcd\/)?[a-z-]+\.(?:crt|pub)|[a-z-]+\.conf)$/))
      .min(1)
      .describe('pki/ca.crt, pki/etcd/server.crt, admin.conf'),
    shows: zod
      .literal('dates')
      .optional()
      .describe('dates: show only when each expires. Default: everything.'),
  });
}

export type PlannedCertificateFiles = z.infer<ReturnType<typeof certificateFilesSchema>>;

export const certificateFilesStep = {
  reports: 'papers',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedCertificateFiles): StepPart<PlannedCertificateFiles>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedCertificateFiles, PlannedCertificateFiles>;

/**
 * The step `papers`: somebody reads files of a control plane's folder, as kubeadm lays it out: certificates, and the ones
 * inside kubeconfigs. Here are its words and what planning makes of it; `features/control-plane-files/run.ts` does it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function certificateFilesSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('Who reads.'),
    files: zod
      .array(zod.string().regex(/^(?:pki\/(?:etcd\/)?[a-z-]+\.(?:crt|pub)|[a-z-]+\.conf)$/))
      .min(1)
      .describe('pki/ca.crt, pki/etcd/server.crt, admin.conf'),
    shows: zod
      .literal('dates')
      .optional()
      .describe('Only when each ends is told; all that it says, when left out.'),
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

/**
 * The step `handSign`: the holder of a CA's key signs a request with it, as `openssl x509 -req` does, without any checks.
 * Schema and planning; `features/hand-sign/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function handSignSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The holder of the CA’s key.'),
    issuer: zod.string().describe('The CA of the recipe that signs.'),
    keeps: zod
      .string()
      .describe('The client whose key (key: ROW) the request is for and who receives the certificate.'),
    subject: zod.string().min(1).describe('O=…,CN=…'),
    days: zod.int().min(1).max(3650),
  });
}

export type PlannedHandSign = z.infer<ReturnType<typeof handSignSchema>>;

export const handSign = {
  reports: 'certificate',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedHandSign): StepPart<PlannedHandSign>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedHandSign, PlannedHandSign>;

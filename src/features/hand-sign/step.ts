/**
 * The step `handSign`: somebody who has a CA's key signs a request with it, as `openssl x509 -req` does, and nobody else
 * looks. Here are its words and what planning makes of it; `features/hand-sign/run.ts` does it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function handSignSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('Who holds the CA’s key.'),
    issuer: zod.string().describe('The CA of the recipe whose key it is.'),
    keeps: zod
      .string()
      .describe('The client whose key (key: ROW) the request is for, and whose certificate it becomes.'),
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

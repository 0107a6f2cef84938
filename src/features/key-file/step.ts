/**
 * The step `keyFile`: writes a private key to a file with these permissions, in a folder of the run.
 * Schema and planning; `features/key-file/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function keyFileSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The owner of the key.'),
    key: zod.string().describe('The certificate whose private key is written.'),
    mode: zod
      .string()
      .regex(/^0[0-7]{3}$/)
      .describe('Octal, as chmod takes it: 0600.'),
  });
}

export type PlannedKeyFile = z.infer<ReturnType<typeof keyFileSchema>>;

export const keyFile = {
  reports: 'key-file',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedKeyFile): StepPart<PlannedKeyFile>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedKeyFile, PlannedKeyFile>;

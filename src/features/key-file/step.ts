/**
 * The step `keyFile`: a private key is written to a file of its own, with these permissions, in a folder of the run's own.
 * Here are its words and what planning makes of it; `features/key-file/run.ts` does it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function keyFileSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The keeper of the key.'),
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

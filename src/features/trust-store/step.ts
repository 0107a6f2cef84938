/**
 * The step `trustStore`: a client that is told of no CA looks into the store that comes with it (the roots that ship with
 * Node), and says whom it trusts. Nothing goes over a wire. Here are its words; `features/trust-store/run.ts` does it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function trustStoreSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('Whose store it is: a client without trust of its own.'),
  });
}

type TrustStoreFacts = z.infer<ReturnType<typeof trustStoreSchema>>;

interface PlannedLook {
  readonly client: string;
}

export const trustStore = {
  reports: 'trust-store',
  entryPoints: () => [],
  hasGroups: () => false,
  parts: (id: string, { client }: TrustStoreFacts): StepPart<PlannedLook>[] => [
    { client, ids: [id], act: { client } },
  ],
} as const satisfies StepPlanning<TrustStoreFacts, PlannedLook>;

/**
 * The step `trustStore`: a client without configured CAs reads its default store (Node's bundled roots) and reports whom it
 * trusts. Nothing crosses a wire. Schema and planning; `features/trust-store/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function trustStoreSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string().describe('The client that has this store: one without trust.'),
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

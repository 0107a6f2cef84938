/** Feature: the CAs that a client trusts by default. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import type { TrustStoreReport } from './observations.ts';
import { trustStore as step, trustStoreSchema } from './step.ts';
import { trusts, trustsSchema } from './trusts.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    trustStore: FactsOf<typeof trustStoreSchema>;
  }
  interface StepActs {
    trustStore: ActOf<typeof step>;
  }
  interface ExpectationFacts {
    trusts: FactsOf<typeof trustsSchema>;
  }
  interface ClaimFacts {
    trusts: ClaimOfKind<typeof trusts>;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    'trust-store': TrustStoreReport;
  }
}

export const trustStore: Feature = {
  isShownIn: ({ wires }) => wires.some(({ security }) => security !== 'plain'),
  shown: async () => import('./shown.ts'),
  observations: ['trust-store'],
  steps: {
    trustStore: {
      ...step,
      schema: trustStoreSchema,
      run: async () => (await import('./run.ts')).runTrustStore,
    },
  },
  expectations: {
    trusts: { ...trusts, schema: trustsSchema },
  },
};

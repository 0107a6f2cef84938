/** Feature: the certificates in the files of a control plane. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { holds, holdsSchema, lasts, lastsSchema } from './expectations.ts';
import { papers, papersSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    papers: FactsOf<typeof papersSchema>;
  }
  interface StepActs {
    papers: ActOf<typeof papers>;
  }
  interface ExpectationFacts {
    holds: FactsOf<typeof holdsSchema>;
    lasts: FactsOf<typeof lastsSchema>;
  }
  interface ClaimFacts {
    holds: ClaimOfKind<typeof holds>;
    lasts: ClaimOfKind<typeof lasts>;
  }
}

export const controlPlaneFiles: Feature = {
  observations: ['papers'],
  isShownIn: ({ wires }) => wires.some(({ security }) => security !== 'plain'),
  shown: async () => import('./shown.ts'),
  steps: {
    papers: {
      ...papers,
      schema: papersSchema,
      run: async () => (await import('./run.ts')).runPapers,
    },
  },
  expectations: {
    holds: { ...holds, schema: holdsSchema },
    lasts: { ...lasts, schema: lastsSchema },
  },
};

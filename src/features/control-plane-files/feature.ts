/** Feature: the certificates in the files of a control plane. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { holds, holdsSchema, lasts, lastsSchema } from './expectations.ts';
import { certificateFilesStep, certificateFilesSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    papers: FactsOf<typeof certificateFilesSchema>;
  }
  interface StepActs {
    papers: ActOf<typeof certificateFilesStep>;
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
      ...certificateFilesStep,
      schema: certificateFilesSchema,
      run: async () => (await import('./run.ts')).runCertificateFiles,
    },
  },
  expectations: {
    holds: { ...holds, schema: holdsSchema },
    lasts: { ...lasts, schema: lastsSchema },
  },
};

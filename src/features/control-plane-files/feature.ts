/** Feature: the files of a control plane: its certificates, and the manifests that say which process is given which. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { holds, holdsSchema, lasts, lastsSchema } from './expectations.ts';
import { flagNames, flagNamesSchema, processState, processStateSchema } from './manifest-expectations.ts';
import { manifestProblems } from './manifest-problems.ts';
import { flagsSchema, flagsStep, manifestSchema, manifestStep } from './manifest-step.ts';
import { certificateFilesStep, certificateFilesSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    papers: FactsOf<typeof certificateFilesSchema>;
    flags: FactsOf<typeof flagsSchema>;
    manifest: FactsOf<typeof manifestSchema>;
  }
  interface StepActs {
    papers: ActOf<typeof certificateFilesStep>;
    flags: ActOf<typeof flagsStep>;
    manifest: ActOf<typeof manifestStep>;
  }
  interface ExpectationFacts {
    holds: FactsOf<typeof holdsSchema>;
    lasts: FactsOf<typeof lastsSchema>;
    flagNames: FactsOf<typeof flagNamesSchema>;
    processState: FactsOf<typeof processStateSchema>;
  }
  interface ClaimFacts {
    holds: ClaimOfKind<typeof holds>;
    lasts: ClaimOfKind<typeof lasts>;
    flagNames: ClaimOfKind<typeof flagNames>;
    processState: ClaimOfKind<typeof processState>;
  }
}

export const controlPlaneFiles: Feature = {
  observations: ['papers', 'flags', 'manifest'],
  isShownIn: ({ wires }) => wires.some(({ security }) => security !== 'plain'),
  shown: async () => import('./shown.ts'),
  steps: {
    papers: {
      ...certificateFilesStep,
      schema: certificateFilesSchema,
      run: async () => (await import('./run.ts')).runCertificateFiles,
    },
    flags: {
      ...flagsStep,
      schema: flagsSchema,
      run: async () => (await import('./manifest-run.ts')).runFlags,
    },
    manifest: {
      ...manifestStep,
      schema: manifestSchema,
      run: async () => (await import('./manifest-run.ts')).runManifest,
      problems: manifestProblems,
    },
  },
  expectations: {
    holds: { ...holds, schema: holdsSchema },
    lasts: { ...lasts, schema: lastsSchema },
    flagNames: { ...flagNames, schema: flagNamesSchema, ofStep: 'flags' },
    processState: { ...processState, schema: processStateSchema, ofStep: 'manifest' },
  },
};

/** Feature: the manifests of a control plane, and what its processes do without one of their flags. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { names, namesSchema, process, processSchema } from './expectations.ts';
import { manifestProblems } from './problems.ts';
import { flagsSchema, flagsStep, manifestSchema, manifestStep } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    flags: FactsOf<typeof flagsSchema>;
    manifest: FactsOf<typeof manifestSchema>;
  }
  interface StepActs {
    flags: ActOf<typeof flagsStep>;
    manifest: ActOf<typeof manifestStep>;
  }
  interface ExpectationFacts {
    names: FactsOf<typeof namesSchema>;
    process: FactsOf<typeof processSchema>;
  }
  interface ClaimFacts {
    names: ClaimOfKind<typeof names>;
    process: ClaimOfKind<typeof process>;
  }
}

export const manifests: Feature = {
  observations: ['flags', 'manifest'],
  shown: async () => import('./shown.ts'),
  steps: {
    flags: { ...flagsStep, schema: flagsSchema, run: async () => (await import('./run.ts')).runFlags },
    manifest: {
      ...manifestStep,
      schema: manifestSchema,
      run: async () => (await import('./run.ts')).runManifest,
      problems: manifestProblems,
    },
  },
  expectations: {
    names: { ...names, schema: namesSchema, ofStep: 'flags' },
    process: { ...process, schema: processSchema, ofStep: 'manifest' },
  },
};

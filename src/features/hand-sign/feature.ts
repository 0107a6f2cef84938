/** Feature: a request signed directly with a CA’s key, without any checks. */
import type { ActOf, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { handSign as step, handSignSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    handSign: FactsOf<typeof handSignSchema>;
  }
  interface StepActs {
    handSign: ActOf<typeof step>;
  }
}

export const handSign: Feature = {
  observations: ['certificate'],
  steps: {
    handSign: {
      ...step,
      schema: handSignSchema,
      run: async () => (await import('./run.ts')).runHandSign,
    },
  },
};

/** Feature: renewing certificates in a control plane's files. */
import type { ActOf, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { renew as step, renewSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    renew: FactsOf<typeof renewSchema>;
  }
  interface StepActs {
    renew: ActOf<typeof step>;
  }
}

export const renew: Feature = {
  steps: {
    renew: {
      ...step,
      schema: renewSchema,
      run: async () => (await import('./run.ts')).runRenew,
    },
  },
  references: { was: 'identity', becomes: 'identity' },
};

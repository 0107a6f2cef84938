/** Feature: restarting a control plane process, which then reads its files. */
import type { ActOf, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { restartProblems } from './problems.ts';
import { restart as step, restartSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    restart: FactsOf<typeof restartSchema>;
  }
  interface StepActs {
    restart: ActOf<typeof step>;
  }
}

export const restart: Feature = {
  steps: {
    restart: {
      ...step,
      schema: restartSchema,
      run: async () => (await import('./run.ts')).runRestart,
      problems: restartProblems,
    },
  },
  references: { rootAuthorities: 'authority' },
  plan: ({ file }) => ({ restarted: file.steps.flatMap(({ restart: facts }) => facts?.server ?? []) }),
};

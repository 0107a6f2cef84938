/** Feature: external programs repeat a client's login and are compared with predictions. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import type { ProgramReport } from './observations.ts';
import { predicted, predictedSchema } from './predicted.ts';
import type { Predictions } from './predictions.ts';

declare module '../../engine/extensions.ts' {
  interface ExpectationFacts {
    predicted: FactsOf<typeof predictedSchema>;
  }
  interface ClaimFacts {
    predicted: ClaimOfKind<typeof predicted>;
  }
  interface CompiledAdditions {
    /** The predicted output of programs, where the folder has predictions. */
    readonly predictions?: Predictions;
  }
  interface PlanAdditions {
    /** Absent where the scenario predicts nothing. */
    readonly predictions?: Predictions;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    program: ProgramReport;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunOptions {
    /** Run for every login with predictions, not only where a step asks for it. */
    readonly peers?: boolean;
  }
}

export const programs: Feature = {
  observations: ['program'],
  isShownIn: ({ predictions: table }) => table !== undefined,
  shown: async () => import('./shown.ts'),
  expectations: {
    predicted: { ...predicted, schema: predictedSchema },
  },
  compile: async (folder, file, registry) =>
    (await import('./read-predictions.ts')).compilePredictions(folder, file, registry),
  plan: ({ predictions }) => (predictions ? { predictions } : {}),
  accompany: (options, registry) =>
    options.plan.predictions
      ? import('./accompany.ts').then(({ accompany }) => accompany(options, registry))
      : undefined,
};

/** Feature: a resolver that answers truthfully or falsely, and a client that logs in where it is directed. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { records } from '../../evidence/records.ts';
import { ledTo, ledToSchema } from './led.ts';
import type { AnsweredReport, ResolvedReport } from './observations.ts';
import { clientsOf, resolverProblems } from './problems.ts';
import type { NameTable } from './resolver.ts';
import { lookUp as step, lookUpSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    lookUp: FactsOf<typeof lookUpSchema>;
  }
  interface StepActs {
    lookUp: ActOf<typeof step>;
  }
  interface ServerKinds {
    resolver: true;
  }
  interface ExpectationFacts {
    ledTo: FactsOf<typeof ledToSchema>;
  }
  interface ClaimFacts {
    ledTo: ClaimOfKind<typeof ledTo>;
  }
  interface ManualPrograms {
    /** The command for a resolver, instead of curl. */
    readonly dig?: string;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    resolved: ResolvedReport;
    answered: AnsweredReport;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunningServer {
    /** For a resolver: its name table from now on. */
    answerFrom?(table: NameTable): void;
  }
}

export const lookUp: Feature = {
  observations: ['resolved', 'answered'],
  shown: async () => import('./shown.ts'),
  steps: {
    lookUp: {
      ...step,
      worksAcrossHosts: true,
      schema: lookUpSchema,
      run: async () => (await import('./run.ts')).runLookUp,
      tries: clientsOf,
      problems: resolverProblems,
      byHand: async () => (await import('./by-hand.ts')).lookUpByHand,
    },
  },
  servers: {
    resolver: {
      standsAt: 'router',
      protocol: 'dns',
      start: async (_, __, accept) => (await import('./resolver.ts')).startResolver(accept),
    },
  },
  expectations: {
    ledTo: { ...ledTo, schema: ledToSchema, needs: [records], ofStep: 'lookUp' },
  },
  references: { meant: 'server', resolver: 'server' },
  onOpened: (plan, servers, tappedAddresses) =>
    plan.steps.some(({ lookUp: planned }) => planned)
      ? import('./run.ts').then(({ pointToTappedListeners }) =>
          pointToTappedListeners(plan, servers, tappedAddresses),
        )
      : undefined,
};

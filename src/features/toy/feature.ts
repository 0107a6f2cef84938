/** Feature: a toy protocol that encrypts a login in three ways, and an eavesdropper who attacks each. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { accountsOf } from '../../engine/plan.ts';
import { overheard, overheardSchema, overhearing } from './overheard.ts';
import { toyProblems } from './problems.ts';
import { toyLogin, toyLoginSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    toyLogin: FactsOf<typeof toyLoginSchema>;
  }
  interface StepActs {
    toyLogin: ActOf<typeof toyLogin>;
  }
  interface ServerKinds {
    'toy-login-server': true;
  }
  interface ExpectationFacts {
    overheard: FactsOf<typeof overheardSchema>;
  }
  interface ClaimFacts {
    overheard: ClaimOfKind<typeof overheard>;
  }
}

export const toy: Feature = {
  shown: async () => import('./shown.ts'),
  observations: ['theft', 'served'],
  steps: {
    toyLogin: {
      ...toyLogin,
      schema: toyLoginSchema,
      run: async () => (await import('./run.ts')).runToyLogin,
      problems: toyProblems,
    },
  },
  servers: {
    'toy-login-server': {
      protocol: 'toy',
      start: async (server, { plan, random }, accept) =>
        (await import('./server.ts')).startToyServer({ accept, accounts: accountsOf(server, plan), random }),
    },
  },
  expectations: {
    overheard: { ...overheard, schema: overheardSchema, needs: [overhearing], ofStep: 'toyLogin' },
  },
  references: { eavesdropper: 'client' },
};

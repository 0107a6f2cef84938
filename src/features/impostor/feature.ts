/** Feature: an impostor that collects logins. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import type { TakenReport } from './observations.ts';
import { taken, takenSchema, kept, keptSchema } from './taken.ts';

declare module '../../engine/extensions.ts' {
  interface ServerKinds {
    impostor: true;
  }
  interface ExpectationFacts {
    taken: FactsOf<typeof takenSchema>;
    kept: FactsOf<typeof keptSchema>;
  }
  interface ClaimFacts {
    taken: ClaimOfKind<typeof taken>;
    kept: ClaimOfKind<typeof kept>;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    taken: TakenReport;
  }
}

export const impostor: Feature = {
  observations: ['taken'],
  shown: async () => import('./shown.ts'),
  servers: {
    impostor: {
      standsAt: 'router',
      start: async (_, { random }, accept) =>
        (await import('./impostor-site.ts')).startImpostor({ accept, random }),
    },
  },
  expectations: {
    taken: { ...taken, schema: takenSchema },
    kept: { ...kept, schema: keptSchema },
  },
};

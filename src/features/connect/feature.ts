/** Feature: a connection without data, and the packets that open it. */
import type { TcpOpening } from '../../capture/event.ts';
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import type { OpeningReport } from './observations.ts';
import { connect as step, connectSchema } from './step.ts';
import { threePackets, threePacketsSchema } from './three-packets.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    connect: FactsOf<typeof connectSchema>;
  }
  interface StepActs {
    connect: ActOf<typeof step>;
  }
  interface ExpectationFacts {
    threePackets: FactsOf<typeof threePacketsSchema>;
  }
  interface ClaimFacts {
    threePackets: ClaimOfKind<typeof threePackets>;
  }
  interface SuppliedInput {
    /** How a captured connection was opened. */
    readonly opening?: TcpOpening;
  }
  interface PlanAdditions {
    /** The connection opening that a person supplied from a capture. */
    readonly opening?: TcpOpening;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    'tcp-opening': OpeningReport;
  }
}

export const connect: Feature = {
  observations: ['tcp-opening'],
  accepts: {
    opening: {
      isIn: ({ steps }) => steps.some(({ connect: facts }) => facts),
      toInput: (opening) => ({ opening }),
    },
  },
  shown: async () => import('./shown.ts'),
  steps: {
    connect: {
      ...step,
      schema: connectSchema,
      run: async () => (await import('./run.ts')).runConnect,
    },
  },
  expectations: {
    threePackets: { ...threePackets, schema: threePacketsSchema, ofStep: 'connect' },
  },
  plan: (_, { opening }) => (opening === undefined ? {} : { opening }),
};

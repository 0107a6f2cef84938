/** Feature: a stolen private key, tried on earlier recordings. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { records } from '../../evidence/records.ts';
import { runKeys } from '../../evidence/run-keys.ts';
import { opened, openedSchema } from './opened.ts';
import { theftProblems } from './problems.ts';
import { theft as step, theftSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    theft: FactsOf<typeof theftSchema>;
  }
  interface StepActs {
    theft: ActOf<typeof step>;
  }
  interface ExpectationFacts {
    opened: FactsOf<typeof openedSchema>;
  }
  interface ClaimFacts {
    opened: ClaimOfKind<typeof opened>;
  }
}

export const theft: Feature = {
  // Plain HTTP needs no key.
  isShownIn: ({ wires }) => wires.some(({ protocol }) => protocol !== 'http'),
  shown: async () => import('./shown.ts'),
  observations: ['theft'],
  steps: {
    theft: {
      ...step,
      schema: theftSchema,
      run: async () => (await import('./run.ts')).runTheft,
      problems: theftProblems,
    },
  },
  expectations: {
    opened: {
      ...opened,
      schema: openedSchema,
      needs: [records, runKeys],
      ofStep: 'theft',
      subject: () => 'decryption',
    },
  },
  references: { recorded: 'step', stolenFrom: 'proxyOrServer' },
};

/** Feature: the order of traffic on several wires. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { lit, litSchema } from './lit.ts';

declare module '../../engine/extensions.ts' {
  interface ExpectationFacts {
    lit: FactsOf<typeof litSchema>;
  }
  interface ClaimFacts {
    lit: ClaimOfKind<typeof lit>;
  }
}

export const callOrder: Feature = {
  expectations: {
    lit: { ...lit, schema: litSchema },
  },
  sequences: ['lit'],
};

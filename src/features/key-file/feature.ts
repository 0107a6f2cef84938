/** Feature: who can read a private key's file. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { keyReaders, keyReadersSchema } from './key-readers.ts';
import type { KeyFileReport } from './observations.ts';
import { keyFile as step, keyFileSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    keyFile: FactsOf<typeof keyFileSchema>;
  }
  interface StepActs {
    keyFile: ActOf<typeof step>;
  }
  interface ExpectationFacts {
    keyReaders: FactsOf<typeof keyReadersSchema>;
  }
  interface ClaimFacts {
    keyReaders: ClaimOfKind<typeof keyReaders>;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    'key-file': KeyFileReport;
  }
}

export const keyFile: Feature = {
  observations: ['key-file'],
  shown: async () => import('./shown.ts'),
  steps: {
    keyFile: {
      ...step,
      schema: keyFileSchema,
      run: async () => (await import('./run.ts')).runKeyFile,
    },
  },
  expectations: {
    keyReaders: { ...keyReaders, schema: keyReadersSchema, ofStep: 'keyFile' },
  },
};

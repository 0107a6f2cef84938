/** Feature: encryption at rest: how an API server encrypts what it stores, and what is on the disk of an etcd. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { disk, diskProblems, diskSchema, onDisk, onDiskSchema } from './disk.ts';
import { encrypt, encryptProblems, encryptSchema } from './encrypt.ts';
import type {} from './observations.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    encrypt: FactsOf<typeof encryptSchema>;
    disk: FactsOf<typeof diskSchema>;
  }
  interface StepActs {
    encrypt: ActOf<typeof encrypt>;
    disk: ActOf<typeof disk>;
  }
  interface ExpectationFacts {
    onDisk: FactsOf<typeof onDiskSchema>;
  }
  interface ClaimFacts {
    onDisk: ClaimOfKind<typeof onDisk>;
  }
}

export const atRest: Feature = {
  observations: ['encryption', 'disk'],
  shown: async () => import('./shown.ts'),
  steps: {
    encrypt: {
      ...encrypt,
      schema: encryptSchema,
      run: async () => (await import('./run.ts')).runEncrypt,
      problems: encryptProblems,
    },
    disk: {
      ...disk,
      schema: diskSchema,
      run: async () => (await import('./run.ts')).runDisk,
      problems: diskProblems,
    },
  },
  expectations: { onDisk: { ...onDisk, schema: onDiskSchema } },
  plan: ({ file }) => ({ searched: file.steps.flatMap(({ disk: facts }) => facts?.server ?? []) }),
};

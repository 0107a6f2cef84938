/**
 * Feature: an etcd, wirelab’s own or the real one, clients with etcdctl, and what is at rest in it: how an API server
 * encrypts what it stores, and what is on the disk.
 */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { disk, diskProblems, diskSchema, onDisk, onDiskSchema } from './at-rest/disk.ts';
import { encrypt, encryptProblems, encrypts, encryptSchema, encryptsSchema } from './at-rest/encrypt.ts';
import { rejected, rejectedSchema } from './etcd.ts';
import { etcdSchema } from '../../peers/control-plane/etcd-settings.ts';
import { etcdctl as step, etcdctlSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    etcdctl: FactsOf<typeof etcdctlSchema>;
    encrypt: FactsOf<typeof encryptSchema>;
    disk: FactsOf<typeof diskSchema>;
  }
  interface StepActs {
    etcdctl: ActOf<typeof step>;
    encrypt: ActOf<typeof encrypt>;
    disk: ActOf<typeof disk>;
  }
  interface ExpectationFacts {
    rejected: FactsOf<typeof rejectedSchema>;
    onDisk: FactsOf<typeof onDiskSchema>;
    encrypts: FactsOf<typeof encryptsSchema>;
  }
  interface ClaimFacts {
    rejected: ClaimOfKind<typeof rejected>;
    onDisk: ClaimOfKind<typeof onDisk>;
    encrypts: ClaimOfKind<typeof encrypts>;
  }
}

export const etcdctl: Feature = {
  observations: ['etcdctl', 'etcd', 'encryption', 'disk'],
  shown: async () => import('./shown.ts'),
  steps: {
    etcdctl: {
      ...step,
      schema: etcdctlSchema,
      run: async () => (await import('./run.ts')).runEtcdctl,
      byHand: async () => (await import('./by-hand.ts')).etcdctlByHand,
    },
    encrypt: {
      ...encrypt,
      schema: encryptSchema,
      run: async () => (await import('./at-rest/run.ts')).runEncrypt,
      problems: encryptProblems,
    },
    disk: {
      ...disk,
      schema: diskSchema,
      run: async () => (await import('./at-rest/run.ts')).runDisk,
      problems: diskProblems,
    },
  },
  servers: {
    etcd: {
      start: async (server, options, accept) =>
        (await import('../../peers/control-plane/start-etcd.ts')).startEtcd(server, options, accept),
    },
  },
  expectations: {
    rejected: { ...rejected, schema: rejectedSchema },
    onDisk: { ...onDisk, schema: onDiskSchema },
    encrypts: { ...encrypts, schema: encryptsSchema, ofStep: 'encrypt' },
  },
  serverSettings: { etcd: etcdSchema },
  plan: ({ file }) => ({ searched: file.steps.flatMap(({ disk: facts }) => facts?.server ?? []) }),
};

/** Feature: an etcd, wirelab’s own or the real one, and clients with etcdctl. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { rejected, rejectedSchema } from './etcd.ts';
import { etcdSchema } from '../../peers/control-plane/etcd-settings.ts';
import { etcdctl as step, etcdctlSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    etcdctl: FactsOf<typeof etcdctlSchema>;
  }
  interface StepActs {
    etcdctl: ActOf<typeof step>;
  }
  interface ExpectationFacts {
    rejected: FactsOf<typeof rejectedSchema>;
  }
  interface ClaimFacts {
    rejected: ClaimOfKind<typeof rejected>;
  }
}

export const etcdctl: Feature = {
  observations: ['etcdctl', 'etcd'],
  shown: async () => import('./shown.ts'),
  steps: {
    etcdctl: {
      ...step,
      schema: etcdctlSchema,
      run: async () => (await import('./run.ts')).runEtcdctl,
      byHand: async () => (await import('./by-hand.ts')).etcdctlByHand,
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
  },
  serverSettings: { etcd: etcdSchema },
};

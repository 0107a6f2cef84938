/** Feature: an etcd, wirelab’s own or the real one, and clients with etcdctl. */
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import type { CommandReport } from '../command-report.ts';
import { rejected, rejectedSchema } from './etcd.ts';
import type { EtcdReport } from './observations.ts';
import { etcdSchema } from './settings.ts';
import { etcdctl as step, etcdctlSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    etcdctl: FactsOf<typeof etcdctlSchema>;
  }
  interface StepActs {
    etcdctl: ReturnType<(typeof step)['parts']>[number]['act'];
  }
  interface ServerKinds {
    etcd: true;
  }
  interface ExpectationFacts {
    rejected: FactsOf<typeof rejectedSchema>;
  }
  interface ClaimFacts {
    rejected: ClaimOfKind<typeof rejected>;
  }
  interface ServerSettings {
    etcd: FactsOf<typeof etcdSchema>;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    etcdctl: CommandReport<'etcdctl'>;
    etcd: EtcdReport;
  }
}

declare module '../../engine/run-context.ts' {
  /** What an etcd can do besides. */
  interface RunningServer {
    /** Resolves when it has told of somebody whom it turned away, in this step. */
    rejection?(): Promise<void>;
    /** etcdctl can talk to it. */
    readonly speaksGrpc?: boolean;
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
        (await import('./start-etcd.ts')).startEtcd(server, options, accept),
    },
  },
  expectations: {
    rejected: { ...rejected, schema: rejectedSchema },
  },
  serverSettings: { etcd: etcdSchema },
};

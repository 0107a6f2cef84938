/** Feature: a Kubernetes API server with its components, and clients with kubectl. */
import type { ActOf, ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import { records } from '../../evidence/records.ts';
import {
  known,
  knownSchema,
  answered,
  answeredSchema,
  unauthorized,
  unauthorizedSchema,
  unasked,
  unaskedSchema,
  says,
  saysSchema,
  shows,
  showsSchema,
  alerted,
  alertedSchema,
  turnedAway,
  turnedAwaySchema,
} from './api.ts';
import { built, builtSchema, kubeconfigSchema, kubeconfigStep } from './build-config.ts';
import { componentWires } from './component-wires.ts';
import { controlPlaneProblems } from './problems.ts';
import { controlPlaneSchema } from '../../peers/control-plane/api-server-settings.ts';
import { manifestsSchema } from './settings.ts';
import { kubectl as step, kubectlSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    kubectl: FactsOf<typeof kubectlSchema>;
    kubeconfig: FactsOf<typeof kubeconfigSchema>;
  }
  interface StepActs {
    kubectl: ActOf<typeof step>;
    kubeconfig: ActOf<typeof kubeconfigStep>;
  }
  interface ServerKinds {
    'impostor-kubelet': true;
  }
  interface ExpectationFacts {
    known: FactsOf<typeof knownSchema>;
    built: FactsOf<typeof builtSchema>;
    answered: FactsOf<typeof answeredSchema>;
    unauthorized: FactsOf<typeof unauthorizedSchema>;
    unasked: FactsOf<typeof unaskedSchema>;
    says: FactsOf<typeof saysSchema>;
    shows: FactsOf<typeof showsSchema>;
    alerted: FactsOf<typeof alertedSchema>;
    turnedAway: FactsOf<typeof turnedAwaySchema>;
  }
  interface ClaimFacts {
    known: ClaimOfKind<typeof known>;
    built: ClaimOfKind<typeof built>;
    answered: ClaimOfKind<typeof answered>;
    unauthorized: ClaimOfKind<typeof unauthorized>;
    unasked: ClaimOfKind<typeof unasked>;
    says: ClaimOfKind<typeof says>;
    shows: ClaimOfKind<typeof shows>;
    alerted: ClaimOfKind<typeof alerted>;
    turnedAway: ClaimOfKind<typeof turnedAway>;
  }
  interface ServerSettings {
    log: string;
  }
  interface Sections {
    manifests: FactsOf<typeof manifestsSchema>;
  }
  interface PlanAdditions {
    /** Manifest files for kubectl, by name. */
    readonly manifests?: FactsOf<typeof manifestsSchema>;
  }
  interface ManualPrograms {
    /** The command for a Kubernetes API server, instead of curl and openssl. */
    readonly kubectl?: string;
  }
}

export const kubectl: Feature = {
  observations: ['kubectl', 'kubeconfig', 'api'],
  shown: async () => import('./shown.ts'),
  steps: {
    kubectl: {
      ...step,
      schema: kubectlSchema,
      run: async () => (await import('./run.ts')).runKubectl,
      byHand: async () => (await import('./by-hand.ts')).kubectlByHand,
    },
    kubeconfig: {
      ...kubeconfigStep,
      schema: kubeconfigSchema,
      run: async () => (await import('./run-config.ts')).runKubeconfig,
    },
  },
  servers: {
    'impostor-kubelet': {
      start: async ({ log = '' }, _, accept) =>
        (await import('./impostor-kubelet.ts')).startImpostorKubelet({ accept, log: `${log}\n` }),
    },
    'kube-apiserver': {
      isKnownByAddress: true,
      after: ({ controlPlane }) => controlPlane?.etcd?.server,
      start: async (...started) =>
        (await import('../../peers/control-plane/start-api-server.ts')).startKube(...started),
    },
  },
  expectations: {
    known: { ...known, schema: knownSchema },
    built: { ...built, schema: builtSchema, ofStep: 'kubeconfig' },
    answered: { ...answered, schema: answeredSchema },
    unauthorized: { ...unauthorized, schema: unauthorizedSchema },
    unasked: { ...unasked, schema: unaskedSchema },
    says: { ...says, schema: saysSchema },
    shows: { ...shows, schema: showsSchema },
    alerted: { ...alerted, schema: alertedSchema, needs: [records] },
    turnedAway: { ...turnedAway, schema: turnedAwaySchema, isOfRun: true },
  },
  serverSettings: {
    log: (zod) => zod.string().min(1).describe('For impostor-kubelet: the log that it returns for any pod.'),
    controlPlane: controlPlaneSchema,
  },
  clientSettings: { token: (zod) => zod.string().min(1).describe('For kubectl: a bearer token.') },
  sections: { manifests: manifestsSchema },
  references: {
    reachedOver: 'wire',
    hears: 'wire',
    watched: 'wire',
    verifiedBy: 'authority',
    tokenFrom: 'client',
    diverted: 'server',
  },
  standingWires: componentWires,
  serverProblems: controlPlaneProblems,
  plan: ({ file: { manifests } }) => (manifests ? { manifests } : {}),
};

/** Feature: an API server of Kubernetes with the components around it, and clients with kubectl. */
import type { Address } from '../../capture/event.ts';
import type { ClaimOfKind, FactsOf } from '../../engine/extensions.ts';
import type { Feature } from '../../engine/feature.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import type { ControllerReport } from '../../kube/components/controller-manager.ts';
import type { ControlPlane } from '../../kube/control-plane-options.ts';
import type { Store } from '../../kube/store/store.ts';
import type { CommandReport } from '../command-report.ts';
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
import { componentWires } from './component-wires.ts';
import type { ApiReport } from './observations.ts';
import { controlPlaneProblems } from './problems.ts';
import { controlPlaneSchema, manifestsSchema } from './settings.ts';
import { kubectl as step, kubectlSchema } from './step.ts';

declare module '../../engine/extensions.ts' {
  interface StepFacts {
    kubectl: FactsOf<typeof kubectlSchema>;
  }
  interface StepActs {
    kubectl: ReturnType<(typeof step)['parts']>[number]['act'];
  }
  interface ServerKinds {
    'impostor-kubelet': true;
    'kube-apiserver': true;
  }
  interface ExpectationFacts {
    known: FactsOf<typeof knownSchema>;
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
    controlPlane: FactsOf<typeof controlPlaneSchema>;
  }
  interface ClientSettings {
    token: string;
  }
  interface Sections {
    manifests: FactsOf<typeof manifestsSchema>;
  }
  interface PlanAdditions {
    /** Files for kubectl, by name. */
    readonly manifests?: FactsOf<typeof manifestsSchema>;
  }
  interface ManualPrograms {
    /** For an API server of Kubernetes, in the place of both. */
    readonly kubectl?: string;
  }
}

declare module '../../capture/event.ts' {
  interface Observations {
    kubectl: CommandReport<'kubectl'>;
    api: ApiReport;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunOptions {
    /** For API servers that are there longer than a run. */
    readonly kube?: {
      readonly store: Store;
      /** As the control plane's. */
      readonly putsBack?: boolean;
      /** Told at once of each answer to whoever is not of the control plane itself. */
      readonly onAsked?: (asked: ApiRequest) => void;
      readonly onController?: (report: ControllerReport) => void;
    };
  }
  /** What an API server can do besides. */
  interface RunningServer {
    /** Resolves when its signer has dealt with the request of that name, whatever came of it. */
    dealtWith?(request: string, signal: AbortSignal): Promise<void>;
    /** Starts the kubelet that was not there from the beginning. */
    join?(): Promise<void>;
    /** Resolves when its kubelet has the certificate for its own server that it has asked for, and shows it. */
    certified?(): Promise<void>;
    /** What it sends to kubelets from now on goes to this address; undefined: to them. */
    divert?(to: Address | undefined): void;
    /** Resolves when whoever comes over each of these wires all the time watches all that he wants to. */
    watched?(wires: readonly string[], signal: AbortSignal): Promise<void>;
    /** Resolves when an object is so, or, for undefined, gone. */
    until?: ControlPlane['until'];
  }
}

export const kubectl: Feature = {
  observations: ['kubectl', 'api'],
  steps: {
    kubectl: {
      ...step,
      schema: kubectlSchema,
      run: async () => (await import('./run.ts')).runKubectl,
      byHand: async () => (await import('./by-hand.ts')).kubectlByHand,
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
      start: async (...started) => (await import('./start-kube.ts')).startKube(...started),
    },
  },
  expectations: {
    known: { ...known, schema: knownSchema },
    answered: { ...answered, schema: answeredSchema },
    unauthorized: { ...unauthorized, schema: unauthorizedSchema },
    unasked: { ...unasked, schema: unaskedSchema },
    says: { ...says, schema: saysSchema },
    shows: { ...shows, schema: showsSchema },
    alerted: { ...alerted, schema: alertedSchema, needs: ['records'] },
    turnedAway: { ...turnedAway, schema: turnedAwaySchema },
  },
  serverSettings: {
    log: (zod) => zod.string().min(1).describe('For impostor-kubelet: what it says is the log of any pod.'),
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

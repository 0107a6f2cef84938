/** What a run is given, and what a step needs of the run around it: the words that `runners.ts`, the servers and the steps share. */
import type { NameTable } from '../features/look-up/resolver.ts';
import type { Address, ApiRequest, Observation } from '../capture/event.ts';
import type { RunLog } from '../capture/log.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import type { ControlPlane } from '../kube/control-plane.ts';
import type { ControllerReport } from '../kube/components/controller-manager.ts';
import type { Store } from '../kube/store/store.ts';
import type { Identity, World } from '../pki/keystore/world.ts';
import type { Tap } from '../wire/endpoint.ts';
import type { Plan, PlannedStep } from './plan.ts';

export interface RunOptions {
  readonly plan: Plan;
  readonly log: RunLog;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** The plan's certificates; a plan with TLS needs them. */
  readonly world?: World;
  /** The version that `began` names. */
  readonly version: string;
  /** Called before each step with the step already asked: the pace. Not called for one that goes on by itself. */
  readonly beforeStep?: (step: PlannedStep) => Promise<void>;
  /** The environment in which programs of other people (curl, openssl, gnutls-cli) are found; without it none is run. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** They try every login for which their words are predicted, and not only where a step asks for it. */
  readonly peers?: boolean;
  /** For API servers that are there longer than a run. */
  readonly kube?: {
    readonly store: Store;
    /** As the control plane's. */
    readonly putsBack?: boolean;
    /** Told at once of each answer to whoever is not of the control plane itself. */
    readonly onAsked?: (asked: ApiRequest) => void;
    readonly onController?: (report: ControllerReport) => void;
  };
  /** Ends the run between and within steps. */
  readonly signal?: AbortSignal;
}

/** What can be restarted by itself. */
export type ControlPlaneProcess = 'kube-apiserver' | 'kube-controller-manager' | 'etcd';

export interface RunningServer {
  readonly address: Address;
  /** What reached it since the last report; undefined where it has nothing to say. */
  report(): Observation | undefined;
  /** Where its sites listen that do not at `address`, by their names. */
  readonly sites?: ReadonlyMap<string, Address>;
  /** Another way in, tapped at this end, for visitors who come without a tap of theirs; absent where there is none. Some heed the port. */
  openDoor?(tap: Tap, port?: number): Promise<Address>;
  /** Shows this certificate from the next handshake on; absent where none is shown. */
  install?(identity: Identity): void;
  /** Serves a text at a path, and says how it is taken away again; absent where nobody can put anything. */
  publish?(path: string, text: string): () => void;
  /** The same for one with sites: where each listens then, by the keys under which `addresses` has them. */
  openSites?(tap: Tap): Promise<ReadonlyMap<string, Address>>;
  /** An API server's: resolves when its signer has dealt with the request of that name, whatever came of it. */
  dealtWith?(request: string, signal: AbortSignal): Promise<void>;
  /** An API server's: starts the kubelet that was not there from the beginning. */
  join?(): Promise<void>;
  /** An API server's: resolves when its kubelet has the certificate for its own server that it has asked for, and shows it. */
  certified?(): Promise<void>;
  /** An API server's: what it sends to kubelets from now on goes to this address; undefined: to them. */
  divert?(to: Address | undefined): void;
  /** An API server's: resolves when whoever comes over each of these wires all the time watches all that he wants to. */
  watched?(wires: readonly string[], signal: AbortSignal): Promise<void>;
  /** An API server's: resolves when an object is so, or, for undefined, gone. */
  until?: ControlPlane['until'];
  /** An etcd's: resolves when it has told of somebody whom it turned away, in this step. */
  rejection?(): Promise<void>;
  /** An etcd's: etcdctl can talk to it. */
  readonly speaksGrpc?: boolean;
  /** What looks at its files for each connection is told that they have changed; whoever reads them once, when it starts, is not. */
  reread?(files: ReadonlyMap<string, string>): void;
  /** An etcd's, an API server's and its controller manager's: ends one of them and starts it anew, with what now lies in its files. */
  restart?(process: ControlPlaneProcess, files: ReadonlyMap<string, string>): Promise<void>;
  /** A resolver's: what it says from now on of each name. */
  answerFrom?(table: NameTable): void;
  close(graceMs?: number): Promise<void>;
}

/** What a step needs of the run around it. */
export interface RunContext {
  readonly addresses: Map<string, Address>;
  readonly servers: ReadonlyMap<string, RunningServer>;
  /** Sessions that clients were given, by client, door and version. */
  readonly sessions: Map<string, Buffer>;
  /** Doors that steps have opened, by wire. */
  readonly doors: Map<string, Address>;
  /** What clients were given in steps before, by client. */
  readonly credentials: Map<string, Identity>;
  /** Rows of the recipe that lie where others lay in the beginning, by those. What a server has read of them it has in memory. */
  readonly files: Map<string, string>;
  /** What is known of the kubectl that is installed, once somebody has asked. */
  readonly kubectl: { version?: Promise<string | undefined> };
  /** And of etcdctl. */
  readonly etcdctl: { version?: Promise<string | undefined> };
  /** Its CA takes a certificate back, and everybody who looks at its list has the new one from now on. */
  readonly withdraw: (certificate: string) => Promise<void>;
}

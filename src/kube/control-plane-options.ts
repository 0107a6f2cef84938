/**
 * Defines what a control plane is given, and what it offers.
 */
import type { Address } from '../capture/event.ts';
import type { Clock, RandomBytes } from '../core/clock.ts';
import type { AcceptOptions, Identity, Tap } from '../wire/endpoint.ts';
import type { BootstrapToken } from './authn/authentication.ts';
import type { ControllerManagerOptions, ControllerReport } from './components/controller-manager.ts';
import type { KubeProxyOptions, KubeProxyReport } from './components/kube-proxy.ts';
import type { KubeletOptions } from './components/kubelet/kubelet-options.ts';
import type { SchedulerOptions, SchedulerReport } from './components/scheduler.ts';
import type { KubeletsOptions } from './components/kubelet-client.ts';
import type { KubeObject } from './objects/objects.ts';
import type { ApiHooks } from './apiserver/hooks.ts';
import type { Rules, RulesOptions, ServiceAccountKeys, WebhookSettings } from './apiserver/rules.ts';
import type { AnswerReport } from './apiserver/server.ts';
import type { Store } from './store/store.ts';

export interface ControlPlaneOptions extends Pick<AcceptOptions, 'listen' | 'tap' | 'keysTo' | 'tls'> {
  readonly identity: Identity;
  /** PEM of the CAs whose client certificates make users. */
  readonly clientAuthorities: readonly string[];
  /** PEM of the CA that is published to pods and joining nodes (`--root-ca-file`); by default the first of the above. */
  readonly rootCertificate?: string;
  /** PEM of the CA whose client certificates may speak for others. */
  readonly frontProxyAuthority?: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: RandomBytes;
  /** Left out, tokens of service accounts are neither made nor taken. */
  readonly serviceAccounts?: ServiceAccountKeys;
  /** The API server's connection to kubelets; without it, it fetches no logs. */
  readonly kubelets?: KubeletsOptions;
  /**
   * Restores kubeadm's one-time objects at each start, if they cannot be restored otherwise; by default they are
   * created only in a new store.
   */
  readonly putsBack?: boolean;
  /** Good from now on, for as long as kubeadm's. */
  readonly bootstrapTokens?: readonly Pick<BootstrapToken, 'id' | 'secret'>[];
  /**
   * Without it, certificates are not signed. Its `controllers`, by default: all of them in a cluster with a scheduler
   * or a kubelet, else only those for certificates. The same applies to its lease: without other components it runs
   * without one.
   */
  readonly controllerManager?: {
    readonly identity: Identity;
    /** The CA with whose key it signs; left out, it does everything else. */
    readonly authority?: Identity;
    /** PEM: the trusted CAs for the API server. */
    readonly trust: string;
    readonly tap?: Tap;
    /** `--cluster-signing-duration`, in seconds; a year where it is left out. */
    readonly signingDuration?: number;
    readonly onReport?: (report: ControllerReport) => void;
  } & Pick<
    ControllerManagerOptions,
    'controllers' | 'nodeGrace' | 'podGrace' | 'monitor' | 'relist' | 'retry'
  >;
  /** Left out: no pod gets a node by itself. */
  readonly scheduler?: {
    readonly identity: Identity;
    /** PEM: the trusted CAs for the API server. */
    readonly trust: string;
    readonly tap?: Tap;
    readonly onReport?: (report: SchedulerReport) => void;
  } & Pick<SchedulerOptions, 'relist' | 'retry'>;
  /** Left out: there is no node. With an identity, or with a bootstrap token. */
  readonly kubelet?: Omit<KubeletOptions, 'to' | 'authorities' | 'clock' | 'random' | 'clientAuthorities'> & {
    readonly trust: string;
    readonly clientAuthorities?: readonly string[];
  };
  /** Without it, services are not watched. */
  readonly kubeProxy?: {
    readonly trust: string;
    /** A token of kube-system/kube-proxy (`accountToken` of `kube-proxy.ts`). @param to where the API server listens. */
    readonly token: (to: Address) => Promise<string>;
    readonly tap?: Tap;
    readonly onReport?: (report: KubeProxyReport) => void;
  } & Pick<KubeProxyOptions, 'relist' | 'retry'>;
  /** Its API server speaks HTTP/2 where the client chooses it. By default HTTP/1.1 alone, which can be read on the wire. */
  readonly offersHttp2?: boolean;
  /** How admission webhooks are called. */
  readonly webhooks?: WebhookSettings;
  /** Called when a component ends because of an internal error, or a UserError in its options; without it, `close` throws it. */
  readonly onFault?: (error: unknown) => void;
  readonly onAnswered?: (report: AnswerReport) => void;
  /** Called when it listens, before any component connects. */
  readonly onListening?: (address: Address) => void;
  /** Other rules than those of kubeadm's control plane. */
  readonly rules?: (
    options: RulesOptions,
  ) => Promise<ApiHooks & Pick<Rules, 'close'> & Partial<Pick<Rules, 'trust'>>>;
}

export interface ControlPlane {
  readonly address: Address;
  /** Where the kubelet's own server listens. */
  readonly kubeletAddress?: Address;
  /** A second listener on its own port (a free one by default) with a tap. */
  addListener(tap: Tap, port?: number): Promise<Address>;
  /**
   * The API server takes up another certificate and other CAs for clients, from the next connection and the next request on, as
   * kube-apiserver does when its files change; the other components go on with what they have. @throws UserError for what cannot be
   * used: then all is as before.
   */
  renew(files: Pick<ControlPlaneOptions, 'identity' | 'clientAuthorities'>): Promise<void>;
  /** Starts a kubelet that was not there from the beginning; it ends with the others. @returns where its own server listens. */
  join(kubelet: NonNullable<ControlPlaneOptions['kubelet']>): Promise<Address | undefined>;
  /** Resolves when the signer has dealt with the request of that name: it has a certificate, has failed, or was denied. Rejects when the signal says so. */
  dealtWith(request: string, signal: AbortSignal): Promise<void>;
  /** Resolves when an object is so, or, for undefined, gone, and what was being asked then is answered: with what it is. Without a name any of them will do. Rejects when the signal says so. */
  until(
    object: ObjectName,
    isSo: (object: KubeObject | undefined) => boolean,
    signal: AbortSignal,
  ): Promise<KubeObject | undefined>;
  close(graceMs?: number): Promise<void>;
}

/** `{ plural: 'pods', namespace: 'default', name: 'web' }`. */
export interface ObjectName {
  /** Empty, the core group, where it is left out. */
  readonly group?: string;
  readonly plural: string;
  readonly namespace?: string;
  /** Left out: whichever is so first. */
  readonly name?: string;
}

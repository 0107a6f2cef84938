/**
 * Defines what a kubelet is given, and what it reports.
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import type { Address } from '../../../capture/event.ts';
import type { RandomBytes } from '../../../core/clock.ts';
import type { Identity, Tap } from '../../../wire/endpoint.ts';
import type { KubeObject } from '../../objects/objects.ts';
import type { ApiClientOptions } from '../api-client.ts';
import type { DisconnectedReport, RefusedReport } from '../asking.ts';
import type { RequestedReport } from '../certificate-request.ts';
import type { Retrying } from '../informer.ts';
import type { Machine } from './kubelet-node.ts';
import type { KubeletAnswerReport } from './kubelet-server.ts';

export interface KubeletOptions
  extends Omit<ApiClientOptions, 'userAgent' | 'token' | 'proof'>,
    Pick<Retrying, 'relist' | 'retry'> {
  readonly random: RandomBytes;
  /** The node's name. */
  readonly node: string;
  /** The bootstrap token for requesting its certificate, if it has no valid one (`identity`, or one in the folder). */
  readonly bootstrapToken?: string;
  /** Where its certificates and kubelet.conf are kept; absent: in memory alone. */
  readonly folder?: string;
  /** What kubelet.conf names as the API server: `https://127.0.0.1:6443`; where it goes itself when it is left out. */
  readonly server?: string;
  /** PEM of the CAs whose client certificates open its own server (`authentication.x509.clientCAFile`). */
  readonly clientAuthorities: readonly string[];
  /** Where its own server listens; a free port of 127.0.0.1 where it is left out. */
  readonly listen?: Address;
  readonly servingTap?: Tap;
  /** Its serving certificate: self-signed by default; `requested`: requested, and used once approved (serverTLSBootstrap). */
  readonly serving?: 'self-signed' | 'requested' | Identity;
  readonly labels?: Dictionary<string>;
  readonly machine?: Machine;
  /** The range of its pods' addresses, its first three numbers; `10.244.0` where it is left out. */
  readonly podSubnet?: string;
  /** The Pods in its manifests (`staticPodPath`): each has a mirror at the API server. Left out: mirrors are left alone. */
  readonly staticPods?: readonly KubeObject[];
  /** The interval of lease renewals and periodic checks, in milliseconds; ten seconds by default. */
  readonly every?: number;
  readonly onListening?: (address: Address) => void;
  readonly onReport?: (report: KubeletReport) => void;
}

export type KubeletReport =
  | {
      readonly what: 'listening';
      readonly address: Address;
      readonly shows: 'self-signed' | 'nothing' | 'given';
    }
  /** It has obtained this certificate. `rotates`: when it requests the next one; both in milliseconds since the epoch. */
  | {
      readonly what: 'certificate';
      readonly purpose: 'client' | 'serving';
      readonly subject: string;
      readonly notAfter: number;
      readonly rotates: number;
    }
  /** Its certificate has expired, and it has no token to request another one. */
  | { readonly what: 'expired'; readonly notAfter: number }
  | { readonly what: 'registered'; readonly node: string }
  | { readonly what: 'running'; readonly pod: string }
  /** The pod completed. */
  | { readonly what: 'done'; readonly pod: string }
  | { readonly what: 'removed'; readonly pod: string }
  /** A token for a pod, from its service account. */
  | { readonly what: 'token'; readonly pod: string; readonly account: string }
  | KubeletAnswerReport
  | RequestedReport
  | RefusedReport
  | DisconnectedReport;

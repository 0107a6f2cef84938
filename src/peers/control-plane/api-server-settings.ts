/** The settings of a `kube-apiserver` and the components around it in a scenario file, and the server's extra operations. */
import type { WebhookSettings } from '../../kube/apiserver/rules.ts';
import type { Address } from '../../capture/event.ts';
import type { FactsOf, Z } from '../../engine/extensions.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import type { ControllerReport } from '../../kube/components/controller-manager.ts';
import type { ControlPlane } from '../../kube/control-plane-options.ts';
import type { Encryption } from '../../kube/encryption/encryption.ts';
import type { Store } from '../../kube/store/store.ts';

declare module '../../engine/extensions.ts' {
  interface ServerKinds {
    'kube-apiserver': true;
  }
  interface ServerSettings {
    controlPlane: FactsOf<typeof controlPlaneSchema>;
  }
  interface ClientSettings {
    token: string;
  }
}

declare module '../../engine/run-context.ts' {
  interface RunOptions {
    /** For API servers that outlive a run. */
    readonly kube?: {
      readonly store: Store;
      /** The control plane's accounts. */
      readonly putsBack?: boolean;
      /** Called for each response to a client outside the control plane. */
      readonly onAsked?: (asked: ApiRequest, userAgent?: string) => void;
      readonly onController?: (report: ControllerReport) => void;
      readonly webhooks?: WebhookSettings;
    };
  }
  /** Operations of a running API server beyond those of every server. */
  interface RunningServer {
    /** Resolves when its signer has processed the request with that name, whatever the result. */
    dealtWith?(request: string, signal: AbortSignal): Promise<void>;
    /** Starts the kubelet that joins later. */
    join?(): Promise<void>;
    /** Resolves when its kubelet has received its requested serving certificate and presents it. */
    certified?(): Promise<void>;
    /** Diverts its requests for kubelets to this address; undefined: back to the kubelets. */
    divert?(to: Address | undefined): void;
    /** Resolves when the permanent client on each of these wires has all its watches open. */
    watched?(wires: readonly string[], signal: AbortSignal): Promise<void>;
    /** Restarts it with another EncryptionConfiguration; only with an etcd. */
    encrypt?(encryption: Encryption): Promise<void>;
    /** Resolves when an object matches or, for undefined, is gone. */
    until?: ControlPlane['until'];
  }
}

export function controlPlaneSchema(zod: Z) {
  const name = zod.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/);
  const wireName = zod.string().regex(/^[A-Za-z0-9]{1,8}$/);
  return zod
    .strictObject({
      controllerManager: zod
        .strictObject({
          client: zod.string().describe('The client whose certificate and trusted CAs it uses.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          issuer: zod.string().describe('The CA whose key it signs with.'),
          nodeGraceSeconds: zod
            .int()
            .min(2)
            .max(600)
            .optional()
            .describe(
              'After how long a silent kubelet’s node is NotReady (--node-monitor-grace-period); kubelets report five times as often. Default: 50, as in Kubernetes 1.32.',
            ),
        })
        .optional()
        .describe(
          'Approves kubelet requests that are allowed and signs approved ones. If omitted: nothing is signed.',
        ),
      scheduler: zod
        .strictObject({
          client: zod.string().describe('The client whose certificate and trusted CAs it uses.'),
          wire: wireName.describe('The name of its wire to the API server.'),
        })
        .optional()
        .describe('Assigns pods to nodes. If omitted: they stay Pending.'),
      kubelet: zod
        .strictObject({
          client: zod
            .string()
            .describe(
              'The client whose certificate or bootstrap token (token: ID.SECRET) and trusted CAs it uses.',
            ),
          wire: wireName.describe('The name of its wire to the API server.'),
          absent: zod
            .boolean()
            .optional()
            .describe('true: it does not start with the run; a kubectl step makes it join.'),
          node: name.describe('The name of its node.'),
          reachedOver: wireName.describe('The name of the wire from the API server to it.'),
          certificate: zod.string().describe('The client certificate that the API server presents there.'),
          verifiedBy: zod
            .array(zod.string())
            .min(1)
            .optional()
            .describe(
              'The CAs trusted for the kubelet’s server. If omitted: not verified, which is kubeadm’s default.',
            ),
          serving: zod
            .enum(['self-signed', 'requested'])
            .optional()
            .describe(
              'Default: self-signed. requested: it requests a serving certificate and presents it once the request is approved.',
            ),
        })
        .optional()
        .describe('A node of the cluster. If omitted: the cluster has none.'),
      kubeProxy: zod
        .strictObject({
          client: zod
            .string()
            .describe(
              'The client whose trusted CAs it uses. It authenticates with its service account token, not a certificate.',
            ),
          wire: wireName.describe('The name of its wire to the API server.'),
          tokenFrom: zod.string().describe('The client that requests its token.'),
        })
        .optional()
        .describe('Watches services. If omitted: there is no kube-proxy.'),
      etcd: zod
        .strictObject({
          server: zod.string().describe('A server of the kind etcd.'),
          wire: wireName.describe('The name of the wire to it, which is tapped at the API server’s end.'),
          certificate: zod
            .string()
            .optional()
            .describe('The client certificate that the API server presents there. Default: none.'),
          trust: zod.array(zod.string()).min(1).optional().describe('The CAs trusted for etcd.'),
          connectedDaysAgo: zod
            .int()
            .min(1)
            .max(3650)
            .optional()
            .describe(
              'Connections open at the start of the run were made so many days ago, by the clocks of both ends: certificates expired since were valid then. Not with the real etcd, which uses this machine’s clock.',
            ),
        })
        .optional()
        .describe('Where its objects are stored. Default: in memory.'),
      sharesWith: zod
        .string()
        .optional()
        .describe('Another API server that shares its objects with this one.'),
    })
    .describe('For kube-apiserver.');
}

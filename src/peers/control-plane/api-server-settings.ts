/** What a scenario file says of a server of kind `kube-apiserver` and the components around it, and what such a server can do. */
import type { Address } from '../../capture/event.ts';
import type { FactsOf, Z } from '../../engine/extensions.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import type { ControllerReport } from '../../kube/components/controller-manager.ts';
import type { ControlPlane } from '../../kube/control-plane-options.ts';
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

export function controlPlaneSchema(zod: Z) {
  const name = zod.string().regex(/^[a-z0-9][a-z0-9-]{0,40}$/);
  const wireName = zod.string().regex(/^[A-Za-z0-9]{1,8}$/);
  return zod
    .strictObject({
      controllerManager: zod
        .strictObject({
          client: zod.string().describe('Whose certificate it shows and whom it trusts.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          issuer: zod.string().describe('The CA whose key it signs with.'),
        })
        .optional()
        .describe('It approves what kubelets may have and signs what is approved. Left out: nobody signs.'),
      scheduler: zod
        .strictObject({
          client: zod.string().describe('Whose certificate it shows and whom it trusts.'),
          wire: wireName.describe('The name of its wire to the API server.'),
        })
        .optional()
        .describe('It gives pods a node. Left out: they stay Pending.'),
      kubelet: zod
        .strictObject({
          client: zod
            .string()
            .describe('Whose certificate or bootstrap token (token: ID.SECRET) it shows and whom it trusts.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          absent: zod
            .boolean()
            .optional()
            .describe('true: it is not there from the beginning; a step of kubectl lets it join.'),
          node: name.describe('The name of its node.'),
          reachedOver: wireName.describe('The name of the wire over which the API server comes to it.'),
          certificate: zod.string().describe('What the API server shows there.'),
          verifiedBy: zod
            .array(zod.string())
            .min(1)
            .optional()
            .describe(
              'The CAs that may vouch for the kubelet’s server. Left out: nobody verifies it, as kubeadm leaves it.',
            ),
          serving: zod
            .enum(['self-signed', 'requested'])
            .optional()
            .describe(
              'self-signed when left out; requested: it asks for its server’s certificate, and shows it when somebody has approved.',
            ),
        })
        .optional()
        .describe('A node of the cluster. Left out: there is none.'),
      kubeProxy: zod
        .strictObject({
          client: zod
            .string()
            .describe('Whom it trusts. It has no certificate but a token of its service account.'),
          wire: wireName.describe('The name of its wire to the API server.'),
          tokenFrom: zod.string().describe('The client by whose right its token is asked for.'),
        })
        .optional()
        .describe('It watches services. Left out: nobody does.'),
      etcd: zod
        .strictObject({
          server: zod.string().describe('A server of the kind etcd.'),
          wire: wireName.describe('The name of the wire to it, which is tapped at the API server’s end.'),
          certificate: zod
            .string()
            .optional()
            .describe('What the API server shows there; nothing when left out.'),
          trust: zod.array(zod.string()).min(1).optional().describe('The CAs that may vouch for the etcd.'),
          connectedDaysAgo: zod
            .int()
            .min(1)
            .max(3650)
            .optional()
            .describe(
              'The connections that stand when the run begins were made so many days ago, by the clocks of both: what has expired since was good then. Not with the real etcd, whose clock is this machine’s.',
            ),
        })
        .optional()
        .describe('Where its objects are kept. Left out: in its memory.'),
      sharesWith: zod.string().optional().describe('Another API server, whose objects this one has too.'),
    })
    .describe('For kube-apiserver.');
}

/** What a scenario file says of a server of kind `kube-apiserver` and the components around it, and of files for kubectl. */
import type { Z } from '../../engine/extensions.ts';

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

export function manifestsSchema(zod: Z) {
  return zod
    .record(
      zod.string().regex(/^[a-z0-9][a-z0-9-]{0,60}\.yaml$/),
      zod.union([
        zod.strictObject({ object: zod.record(zod.string(), zod.unknown()) }),
        zod.strictObject({
          request: zod.strictObject({
            name: zod.string(),
            client: zod.string().describe('Whose key (key: ROW) the request is for.'),
            subject: zod.string().min(1).describe('O=…,CN=…'),
            names: zod.array(zod.string()).optional().describe('DNS:…, IP:…'),
            signerName: zod.string(),
            usages: zod.array(zod.string()).min(1),
            expirationSeconds: zod.int().optional(),
          }),
        }),
      ]),
    )
    .describe(
      'Files that kubectl is given (-f NAME): an object as it stands, or a CertificateSigningRequest for a client’s key.',
    );
}

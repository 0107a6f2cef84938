/**
 * The step `kubectl`: a client sends a request to an API server with kubectl and its own kubeconfig.
 * Schema and planning; `features/kubectl/run.ts` runs it and is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import { awaitedSchema } from './awaited.ts';

export function kubectlSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string(),
    to: zod
      .string()
      .describe(
        'A server of the kind kube-apiserver, or a proxy in front of one. A proxy of the kind connect is used as kubectl uses proxy-url.',
      ),
    wire: zod
      .string()
      .regex(/^[A-Za-z0-9]{1,8}$/)
      .optional()
      .describe('For a server: the name of the wire to it, which is tapped at the server’s end.'),
    runs: zod
      .string()
      .regex(/^[\w@%+=:,./{}*?-]+(?: [\w@%+=:,./{}*?-]+)*$/)
      .describe('The arguments of kubectl: get pods. Files (-f NAME) are those under manifests.'),
    headers: zod
      .record(zod.string().regex(/^[A-Za-z][\w-]{0,60}$/), zod.string().min(1))
      .optional()
      .describe(
        'Extra headers for each request; kubectl cannot send them, so wirelab sends the request instead.',
      ),
    waits: zod
      .union([zod.string(), awaitedSchema(zod)])
      .optional()
      .describe(
        'What to wait for before kubectl runs: the name of a signing request, until the signer has processed it; or an object in some state. {it} in the arguments is replaced by its name.',
      ),
    joins: zod.boolean().optional().describe('true: the API server’s absent kubelet is started first.'),
    certified: zod
      .boolean()
      .optional()
      .describe('true: kubectl waits until the kubelet has received its requested serving certificate.'),
    diverted: zod
      .string()
      .optional()
      .describe(
        'A server of the kind impostor-kubelet: the API server’s requests for a kubelet go there in this step.',
      ),
    watched: zod
      .array(zod.string().regex(/^[A-Za-z0-9]{1,8}$/))
      .min(1)
      .optional()
      .describe('Wires of permanent clients: kubectl waits until each client has all its watches open.'),
    until: awaitedSchema(zod)
      .optional()
      .describe('What to wait for after kubectl: the step continues until the object is in this state.'),
    hears: zod
      .array(zod.string().regex(/^[A-Za-z0-9]{1,8}$/))
      .min(1)
      .optional()
      .describe('Wires with watches: the step continues until each has received an event.'),
    keeps: zod
      .union([zod.string(), zod.array(zod.string()).min(1)])
      .optional()
      .describe('The client or clients whose certificate the output (base64) becomes.'),
  });
}

export type PlannedKubectl = z.infer<ReturnType<typeof kubectlSchema>>;

export const kubectl = {
  reports: 'kubectl',
  entryPoints: ({ to, wire }: PlannedKubectl) => [{ to, ...(wire === undefined ? {} : { wire }) }],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedKubectl): StepPart<PlannedKubectl>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedKubectl, PlannedKubectl>;

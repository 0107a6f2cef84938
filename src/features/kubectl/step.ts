/**
 * The step `kubectl`: a client asks an API server for something, in kubectl's words, with its own kubeconfig.
 * Here are its words and what planning makes of it; `features/kubectl/run.ts` does it, and is loaded only by a run.
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
        'A server of the kind kube-apiserver, or a proxy before one. Through one of the kind connect it goes as kubectl does with proxy-url.',
      ),
    wire: zod
      .string()
      .regex(/^[A-Za-z0-9]{1,8}$/)
      .optional()
      .describe('For a server: the name of the wire to it, which is tapped at the server’s end.'),
    runs: zod
      .string()
      .regex(/^[\w@%+=:,./{}*?-]+(?: [\w@%+=:,./{}*?-]+)*$/)
      .describe(
        'What stands behind kubectl: get pods. Files that it names (-f NAME) are those under manifests.',
      ),
    headers: zod
      .record(zod.string().regex(/^[A-Za-z][\w-]{0,60}$/), zod.string().min(1))
      .optional()
      .describe(
        'What is written into each request beside; kubectl itself cannot, so the same is asked in its place.',
      ),
    waits: zod
      .union([zod.string(), awaitedSchema(zod)])
      .optional()
      .describe(
        'Waited for before kubectl is run: the name of a signing request, until the signer has dealt with it; or an object that is so. Its name stands for {it} in what is run.',
      ),
    joins: zod
      .boolean()
      .optional()
      .describe('true: the kubelet of the API server, which was absent so far, is started first.'),
    certified: zod
      .boolean()
      .optional()
      .describe(
        'true: kubectl is not run before the kubelet has the certificate for its own server that it has asked for.',
      ),
    diverted: zod
      .string()
      .optional()
      .describe(
        'A server of the kind impostor-kubelet: what the API server sends to a kubelet in this step goes there.',
      ),
    watched: zod
      .array(zod.string().regex(/^[A-Za-z0-9]{1,8}$/))
      .min(1)
      .optional()
      .describe(
        'Wires over which somebody comes all the time: kubectl is not run before each watches all that he wants to.',
      ),
    until: awaitedSchema(zod)
      .optional()
      .describe('Waited for when kubectl has come to its end: the step goes on until the object is so.'),
    hears: zod
      .array(zod.string().regex(/^[A-Za-z0-9]{1,8}$/))
      .min(1)
      .optional()
      .describe('Wires over which somebody watches: the step goes on until each has been told of something.'),
    keeps: zod
      .union([zod.string(), zod.array(zod.string()).min(1)])
      .optional()
      .describe('The client or clients whose certificate becomes what is printed (in base64).'),
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

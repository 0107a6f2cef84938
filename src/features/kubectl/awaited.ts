/**
 * The schema of what a step waits for in a cluster: an object in some state. `run-awaited.ts` does the waiting, and is
 * loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';

/** States of any object, of a node, of a pod, of a signing request. */
export const states = ['there', 'gone', 'ready', 'notReady', 'running', 'pending', 'issued'] as const;
export type AwaitedState = (typeof states)[number];

export function awaitedSchema(zod: Z) {
  return zod.strictObject({
    resource: zod.string().describe('Its plural or a short name: pods, nodes, csr.'),
    name: zod.string().optional().describe('Default: the first object in that state.'),
    namespace: zod.string().optional().describe('Default: default, for a namespaced resource.'),
    by: zod.string().optional().describe('For a signing request: its requester.'),
    signer: zod.string().optional().describe('For a signing request: its signer.'),
    certificates: zod
      .int()
      .min(0)
      .optional()
      .describe('For a ConfigMap: how many certificates its data must hold.'),
    is: zod
      .enum(states)
      .describe(
        'ready, notReady: a node; running: a pod; pending, issued: a signing request without a decision, or with its certificate.',
      ),
  });
}

export type Awaited = z.infer<ReturnType<typeof awaitedSchema>>;

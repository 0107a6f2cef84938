/**
 * What a step waits for in a cluster: an object that is so. Here are its words; what they mean, and the waiting, is
 * `run-awaited.ts`, which is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';

/** Of any object, of a node, of a pod, of a signing request. */
export const states = ['there', 'gone', 'ready', 'running', 'pending', 'issued'] as const;
export type AwaitedState = (typeof states)[number];

export function awaitedSchema(zod: Z) {
  return zod.strictObject({
    resource: zod.string().describe('Its plural or a short name: pods, nodes, csr.'),
    name: zod.string().optional().describe('Left out: whichever is so first.'),
    namespace: zod.string().optional().describe('default when left out, for a resource that is in one.'),
    by: zod.string().optional().describe('For a signing request: the user who made it.'),
    signer: zod.string().optional().describe('For a signing request: whose signature it wants.'),
    is: zod
      .enum(states)
      .describe(
        'ready: a node; running: a pod; pending, issued: a signing request that nobody has decided, or that has its certificate.',
      ),
  });
}

export type Awaited = z.infer<ReturnType<typeof awaitedSchema>>;

/**
 * The step `etcdctl`: a client asks an etcd for something, in etcdctl's words, with its own certificate.
 * Here are its words and what planning makes of it; `features/etcdctl/run.ts` does it, and is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function etcdctlSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string(),
    to: zod.string().describe('A server of the kind etcd.'),
    wire: zod
      .string()
      .regex(/^[A-Za-z0-9]{1,8}$/)
      .describe('The name of the wire to it, which is tapped at the server’s end.'),
    runs: zod
      .string()
      .regex(/^[\w@%+=:,./{}*-]+(?: [\w@%+=:,./{}*-]+)*$/)
      .describe('What stands behind etcdctl: get /registry/ --prefix --keys-only.'),
    gateway: zod
      .boolean()
      .optional()
      .describe(
        'The same is asked by wirelab over the JSON gateway of etcd, as curl would, even where etcdctl is installed.',
      ),
  });
}

export type PlannedEtcdctl = z.infer<ReturnType<typeof etcdctlSchema>>;

export const etcdctl = {
  reports: 'etcdctl',
  entryPoints: ({ to, wire }: PlannedEtcdctl) => [{ to, wire }],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedEtcdctl): StepPart<PlannedEtcdctl>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedEtcdctl, PlannedEtcdctl>;

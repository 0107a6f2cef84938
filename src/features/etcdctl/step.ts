/**
 * The step `etcdctl`: a client sends an etcdctl request to an etcd, with its own certificate.
 * Schema and planning; `features/etcdctl/run.ts` runs it and is loaded only by a run.
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
      .describe('The arguments of etcdctl: get /registry/ --prefix --keys-only.'),
    gateway: zod
      .boolean()
      .optional()
      .describe(
        'true: wirelab sends the same request over etcd’s JSON gateway, as curl would, even where etcdctl is installed.',
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

/**
 * The step `connect`: a client opens a connection to a server and sends nothing. If a person supplies the opening of a
 * captured connection, that is reported instead. Schema and planning; `features/connect/run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';

export function connectSchema(zod: Z) {
  return zod
    .strictObject({
      client: zod.string(),
      to: zod.string().describe('A server.'),
      wire: zod
        .string()
        .regex(/^[A-Za-z0-9]{1,8}$/)
        .describe('The name of the wire, which is tapped at the client’s end.'),
    })
    .describe(
      'Opens a TCP connection and sends nothing; with run --from, shows the three packets that opened one in a capture.',
    );
}

export type PlannedConnect = z.infer<ReturnType<typeof connectSchema>>;

export const connect = {
  reports: 'tcp-opening',
  entryPoints: ({ to, wire }: PlannedConnect) => [{ to, wire }],
  hasGroups: () => false,
  parts: (id: string, facts: PlannedConnect): StepPart<PlannedConnect>[] => [
    { client: facts.client, ids: [id], act: facts },
  ],
} as const satisfies StepPlanning<PlannedConnect, PlannedConnect>;

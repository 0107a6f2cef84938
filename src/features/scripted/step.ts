/**
 * The step `script`: a client with a script of its own connects to a scripted server, directly or through proxies, with each of
 * the named TLS versions. Schema and planning; `run.ts` runs it.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { ScenarioFile } from '../../engine/scenario.ts';

export function scriptStepSchema(zod: Z) {
  return zod
    .strictObject({
      client: zod.string().describe('A client with a script.'),
      to: zod.string().describe('A proxy or a server.'),
      wire: zod
        .string()
        .regex(/^[A-Za-z0-9]{1,8}$/)
        .optional()
        .describe('For a server: the name of the wire, which is then tapped at the client’s end.'),
      tls: zod
        .array(zod.enum(['1.3', '1.2']))
        .min(1)
        .optional()
        .describe('One step for each: ID-1.3, ID-1.2.'),
    })
    .describe('A client carries out its script.');
}

export type ScriptFacts = z.infer<ReturnType<typeof scriptStepSchema>>;

export interface PlannedScript {
  readonly to: string;
  readonly wire?: string;
  /** The account whose values the script names. */
  readonly account: string;
}

export const scriptStep = {
  reports: 'login',
  entryPoints: ({ to, wire }: ScriptFacts) => [{ to, ...(wire === undefined ? {} : { wire }) }],
  hasGroups: () => false,
  parts(
    id: string,
    { client, to, wire, tls }: ScriptFacts,
    file: Pick<ScenarioFile, 'clients' | 'accounts'>,
  ): StepPart<PlannedScript>[] {
    const account = file.clients[client]?.account ?? Object.keys(file.accounts)[0] ?? '';
    const act = { to, account, ...(wire === undefined ? {} : { wire }) };
    if (!tls) return [{ client, ids: [id], act }];
    const supported = file.clients[client]?.tls;
    return tls
      .filter((version) => supported?.includes(version) ?? true)
      .map(
        (version): StepPart<PlannedScript> => ({ client, tls: version, ids: [id, `${id}-${version}`], act }),
      );
  },
} as const satisfies StepPlanning<ScriptFacts, PlannedScript>;

/**
 * The step `lookUp`: each of the named clients asks a resolver for a site, and logs in where it is directed. The file sets
 * the resolver's answer, true or false. Schema and planning; `features/look-up/run.ts` runs it and is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { ScenarioFile } from '../../engine/scenario.ts';

export function lookUpSchema(zod: Z) {
  const wireName = zod.string().regex(/^[A-Za-z0-9]{1,8}$/);
  return zod.strictObject({
    client: zod
      .union([zod.string(), zod.array(zod.string()).min(1)])
      .describe('One client, or several in turn: one step for each, ID-CLIENT.'),
    meant: zod.string().describe('The intended server: the client asks for its host and expects it.'),
    scheme: zod
      .enum(['http', 'https'])
      .optional()
      .describe('Default: https. With http there is no TLS and no certificate.'),
    resolver: zod.string().describe('The server of kind resolver that the client queries.'),
    askedOver: wireName.describe('The name of the wire to the resolver, tapped at the client’s end.'),
    to: zod
      .string()
      .describe('The server to which the resolver directs the client: the site itself, or an impostor.'),
    wire: wireName.describe('The name of the wire to that server, tapped at the client’s end.'),
  });
}

export type LookUpFacts = z.infer<ReturnType<typeof lookUpSchema>>;

export interface PlannedLookUp {
  readonly meant: string;
  readonly scheme: 'http' | 'https';
  readonly resolver: string;
  readonly askedOver: string;
  readonly to: string;
  readonly wire: string;
  /** The account whose login is sent. */
  readonly account: string;
}

export const lookUp = {
  reports: 'login',
  entryPoints: ({ resolver, askedOver, to, wire }: LookUpFacts) => [
    { to: resolver, wire: askedOver },
    { to, wire },
  ],
  hasGroups: ({ client }: LookUpFacts) => Array.isArray(client),
  parts(
    id: string,
    facts: LookUpFacts,
    file: Pick<ScenarioFile, 'clients' | 'accounts'>,
  ): StepPart<PlannedLookUp>[] {
    const { client: clients, scheme = 'https', ...about } = facts;
    return [clients].flat().map(
      (client): StepPart<PlannedLookUp> => ({
        client,
        ids: Array.isArray(clients) ? [id, `${id}-${client}`] : [id],
        act: {
          ...about,
          scheme,
          account: file.clients[client]?.account ?? Object.keys(file.accounts)[0] ?? '',
        },
      }),
    );
  },
} as const satisfies StepPlanning<LookUpFacts, PlannedLookUp>;

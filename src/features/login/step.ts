/**
 * The step `login`: each of the named clients logs in at a server, directly or through proxies, with each of the named TLS
 * versions.
 * Schema and planning; `features/login/run.ts` runs it and is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { ScenarioFile } from '../../engine/scenario.ts';

export function loginSchema(zod: Z) {
  return zod.strictObject({
    client: zod
      .union([zod.string(), zod.array(zod.string()).min(1)])
      .describe('One client, or several in turn: one step for each, ID-CLIENT.'),
    to: zod.string().describe('A proxy or a server.'),
    sites: zod
      .array(zod.string())
      .min(1)
      .optional()
      .describe('For a server with sites: the requested ones, in turn: one step for each, ID-SITE.'),
    wire: zod
      .string()
      .regex(/^[A-Za-z0-9]{1,8}$/)
      .optional()
      .describe('For a server: the name of the wire, which is then tapped at the client’s end.'),
    tls: zod
      .array(zod.enum(['1.3', '1.2']))
      .min(1)
      .optional()
      .describe('One step for each: ID-1.3, ID-1.2 (ID-CLIENT-1.3 where there are several clients).'),
    resume: zod.boolean().optional().describe('The client offers the session from its last login there.'),
    chain: zod
      .boolean()
      .optional()
      .describe('The client reports the certificates presented to it, and the path to one that it trusts.'),
    peers: zod
      .boolean()
      .optional()
      .describe(
        'curl, openssl and gnutls-cli also run if predictions.yaml has entries for them; otherwise only with --peers.',
      ),
    revokedMeanwhile: zod
      .boolean()
      .optional()
      .describe(
        'After the login, its CA revokes its certificate and the new list takes effect; then the client sends another request over the same connection.',
      ),
    listedMeanwhile: zod
      .boolean()
      .optional()
      .describe(
        'The proxies read their revocation lists only after the login; then the client sends another request over the same connection.',
      ),
  });
}

export type LoginFacts = z.infer<ReturnType<typeof loginSchema>>;

export interface PlannedLogin {
  readonly client: string;
  readonly to: string;
  /** The requested site of a server with several. */
  readonly site?: string;
  /** Tapped at the client's end under this name; absent when the proxy's tap records it. */
  readonly wire?: string;
  /** The account whose login is sent. */
  readonly account: string;
  readonly resume?: true;
  readonly revokedMeanwhile?: true;
  readonly listedMeanwhile?: true;
  readonly chain?: true;
  readonly peers?: true;
}

export const login = {
  reports: 'login',
  entryPoints: ({ to, wire }: LoginFacts) => [{ to, ...(wire === undefined ? {} : { wire }) }],
  hasGroups: ({ client, sites }: LoginFacts) => Array.isArray(client) || sites !== undefined,
  /** All sites, and all versions of each, for the first client; then those of the next. */
  parts(
    id: string,
    facts: LoginFacts,
    file: Pick<ScenarioFile, 'clients' | 'accounts'>,
  ): StepPart<PlannedLogin>[] {
    const tries = clientsOf(facts).flatMap((client) =>
      (facts.sites ?? [undefined]).map((site) => ({ client, site })),
    );
    return tries.flatMap(({ client, site }): StepPart<PlannedLogin>[] => {
      const act = planned(client, site, facts, file);
      const ofClient: readonly [string, ...string[]] = Array.isArray(facts.client)
        ? [id, `${id}-${client}`]
        : [id];
      const ids: readonly [string, ...string[]] =
        site === undefined ? ofClient : [...ofClient, `${ofClient.at(-1) ?? id}-${site}`];
      const about = site === undefined ? {} : { about: [site] };
      if (facts.tls === undefined) return [{ client, ids, ...about, act }];
      const supported = file.clients[client]?.tls;
      const versions = facts.tls.filter((tls) => supported === undefined || supported.includes(tls));
      return versions.map(
        (tls): StepPart<PlannedLogin> => ({
          client,
          tls,
          ids: [...ids, `${ids.at(-1) ?? id}-${tls}`],
          ...about,
          act,
        }),
      );
    });
  },
} as const satisfies StepPlanning<LoginFacts, PlannedLogin>;

function planned(
  client: string,
  site: string | undefined,
  facts: LoginFacts,
  file: Pick<ScenarioFile, 'clients' | 'accounts'>,
): PlannedLogin {
  return {
    client,
    to: facts.to,
    ...(site === undefined ? {} : { site }),
    account: file.clients[client]?.account ?? Object.keys(file.accounts)[0] ?? '',
    ...(facts.wire === undefined ? {} : { wire: facts.wire }),
    ...(facts.resume ? { resume: true } : {}),
    ...(facts.revokedMeanwhile ? { revokedMeanwhile: true } : {}),
    ...(facts.listedMeanwhile ? { listedMeanwhile: true } : {}),
    ...(facts.chain ? { chain: true } : {}),
    ...(facts.peers ? { peers: true } : {}),
  };
}

/** The planned login of a login step. */
export function loginOf({
  id,
  login: act,
}: {
  readonly id: string;
  readonly login?: PlannedLogin;
}): PlannedLogin {
  if (!act) throw new Error(`step ${id} is not a login`);
  return act;
}

/** The clients that log in, in turn. */
export function clientsOf({ client }: Pick<LoginFacts, 'client'>): readonly string[] {
  return typeof client === 'string' ? [client] : client;
}

/**
 * The step `login`: each of the named clients logs in at a server, straight or through proxies, under each of the named
 * versions of TLS.
 * Here are its words and what planning makes of it; `run-login.ts` does it, and is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../kinds.ts';
import type { ScenarioFile, TlsChoice } from '../scenario.ts';

export function loginSchema(zod: Z) {
  return zod.strictObject({
    client: zod.union([zod.string(), zod.array(zod.string()).min(1)]).describe('One client, or several in turn: one step for each, ID-CLIENT.'),
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
      .describe('One step for each: ID-1.3, ID-1.2 (ID-CLIENT-1.3 where there are several clients).'),
    resume: zod.boolean().optional().describe('The client offers the session that it was given when it last logged in there.'),
    peers: zod.boolean().optional().describe('curl, openssl and gnutls-cli try it too, where predictions.yaml speaks of them; else they do with --peers.'),
    revokedMeanwhile: zod
      .boolean()
      .optional()
      .describe('Once it is logged in, its CA takes its certificate back and the new list is put in force; then it asks once more over the same connection.'),
  });
}

export type LoginFacts = z.infer<ReturnType<typeof loginSchema>>;

export interface PlannedLogin {
  readonly client: string;
  readonly to: string;
  /** Tapped at the client's end under this name; absent when the proxy's tap records it. */
  readonly wire?: string;
  /** The account whose login is sent. */
  readonly account: string;
  readonly resume?: true;
  readonly revokedMeanwhile?: true;
  readonly peers?: true;
}

/** One login of those that a step multiplies to. */
export interface LoginTry {
  readonly client: string;
  readonly tls?: TlsChoice;
  /** Of the file's step, of the client's part of it where there are several, of this login: each text may stand under one of them. */
  readonly ids: readonly [string, ...string[]];
}

export const login = {
  /** In the order in which they run: all versions of the first client, then those of the next. */
  tries(id: string, facts: LoginFacts, file: Pick<ScenarioFile, 'clients'>): LoginTry[] {
    return clientsOf(facts).flatMap((client): LoginTry[] => {
      const ids: readonly [string, ...string[]] = Array.isArray(facts.client) ? [id, `${id}-${client}`] : [id];
      if (facts.tls === undefined) return [{ client, ids }];
      const spoken = file.clients[client]?.tls;
      const versions = facts.tls.filter((tls) => spoken === undefined || spoken.includes(tls));
      return versions.map((tls): LoginTry => ({ client, tls, ids: [...ids, `${ids.at(-1) ?? id}-${tls}`] }));
    });
  },
  plan(client: string, facts: LoginFacts, file: ScenarioFile): { login: PlannedLogin; path: string[]; server: string } {
    const account = file.clients[client]?.account ?? Object.keys(file.accounts)[0] ?? '';
    const { path, server } = pathFrom(facts, file);
    return {
      login: {
        client,
        to: facts.to,
        account,
        ...(facts.wire === undefined ? {} : { wire: facts.wire }),
        ...(facts.resume ? { resume: true } : {}),
        ...(facts.revokedMeanwhile ? { revokedMeanwhile: true } : {}),
        ...(facts.peers ? { peers: true } : {}),
      },
      path,
      server,
    };
  },
} as const;

/** Who logs in, in turn. */
export function clientsOf({ client }: Pick<LoginFacts, 'client'>): readonly string[] {
  return typeof client === 'string' ? [client] : client;
}

/** The logins that a prediction may be about: those under a version of TLS, by their ids without it. */
export function predictableLogins(file: Pick<ScenarioFile, 'steps' | 'clients'>): string[] {
  return [
    ...new Set(
      file.steps.flatMap((step) =>
        step.login ? login.tries(step.id, step.login, file).flatMap(({ ids, tls }) => (tls === undefined ? [] : (ids.at(-2) ?? []))) : [],
      ),
    ),
  ];
}

/** The ids that the steps of a file multiply to, and those of their parts: without the file's own. */
export function multipliedIds(file: Pick<ScenarioFile, 'steps' | 'clients'>): string[] {
  return [...new Set(file.steps.flatMap((step) => (step.login ? login.tries(step.id, step.login, file).flatMap(({ ids }) => ids.slice(1)) : [])))];
}

/** The wires from the client to the server, in order. References and circles were checked when the file was parsed. */
function pathFrom(facts: LoginFacts, file: ScenarioFile): { path: string[]; server: string } {
  const path: string[] = [];
  if (facts.wire !== undefined) path.push(facts.wire);
  let at = facts.to;
  for (let proxy = file.proxies?.[at]; proxy; proxy = file.proxies?.[at]) {
    for (const hop of [proxy.wires.incoming, proxy.wires.outgoing]) if (!path.includes(hop)) path.push(hop);
    at = proxy.target;
  }
  return { path, server: at };
}

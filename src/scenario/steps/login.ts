/**
 * The step `login`: a client logs in at a server, straight or through proxies, under each of the named versions of TLS.
 * Here are its words and what planning makes of it; `run-login.ts` does it, and is loaded only by a run.
 */
import type { z } from 'zod';
import type { Z } from '../kinds.ts';
import type { ScenarioFile, TlsChoice } from '../scenario.ts';

export function loginSchema(zod: Z) {
  return zod.strictObject({
    client: zod.string(),
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
}

export const login = {
  /** The versions of TLS that multiply the step; undefined when it runs once. */
  versions: (facts: LoginFacts): readonly TlsChoice[] | undefined => facts.tls,
  plan(facts: LoginFacts, file: ScenarioFile): { login: PlannedLogin; path: string[]; server: string } {
    const account = file.clients[facts.client]?.account ?? Object.keys(file.accounts)[0] ?? '';
    const { path, server } = pathFrom(facts, file);
    return {
      login: { client: facts.client, to: facts.to, account, ...(facts.wire === undefined ? {} : { wire: facts.wire }) },
      path,
      server,
    };
  },
} as const;

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

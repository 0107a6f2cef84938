/**
 * The step `visit`: a client with a browser opens URLs of one site, follows redirects, and may log in. The step defines
 * where the site's two ports are on this machine. Schema and planning; `features/visit/run.ts` runs it and is loaded only
 * by a run.
 */
import type { z } from 'zod';
import type { Z } from '../../engine/extensions.ts';
import type { StepPlanning, StepPart } from '../../engine/feature.ts';
import type { EntryPoint } from '../../engine/kinds.ts';
import type { ScenarioFile } from '../../engine/scenario.ts';

export function visitSchema(zod: Z) {
  const port = zod.strictObject({
    to: zod.string().describe('A proxy or a server.'),
    wire: zod
      .string()
      .regex(/^[A-Za-z0-9]{1,8}$/)
      .optional()
      .describe('For a server: the name of the wire, which is then tapped at the client’s end.'),
  });
  return zod.strictObject({
    client: zod.string(),
    types: zod
      .array(zod.string().min(1))
      .min(1)
      .describe(
        'What is typed into the address bar, in order: shop.localhost, or https://shop.localhost/page.',
      ),
    http: port.optional().describe('What listens on the site’s port 80.'),
    https: port.describe('What listens on the site’s port 443.'),
    login: zod.boolean().optional().describe('The client logs in from the first page.'),
    restarted: zod
      .boolean()
      .optional()
      .describe(
        'The browser was closed before this visit: its session cookies are gone, what else it remembers is not.',
      ),
    lookAtMs: zod
      .array(zod.int().min(0).max(5000))
      .min(1)
      .optional()
      .describe('How long each page is viewed, in milliseconds.'),
    tls: zod
      .array(zod.enum(['1.3', '1.2']))
      .min(1)
      .optional()
      .describe('One step for each: ID-1.3, ID-1.2.'),
  });
}

export type VisitFacts = z.infer<ReturnType<typeof visitSchema>>;

export interface PlannedVisit {
  readonly client: string;
  readonly types: readonly string[];
  readonly http?: EntryPoint;
  readonly https: EntryPoint;
  /** The account whose login is sent. */
  readonly account?: string;
  readonly lookAtMs?: readonly number[];
  /** The browser was closed before. */
  readonly restarted?: true;
}

export const visit = {
  reports: 'visit',
  entryPoints: ({ http, https }: VisitFacts) => [...(http ? [entryPointOf(http)] : []), entryPointOf(https)],
  hasGroups: () => false,
  parts(
    id: string,
    facts: VisitFacts,
    file: Pick<ScenarioFile, 'clients' | 'accounts'>,
  ): StepPart<PlannedVisit>[] {
    const { client, types, http, https, login, lookAtMs, restarted, tls } = facts;
    const account = file.clients[client]?.account ?? Object.keys(file.accounts)[0] ?? '';
    const act: PlannedVisit = {
      client,
      types,
      https: entryPointOf(https),
      ...(http ? { http: entryPointOf(http) } : {}),
      ...(login ? { account } : {}),
      ...(lookAtMs ? { lookAtMs } : {}),
      ...(restarted ? { restarted } : {}),
    };
    if (!tls) return [{ client, ids: [id], act }];
    return tls.map(
      (version): StepPart<PlannedVisit> => ({ client, tls: version, ids: [id, `${id}-${version}`], act }),
    );
  },
} as const satisfies StepPlanning<VisitFacts, PlannedVisit>;

function entryPointOf({ to, wire }: VisitFacts['https']): EntryPoint {
  return { to, ...(wire === undefined ? {} : { wire }) };
}

/** The planned visit of a visit step. */
export function visitOf({
  id,
  visit: act,
}: {
  readonly id: string;
  readonly visit?: PlannedVisit;
}): PlannedVisit {
  if (!act) throw new Error(`step ${id} is not a visit`);
  return act;
}

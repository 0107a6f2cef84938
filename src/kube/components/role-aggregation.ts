/**
 * Implements the controller clusterrole-aggregation: writes into each ClusterRole with an aggregationRule the rules of
 * the roles that it selects by label. `rbac.ts`, also used for authorization, selects the rules.
 *
 * 1. The same rules in another order are not written.
 */
import type { ApiClient } from './api-client.ts';
import type { KubeObject } from '../objects/objects.ts';
import { aggregatedRules, rbacGroup, rulesOf, storedRule } from '../authz/rbac.ts';
import type { PolicyRule } from '../authz/rbac.ts';
import { ask, WorkQueue } from './asking.ts';
import type { DisconnectedReport, RefusedReport } from './asking.ts';
import { firstPause, keepInformed, Known } from './informer.ts';
import type { Retrying } from './informer.ts';

export type AggregationReport =
  | { readonly what: 'aggregated'; readonly name: string; readonly rules: number }
  | RefusedReport;

type Options = Retrying & { readonly onReport: (report: AggregationReport | DisconnectedReport) => void };

const path = `/apis/${rbacGroup}/v1/clusterroles`;

/** Runs until the signal. @throws for a fault of ours alone. */
export async function aggregateRoles(
  client: ApiClient,
  options: Options,
  signal: AbortSignal,
): Promise<void> {
  const { onReport } = options;
  const gather = async (): Promise<void> => {
    for (const { role, rules } of outdatedRoles(known.all())) {
      const { name } = role.metadata;
      const written = await ask(client, 'PUT', `${path}/${encodeURIComponent(name)}`, signal, {
        ...role,
        rules: rules.map(storedRule),
      });
      if (!written) continue;
      known.put(written);
      onReport({ what: 'aggregated', name, rules: rules.length });
    }
  };
  const steps = new WorkQueue<typeof gather>(
    {
      step: async (step) => step(),
      again: async (step) => Promise.resolve(step),
      retry: options.retry ?? firstPause,
      onReport,
    },
    signal,
  );
  const check = (): void => {
    if (known.isListed) steps.put('clusterroles', gather);
  };
  const known = new Known(check, check);
  try {
    await keepInformed(client, { path }, known, options, signal);
  } finally {
    await steps.settled();
  }
}

/** Roles that do not have the rules which they gather, with these. */
export function outdatedRoles(
  roles: readonly KubeObject[],
): { readonly role: KubeObject; readonly rules: readonly PolicyRule[] }[] {
  const all = aggregatedRules(roles);
  return roles.flatMap((role) => {
    const rules = all.get(role.metadata.name) ?? [];
    return role['aggregationRule'] === undefined || same(rulesOf(role['rules']), rules)
      ? []
      : [{ role, rules }];
  });
}

function same(some: readonly PolicyRule[], others: readonly PolicyRule[]): boolean {
  const texts = (rules: readonly PolicyRule[]): string =>
    rules
      .map((rule) => JSON.stringify(rule))
      .toSorted()
      .join('\n');
  return texts(some) === texts(others);
}

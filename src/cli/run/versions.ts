/** The steps of a scenario that one client takes with several versions of TLS. */
import type { Plan } from '../../engine/plan.ts';
import { features } from '../../features/registry.ts';
import type { ShownFeatures } from '../../presentation/shown.ts';
import type { FormEntries } from '../../presentation/types/values.ts';

/** What one client does with several TLS versions, in a scenario about what stays visible with each. */
export function versionsIn(
  plan: Plan,
  shown: ShownFeatures,
): { readonly steps: readonly string[]; readonly typed: FormEntries }[] {
  if (!features.all.some((feature) => feature.comparesVersions?.(plan))) return [];
  const groups = new Map<string, (typeof plan.steps)[number][]>();
  for (const step of plan.steps.filter(({ tls }) => tls !== undefined)) {
    const key = `${step.base} ${step.client}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()]
    .filter(({ length }) => length > 1)
    .map((steps) => ({
      steps: steps.map(({ id }) => id),
      // How long the password is, is what is to be found out.
      typed: steps[0] ? shown.typed(steps[0], plan).filter(({ name }) => name !== 'password') : [],
    }));
}

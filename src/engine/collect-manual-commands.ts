/** Collects every manual way into a running scenario: first those of the steps, in order, then those that no step uses. */
import type { Features } from './features.ts';
import type { ManualCommand, ManualRun } from './manual-commands.ts';

export async function collectManualCommands(
  features: Features,
  given: Omit<ManualRun, 'isKnownByAddress'>,
): Promise<ManualCommand[]> {
  const run: ManualRun = {
    ...given,
    isKnownByAddress: ({ kind }) => features.server(kind).isKnownByAddress === true,
  };
  const ways = new Map<string, ManualCommand>();
  const add = (entries: readonly (readonly [string, ManualCommand])[] = []): void => {
    for (const [key, command] of entries) if (!ways.has(key)) ways.set(key, command);
  };
  for (const step of run.plan.steps) {
    const byHand = await features.stepKind(step.kind).byHand?.();
    add(byHand?.(step, run));
  }
  for (const feature of features.all) {
    const byHand = await feature.byHand?.();
    add(byHand?.(run));
  }
  return [...ways.values()];
}

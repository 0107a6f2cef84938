/** Provides the certificates that a scenario runs with, and creates them if necessary. */
import { systemClock } from '../../core/clock.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { Places } from '../places.ts';

/** Undefined if the scenario uses none. */
export async function worldOf(
  { certificates }: CompiledScenario,
  places: Places,
): Promise<World | undefined> {
  if (!certificates) return undefined;
  const { openWorld } = await import('../../pki/keystore/store.ts');
  return openWorld({
    recipe: certificates.recipe,
    recipeName: certificates.name,
    folder: places.certificates,
    clock: systemClock,
  });
}

/** The certificates that a lab brings itself, made once for each learner's folder. */
import { systemClock } from '../core/clock.ts';
import { openWorld } from '../pki/store.ts';
import { World } from '../pki/world.ts';
import { certificatesIn } from './folder.ts';
import type { CompiledLab } from './lab.ts';

/** A world without rows for a lab that brings none. */
export async function labWorld({ certificates }: Pick<CompiledLab, 'certificates'>, folder: string): Promise<World> {
  if (!certificates) return new World([], {});
  return openWorld({ recipe: certificates.recipe, recipeName: certificates.name, folder: certificatesIn(folder), clock: systemClock });
}

/** What every feature shows, for tests that look at a run. */
import { features } from '../../src/features/registry.ts';
import { ShownFeatures } from '../../src/presentation/shown.ts';

export const allShown = new ShownFeatures(await features.shown());

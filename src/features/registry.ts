/** wirelab's features, combined for the engine. */
import { Features } from '../engine/features.ts';
import * as all from './index.ts';

export const features = new Features(Object.values(all));

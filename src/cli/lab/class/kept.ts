/** Whether a lab takes part in a class: asked at every start, so that what reports is loaded only where it does. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { idOf, stateOf } from '../../../labs/state.ts';

/** The invitation, kept with the lab's state. */
export const keptInvitation = (folder: string): string => join(stateOf(folder), 'class.pem');

export const takesPart = (folder: string): boolean =>
  idOf(folder) !== undefined && existsSync(keptInvitation(folder));

/** One rule for the place of everything that is kept for a user. */
import test from 'ava';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { statePlace } from '../../src/core/state-place.ts';

for (const [what, variables, place] of [
  ['WIRELAB_STATE', { WIRELAB_STATE: '/w', XDG_STATE_HOME: '/x' }, '/w'],
  ['WIRELAB_STATE from here', { WIRELAB_STATE: 'w' }, join(process.cwd(), 'w')],
  ['XDG_STATE_HOME', { XDG_STATE_HOME: '/x' }, '/x/wirelab'],
  ['an empty WIRELAB_STATE', { WIRELAB_STATE: '', XDG_STATE_HOME: '/x' }, '/x/wirelab'],
  ['XDG_STATE_HOME that is not absolute', { XDG_STATE_HOME: 'x' }, undefined],
  ['neither', {}, join(homedir(), '.local', 'state', 'wirelab')],
] as const)
  test(`${what} is ${place ?? 'no place'}`, (t) => t.is(statePlace(variables), place));

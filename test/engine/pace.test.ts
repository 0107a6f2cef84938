/**
 * No verdict depends on the length of pauses: each scenario passes when minutes lie between its steps. Timers of sockets are
 * `cli/time.slow.test.ts`'s.
 */
import test from 'ava';
import { scenarioNames } from '../helpers/wirelab.ts';
import { removeWorldFolder } from './support/demonstration.ts';
import { pacedScenarios, passesWithTalk } from './support/paced.ts';

test.after.always(removeWorldFolder);

for (const name of pacedScenarios(scenarioNames))
  test(`${name} passes with three minutes of talk before each step`, async (t) =>
    passesWithTalk(t, name, 180));

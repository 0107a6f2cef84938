/**
 * As `pace.test.ts`, for somebody who talks little.
 */
import test from 'ava';
import { scenarioNames } from '../helpers/wirelab.ts';
import { removeWorldFolder } from './support/demonstration.ts';
import { passesWithTalk } from './support/paced.ts';

test.after.always(removeWorldFolder);

for (const name of scenarioNames)
  test(`${name} passes with ten seconds of talk before each step`, async (t) => passesWithTalk(t, name, 10));

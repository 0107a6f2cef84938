/**
 * As `pace.test.ts` with every scenario, and with short pauses.
 */
import test from 'ava';
import { scenarioNames } from '../helpers/wirelab.ts';
import './pace.test.ts';
import { passesWithTalk } from './support/paced.ts';

for (const name of scenarioNames)
  test(`${name} passes with ten seconds of talk before each step`, async (t) => passesWithTalk(t, name, 10));

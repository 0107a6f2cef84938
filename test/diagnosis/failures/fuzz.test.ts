import test from 'ava';
import { holds } from './fuzz.ts';

/** Those that are not waited for; many more are in the slow test. */
const seeds = [1, 2, 3, 4, 6, 7];

for (const seed of seeds)
  test(`a hostile server of seed ${seed}`, async (t) => {
    await holds(t, seed);
  });

import test from 'ava';
import { holds } from './fuzz.ts';

/** One of each kind that ends by itself; many more are in the slow test. */
const seeds = [1, 2, 3, 4, 5, 6];

for (const seed of seeds)
  test(`a hostile server of seed ${seed}`, async (t) => {
    await holds(t, seed);
  });

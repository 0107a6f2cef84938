import test from 'ava';
import { holds } from './fuzz.ts';

const count = 200;

for (let seed = 1000; seed < 1000 + count; seed++)
  test(`a hostile server of seed ${seed}`, async (t) => {
    await holds(t, seed);
  });

/** No screen of the recorded demonstrations contradicts itself; every other scenario is walked in the slow test. */
import test from 'ava';
import { contradictionsAt } from './support/contradictions.ts';
import { demonstrations, recorded } from './support/scenes.ts';

for (const name of demonstrations)
  test(`${name}: headline, panes, marks and colours say the same at every stop`, (t) => {
    const { driver } = recorded(name);
    const wrong = contradictionsAt(driver);
    while (!driver.stop.startsWith('verdict')) {
      driver.press('space');
      wrong.push(...contradictionsAt(driver));
    }
    t.deepEqual(wrong.slice(0, 3), []);
  });

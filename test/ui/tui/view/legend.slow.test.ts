/** Every mark and abbreviation on every screen of every scenario has an entry in `?`: run on real sockets, stop by stop. */
import test from 'ava';
import { findPlaces, scenarioPlaces } from '../../../../src/cli/places.ts';
import { scenarioNames } from '../../../../src/engine/load.ts';
import { languages } from '../../../../src/i18n/language.ts';
import type { Driver } from '../support/driver.ts';
import { liveScenario } from '../support/scenes.ts';
import { unexplained } from '../support/unexplained.ts';
// With the screens in ASCII as well.
import './legend.test.ts';

const sizes = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];

/** Of the shown stop, by every view that `v` has. */
function unexplainedAt(driver: Driver): string[] {
  const found = new Set<string>();
  const { body } = driver.look;
  do {
    for (const size of sizes)
      for (const language of languages)
        for (const one of unexplained(driver.frame(size, language)))
          found.add(`${driver.stop}, ${driver.look.body}: ${one}`);
    driver.press('v');
  } while (driver.look.body !== body);
  return [...found];
}

// One after the other: some start a control plane.
for (const name of scenarioNames(scenarioPlaces(findPlaces({})).compiled))
  test.serial(`${name}: no mark and no abbreviation is without an entry`, async (t) => {
    t.timeout(300_000);
    const { driver, stage } = await liveScenario(name);
    t.teardown(async () => stage.close());
    await driver.settled();
    const missing = unexplainedAt(driver);
    while (!driver.stop.startsWith('verdict')) {
      await driver.press('space').settled();
      missing.push(...unexplainedAt(driver));
    }
    t.deepEqual(missing, []);
  });

/** No screen of any scenario contradicts itself, whatever is asked of it: run on real sockets, stop by stop. */
import test from 'ava';
import { scenarioNames } from '../../../src/engine/load.ts';
import { findPlaces, scenarioPlaces } from '../../../src/cli/places.ts';
import { contradictionsAt } from './support/contradictions.ts';
import { liveScenario } from './support/scenes.ts';

// One after the other: some start a control plane.
for (const name of scenarioNames(scenarioPlaces(findPlaces({})).compiled))
  test.serial(`${name}: headline, panes, marks and colours say the same at every stop`, async (t) => {
    t.timeout(300_000);
    const { driver, stage } = await liveScenario(name);
    t.teardown(async () => stage.close());
    await driver.settled();
    const wrong = contradictionsAt(driver);
    while (!driver.stop.startsWith('verdict') && wrong.length < 10) {
      await driver.press('space').settled();
      wrong.push(...contradictionsAt(driver));
    }
    t.deepEqual(wrong.slice(0, 3), []);
    const missed = driver.scene.verdict?.findings.filter(({ status }) => status !== 'met') ?? [];
    t.deepEqual(
      missed.map(({ expectation, says }) => `${expectation}: ${says.en}`),
      [],
    );
  });

/**
 * No verdict hangs on how long somebody talks: each scenario passes when minutes lie between its steps. The clock that our
 * code is given goes forward before each step; nobody waits. Timers of sockets are `pace.slow.test.ts`'s.
 */
import test from 'ava';
import { systemClock } from '../../src/core/clock.ts';
import type { Clock } from '../../src/core/clock.ts';
import { planScenario } from '../../src/scenario/plan.ts';
import { scenarioNames } from '../helpers/wirelab.ts';
import { compiled, perform, removeWorldFolder } from './support/demonstration.ts';

test.after.always(removeWorldFolder);

/**
 * The system's clock with talk in between. It begins in the past and has caught up at the end: OpenSSL goes by the system's own,
 * and to it nothing is of the future.
 */
class Talked implements Clock {
  #ms: number;

  /** @param seconds of talk that are to come. */
  constructor(seconds: number) {
    this.#ms = -seconds * 1000;
  }

  now(): number {
    return systemClock.now() + this.#ms;
  }

  microseconds(): number {
    return systemClock.microseconds() + this.#ms * 1000;
  }

  talk(seconds: number): void {
    this.#ms += seconds * 1000;
  }
}

/** Seconds before each step. */
const pace = 180;

for (const name of scenarioNames) {
  test(`${name} passes with ${pace / 60} minutes of talk before each step`, async (t) => {
    const scenario = await compiled(name);
    const clock = new Talked(planScenario(scenario).steps.filter(({ goesOn }) => !goesOn).length * pace);
    const { verdict } = await perform(scenario, { clock, beforeStep: async () => Promise.resolve(clock.talk(pace)) });
    t.deepEqual(verdict.findings.filter(({ status }) => status !== 'met').map(({ expectation, says }) => `${expectation}: ${says.en}`), []);
    t.is(verdict.status, 'passed');
  });
}

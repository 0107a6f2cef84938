/** A scenario with talk before each step: the injected clock advances, without waiting. */
import type { ExecutionContext } from 'ava';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { features } from '../../../src/features/registry.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import type { CompiledScenario } from '../../../src/engine/scenario.ts';
import { isAtLength } from '../../helpers/at-length.ts';
import { compiled, perform, root } from './demonstration.ts';

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

/** @param seconds before each step. */
export async function passesWithTalk(t: ExecutionContext, name: string, seconds: number): Promise<void> {
  const scenario = await compiled(name);
  const clock = new Talked(
    planScenario(features, scenario).steps.filter(({ goesOn }) => !goesOn).length * seconds,
  );
  const { verdict } = await perform(scenario, {
    clock,
    beforeStep: async () => Promise.resolve(clock.talk(seconds)),
  });
  t.deepEqual(
    verdict.findings
      .filter(({ status }) => status !== 'met')
      .map(({ expectation, says }) => `${expectation}: ${says.en}`),
    [],
  );
  t.is(verdict.status, 'passed');
}

/** In `make test`: scenarios in which each kind of step is taken, those that come first. */
export function pacedScenarios(names: readonly string[]): readonly string[] {
  if (isAtLength) return names;
  const kinds = new Set<string>();
  return names.filter((name) => {
    const text = readFileSync(join(root, 'dist/data/scenarios', `${name}.json`), 'utf8');
    const own = planScenario(features, JSON.parse(text) as CompiledScenario).steps.map(({ kind }) => kind);
    const isNew = own.some((kind) => !kinds.has(kind));
    for (const kind of own) kinds.add(kind);
    return isNew;
  });
}

/** Which step stands for a scenario: what its author says, else by headline and view. */
import test from 'ava';
import { features } from '../../src/features/registry.ts';
import { loadScenario } from '../../src/engine/load.ts';
import { planScenario } from '../../src/engine/planning.ts';
import type { CompiledScenario } from '../../src/engine/scenario.ts';
import type { HeadlineTone, StepView } from '../../src/engine/file/lesson.ts';
import { findPlaces, scenarioPlaces } from '../../src/cli/places.ts';
import { mainStep } from '../../src/presentation/main-step.ts';
import { present } from '../helpers/capture.ts';
import { scenarioNames } from '../helpers/wirelab.ts';

type Step = readonly [id: string, tone?: HeadlineTone, view?: StepView | undefined, headline?: string];

function scenarioOf(steps: readonly Step[], picture?: string): Pick<CompiledScenario, 'file' | 'narration'> {
  const narration = {
    steps: Object.fromEntries(
      steps.map(([id, tone, , headline = tone && 'a lesson']) => [id, { headline, headlineTone: tone }]),
    ),
  };
  return {
    file: { picture, steps: steps.map(([id, , view]) => ({ id, ...(view ? { show: { view } } : {}) })) },
    narration: { en: narration, ko: narration },
  } as unknown as Pick<CompiledScenario, 'file' | 'narration'>;
}

const rows: readonly (readonly [what: string, steps: readonly Step[], expected: string, picture?: string])[] =
  [
    ['the first, where nothing is said of any', [['a'], ['b']], 'a'],
    [
      'a leak before a refusal before what is sealed',
      [
        ['a', 'sealed'],
        ['b', 'refused'],
        ['c', 'leaked'],
      ],
      'c',
    ],
    ['the first of two that say as much', [['a'], ['b', 'refused'], ['c', 'refused']], 'b'],
    [
      'what is drawn before text',
      [
        ['a', 'refused', 'text'],
        ['b', 'refused', 'ladder'],
      ],
      'b',
    ],
    [
      'a drawn refusal before a leak in text',
      [
        ['a', 'leaked', 'text'],
        ['b', 'refused', 'chain'],
      ],
      'b',
    ],
    ['a tone without a headline counts for nothing', [['a'], ['b', 'leaked', undefined, '']], 'a'],
    ['what the author names', [['a', 'leaked', 'wires'], ['b']], 'b', 'b'],
  ];

for (const [what, steps, expected, picture] of rows)
  test(`the main step is ${what}`, (t) => t.is(mainStep(scenarioOf(steps, picture)), expected));

test('every scenario has one, and its run comes to it', async (t) => {
  for (const name of scenarioNames) {
    const compiled = await loadScenario(name, scenarioPlaces(findPlaces({})));
    const step = present(mainStep(compiled));
    t.true(
      planScenario(features, compiled).steps.some(({ id, base }) => id === step || base === step),
      `${name}: ${step}`,
    );
  }
});

/**
 * Shows a scenario on the screen, with its counterparts one key away. `screen.ts` is the screen itself, `stage.ts`
 * controls the runs.
 */
import { defined } from '../../core/defined.ts';
import { features } from '../../features/registry.ts';
import { loadScenario } from '../../engine/load.ts';
import { planScenario } from '../../engine/planning.ts';
import type { Plan } from '../../engine/plan.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { Loop } from '../../ui/tui/loop.ts';
import type { Mode } from '../../ui/tui/state/model.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import type { Files } from '../io/outlets.ts';
import { scenarioPlaces } from '../places.ts';
import { counterparts } from './counterparts.ts';
import type { Pace } from './pace.ts';
import { showOnScreen } from './screen.ts';
import { Stage } from './stage.ts';
import type { Playable } from './stage.ts';

export interface PerformanceOptions {
  readonly compiled: CompiledScenario;
  readonly plan: Plan;
  readonly pace: Pace;
  readonly files: Files;
  readonly parsed: Parsed;
  readonly environment: Environment;
  /** Called when the screen is up; gives a test access to the model. */
  readonly onScreen?: (loop: Loop) => void;
}

export async function performOnScreen(options: PerformanceOptions): Promise<number> {
  const { plan, pace, files, parsed, environment, onScreen } = options;
  const playable = await playables(options);
  return showOnScreen({
    modes: modesOf(playable),
    mode: plan.scenario,
    pace,
    files,
    parsed,
    environment,
    onScreen,
    ...maxPayloadOf(parsed, 'run'),
    controller: (host) =>
      new Stage({ ...host, playable, environment, hold: parsed.flag('hold'), peers: parsed.flag('peers') }),
  });
}

/** The requested scenario, and its counterparts if they exist. */
export async function playables({
  compiled,
  plan,
  environment,
}: Pick<PerformanceOptions, 'compiled' | 'plan' | 'environment'>): Promise<ReadonlyMap<string, Playable>> {
  const playable = new Map<string, Playable>();
  for (const name of counterparts) {
    if (name === plan.scenario) continue;
    const other = await loadScenario(name, scenarioPlaces(environment.places));
    playable.set(name, { compiled: other, plan: planScenario(features, other) });
  }
  playable.set(plan.scenario, { compiled, plan });
  return playable;
}

/** The demonstrations with their keys, as the screen names them. */
export function modesOf(playable: ReadonlyMap<string, Playable>): Mode[] {
  return [...playable].map(([name, { plan }]): Mode => {
    const key = counterparts.findIndex((one) => one === name) + 1;
    const comparable = plan.steps.find(({ path }) => path.length > 1) ?? plan.steps[0];
    return defined({
      name,
      title: plan.title,
      comparable: comparable?.id ?? '',
      key: key > 0 ? String(key) : undefined,
    });
  });
}

/**
 * Shows a scenario on the screen, with its counterparts one key away. `screen.ts` is the screen itself, `stage.ts`
 * controls the runs.
 */
import { defined } from '../../core/defined.ts';
import type { Address } from '../../capture/event.ts';
import { features } from '../../features/registry.ts';
import { loadScenario } from '../../engine/load.ts';
import { planScenario } from '../../engine/planning.ts';
import type { Plan } from '../../engine/plan.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { Judge } from '../../engine/verdict.ts';
import { plannedStops } from '../../engine/plan.ts';
import type { Loop } from '../../ui/tui/loop.ts';
import type { Mode } from '../../ui/tui/state/model.ts';
import { leftAt } from '../../ui/tui/state/show/leaving.ts';
import type { Environment, Parsed } from '../command.ts';
import { maxPayloadOf } from '../io/memory.ts';
import type { Files } from '../io/outlets.ts';
import type { RunRecorder } from './replay/recorder.ts';
import type { SaveFile } from './replay/save.ts';
import type { PageFile } from './page/file.ts';
import { leftShow, rememberShow } from '../io/shows.ts';
import { progressFile, scenarioPlaces } from '../places.ts';
import { counterparts } from './counterparts.ts';
import type { AskedHosts } from './hosts-options.ts';
import type { Opening } from './opening.ts';
import type { Pace } from './pace.ts';
import type { RunPage } from './page/run-page.ts';
import { showOnScreen } from './screen.ts';
import type { Share } from './share/share.ts';
import { Stage } from './stage.ts';
import type { Playable } from './stage.ts';

export interface PerformanceOptions {
  readonly compiled: CompiledScenario;
  readonly plan: Plan;
  readonly pace: Pace;
  readonly files: Files;
  /** The file of the page of the scenario's newest run. */
  readonly page?: PageFile | undefined;
  /** The file of the bundle of that run. */
  readonly save?: SaveFile | undefined;
  readonly parsed: Parsed;
  readonly environment: Environment;
  /** Where it opens. */
  readonly opening?: Opening | undefined;
  /** Hosts of their own for the participants. */
  readonly hosts?: AskedHosts | undefined;
  /** Where viewers' browsers can follow. */
  readonly share?: Address | undefined;
  /** The scenario is shown again and again, and after it these. */
  readonly loop?: readonly Playable[];
  /** Called when the screen is up; gives a test access to the model. */
  readonly onScreen?: (loop: Loop) => void;
}

export async function performOnScreen(options: PerformanceOptions): Promise<number> {
  const { plan, parsed, environment } = options;
  const { scenario } = plan;
  const share =
    options.share &&
    (await (
      await import('./share/share.ts')
    ).openShare(
      options.share,
      { mode: scenario, presented: undefined, isMasked: false },
      parsed,
      environment,
    ));
  try {
    return await perform(options, share);
  } finally {
    await share?.close();
  }
}

async function perform(options: PerformanceOptions, share: Share | undefined): Promise<number> {
  const { plan, pace, files, page, save, parsed, environment, loop, opening, hosts, onScreen } = options;
  const playable = await playables(options);
  const { scenario } = plan;
  const file = progressFile(environment.variables);
  const of = plannedStops(plan.steps).length;
  const left = pace === 'step' && !opening ? leftShow(file, scenario, of) : undefined;
  const pageOf =
    (page ?? share) &&
    (await import('./page/run-page.ts').then(({ RunPage }) => async (mode: string, judge: Judge) => {
      const shownPlan = playable.get(mode)?.plan;
      if (!shownPlan || (!share && mode !== scenario)) return undefined;
      const made = await RunPage.start(shownPlan, judge, environment, parsed.flag('notes'));
      share?.add(mode, made);
      return made;
    }));
  let shown: RunPage | undefined;
  let recorded: RunRecorder | undefined;
  let isMasked = false;
  const code = await showOnScreen({
    resume: left && left.step - 1,
    onEnd(model) {
      isMasked = model.masked;
      // Nobody left a booth's show in the middle.
      if (loop) return;
      const at = leftAt(model, scenario);
      if (at !== undefined) rememberShow(file, scenario, at === 'over' ? undefined : { step: at + 1, of });
    },
    modes: modesOf(playable),
    mode: scenario,
    pace,
    files,
    parsed,
    environment,
    onScreen,
    hasSpeaker: true,
    ...(share ? { share } : {}),
    ...(opening ? { opening } : {}),
    ...(loop ? { loop: [plan.scenario, ...loop.map((other) => other.plan.scenario)] } : {}),
    ...maxPayloadOf(parsed, 'run'),
    controller: (host) =>
      new Stage({
        ...host,
        playable,
        environment,
        hold: parsed.flag('hold'),
        ...(pageOf
          ? { pageOf, onPage: (made: RunPage) => void (shown = made.scenario === scenario ? made : shown) }
          : {}),
        ...(save
          ? {
              recorderOf: async (mode, judge, world) =>
                mode === scenario ? save.record(judge, world) : undefined,
              onRecorded: (made) => void (recorded = made),
            }
          : {}),
        peers: parsed.flag('peers'),
        loops: loop !== undefined,
        ...(hosts ? { onHosts: { asked: hosts, files } } : {}),
      }),
  });
  if (page) shown?.write(page, isMasked);
  if (recorded) save?.put(recorded, environment);
  return code;
}

/** The requested scenario, and its counterparts if they exist. */
export async function playables({
  compiled,
  plan,
  environment,
  loop = [],
  parsed,
}: Pick<PerformanceOptions, 'compiled' | 'plan' | 'environment' | 'loop'> & {
  readonly parsed?: Parsed;
}): Promise<ReadonlyMap<string, Playable>> {
  const playable = new Map<string, Playable>();
  for (const name of counterparts) {
    if (name === plan.scenario) continue;
    const other = await loadScenario(name, scenarioPlaces(environment.places));
    const short = parsed?.flag('short') ?? false;
    playable.set(name, { compiled: other, plan: planScenario(features, other, {}, { short }) });
  }
  for (const one of [...loop, { compiled, plan }]) playable.set(one.plan.scenario, one);
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

/**
 * Demonstrations for the screen's tests, without a terminal: on real sockets (`live`), played from a recording
 * (`recorded`: the same bytes every time), or from a log that the test writes (`byHand`).
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadReadings } from '../../../../src/analysis/conversation/conversation.ts';
import { SecretHunt } from '../../../../src/analysis/secrets/secret-hunt.ts';
import type { CaptureDraft } from '../../../../src/capture/event.ts';
import { Flows } from '../../../../src/capture/flows.ts';
import { CaptureLog } from '../../../../src/capture/log.ts';
import { Steps } from '../../../../src/capture/steps.ts';
import { findPlaces, scenarioPlaces } from '../../../../src/cli/places.ts';
import { Stage } from '../../../../src/cli/run/stage.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { privateKeyPrefix } from '../../../../src/features/secrecy/private-keys.ts';
import { features } from '../../../../src/features/registry.ts';
import { loadScenario } from '../../../../src/engine/load.ts';
import { planScenario } from '../../../../src/engine/planning.ts';
import type { Plan } from '../../../../src/engine/plan.ts';
import type { ManualCommand } from '../../../../src/engine/manual-commands.ts';
import { records } from '../../../../src/evidence/records.ts';
import type { Toolbox } from '../../../../src/engine/instrument.ts';
import type { CompiledScenario } from '../../../../src/engine/scenario.ts';
import { Judge } from '../../../../src/engine/verdict.ts';
import type { Finding, Verdict } from '../../../../src/engine/verdict.ts';
import { loadExplanations } from '../../../../src/presentation/conversation/explain.ts';
import type { Scripts } from '../../../../src/presentation/types/values.ts';
import { loadWireReading } from '../../../../src/presentation/refusals.ts';
import { startModel } from '../../../../src/ui/tui/state/model.ts';
import type { Mode, Model } from '../../../../src/ui/tui/state/model.ts';
import { RunState } from '../../../../src/ui/tui/state/run-state.ts';
import type { RunSources } from '../../../../src/ui/tui/state/run-state.ts';
import { tickingClock } from '../../../helpers/capture.ts';
import { Driver } from './driver.ts';
import { PlayedClock, readRecording, RecordedRuns } from './recording.ts';
import type { Played, SecretOf } from './recording.ts';
import { allShown } from '../../../helpers/shown.ts';
import { atExit } from '../../../helpers/at-exit.ts';

export const demonstrations = ['plaintext', 'tls', 'mtls'] as const;
export type Demonstration = (typeof demonstrations)[number];

await Promise.all([loadReadings(), loadWireReading(), loadExplanations()]);

const compiled = new Map<string, CompiledScenario>();
for (const name of demonstrations)
  compiled.set(name, await loadScenario(name, scenarioPlaces(findPlaces({}))));
const plans = new Map<string, Plan>(
  [...compiled].map(([name, scenario]) => [name, planScenario(features, scenario)]),
);

/** As the command line makes them of its plans. */
const modes: readonly Mode[] = [...plans].map(([name, { title, steps }], index) => ({
  name,
  title,
  key: String(index + 1),
  comparable: (steps.find(({ path }) => path.length > 1) ?? steps[0])?.id ?? '',
}));

const modelOf = (mode: string, options: Partial<Model> = {}): Model =>
  startModel({ size: { columns: 80, rows: 24 }, language: 'en', ascii: false, modes, mode, ...options });

export interface Recorded {
  readonly driver: Driver;
  readonly runs: RecordedRuns;
  readonly log: CaptureLog;
}

export interface RecordedOptions extends Partial<Model> {
  readonly ways?: readonly ManualCommand[];
  readonly slow?: boolean;
}

/** The run waits before its first step (a slow one has not begun). */
export function recorded(mode: Demonstration, { ways, slow, ...model }: RecordedOptions = {}): Recorded {
  const clock = new PlayedClock();
  const log = new CaptureLog({ clock });
  const played = new Map(
    [...plans].map(([name, plan]): [string, Played] => [
      name,
      { plan, recording: () => recordingOf(name), open: () => foldsOf(name, plan, log) },
    ]),
  );
  let runs: RecordedRuns | undefined;
  const driver = new Driver(
    modelOf(mode, model),
    (send) =>
      (runs = new RecordedRuns({
        log,
        clock,
        played,
        send,
        ...(ways ? { ways } : {}),
        ...(slow ? { slow } : {}),
      })),
  );
  driver.start();
  if (!runs) throw new Error('the driver made no runs');
  return { driver, runs, log };
}

/**
 * Ciphertext stands on screens too, so that the same secrets are made each time. They keep nothing secret: what they seal
 * lies open in the recording.
 */
const sameSecret: SecretOf = ({ label, clientRandom, length }) =>
  createHash('sha384').update(`${label} ${clientRandom}`).digest().subarray(0, length);

const recordings = new Map<string, ReturnType<typeof readRecording>>();

function recordingOf(name: string): ReturnType<typeof readRecording> {
  const known = recordings.get(name) ?? readRecording(name, sameSecret);
  recordings.set(name, known);
  return known;
}

const toolbox: Toolbox = {};
await records.loadInto(toolbox, undefined);

function foldsOf(name: string, plan: Plan, source: CaptureLog): { judge: Judge; scene: RunState } {
  // The keys of the recorded run are not kept: keys that were on no wire stand for them.
  const certificates = Object.keys(compiled.get(name)?.certificates?.recipe.certificates ?? {});
  const keys = certificates.map((certificate, index) => ({
    id: privateKeyPrefix + certificate,
    value: new Uint8Array(32).fill(index + 1),
  }));
  const judge = new Judge({
    features,
    plan,
    source,
    hunted: keys,
    toolbox,
  });
  const scene = new RunState({ ...sourcesOf(judge, plan), findingsOf: (step) => judge.findingsOf(step) });
  return { judge, scene };
}

function sourcesOf(
  { flows, hunt, steps }: Pick<RunSources, 'flows' | 'hunt' | 'steps'>,
  plan: Plan,
): Omit<RunSources, 'findingsOf'> {
  return {
    flows,
    hunt,
    steps,
    plan: plan.steps,
    secrets: new Map(plan.secrets.map(({ id, value }) => [id, value])),
    typed: (step) => allShown.typed(step, plan),
    shown: allShown,
  };
}

export interface Live {
  readonly driver: Driver;
  readonly log: CaptureLog;
  readonly stage: Stage;
}

export interface LiveOptions extends Partial<Model> {
  readonly hold?: boolean;
  readonly loops?: boolean;
  /** Called when a run asks for its certificates; throws where the run is to fail. */
  readonly breaks?: (mode: string) => void;
  /** The last step that runs without waiting. */
  readonly through?: string;
  /** Where the certificates lie, or are made; one folder for all unless said otherwise. */
  readonly certificates?: string;
}

/** On real sockets, as the command runs it; what broke in it fails the test that waits. Close the stage at the end. */
export function live(
  mode: string,
  {
    hold = false,
    loops = false,
    breaks,
    through,
    certificates = certificatesFolder(),
    ...model
  }: LiveOptions = {},
): Live {
  const log = new CaptureLog({ clock: systemClock });
  let stage: Stage | undefined;
  const { stdout, stderr, stdin } = process;
  const driver = new Driver(
    modelOf(mode, model),
    (send) =>
      (stage = new Stage({
        log,
        hold,
        loops,
        send,
        playable: new Map(
          [...plans].map(([name, plan]) => [name, { compiled: breaking(compiledOf(name), breaks), plan }]),
        ),
        environment: {
          variables: {},
          places: { ...findPlaces({}), certificates },
          language: 'en',
          stdout,
          stderr,
          stdin,
        },
        fail: (error) => {
          throw error;
        },
      })),
  );
  driver.start(mode, through);
  if (!stage) throw new Error('the driver made no stage');
  return { driver, log, stage };
}

/** Any scenario on real sockets. */
export async function liveScenario(name: string, model: Partial<Model> = {}): Promise<Live> {
  if (!compiled.has(name)) {
    const scenario = await loadScenario(name, scenarioPlaces(findPlaces({})));
    compiled.set(name, scenario);
    plans.set(name, planScenario(features, scenario));
  }
  const plan = plans.get(name);
  return live(name, {
    modes: [{ name, title: plan?.title ?? { en: name, ko: name }, comparable: '' }],
    ...model,
  });
}

function breaking(scenario: CompiledScenario, breaks?: (mode: string) => void): CompiledScenario {
  return Object.defineProperty({ ...scenario }, 'certificates', {
    get() {
      breaks?.(scenario.name);
      return scenario.certificates;
    },
  });
}

function compiledOf(name: string): CompiledScenario {
  const found = compiled.get(name);
  if (!found) throw new Error(`there is no ${name}`);
  return found;
}

let folder: string | undefined;

/** One folder a test process; removed as the process ends. */
function certificatesFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), 'wirelab-scenes-'));
    atExit(() => rmSync(made, { recursive: true, force: true }));
    folder = made;
  }
  return folder;
}

export interface ByHandOptions extends Partial<Model> {
  readonly secrets?: readonly { readonly id: string; readonly value: string }[];
  /** Steps that the log names; a log without any is one of visitors, or a file. */
  readonly plan?: Plan['steps'];
  readonly verdict?: Verdict;
  readonly ways?: readonly ManualCommand[];
  readonly scripts?: Scripts;
  readonly maxPayload?: number;
  readonly typed?: RunSources['typed'];
  /** Of every step; those among `telling` stand at the top. */
  readonly findings?: readonly Finding[];
  readonly summaryClaims?: readonly string[];
  /** Of a file: no endpoint speaks in it. */
  readonly isCapture?: boolean;
  /** Every client is a visitor. */
  readonly isVisited?: boolean;
  readonly isLab?: boolean;
}

/** A scene from events; those after the verdict are visits. */
export function byHand(
  drafts: readonly CaptureDraft[],
  {
    secrets = [],
    plan = [],
    verdict,
    ways,
    scripts,
    maxPayload,
    typed,
    findings = [],
    summaryClaims = [],
    isCapture = false,
    isVisited = isCapture,
    isLab = false,
    ...model
  }: ByHandOptions = {},
  later: readonly CaptureDraft[] = [],
): { driver: Driver; log: CaptureLog } {
  const log = new CaptureLog({ clock: tickingClock(), ...(maxPayload === undefined ? {} : { maxPayload }) });
  const flows = new Flows(log);
  const hunt = new SecretHunt(secrets);
  const steps = new Steps();
  const scene = new RunState({
    flows,
    shown: allShown,
    hunt,
    steps,
    plan,
    secrets: new Map(secrets.map(({ id, value }) => [id, value])),
    findingsOf: () => findings,
    summaryClaims: new Set(summaryClaims),
    typed: typed ?? (() => []),
    ...(isVisited ? { isVisited } : {}),
    ...(isCapture ? { isCapture } : {}),
    ...(isLab ? { isLab } : {}),
  });
  const driver = new Driver(modelOf('plaintext', model), () => ({ start: () => {}, advance: () => {} }));
  driver.send({ type: 'session', mode: driver.model.mode, scene });
  for (const fold of [flows.fold, hunt.fold, steps.fold]) log.subscribe(fold);
  log.subscribe((event) => driver.send({ type: 'captured', scene, events: [event] }));
  for (const draft of drafts) log.append(draft);
  if (verdict)
    driver.send({ type: 'judged', scene, verdict, ways: ways ?? [], ...(scripts ? { scripts } : {}) });
  driver.send({ type: 'state', mode: driver.model.mode, state: verdict ? 'finished' : 'waiting' });
  for (const draft of later) log.append(draft);
  return { driver, log };
}

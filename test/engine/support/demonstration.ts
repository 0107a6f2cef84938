/**
 * Runs a scenario of this repository for real, as the command line does: compiled from its folder, edited in memory if a
 * test wants it wrong, with certificates made once for each test file.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TcpOpening } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import type { Clock } from '../../../src/core/clock.ts';
import { openWorld } from '../../../src/pki/keystore/store.ts';
import type { World } from '../../../src/pki/keystore/world.ts';
import { features } from '../../../src/features/registry.ts';
import { compileScenario } from '../../../src/engine/compile.ts';
import { planScenario } from '../../../src/engine/planning.ts';
import type { Plan } from '../../../src/engine/plan.ts';
import { startScenario } from '../../../src/engine/run.ts';
import type { RunningScenario } from '../../../src/engine/run.ts';
import type { RunOptions } from '../../../src/engine/run-context.ts';
import type { CompiledScenario } from '../../../src/engine/scenario.ts';
import { createJudge } from '../../../src/engine/verdict.ts';
import type { Judge, Verdict } from '../../../src/engine/verdict.ts';
import { atMost } from '../../helpers/in-turn.ts';

/** The repository, seen from dist/test/engine/support. */
export const root = join(import.meta.dirname, '..', '..', '..', '..');
export const recipeFolders = [join(root, 'certs', 'recipes')];

/** What JSON holds, without the promise not to change it. */
export type Editable<T> = T extends object ? { -readonly [K in keyof T]: Editable<T[K]> } : T;

/** @param kind where it is: those that come with wirelab, or the examples of docs/authors.md. */
export async function compiled(
  name: string,
  kind: 'scenarios' | 'examples' = 'scenarios',
): Promise<Editable<CompiledScenario>> {
  return structuredClone(
    await compileScenario(features, join(root, kind, name), { recipeFolders }),
  ) as Editable<CompiledScenario>;
}

let folder: Promise<string> | undefined;

/** A folder that is deleted when the test's process ends. */
export async function worldFolder(): Promise<string> {
  folder ??= mkdtemp(join(tmpdir(), 'wirelab-scenario-'));
  return folder;
}

export async function removeWorldFolder(): Promise<void> {
  if (folder) await rm(await folder, { recursive: true, force: true });
}

/** @param clock by which it is made; one of its own then. */
export async function worldOf(scenario: CompiledScenario, clock?: Clock): Promise<World | undefined> {
  if (!scenario.certificates) return undefined;
  const { recipe, name } = scenario.certificates;
  return openWorld({
    recipe,
    recipeName: name,
    folder: clock ? join(await worldFolder(), scenario.name) : await worldFolder(),
    clock: clock ?? systemClock,
  });
}

export interface Performance {
  readonly plan: Plan;
  readonly log: CaptureLog;
  readonly judge: Judge;
  readonly verdict: Verdict;
  /** `met`, `missed`, `unobserved` by the id of the claim. */
  readonly statuses: Readonly<Record<string, string>>;
}

type Extra = Partial<Pick<RunOptions, 'beforeStep' | 'signal' | 'peers' | 'variables' | 'clock'>> & {
  readonly maxPayload?: number;
  readonly opening?: TcpOpening;
  readonly short?: boolean;
  /** Before anything starts. */
  readonly listening?: (heard: Pick<Performance, 'plan' | 'log' | 'judge'>) => Promise<void>;
  readonly started?: (running: RunningScenario) => unknown;
  readonly meanwhile?: (running: RunningScenario) => Promise<void>;
};

/** So many at a time: the tests of a file all begin at once, and what is late for its own limits proves nothing. */
const inTurn = atMost(4);

/** Runs it from the first step to the verdict, and closes everything. */
export async function perform(scenario: CompiledScenario, extra: Extra = {}): Promise<Performance> {
  return inTurn(async () => performed(scenario, extra));
}

async function performed(scenario: CompiledScenario, extra: Extra): Promise<Performance> {
  const { maxPayload, opening, short = false, listening, started, meanwhile, ...rest } = extra;
  const plan = planScenario(features, scenario, opening ? { opening } : {}, { short });
  const world = await worldOf(scenario, rest.clock);
  const { clock = systemClock } = rest;
  const log = new CaptureLog({ clock, ...(maxPayload === undefined ? {} : { maxPayload }) });
  const judge = await createJudge(features, { plan, source: log, world });
  log.subscribe(judge.fold);
  await listening?.({ plan, log, judge });
  const running = await startScenario(features, {
    plan,
    log,
    clock: systemClock,
    random: (length) => randomBytes(length),
    version: '0.0.0',
    ...(world ? { world } : {}),
    ...rest,
  });
  try {
    started?.(running);
    await running.runSteps();
    await meanwhile?.(running);
  } finally {
    await running.close();
  }
  const verdict = judge.verdict();
  return {
    plan,
    log,
    judge,
    verdict,
    statuses: Object.fromEntries(verdict.findings.map(({ expectation, status }) => [expectation, status])),
  };
}

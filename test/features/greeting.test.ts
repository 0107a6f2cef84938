/** A new step is a folder and a line: here one is added to those of wirelab, from outside, and a scenario with it runs and is shown. */
import test from 'ava';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { compileScenario } from '../../src/engine/compile.ts';
import { Features } from '../../src/engine/features.ts';
import { planScenario } from '../../src/engine/planning.ts';
import { startScenario } from '../../src/engine/run.ts';
import { scenarioJsonSchema } from '../../src/engine/file/schema.ts';
import { createJudge } from '../../src/engine/verdict.ts';
import type { Finding, Judge, Verdict } from '../../src/engine/verdict.ts';
import * as all from '../../src/features/index.ts';
import { features as wirelab } from '../../src/features/registry.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { loadExplanations } from '../../src/presentation/conversation/explain.ts';
import { ShownFeatures } from '../../src/presentation/shown.ts';
import { startModel } from '../../src/ui/tui/state/model.ts';
import { RunState } from '../../src/ui/tui/state/run-state.ts';
import { textReport } from '../ui/support/text-report.ts';
import { Driver, textOf } from '../ui/tui/support/driver.ts';
import { greeting } from './support/greeting/feature.ts';

await Promise.all([loadReadings(), loadExplanations()]);

const features = new Features([...Object.values(all), greeting]);

const scenario = (manners: string): string => `
secrets: { password: { value: tiger-lily } }
accounts: {}
servers:
  host: { kind: greeter, manners: ${manners} }
clients: { guest: {} }
steps:
  - id: greet
    greet: { client: guest, to: host, wire: A, word: tiger-lily }
    expect:
      - greeted: { with: hello }
      - visible: { secrets: [password], wires: [A] }
`;
const narration = '# T\n\nI\n\n## greet: G\n\nB\n\n## what-this-does-not-prove\n\nN\n';

async function folderWith(t: { teardown(fn: () => Promise<void>): void }, yaml: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-greeting-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'scenario.yaml'), yaml);
  for (const language of ['en', 'ko']) await writeFile(join(folder, `${language}.md`), narration);
  return folder;
}

type Compiled = Awaited<ReturnType<typeof compileScenario>>;

/** A run as both renderers show it: every line, and the screen at the end of the step and of the run. */
async function shownOf(compiled: Compiled): Promise<{ readonly lines: string; readonly screens: string[] }> {
  const plan = planScenario(features, compiled);
  const shown = new ShownFeatures(await features.shown(plan));
  const lines: string[] = [];
  const driver = new Driver(
    startModel({
      size: { columns: 100, rows: 40 },
      language: 'en',
      ascii: false,
      modes: [{ name: 'greeting', title: plan.title, comparable: 'greet' }],
      mode: 'greeting',
    }),
    () => ({ start: () => {}, advance: () => {} }),
  );
  await judged(compiled, (judge, log) => {
    const { flows, hunt, steps } = judge;
    const findingsOf = (step: string): Finding[] => judge.findingsOf(step);
    const sources = { flows, hunt, secrets: new Map<string, string>(), shown };
    const write = (line: string): void => void lines.push(line);
    const report = textReport({ ...sources, language: 'en', ascii: false, columns: 100, write });
    const scene = new RunState({ ...sources, steps, findingsOf, plan: plan.steps, typed: () => [] });
    driver.send({ type: 'session', mode: 'greeting', scene });
    log.subscribe(report.fold);
    log.subscribe((event) => driver.send({ type: 'captured', scene, events: [event] }));
    return (verdict) => {
      report.finish(verdict);
      driver.send({ type: 'judged', scene, verdict, ways: [] });
      driver.send({ type: 'state', mode: 'greeting', state: 'finished' });
    };
  });
  const screens: string[] = [];
  for (let stop = ''; stop !== driver.stop; driver.press('space')) {
    stop = driver.stop;
    screens.push(textOf(driver.frame()));
  }
  return { lines: lines.join('\n'), screens };
}

/** @param look receives the folds before anything runs; the function that it returns receives the verdict */
async function judged(
  compiled: Compiled,
  look: (judge: Judge, log: CaptureLog) => (verdict: Verdict) => void = () => () => {},
): Promise<Verdict> {
  const plan = planScenario(features, compiled);
  const log = new CaptureLog({ clock: systemClock });
  const judge = await createJudge(features, { plan, source: log });
  log.subscribe(judge.fold);
  const finish = look(judge, log);
  const running = await startScenario(features, {
    plan,
    log,
    clock: systemClock,
    random: (length) => randomBytes(length),
    version: '0.0.0',
  });
  try {
    await running.runSteps();
  } finally {
    await running.close();
  }
  const verdict = judge.verdict();
  finish(verdict);
  return verdict;
}

test('a step, a server and an expectation of a folder of its own run in a scenario, beside those of wirelab', async (t) => {
  const compiled = await compileScenario(features, await folderWith(t, scenario('good')), {
    recipeFolders: [],
  });
  t.is(planScenario(features, compiled).wires[0]?.protocol, 'greeting');
  const verdict = await judged(compiled);
  t.deepEqual(
    verdict.findings.map(({ expectation, status }) => [expectation, status]),
    [
      ['greet/greeted', 'met'],
      ['greet/visible/password/A', 'met'],
    ],
  );
  t.is(verdict.status, 'passed');
});

test('and its expectation fails the verdict where it does not hold', async (t) => {
  const compiled = await compileScenario(features, await folderWith(t, scenario('bad')), {
    recipeFolders: [],
  });
  const { status, findings } = await judged(compiled);
  t.is(status, 'failed');
  t.is(findings[0]?.status, 'missed');
});

test('what the folder shows is in the lines and on the screen, in the same words', async (t) => {
  const compiled = await compileScenario(features, await folderWith(t, scenario('good')), {
    recipeFolders: [],
  });
  const { lines, screens } = await shownOf(compiled);
  const reveal = screens.find((screen) => screen.includes('GREETED BACK')) ?? '';
  for (const printed of [lines, reveal]) t.regex(printed, /guest heard a warm hello/);
  for (const printed of [lines, screens.at(-1) ?? ''])
    t.regex(printed, /Guest book[^]*guest +heard[^]*guest +hello[^]*in the order of arrival/);
});

test('without its line its keywords are unknown', async (t) => {
  const error = await t.throwsAsync(
    compileScenario(wirelab, await folderWith(t, scenario('good')), { recipeFolders: [] }),
    { instanceOf: UserError },
  );
  const printed = JSON.stringify(error.facts);
  for (const word of ['greet', 'greeter', 'manners', 'greeted'])
    t.regex(printed, new RegExp(`\\b${word}\\b`), word);
  t.notRegex(JSON.stringify(scenarioJsonSchema(wirelab.schemas)), /\bgreet/);
  t.regex(JSON.stringify(scenarioJsonSchema(features.schemas)), /"greet":.*"greeter".*|"greeter".*"greet":/s);
});

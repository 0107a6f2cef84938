/** A new step is a folder and a line: here one is added to those of wirelab, from outside, and a scenario with it runs. */
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
import type { Verdict } from '../../src/engine/verdict.ts';
import * as all from '../../src/features/index.ts';
import { features as wirelab } from '../../src/features/registry.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { greeting } from './support/greeting/feature.ts';

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

async function judged(compiled: Awaited<ReturnType<typeof compileScenario>>): Promise<Verdict> {
  const plan = planScenario(features, compiled);
  const log = new CaptureLog({ clock: systemClock });
  const judge = await createJudge(features, { plan, source: log });
  log.subscribe(judge.fold);
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
  return judge.verdict();
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

test('without its line nobody knows its words', async (t) => {
  const error = await t.throwsAsync(
    compileScenario(wirelab, await folderWith(t, scenario('good')), { recipeFolders: [] }),
    { instanceOf: UserError },
  );
  const told = JSON.stringify(error.facts);
  for (const word of ['greet', 'greeter', 'manners', 'greeted'])
    t.regex(told, new RegExp(`\\b${word}\\b`), word);
  t.notRegex(JSON.stringify(scenarioJsonSchema(wirelab.schemas)), /greet/);
  t.regex(JSON.stringify(scenarioJsonSchema(features.schemas)), /"greet":.*"greeter".*|"greeter".*"greet":/s);
});

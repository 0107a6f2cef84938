import test from 'ava';
import { UserError } from '../../src/i18n/user-error.ts';
import { settingsFile } from '../../src/labs/lab.ts';
import { cutTo, learnersScenario, planCut, usedNames } from '../../src/labs/learner.ts';
import { loadLab } from '../../src/labs/load.ts';
import { compiledLabs } from './support/learner.ts';

const lab = loadLab('mutual-tls', compiledLabs);
const start = lab.start[settingsFile] ?? '';

async function mistakeOf(settings: string): Promise<string> {
  try {
    await learnersScenario(lab, settings);
  } catch (error) {
    if (error instanceof UserError) return `${error.facts.where ?? ''} ${error.facts.what.en}`;
    throw error;
  }
  return '';
}

test('what a learner wrote wrong is named by the learner’s line, and so is what the lab misses there', async (t) => {
  t.is(await mistakeOf(start), '');
  t.is(await mistakeOf(`---\n${start}...\n`), '', 'marks of a document change nothing');
  t.is(await mistakeOf(start.trimEnd()), '', 'nor does a last line without an end');
  t.is(await mistakeOf(start.replaceAll('\n', '\r\n')), '', 'nor do line ends of Windows');
  t.regex(
    await mistakeOf(start.replace('kind: tls', 'kind: tsl')),
    /^settings\.yaml:11:5: proxies\.front\.kind /,
  );
  t.regex(await mistakeOf(start.replace('    kind', '\tkind')), /^settings\.yaml:1[01]:\d+ this is not YAML/);
  t.regex(
    await mistakeOf(start.replace('  front:', '  frond:')),
    /^settings\.yaml:10:3: proxies\.frond unknown participant: front, needed by a step of the lab$/,
  );
  t.regex(
    await mistakeOf(start.replace('target: shop', 'target: shoe')),
    /^settings\.yaml:12:5: proxies\.front\.target /,
  );
});

test('while the settings have mistakes, lines that the learner does not have are not named', async (t) => {
  const error = await t.throwsAsync<UserError>(async () =>
    learnersScenario(lab, start.replace('  front:', '  door:')),
  );
  t.notRegex(JSON.stringify(error?.facts), /scenario\.yaml|steps\[/);
  t.is(error?.facts.others, undefined);
});

test('the settings may contain only what the learner may set', async (t) => {
  for (const text of ['steps: []\n', `${start}expect: []\n`, `${start}clients: { mallory: {} }\n`])
    t.regex(
      await mistakeOf(text),
      /^settings\.yaml:\d+:1: (?:steps|expect|clients) this cannot be set by the learner/,
    );
  for (const text of ['', '# nothing\n', '- a\n', 'text\n', '{ proxies: {} }\n', '42\n'])
    t.regex(await mistakeOf(text), /^settings\.yaml:1:1 the settings are not a map/, JSON.stringify(text));
});

test('nothing that a settings file can hold takes long or throws anything but a mistake', async (t) => {
  const bomb = `proxies:\n  a: &a [x, x, x, x, x, x, x, x, x]\n${Array.from({ length: 12 }, (_, index) => `  b${index}: &b${index} [${`*${index === 0 ? 'a' : `b${index - 1}`}, `.repeat(9)}]\n`).join('')}`;
  for (const text of [
    bomb,
    `proxies: ${'['.repeat(5000)}`,
    `proxies:\n${'  '.repeat(2000)}x: 1\n`,
    'proxies: *nobody\n',
    'proxies:\n  <<: { front: 1 }\n',
    'proxies: !!js/function x\n',
    '__proto__: { polluted: 1 }\n',
    'proxies:\n  __proto__: { kind: tls }\n',
    '\0\u001b[31m',
    'proxies:\n  front: &f\n    target: *f\n',
  ]) {
    await t.throwsAsync(learnersScenario(lab, text), undefined, JSON.stringify(text.slice(0, 40)));
    t.is(
      typeof (await mistakeOf(text).catch((error: unknown) => error)),
      'string',
      JSON.stringify(text.slice(0, 40)),
    );
  }
  t.is(({} as { polluted?: unknown }).polluted, undefined);
});

test('a task has its own steps, their participants, and no others', async (t) => {
  const compiled = await learnersScenario(lab, start);
  const { file } = cutTo(compiled, ['nobody']);
  t.deepEqual(
    file.steps.map(({ id }) => id),
    ['nobody'],
  );
  t.deepEqual(Object.keys(file.clients), ['nobody']);
  t.deepEqual([Object.keys(file.proxies ?? {}), Object.keys(file.servers)], [['front'], ['shop']]);
  t.deepEqual(
    planCut(compiled, ['nobody']).steps.map(({ id }) => id),
    ['nobody-1.3', 'nobody-1.2'],
  );
  const { shown, trusted } = usedNames(cutTo(compiled, ['alice']).file);
  t.deepEqual([[...shown].toSorted(), [...trusted].toSorted()], [['alice', 'front'], ['shop-ca']]);
});

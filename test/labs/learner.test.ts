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

test('what the lab keeps for itself cannot be named in the settings, and what is given can', async (t) => {
  const named = (name: string): string => start.replace('certificate: front', `certificate: ${name}`);
  // Rows of the recipe: one is given nowhere, one without its key.
  for (const row of ['mallory-as-alice', 'shop-ca'])
    t.regex(
      await mistakeOf(named(row)),
      /^settings\.yaml:14:5: proxies\.front\.certificate the lab keeps the key of this certificate to itself/,
      row,
    );
  const trusting = (name: string): string =>
    `${start.replace('kind: tls', 'kind: mtls')}    clientAuthorities: [staff-ca, ${name}]\n`;
  t.regex(
    await mistakeOf(trusting('mallory-as-alice')),
    /^settings\.yaml:15:35: proxies\.front\.clientAuthorities\[1\] the lab keeps this certificate to itself/,
  );
  for (const row of ['shop-ca', 'anybody-ca', 'mallory', 'one-of-their-own'])
    t.is(await mistakeOf(trusting(row)), '', row);
  for (const row of ['alice', 'mallory', 'one-of-their-own'])
    t.is(
      await mistakeOf(trusting('anybody-ca').replace('certificate: front', `certificate: ${row}`)),
      '',
      row,
    );
});

test('the settings do not choose for which name clients ask, unless tasks.yaml leaves it to them', async (t) => {
  const mallorys = start.replace('target: shop', 'host: mallory.localhost\n    target: shop');
  t.regex(
    await mistakeOf(mallorys),
    /^settings\.yaml:12:5: proxies\.front\.host clients ask for shop\.localhost at front/,
  );
  const behind = `${start.replace('target: shop', 'target: inner')}  inner:\n    kind: plaintext\n    host: mallory.localhost\n    target: shop\n    wires: { incoming: C, outgoing: D }\n`;
  t.regex(
    await mistakeOf(behind),
    /^settings\.yaml:12:5: proxies\.front\.target clients ask for shop\.localhost at front/,
    'the name of what is behind',
  );
  t.is(await mistakeOf(behind.replace('    host: mallory.localhost\n', '')), '', 'a proxy more is allowed');
  t.is(await mistakeOf(mallorys.replace('mallory.', 'shop.')), '', 'the same name, written out');
  const left = { ...lab, tasks: { ...lab.tasks, hosts: ['front'] } };
  t.is((await learnersScenario(left, mallorys)).file.proxies?.['front']?.host, 'mallory.localhost');
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

/** Errors of a lab's author: each is reported with its file, line and column. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { scenarioJsonSchema } from '../../src/engine/file/schema.ts';
import { features } from '../../src/features/registry.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { compileLab } from '../../src/labs/compile.ts';
import { settingsJsonSchema, tasksJsonSchema } from '../../src/labs/schema.ts';
import { recipeJsonSchema } from '../../src/pki/ca/recipe-schema.ts';

const root = resolve(import.meta.dirname, '../../..');
const recipeFolders = [join(root, 'certs', 'recipes')];

/** A change of a file: the text, and its replacement. An empty text is a missing file. */
type Edit = readonly [file: string, from: string, to: string];

const tries: Readonly<Record<string, readonly [lab: string, edit: Edit, where: string, says: RegExp]>> = {
  'a row under gives that the recipe has not': [
    'mutual-tls',
    ['tasks.yaml', 'alice.crt: alice.crt', 'alice.crt: alyce.crt'],
    'tasks.yaml:8:3',
    /no such file.*Did you mean alice\.crt/,
  ],
  'a part of a row that nobody makes': [
    'mutual-tls',
    ['tasks.yaml', 'alice.crt: alice.crt', 'alice.crt: alice.pfx'],
    'tasks.yaml:8:3',
    /no such file/,
  ],
  'a chain of a certificate that has none': [
    'mutual-tls',
    ['tasks.yaml', 'shop-ca.crt: shop-ca.crt', 'shop-ca.crt: shop-ca.chain.crt'],
    'tasks.yaml:5:3',
    /no such file/,
  ],
  'a wire in the settings at which nothing looks': [
    'tls-in-front',
    ['start/settings.yaml', 'incoming: A', 'incoming: C'],
    'start/settings.yaml:11:5',
    /unknown wire: A, needed by labs\/tls-in-front\/scenario\.yaml:26:53/,
  ],
  'a listener in the settings that no step uses': [
    'mutual-tls',
    ['start/settings.yaml', '  front:', '  back:'],
    'start/settings.yaml:10:3',
    /unknown participant: front/,
  ],
  'a field of the settings': [
    'mutual-tls',
    ['start/settings.yaml', 'kind: tls\n', 'kind: tls\n    certificat: front\n'],
    'start/settings.yaml:12:5',
    /unknown field.*Did you mean certificate/,
  ],
  'a part in the settings that is not the learner’s': [
    'mutual-tls',
    ['start/settings.yaml', 'proxies:', 'clients:'],
    'start/settings.yaml:9:1',
    /set by the learner/,
  ],
  'a field of the tasks': [
    'mutual-tls',
    ['tasks.yaml', 'settings: [proxies]', 'settingz: [proxies]'],
    'tasks.yaml:1:1',
    /unknown field.*Did you mean settings/,
  ],
  'a field of a file of yours': [
    'mend-five',
    ['tasks.yaml', '  tickets: {}', '  tickets: { certificat: a.crt }'],
    'tasks.yaml:24:14',
    /Did you mean certificate/,
  ],
  'a step that the scenario has not': [
    'mutual-tls',
    ['tasks.yaml', '[alice, nobody]', '[alice, nobdy]'],
    'tasks.yaml:18:20',
    /no such step.*Did you mean nobody/,
  ],
  'a theft in a list without the step that it is about': [
    'record-now',
    ['tasks.yaml', 'steps: [customer, customer-stolen]', 'steps: [customer-stolen]'],
    'tasks.yaml:21:13',
    /customer-stolen is about a step that is not in this list/,
  ],
  'a task that asks two things': [
    'mutual-tls',
    ['tasks.yaml', '[alice, nobody]', '[alice, nobody]\n    login: { at: shop, as: alice }'],
    'tasks.yaml:19:5',
    /exactly one kind of goal/,
  ],
  'a task that asks nothing': [
    'mutual-tls',
    ['tasks.yaml', '\n    steps: [alice, nobody]', ''],
    'tasks.yaml:17:5',
    /exactly one kind of goal/,
  ],
  'tasks that are not YAML': [
    'mutual-tls',
    ['tasks.yaml', '[alice, nobody]', '[alice, nobody'],
    'tasks.yaml:19:3',
    /not YAML/,
  ],
  'tasks with a key twice': [
    'mutual-tls',
    ['tasks.yaml', 'gives:', 'settings: [proxies]\ngives:'],
    'tasks.yaml:2:1',
    /not YAML/,
  ],
  'tasks with an alias of nothing': [
    'mend-five',
    ['tasks.yaml', 'unchanged: [blog]', 'unchanged: *blog'],
    'tasks.yaml:38:16',
    /aliases/,
  ],
  'a task that is there twice': [
    'mutual-tls',
    ['tasks.yaml', '- id: keep-mallory-out', '- id: ask-for-certificates'],
    'tasks.yaml:19:5',
    /duplicate task ask-for-certificates/,
  ],
  'an entrance on a wire that the scenario has not': [
    'mutual-tls',
    ['tasks.yaml', 'entrances: { front: A }', 'entrances: { front: C }'],
    'tasks.yaml:21:14',
    /no such wire/,
  ],
  'a part in the settings that is misspelt': [
    'mutual-tls',
    ['start/settings.yaml', 'proxies:', 'proxis:'],
    'start/settings.yaml:9:1',
    /set by the learner.*Did you mean proxies/,
  ],
  'a name of a file that leads elsewhere': [
    'mutual-tls',
    ['tasks.yaml', 'alice.crt: alice.crt', '../alice.crt: alice.crt'],
    'tasks.yaml:8:3',
    /invalid name/,
  ],
  'a secret that is drawn and is none': [
    'find-the-password',
    ['tasks.yaml', 'drawn: [alice-password', 'drawn: [alic-password'],
    'tasks.yaml:3:9',
    /Did you mean alice-password/,
  ],
  'a server that is asked who logged in, and is none': [
    'find-the-password',
    ['tasks.yaml', 'at: bank, as: alice', 'at: bnk, as: alice'],
    'tasks.yaml:13:14',
    /Did you mean bank/,
  ],
  'an account that nobody has': [
    'find-the-password',
    ['tasks.yaml', 'at: bank, as: alice', 'at: bank, as: alic'],
    'tasks.yaml:13:24',
    /Did you mean alice/,
  ],
  'a key of a certificate that the recipe has not': [
    'be-a-ca',
    ['tasks.yaml', 'keyOf: shop-key', 'keyOf: shp-key'],
    'tasks.yaml:7:11',
    /Did you mean shop-key/,
  ],
  'a request for a row that the recipe has not': [
    'be-a-ca',
    ['tasks.yaml', 'row: shop-key', 'row: shp-key'],
    'tasks.yaml:2:15',
    /Did you mean shop-key/,
  ],
  'a client with rights whom the scenario has not': [
    'a-user-for-the-cluster',
    ['tasks.yaml', 'client: alice', 'client: alyce'],
    'tasks.yaml:22:19',
    /Did you mean alice/,
  ],
  'a certificate that is to be unchanged and is nobody’s': [
    'mend-five',
    ['tasks.yaml', 'unchanged: [blog]', 'unchanged: [blag]'],
    'tasks.yaml:38:17',
    /Did you mean blog/,
  ],
  'an issuer that the recipe has not': [
    'mutual-tls',
    ['keyring.yaml', 'issuer: staff-ca', 'issuer: stuff-ca'],
    'keyring.yaml:22:5',
    /no row with this name/,
  ],
  'a profile that no certificate has': [
    'mutual-tls',
    ['keyring.yaml', 'profile: client', 'profile: klient'],
    'keyring.yaml:21:5',
    /Did you mean client/,
  ],
  'a recipe that is not YAML': [
    'mutual-tls',
    ['keyring.yaml', 'certificates:', 'certificates: ['],
    'keyring.yaml:5:14',
    /not YAML/,
  ],
  'a recipe that is not there': [
    'mutual-tls',
    ['scenario.yaml', 'certificates: keyring', 'certificates: keyrung'],
    'scenario.yaml:2:1',
    /unknown certificate recipe.*Did you mean keyring/,
  ],
  'a certificate in the scenario that the recipe has not': [
    'mutual-tls',
    ['scenario.yaml', 'certificate: mallory-as-alice', 'certificate: mallory-as-alyce'],
    'scenario.yaml:17:23',
    /Did you mean mallory-as-alice/,
  ],
  'a step that a client of the learner’s is led to, and that the scenario has not': [
    'catch-the-fake-site',
    ['tasks.yaml', 'kept: [no-tls]', 'kept: [no-tsl]'],
    'tasks.yaml:11:14',
    /no such step.*Did you mean no-tls/,
  ],
  'a step that a connection is passed on to, and that the scenario has not': [
    'catch-the-fake-site',
    ['tasks.yaml', 'first: bank,', 'first: bonk,'],
    'tasks.yaml:20:19',
    /no such step.*Did you mean bank/,
  ],
  'a task about a client of the learner’s, in a lab without one': [
    'mutual-tls',
    ['tasks.yaml', 'steps: [alice, nobody]', 'ownClient: { admitted: [alice] }'],
    'tasks.yaml:18:5',
    /exactly one kind of goal/,
  ],
  'a key of a row that the recipe does not make': [
    'catch-the-fake-site',
    ['keyring.yaml', 'keyOf: bank', 'keyOf: bonk'],
    'keyring.yaml:19:5',
    /no row above this one/,
  ],
  'a part that the scenario lacks': [
    'mutual-tls',
    ['scenario.yaml', 'accounts:\n  alice: { password: password, rrn: rrn }\n', ''],
    'scenario.yaml:1:1',
    /missing field/,
  ],
  'a heading that no text has': [
    'mutual-tls',
    ['en.md', '### done', '### dane'],
    'en.md:25:1',
    /unknown heading.*Did you mean done/,
  ],
  'a task without a text': [
    'mutual-tls',
    ['ko.md', '## keep-mallory-out', '## keep-mallory-aut'],
    'ko.md:29:1',
    /unknown heading.*Did you mean keep-mallory-out/,
  ],
  'a hint that one language has more': [
    'mutual-tls',
    ['ko.md', '### hint', '### hint\n\n하나 더.\n\n### hint'],
    'ko.md:9:1',
    /invalid structure/,
  ],
};

for (const [title, [lab, [file, from, to], where, says]] of Object.entries(tries)) {
  test(`${title}: file, line and column are reported`, async (t) => {
    const parent = mkdtempSync(join(tmpdir(), 'wirelab-compile-'));
    t.teardown(() => rmSync(parent, { recursive: true, force: true }));
    const folder = join(parent, lab);
    cpSync(join(root, 'labs', lab), folder, { recursive: true });
    const before = readFileSync(join(folder, file), 'utf8');
    const after = before.replace(from, () => to);
    t.not(after, before, `${from} is not in ${file}`);
    writeFileSync(join(folder, file), after);
    const error = await t.throwsAsync(compileLab(folder, { recipeFolders, shownAs: join('labs', lab) }), {
      instanceOf: UserError,
    });
    const all = [error.facts, ...(error.facts.others ?? [])];
    const [first] = all;
    t.is(first?.where?.replace(/: .*$/, ''), `labs/${lab}/${where}`);
    t.regex(`${first?.what.en ?? ''}. ${first?.remedy?.en ?? ''}`, says);
    for (const one of all) {
      t.regex(one.where ?? '', /^labs\/[a-z-]+\/[a-z/]+\.(?:yaml|md):\d+:\d+/);
      t.regex(one.what.ko, /[가-힣]/);
    }
  });
}

test('settings that a folder begins with, and that are not there, are named as what is missing', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-compile-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'mutual-tls');
  cpSync(join(root, 'labs', 'mutual-tls'), folder, { recursive: true });
  rmSync(join(folder, 'start'), { recursive: true });
  const error = await t.throwsAsync(compileLab(folder, { recipeFolders, shownAs: 'labs/mutual-tls' }), {
    instanceOf: UserError,
  });
  t.is(error.facts.where, 'labs/mutual-tls/start/settings.yaml');
  t.regex(error.facts.what.en, /no such file/);
  t.regex(error.facts.expected?.en ?? '', /labs\/mutual-tls\/tasks\.yaml:1:1/);
});

test('each lab as it comes is without a mistake', async (t) => {
  for (const name of readdirSync(join(root, 'labs')))
    await t.notThrowsAsync(
      compileLab(join(root, 'labs', name), { recipeFolders, shownAs: join('labs', name) }),
      name,
    );
});

/** A copy of a lab's folder, to change. */
function copyOf(t: ExecutionContext, lab: string): string {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-compile-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, lab);
  cpSync(join(root, 'labs', lab), folder, { recursive: true });
  return folder;
}

test('an initial file in the place of the lab’s own is refused: it would decide what the folder is', async (t) => {
  for (const taken of ['.wirelab/lab.json', 'try/alice']) {
    const folder = copyOf(t, 'mutual-tls');
    mkdirSync(join(folder, 'start', dirname(taken)));
    writeFileSync(join(folder, 'start', taken), '{}');
    const error = await t.throwsAsync(compileLab(folder, { recipeFolders, shownAs: 'labs/mutual-tls' }), {
      instanceOf: UserError,
    });
    t.is(error.facts.where, `labs/mutual-tls/start/${taken}`);
  }
});

test('without ko.md an author’s lab is read in English; one that comes with wirelab is refused', async (t) => {
  const folder = copyOf(t, 'mutual-tls');
  rmSync(join(folder, 'ko.md'));
  const own = await compileLab(folder, { recipeFolders, shownAs: 'mine', mayLackTexts: true });
  t.deepEqual(own.untranslated, ['ko']);
  t.deepEqual(own.narration.ko, own.narration.en);
  const error = await t.throwsAsync(compileLab(folder, { recipeFolders, shownAs: 'labs/mutual-tls' }), {
    instanceOf: UserError,
  });
  t.is(error.facts.where, 'labs/mutual-tls/ko.md');
  rmSync(join(folder, 'en.md'));
  await t.throwsAsync(compileLab(folder, { recipeFolders, shownAs: 'mine', mayLackTexts: true }), {
    instanceOf: UserError,
  });
});

test('editors accept each lab’s tasks, settings and recipe, and the committed schemas are up to date', (t) => {
  const scenario = scenarioJsonSchema(features.schemas);
  const ajv = new Ajv2020({ strict: false });
  const kinds = {
    tasks: tasksJsonSchema(),
    settings: settingsJsonSchema(scenario),
    recipe: recipeJsonSchema(),
  };
  const validators = Object.fromEntries(
    Object.entries(kinds).map(([kind, schema]) => {
      const committed = readFileSync(join(root, 'schemas', `${kind}.schema.json`), 'utf8');
      t.is(committed, `${JSON.stringify(schema, null, 2)}\n`, 'make schemas, and commit what changed');
      return [kind, ajv.compile(schema)];
    }),
  );
  const accepted = (kind: string, path: string): void => {
    const validate = validators[kind];
    if (existsSync(path))
      t.true(validate?.(parse(readFileSync(path, 'utf8'))), `${path} ${JSON.stringify(validate?.errors)}`);
  };
  for (const lab of readdirSync(join(root, 'labs'))) {
    accepted('tasks', join(root, 'labs', lab, 'tasks.yaml'));
    accepted('settings', join(root, 'labs', lab, 'start', 'settings.yaml'));
    accepted('recipe', join(root, 'labs', lab, 'keyring.yaml'));
  }
  t.false(validators['tasks']?.({ tasks: [{ id: 'one', step: ['alice'] }] }));
  t.false(validators['settings']?.({ clients: {} }));
  t.false(validators['settings']?.({ proxies: { front: { kind: 'tsl' } } }));
  t.false(validators['recipe']?.({ certificates: { ca: { profile: 'rot' } } }));
});

import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/i18n/user-error.ts';
import {
  appendSeen,
  fingerprintOf,
  openLabFolder,
  readLabFolder,
  readSeen,
  remember,
  resetLabFolder,
  seenIn,
  startFiles,
  demandSameVersion,
} from '../../src/labs/folder.ts';
import { loadLab } from '../../src/labs/load.ts';
import { stateOf } from '../../src/labs/state.ts';
import { labWorld } from '../../src/labs/world.ts';
import { pemBlocks } from '../../src/pki/keystore/pem.ts';
import { compiledLabs } from './support/learner.ts';

const lab = loadLab('mutual-tls', compiledLabs);
const clock = { now: () => Date.parse('2026-03-01T12:34:56Z') };
const files = new Map([
  ['settings.yaml', 'proxies: {}\n'],
  ['own.key', 'secret\n'],
]);

function parentOf(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-folder-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

async function opened(t: ExecutionContext): Promise<string> {
  const folder = join(parentOf(t), 'deep', 'lab');
  t.true(await openLabFolder(folder, lab, () => Promise.resolve(files)));
  return folder;
}

const mistakeOf = async (folder: string, of = lab): Promise<string> => {
  try {
    await openLabFolder(folder, of, () => Promise.resolve(files));
  } catch (error) {
    if (error instanceof UserError) return error.facts.what.en;
    throw error;
  }
  return '';
};

test('a folder is made with what the lab begins with, keys for their owner alone, and gone on with later', async (t) => {
  const folder = await opened(t);
  t.deepEqual(readdirSync(folder).toSorted(), ['.wirelab', 'own.key', 'settings.yaml']);
  t.is(statSync(join(folder, 'own.key')).mode & 0o777, 0o600);
  writeFileSync(join(folder, 'settings.yaml'), 'mine\n');
  t.false(await openLabFolder(folder, lab, () => Promise.reject(new Error('not asked'))));
  t.is(readFileSync(join(folder, 'settings.yaml'), 'utf8'), 'mine\n');
});

test('a folder with other things in it, of another lab, or that is a file, is left as it is', async (t) => {
  const parent = parentOf(t);
  writeFileSync(join(parent, 'thesis.txt'), 'years\n');
  t.is(await mistakeOf(parent), 'this folder contains other files');
  t.deepEqual(readdirSync(parent), ['thesis.txt']);
  t.is(await mistakeOf(join(parent, 'thesis.txt')), 'this is a file, and not a folder');
  t.is(await mistakeOf(await opened(t), { ...lab, name: 'another' }), 'another lab was begun in this folder');
  t.is(await mistakeOf(join(parent, 'thesis.txt', 'below')), 'this is a file, and not a folder');
});

test('an unfinished folder is created again', async (t) => {
  const folder = join(parentOf(t), 'lab');
  await t.throwsAsync(
    openLabFolder(folder, lab, () => Promise.reject(new Error('cut off'))),
    { message: /cut off|cannot be created/ },
  );
  t.is(readLabFolder(folder), undefined);
  t.true(await openLabFolder(folder, lab, () => Promise.resolve(files)));
});

test('a reset puts the beginning back, keeps what is there aside, and forgets hints and logins', async (t) => {
  const folder = await opened(t);
  writeFileSync(join(folder, 'settings.yaml'), 'mine\n');
  writeFileSync(join(folder, 'root.crt'), 'mine too\n');
  remember(folder, { hints: { first: 2 }, done: ['first'], ports: { front: 4711 } });
  appendSeen(folder, [{ at: '2026-03-01T00:00:00.000Z', server: 'bank', user: 'alice', accepted: true }]);
  const aside = resetLabFolder(folder, lab, files, clock);
  t.is(aside, 'before-reset-2026-03-01T123456');
  t.deepEqual(readdirSync(join(folder, aside ?? '')).toSorted(), ['own.key', 'root.crt', 'settings.yaml']);
  t.is(readFileSync(join(folder, aside ?? '', 'settings.yaml'), 'utf8'), 'mine\n');
  t.is(readFileSync(join(folder, 'settings.yaml'), 'utf8'), 'proxies: {}\n');
  t.false(existsSync(join(folder, 'root.crt')));
  t.deepEqual(readSeen(folder), []);
  t.like(readLabFolder(folder), { hints: {}, done: [], ports: { front: 4711 } });
  t.is(
    resetLabFolder(folder, lab, files, clock),
    'before-reset-2026-03-01T123456-2',
    'twice within a second',
  );
});

test('recorded logins are read line by line, whatever is between them', async (t) => {
  const folder = await opened(t);
  t.deepEqual(readSeen(folder), []);
  const login = { at: '2026-03-01T00:00:00.000Z', server: 'bank', user: 'alice', accepted: false };
  appendSeen(folder, [login]);
  appendFileSync(seenIn(folder), 'no JSON\nnull\n7\n[]\n{"at":1}\n{"at":"x","server":"bank"');
  t.deepEqual(readSeen(folder), [login]);
});

test('a record that is none, or was cut off, makes the folder no lab’s', async (t) => {
  const folder = await opened(t);
  for (const text of ['', '{', 'null', '[]', '{"madeBy":"another"}', '{"madeBy":"wirelab","lab":7}']) {
    writeFileSync(join(folder, '.wirelab', 'lab.json'), text);
    t.is(readLabFolder(folder), undefined, text);
  }
  writeFileSync(join(folder, '.wirelab', 'lab.json'), '{"madeBy":"wirelab","lab":"mutual-tls"}');
  t.deepEqual(readLabFolder(folder), {
    madeBy: 'wirelab',
    lab: 'mutual-tls',
    hints: {},
    done: [],
    doneAt: {},
    made: fingerprintOf(lab),
    ports: {},
    doors: {},
  });
  rmSync(join(stateOf(folder), 'progress.json'));
  t.is(readLabFolder(folder)?.made, undefined, 'an older wirelab kept its record in the folder');
});

test('the folder is given what the recipe made, by every part of a row, and requests for keys that stay with the lab', async (t) => {
  const folder = join(parentOf(t), 'lab');
  mkdirSync(folder);
  const world = await labWorld(lab, folder);
  const given = startFiles(
    {
      ...lab,
      tasks: {
        ...lab.tasks,
        gives: { 'a.crt': 'front.crt', 'b.crt': 'front.chain.crt', 'c.key': 'front.key' },
        requests: { 'shop.csr': { row: 'front', names: ['DNS:shop.localhost'] } },
      },
    },
    world,
  );
  t.is(given.get('a.crt'), world.certificate('front'));
  t.is(given.get('b.crt'), world.chain('front'));
  t.is(given.get('c.key'), world.identity('front').key);
  t.deepEqual(
    pemBlocks(given.get('shop.csr') ?? '').map(({ label }) => label),
    ['CERTIFICATE REQUEST'],
  );
  t.throws(() => startFiles({ ...lab, tasks: { ...lab.tasks, gives: { 'a.crt': 'front.pfx' } } }, world), {
    message: /front\.pfx/,
  });
});

test('missing certificates, or those of another machine, are not made again silently: a reset does that', async (t) => {
  const folder = join(parentOf(t), 'lab');
  t.true(await openLabFolder(folder, lab, async () => startFiles(lab, await labWorld(lab, folder))));
  const before = (await labWorld(lab, folder)).certificate('shop-ca');
  t.is(readFileSync(join(folder, 'shop-ca.crt'), 'utf8'), before);
  rmSync(stateOf(folder), { recursive: true });
  const error = await t.throwsAsync(labWorld(lab, folder), { instanceOf: UserError });
  t.regex(error.facts.remedy?.en ?? '', /wirelab lab reset/);
  resetLabFolder(folder, lab, startFiles(lab, await labWorld(lab, folder, true)), clock);
  t.is(
    readFileSync(join(folder, 'shop-ca.crt'), 'utf8'),
    (await labWorld(lab, folder)).certificate('shop-ca'),
  );
  t.not((await labWorld(lab, folder)).certificate('shop-ca'), before);
});

test('what the lab keeps lies outside the learner’s folder, and goes with a folder that is renamed', async (t) => {
  const parent = parentOf(t);
  const folder = join(parent, 'lab');
  await openLabFolder(folder, lab, async () => startFiles(lab, await labWorld(lab, folder)));
  t.deepEqual(readdirSync(join(folder, '.wirelab')).toSorted(), ['id', 'lab.json']);
  const state = stateOf(folder);
  t.false(state.startsWith(parent));
  t.is(statSync(state).mode & 0o777, 0o700);
  renameSync(folder, join(parent, 'moved'));
  t.is(stateOf(join(parent, 'moved')), state);
  t.truthy((await labWorld(lab, join(parent, 'moved'))).certificate('shop-ca'));
});

test('where the record of progress is not there, that is said, and not that the lab is of another version', async (t) => {
  const lab = loadLab('mutual-tls', compiledLabs);
  const folder = join(mkdtempSync(join(tmpdir(), 'wirelab-lab-')), 'mine');
  t.teardown(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
  await openLabFolder(folder, lab, async () => startFiles(lab, await labWorld(lab, folder)));
  t.notThrows(() => demandSameVersion(folder, lab));
  // As with sudo, or another XDG_STATE_HOME.
  rmSync(join(stateOf(folder), 'progress.json'));
  const error = t.throws(() => demandSameVersion(folder, lab), { instanceOf: UserError });
  t.regex(error.facts.what.en, /the record of what was done in this folder is not there/);
  t.regex(error.facts.expected?.en ?? '', /progress\.json$/);
  t.regex(error.facts.remedy?.en ?? '', /XDG_STATE_HOME.*wirelab lab reset/);
  t.regex(error.facts.remedy?.ko ?? '', /sudo/);
  writeFileSync(join(stateOf(folder), 'progress.json'), JSON.stringify({ made: 'another' }));
  const other = t.throws(() => demandSameVersion(folder, lab), { instanceOf: UserError });
  t.regex(other.facts.what.en, /another version/);
});

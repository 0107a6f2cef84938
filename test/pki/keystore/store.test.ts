import { execFile } from 'node:child_process';
import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { UserError } from '../../../src/i18n/user-error.ts';
import type { Recipe } from '../../../src/pki/ca/recipe.ts';
import { openWorld } from '../../../src/pki/keystore/store.ts';

const day = 86_400_000;
const start = Date.parse('2026-06-01T00:00:00Z');
const recipe: Recipe = {
  certificates: {
    ca: { profile: 'root', subject: { CN: 'CA' } },
    middle: { profile: 'intermediate', issuer: 'ca', subject: { CN: 'Middle' } },
    shop: {
      profile: 'server',
      issuer: 'middle',
      subject: { CN: 'shop' },
      san: ['DNS:shop.localhost'],
      validity: { to: '100d' },
    },
    late: { profile: 'client', issuer: 'ca', subject: { CN: 'late' }, flaws: ['expired'] },
    gone: { profile: 'client', issuer: 'ca', subject: { CN: 'gone' }, flaws: ['revoked'] },
  },
};
const options = { recipe, recipeName: 'demo', clock: { now: () => start } };

async function temporaryFolder(t: ExecutionContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-store-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

test('a world is made once and then opened; its files say what it says; keys and record are for their owner alone', async (t) => {
  const folder = await temporaryFolder(t);
  const made = await openWorld({ ...options, folder });
  const opened = await openWorld({ ...options, folder });
  for (const name of made.names) {
    t.is(opened.identity(name).key, made.identity(name).key);
    t.is(opened.chain(name), made.chain(name));
    t.is(opened.crl(name), made.crl(name));
    t.deepEqual(opened.summary(name), made.summary(name));
    const files = opened.files(name);
    t.true((await readFile(files?.chain ?? '', 'utf8')).endsWith(made.chain(name)));
    t.is((await stat(files?.key ?? '')).mode & 0o777, 0o600);
  }
  t.is((await stat(join(folder, 'demo', 'wirelab.json'))).mode & 0o777, 0o600);
  t.is(made.chain('shop').match(/BEGIN CERTIFICATE/g)?.length, 2);
  t.deepEqual(await readdir(folder), ['demo']);
});

/** What happens to a folder, and whether its world is then made again. */
const changes: readonly [title: string, change: (folder: string) => Promise<unknown>, again: boolean][] = [
  ['nothing', async () => {}, false],
  ['a file was only touched', async (demo) => utimes(join(demo, 'ca.crt'), 1, 1), false],
  ['a file is missing', async (demo) => unlink(join(demo, 'shop.key')), true],
  ['a file is cut short', async (demo) => truncate(join(demo, 'shop.chain.crt'), 200), true],
  ['a file is empty', async (demo) => truncate(join(demo, 'shop.key'), 0), true],
  ['a file holds garbage', async (demo) => writeFile(join(demo, 'gone.key'), 'garbage'), true],
  ['a key is open to others', async (demo) => chmod(join(demo, 'ca.key'), 0o644), true],
  ['the record is cut short', async (demo) => truncate(join(demo, 'wirelab.json'), 100), true],
  ['the record is missing', async (demo) => unlink(join(demo, 'wirelab.json')), true],
  [
    'the record is some other JSON',
    async (demo) => writeFile(join(demo, 'wirelab.json'), '{"madeBy":"wirelab"}'),
    true,
  ],
  ['everything is missing', async (demo) => rm(demo, { recursive: true }), true],
];

for (const [title, change, again] of changes) {
  test(`${title}: the world is ${again ? 'made again' : 'kept'}`, async (t) => {
    const folder = await temporaryFolder(t);
    const first = await openWorld({ ...options, folder });
    await change(join(folder, 'demo'));
    const second = await openWorld({ ...options, folder });
    t.is(second.certificate('ca') !== first.certificate('ca'), again);
    const third = await openWorld({ ...options, folder });
    t.is(third.certificate('ca'), second.certificate('ca'));
    t.deepEqual(await readdir(folder), ['demo']);
  });
}

test('another recipe under the same name makes the world again', async (t) => {
  const folder = await temporaryFolder(t);
  const first = await openWorld({ ...options, folder });
  const { gone: _gone, ...rest } = recipe.certificates;
  const second = await openWorld({ ...options, folder, recipe: { certificates: rest } });
  t.not(second.certificate('ca'), first.certificate('ca'));
  t.false((await readdir(join(folder, 'demo'))).includes('gone.key'));
});

test('a world is made again when the first certificate nears its end, and when the clock was set back; not before, and not for what is expired on purpose', async (t) => {
  const folder = await temporaryFolder(t);
  const open = async (at: number): Promise<string> =>
    (await openWorld({ ...options, folder, clock: { now: () => at } })).certificate('shop');
  const first = await open(start);
  t.is(await open(start + 92 * day), first);
  const second = await open(start + 94 * day);
  t.not(second, first);
  t.is(await open(start + 94 * day), second);
  t.not(await open(start), second);
});

test('a certificate that is not yet valid on purpose is made again before it becomes valid', async (t) => {
  const folder = await temporaryFolder(t);
  const early: Recipe = {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'CA' } },
      soon: { profile: 'client', issuer: 'ca', subject: { CN: 'soon' }, flaws: ['not-yet-valid'] },
    },
  };
  const open = async (at: number): Promise<string> =>
    (await openWorld({ ...options, recipe: early, folder, clock: { now: () => at } })).certificate('soon');
  const first = await open(start);
  t.is(await open(start + 20 * day), first);
  t.not(await open(start + 29 * day), first);
});

for (const [title, file, content] of [
  ['a stranger’s file', 'notes.txt', 'mine'],
  [
    'a stranger’s certificate under our name',
    'shop.crt',
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  ],
] as const) {
  test(`${title} is neither overwritten nor deleted, but named`, async (t) => {
    const folder = await temporaryFolder(t);
    await openWorld({ ...options, folder });
    const path = join(folder, 'demo', file);
    await writeFile(path, content);
    const before = await readdir(join(folder, 'demo'));
    const later = { ...options, folder, clock: { now: () => start + 99 * day } };
    const error = await t.throwsAsync(openWorld(later), { instanceOf: UserError });
    t.is(error?.facts.where, path);
    t.is(await readFile(path, 'utf8'), content);
    t.deepEqual(await readdir(join(folder, 'demo')), before);
    t.deepEqual(await readdir(folder), ['demo']);
    await unlink(path);
    await t.notThrowsAsync(openWorld(later));
  });
}

test('a folder of somebody else’s is left alone', async (t) => {
  const folder = await temporaryFolder(t);
  await writeFile(join(folder, 'demo'), 'a file where the folder should be');
  await t.throwsAsync(openWorld({ ...options, folder }), { instanceOf: UserError });
  t.is(await readFile(join(folder, 'demo'), 'utf8'), 'a file where the folder should be');
  const nowhere = await t.throwsAsync(openWorld({ ...options, folder: join(folder, 'demo', 'inside') }), {
    instanceOf: UserError,
  });
  t.is(nowhere?.facts.where, join(folder, 'demo'));
});

test('what a process left behind when it was ended is cleared away', async (t) => {
  const folder = await temporaryFolder(t);
  // A process that has surely ended: its id was in use by a child that we waited for.
  const child = execFile(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.on('close', resolve));
  await writeFile(join(folder, '.demo.lock'), String(child.pid));
  await openWorld({ ...options, folder });
  t.deepEqual(await readdir(folder), ['demo']);
});

test('eight processes at once end with the one world that is on disk', async (t) => {
  const folder = await temporaryFolder(t);
  const script = `
    const { openWorld } = await import(${JSON.stringify(new URL('../../../src/pki/keystore/store.js', import.meta.url).href)});
    const world = await openWorld({ recipe: ${JSON.stringify(recipe)}, recipeName: 'demo', folder: ${JSON.stringify(folder)}, clock: { now: () => ${start} } });
    console.log(world.summary('shop').sha256 + ' ' + world.summary('ca').sha256);`;
  const outputs = await Promise.all(
    Array.from({ length: 8 }, async () =>
      (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])).stdout.trim(),
    ),
  );
  t.is(new Set(outputs).size, 1, outputs.join('\n'));
  const world = await openWorld({ ...options, folder });
  t.is(outputs[0], `${world.summary('shop').sha256} ${world.summary('ca').sha256}`);
  t.deepEqual(await readdir(folder), ['demo']);
});

test('many at once in one process end with one world as well', async (t) => {
  const folder = await temporaryFolder(t);
  const worlds = await Promise.all(Array.from({ length: 6 }, async () => openWorld({ ...options, folder })));
  t.is(new Set(worlds.map((world) => world.certificate('ca'))).size, 1);
});

test('opening a ready world loads none of the libraries that making one does', async (t) => {
  const folder = await temporaryFolder(t);
  const script = `
    import { createRequire } from 'node:module';
    const { openWorld } = await import(${JSON.stringify(new URL('../../../src/pki/keystore/store.js', import.meta.url).href)});
    const world = await openWorld({ recipe: ${JSON.stringify(recipe)}, recipeName: 'demo', folder: ${JSON.stringify(folder)}, clock: { now: () => ${start} } });
    world.identity('shop');
    console.log(Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('node-forge')));`;
  const run = async (): Promise<string> =>
    (await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])).stdout.trim();
  t.is(await run(), 'true');
  t.is(await run(), 'false');
});

test('a world of which something ended a day ago is made again after half a day, since it is told so; one that somebody goes on with is kept', async (t) => {
  const folder = await temporaryFolder(t);
  const lately: typeof options.recipe = {
    certificates: {
      ca: { profile: 'root', subject: { CN: 'ca' } },
      old: {
        profile: 'client',
        issuer: 'ca',
        subject: { CN: 'old' },
        validity: { from: '-366d', to: '-1d' },
      },
    },
  };
  const at = (hours: number, keeps = false) =>
    openWorld({
      recipe: lately,
      recipeName: 'lately',
      folder,
      keeps,
      clock: { now: () => options.clock.now() + hours * 3_600_000 },
    });
  const first = await at(0);
  t.is((await at(11)).certificate('ca'), first.certificate('ca'));
  t.is((await at(24 * 40, true)).certificate('ca'), first.certificate('ca'));
  t.not((await at(13)).certificate('ca'), first.certificate('ca'));
});

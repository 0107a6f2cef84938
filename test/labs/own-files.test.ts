import test from 'ava';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from '../../src/pki/ca/recipe.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { keptNames } from '../../src/labs/given-files.ts';
import { FileError, withOwnFiles } from '../../src/labs/own-files.ts';
import { labWorld } from '../../src/labs/world.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { Learner } from './support/learner.ts';

const used = { shown: new Set(['front']), trusted: new Set(['staff-ca']) };

async function reasonOf(learner: Learner): Promise<string> {
  try {
    withOwnFiles(await labWorld(learner.lab, learner.folder), used, learner.lab, learner.folder);
  } catch (error) {
    if (error instanceof FileError) return `${error.reason} ${error.facts.where?.split(':')[0] ?? ''}`;
    throw error;
  }
  return '';
}

test('a learner’s files replace the lab’s, and all certificates of a trusted file are trusted', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const base = await labWorld(learner.lab, learner.folder);
  learner.write('staff-ca.crt', learner.read('staff-ca.crt') + learner.read('anybody-ca.crt'));
  const world = withOwnFiles(base, used, learner.lab, learner.folder);
  t.is(world.authority('staff-ca').match(/BEGIN CERTIFICATE/g)?.length, 2);
  t.is(world.certificate('staff-ca').match(/BEGIN CERTIFICATE/g)?.length, 1);
  t.deepEqual(world.files('front'), { certificate: 'front.crt', chain: 'front.crt', key: 'front.key' });
  t.deepEqual(
    world.files('alice'),
    { certificate: 'alice.crt', chain: 'alice.crt', key: 'alice.key' },
    'as the folder has it',
  );
  t.is(world.identity('alice').key, base.identity('alice').key);
});

test('what cannot be used is named: missing, empty, no certificate, no file, too large, another’s key', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const path = join(learner.folder, 'front.crt');
  const good = learner.read('front.crt');
  const tries: readonly (readonly [string, () => void, string])[] = [
    ['missing', () => learner.remove('front.crt'), 'missing_file front.crt'],
    ['empty', () => learner.write('front.crt', ''), 'unreadable_file front.crt'],
    ['a text', () => learner.write('front.crt', 'hello\n'), 'unreadable_file front.crt'],
    ['a key', () => learner.write('front.crt', learner.read('front.key')), 'unreadable_file front.crt'],
    [
      'cut off',
      () => learner.write('front.crt', good.slice(0, good.length / 2)),
      'unreadable_file front.crt',
    ],
    [
      'a damaged block',
      () => learner.write('front.crt', good.replace(/\n[A-Za-z0-9+/]{20}/, '\n')),
      'unreadable_file front.crt',
    ],
    ['a folder', () => (learner.remove('front.crt'), mkdirSync(path)), 'unreadable_file front.crt'],
    [
      'too large',
      () => (rmSync(path, { recursive: true }), writeFileSync(path, Buffer.alloc(2_000_000))),
      'unreadable_file front.crt',
    ],
    ['another’s', () => learner.write('front.crt', learner.read('alice.crt')), 'key_mismatch front.crt'],
    ['as it was', () => learner.write('front.crt', good), ''],
    ['no key', () => learner.remove('front.key'), 'missing_file front.key'],
  ];
  for (const [title, change, expected] of tries) {
    change();
    t.is(await reasonOf(learner), expected, title);
  }
});

withPeer(
  ['mkfifo', 'openssl'],
  'a named pipe keeps nobody waiting, and a key with a passphrase is told',
  async (t) => {
    const learner = await Learner.begin(t, 'mutual-tls');
    await learner.run(
      'openssl pkcs8 -topk8 -v2 aes-256-cbc -passout pass:secret -in front.key -out locked && mv locked front.key',
    );
    t.is(await reasonOf(learner), 'unreadable_file front.key');
    learner.remove('front.key');
    await runProgram('mkfifo', [join(learner.folder, 'front.key')]);
    t.is(await reasonOf(learner), 'unreadable_file front.key');
  },
);

test('a CA of the learner’s keeps the lab’s revocation list as long as it is the CA that was given', async (t) => {
  const learner = await Learner.begin(t, 'mutual-tls');
  const { lab } = learner;
  const recipe = { ...lab.certificates?.recipe, revocations: { 'staff-ca': {} } } as Recipe;
  const revoking = { ...lab, certificates: { name: 'lab-mutual-tls', recipe } };
  const base = await labWorld(revoking, learner.folder, true);
  learner.write('staff-ca.crt', base.certificate('staff-ca'));
  learner.write('front.crt', base.certificate('front'));
  learner.write('front.key', base.identity('front').key);
  const before = withOwnFiles(base, used, revoking, learner.folder);
  t.is(before.crl('staff-ca'), base.crl('staff-ca'));
  t.regex(before.crl('staff-ca') ?? '', /X509 CRL/);
  learner.write('staff-ca.crt', base.certificate('anybody-ca'));
  t.is(withOwnFiles(base, used, revoking, learner.folder).crl('staff-ca'), undefined);
});

test('a revocation list of the learner’s counts where the lab says so, and for a CA of the learner’s; each list of a file is read', async (t) => {
  const learner = await Learner.begin(t, 'revoke');
  const { lab, folder } = learner;
  const base = await labWorld(lab, folder);
  const listOf = (name: string): string | undefined =>
    withOwnFiles(
      base,
      { shown: new Set(), trusted: new Set([name]), listed: new Set([name]) },
      lab,
      folder,
    ).crl(name);
  t.is(listOf('staff-ca'), base.crl('staff-ca'));
  const list = learner.read('staff-ca.crl');
  learner.write('staff-ca.crl', `${list}${list}`);
  t.is(listOf('staff-ca')?.split('BEGIN X509 CRL').length, 3);
  t.throws(() => listOf('mine'), { instanceOf: UserError });
  learner.write('mine.crt', learner.read('staff-ca.crt'));
  t.throws(() => listOf('mine'), { message: /mine\.crl/ });
  learner.write('mine.crl', list);
  t.is(listOf('mine'), base.crl('staff-ca'));
  learner.write('mine.crl', learner.read('staff-ca.crt'));
  t.throws(() => listOf('mine'), { message: /no certificate revocation list/ });
  // Where no list is checked, none is read.
  const used = { shown: new Set<string>(), trusted: new Set(['mine']) };
  t.is(withOwnFiles(base, used, lab, folder).crl('mine'), undefined);
});

test('a list is asked for by the name of its CA: without that CA it says so', async (t) => {
  const learner = await Learner.begin(t, 'revoke');
  const world = await labWorld(learner.lab, learner.folder);
  const error = t.throws(
    () =>
      withOwnFiles(
        world,
        { shown: new Set(), trusted: new Set(['new']), listed: new Set(['new']) },
        learner.lab,
        learner.folder,
      ),
    { instanceOf: FileError },
  );
  t.is(error?.reason, 'missing_file');
  t.regex(error?.facts.what.en ?? '', /revocations names a CA, and new\.crt would be its certificate/);
  t.regex(error?.facts.expected?.en ?? '', /its list is new\.crl/);
});

test('a list that the learner is to replace is none of the files to be kept', async (t) => {
  const { lab } = await Learner.begin(t, 'revoke');
  const kept = keptNames(lab.tasks);
  t.false(kept.includes('staff-ca.crl'));
  t.true(kept.includes('bob.crt'));
});

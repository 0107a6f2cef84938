/** The folder of a class: invitations are made once, all or none, and can be taken back. */
import test from 'ava';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../../../src/core/clock.ts';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { ClassFolder } from '../../../../src/cli/class/roster/class-folder.ts';
import { readContents } from '../../../../src/pki/x509/contents.ts';
import { certificateSummary } from '../../../../src/protocols/x509/certificate.ts';
import type { Invitation } from '../../../../src/cli/class/roster/invitation.ts';
import { folderFor, invited } from './support.ts';

const summaryOf = ({ identity }: Invitation) => {
  const [content] = readContents(Buffer.from(identity.certificate), 'test');
  if (content?.kind !== 'certificate') throw new Error('no certificate');
  return certificateSummary(content.certificate);
};

const withdrawnIn = (place: ClassFolder): readonly string[] => {
  const [content] = readContents(readFileSync(place.path('withdrawn.crl')), 'test');
  if (content?.kind !== 'revocation-list') throw new Error('no list');
  return [...content.list.revoked.keys()];
};

test('the keys of the class are its owner’s alone, and its CAs stay', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna']);
  const place = join(folder, 'class');
  if (process.platform !== 'win32') {
    t.is(statSync(place).mode & 0o777, 0o700);
    for (const name of readdirSync(place).filter((one) => one.endsWith('.key')))
      t.is(statSync(join(place, name)).mode & 0o777, 0o600, name);
  }
  const [bin] = await invited(folder, ['bin']);
  t.is(anna?.authority, bin?.authority);
  t.deepEqual(ClassFolder.open(place, systemClock).roster().learners, ['anna', 'bin']);
  t.is(anna && ClassFolder.open(place, systemClock).roster().learnerOf(summaryOf(anna)), 'anna');
});

test('nobody is invited twice unless that is asked for, and then the earlier certificate is withdrawn', async (t) => {
  const folder = folderFor(t);
  const [first] = await invited(folder, ['anna']);
  const place = ClassFolder.open(join(folder, 'class'), systemClock);
  const error = await t.throwsAsync(
    place.invite(
      ['bin', 'anna', 'cleo'].map((learner) => ({ learner, file: join(folder, `new-${learner}.pem`) })),
      { server: { host: '127.0.0.1', port: 1 }, days: 1, again: false },
    ),
    { instanceOf: UserError },
  );
  t.regex(error.facts.what.en, /anna/);
  t.deepEqual(place.roster().learners, ['anna'], 'none of them');
  t.false(existsSync(join(folder, 'new-bin.pem')));
  t.deepEqual(withdrawnIn(place), []);
  const [second] = await invited(folder, ['anna'], { again: true });
  if (!first || !second) return void t.fail();
  t.deepEqual(withdrawnIn(place), [summaryOf(first).serial.replace(/^0+/, '')]);
  t.is(place.roster().learnerOf(summaryOf(first)), undefined);
  t.is(place.roster().learnerOf(summaryOf(second)), 'anna');
});

test('a file of that name is not replaced, and nobody is invited then', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'bin.pem'), 'mine');
  await t.throwsAsync(invited(folder, ['anna', 'bin']), { instanceOf: UserError });
  t.is(readFileSync(join(folder, 'bin.pem'), 'utf8'), 'mine');
  t.false(existsSync(join(folder, 'anna.pem')));
  t.deepEqual(ClassFolder.open(join(folder, 'class'), systemClock).roster().learners, []);
});

test('an invitation is taken back; whoever has none is named, and then none is', async (t) => {
  const folder = folderFor(t);
  const [anna] = await invited(folder, ['anna', 'bin']);
  const place = ClassFolder.open(join(folder, 'class'), systemClock);
  const error = await t.throwsAsync(place.withdraw(['anna', 'dana']), { instanceOf: UserError });
  t.is(error.facts.received, 'dana');
  t.deepEqual(place.roster().learners, ['anna', 'bin']);
  const before = place.version;
  await place.withdraw(['anna']);
  t.not(place.version, before);
  t.deepEqual(place.roster().learners, ['bin']);
  t.deepEqual(withdrawnIn(place), anna && [summaryOf(anna).serial.replace(/^0+/, '')]);
  await place.withdraw(['bin']);
  t.is(withdrawnIn(place).length, 2, 'the entries of before stay');
});

test('twenty at once are all invited: one process after the other', async (t) => {
  const folder = folderFor(t);
  await invited(folder, ['anna']);
  const names = Array.from({ length: 20 }, (_, at) => `learner-${at}`);
  await Promise.all(names.map(async (name) => invited(folder, [name])));
  t.is(ClassFolder.open(join(folder, 'class'), systemClock).roster().learners.length, 21);
});

test('a folder with something else in it is left alone, and one without a class is no class', (t) => {
  const folder = folderFor(t);
  mkdirSync(join(folder, 'mine'));
  writeFileSync(join(folder, 'mine', 'file'), 'x');
  for (const place of ['mine', join('mine', 'file')])
    t.throws(() => ClassFolder.begin(join(folder, place), systemClock), { instanceOf: UserError }, place);
  t.deepEqual(readdirSync(join(folder, 'mine')), ['file']);
  t.throws(() => ClassFolder.open(folder, systemClock), { instanceOf: UserError });
});

test('an altered record is refused, and nothing is made of it', async (t) => {
  const folder = folderFor(t);
  await invited(folder, ['anna']);
  const record = join(folder, 'class', 'invited.json');
  for (const text of ['', '[]', 'null', '{"v":2,"learners":{}}', '{"v":1,"learners":{"anna":{}}}']) {
    writeFileSync(record, text);
    await t.throwsAsync(invited(folder, ['bin']), { instanceOf: UserError }, text);
    t.is(readFileSync(record, 'utf8'), text);
  }
  t.false(existsSync(join(folder, 'bin.pem')));
});

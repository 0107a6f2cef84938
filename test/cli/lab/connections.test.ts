/** What a learner sees of a running lab without a screen: the own connections as lines, a card for a refusal, and captures. */
import test from 'ava';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { doorOf, knock, logIn } from '../../helpers/door.ts';
import { start } from '../../helpers/running.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

test('one’s own connections are printed as they come, a refusal as a card without the answer; a restart keeps the captures', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-lab-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'mine');
  const words = ['lab', 'mutual-tls', '--folder', folder, '--lang', 'en'];
  await askWirelab([...words, '--no-hold']);
  const settings = join(folder, 'settings.yaml');
  const given = readFileSync(settings, 'utf8');
  writeFileSync(
    settings,
    given
      .replace('kind: tls', 'kind: mtls')
      .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [staff-ca]\n'),
  );
  const first = start(t, words);
  await first.until(/cat try\/\S+ shows it/);
  await knock(doorOf(folder, 'alice'));
  const refused = await first.until(/REFUSED by front: the client \(no certificate\)[^]*client +had sent/);
  t.regex(refused, /because +the server asked for a certificate and was given none/);
  t.notRegex(refused, /remedy/);
  writeFileSync(
    settings,
    given.replace('kind: tls', 'kind: plaintext').replace(/^ +certificate: front\n/m, ''),
  );
  await first.until(/Open|sh try\/alice[^]*sh try\/alice/);
  await first.until(/Checked after the change of settings\.yaml/);
  t.is(await logIn(doorOf(folder, 'alice')), 302);
  await first.until(/B #\d+ → POST \/login[^]*A #\d+ ← 302 Found/);
  first.child.kill('SIGINT');
  t.deepEqual([...(await first.exit)], [0, null]);
  const second = start(t, words);
  await second.until(/cat try\/\S+ shows it/);
  t.is(await logIn(doorOf(folder, 'alice')), 302);
  await second.until(/A #\d+ ← 302 Found/);
  second.child.kill('SIGINT');
  await second.exit;
  t.deepEqual(readdirSync(join(folder, 'wires')).toSorted(), ['A.pcapng', 'B.pcapng']);
  const { stdout } = await askWirelab(['inspect', join(folder, 'wires', 'A.pcapng'), '--lang', 'en']);
  t.regex(stdout, /^3 connections/m);
  // Neither a check nor a reset takes them for work: the one has nothing to say of them, the other keeps them aside.
  const checked = await askWirelab(['lab', 'check', '--json', '--folder', folder]);
  t.notRegex(checked.stdout, /wires/);
  const { stdout: said } = await askWirelab(['lab', 'reset', '--folder', folder, '--lang', 'en']);
  const aside = /before-reset-\S+?(?=\.\s)/.exec(said)?.[0] ?? '';
  t.true(existsSync(join(folder, aside, 'wires', 'A.pcapng')));
  t.false(existsSync(join(folder, 'wires')));
});

test('the passwords that a lab draws are in no capture of its own', async (t) => {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab-lab-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  const folder = join(parent, 'mine');
  const running = start(t, ['lab', 'find-the-password', '--folder', folder, '--lang', 'en']);
  const printed = await running.until(/Wire A is live/);
  t.notRegex(printed, /READABLE password/, 'what is sent for the learner to find is not told');
  t.false(existsSync(join(folder, 'wires')), 'nothing of the learner’s has passed');
  running.child.kill('SIGINT');
  t.deepEqual([...(await running.exit)], [0, null]);
});

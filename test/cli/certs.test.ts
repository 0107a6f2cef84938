/** `wirelab certs make` by the real command: certificates are made in the given folder, and kept if they are ready. */
import test from 'ava';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificateActions } from '../../src/cli/certs/index.ts';
import { cellWidth } from '../../src/i18n/width.ts';
import { askWirelab } from '../helpers/wirelab.ts';

test('the certificates of a recipe are made once, keys for their owner alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-certs-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const env = { WIRELAB_CERTS: folder };
  for (const words of [
    ['certs', 'make', 'workshop'],
    ['certs', 'make'],
  ]) {
    const { exitCode, stdout, stderr } = await askWirelab(words, { env });
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /workshop: \d+ certificates\n +for browsers: alice\.p12, .*\(password: wirelab\)\n$/);
  }
  const files = readdirSync(join(folder, 'workshop'));
  t.true(files.includes('alice.crt') && files.includes('alice.key'));
  for (const file of files.filter((name) => /\.(?:key|p12)$/.test(name)))
    t.is(statSync(join(folder, 'workshop', file)).mode & 0o777, 0o600, file);
  const madeAt = statSync(join(folder, 'workshop', 'alice.key')).mtimeMs;
  await askWirelab(['certs', 'make'], { env });
  t.is(statSync(join(folder, 'workshop', 'alice.key')).mtimeMs, madeAt, 'what is ready is left alone');
});

test('--fresh creates existing certificates again, and one unknown name prevents all', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-certs-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const env = { WIRELAB_CERTS: folder };
  t.is((await askWirelab(['certs', 'make', 'workshop', 'workshp'], { env })).exitCode, 2);
  t.deepEqual(readdirSync(folder), []);
  await askWirelab(['certs', 'make', 'workshop'], { env });
  const key = join(folder, 'workshop', 'alice.key');
  const before = readFileSync(key, 'utf8');
  const { exitCode, stderr } = await askWirelab(['certs', 'make', '--fresh', 'workshop'], { env });
  t.is(exitCode, 0, stderr);
  t.not(readFileSync(key, 'utf8'), before);
  // One that somebody else has made is neither overwritten nor deleted.
  const foreign = join(folder, 'workshop', 'alice.p12');
  writeFileSync(foreign, 'mine');
  t.is((await askWirelab(['certs', 'make', 'workshop'], { env })).exitCode, 0);
  t.is(readFileSync(foreign, 'utf8'), 'mine');
  t.is((await askWirelab(['certs', 'make', '--fresh', 'workshop'], { env })).exitCode, 2);
  t.is(readFileSync(foreign, 'utf8'), 'mine');
});

test('help lists the actions, and each has help of its own, in both languages', async (t) => {
  for (const lang of ['en', 'ko']) {
    const all = await askWirelab(['certs', '--help', '--lang', lang]);
    t.is(all.exitCode, 0, all.stderr);
    for (const action of Object.keys(certificateActions)) {
      t.regex(all.stdout, new RegExp(`^  ${action} `, 'm'));
      for (const words of [
        ['certs', action, '--help', '--lang', lang],
        ['certs', '--lang', lang, action, '-h'],
        ['certs', '--help', action, '--lang', lang],
      ]) {
        const { exitCode, stdout, stderr } = await askWirelab(words);
        t.is(exitCode, 0, stderr);
        t.true(stdout.includes(`./wirelab certs ${action} `), words.join(' '));
        for (const line of stdout.split('\n')) t.true(cellWidth(line) <= 80, line);
      }
    }
  }
});

for (const [words, says] of [
  [['certs'], /make/],
  [['certs', 'mak'], /Did you mean \.\/wirelab certs make/],
  [['certs', 'constructor'], /one of make, ca, issue, show/],
  [['certs', 'make', 'workshp'], /Did you mean workshop/],
] as const) {
  test(`${words.join(' ')} is a mistake, said in both languages`, async (t) => {
    for (const lang of ['en', 'ko']) {
      const { exitCode, stdout, stderr } = await askWirelab([...words, '--lang', lang]);
      t.is(exitCode, 2, stderr);
      t.is(stdout, '');
      if (lang === 'en') t.regex(stderr, says);
      else t.regex(stderr, /[가-힣]/);
    }
  });
}

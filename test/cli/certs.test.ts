/** `wirelab certs make` by the real command: a world is made where it is told to, and left where it is ready. */
import test from 'ava';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWirelab } from '../helpers/wirelab.ts';

test('the certificates of a recipe are made once, keys for their owner alone', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-certs-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const env = { WIRELAB_CERTS: folder };
  for (const words of [['certs', 'make', 'workshop'], ['certs', 'make']]) {
    const { exitCode, stdout, stderr } = await runWirelab(words, { env });
    t.is(exitCode, 0, stderr);
    t.regex(stdout, /workshop: \d+\n$/);
  }
  const files = readdirSync(join(folder, 'workshop'));
  t.true(files.includes('alice.crt') && files.includes('alice.key'));
  for (const file of files.filter((name) => name.endsWith('.key'))) t.is(statSync(join(folder, 'workshop', file)).mode & 0o777, 0o600, file);
  const madeAt = statSync(join(folder, 'workshop', 'alice.key')).mtimeMs;
  await runWirelab(['certs', 'make'], { env });
  t.is(statSync(join(folder, 'workshop', 'alice.key')).mtimeMs, madeAt, 'what is ready is left alone');
});

for (const [words, says] of [
  [['certs'], /make/],
  [['certs', 'sign'], /make/],
  [['certs', 'make', 'workshp'], /Did you mean workshop/],
] as const) {
  test(`${words.join(' ')} is a mistake, said in both languages`, async (t) => {
    for (const lang of ['en', 'ko']) {
      const { exitCode, stdout, stderr } = await runWirelab([...words, '--lang', lang]);
      t.is(exitCode, 2, stderr);
      t.is(stdout, '');
      if (lang === 'en') t.regex(stderr, says);
      else t.regex(stderr, /[가-힣]/);
    }
  });
}

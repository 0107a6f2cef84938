import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { digestOf, watchCredentials } from '../../../src/cli/proxy/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-watched-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('a file that was replaced after it was read, but before it is watched, is reported', async (t) => {
  const path = join(folder, 'ca.crt');
  writeFileSync(path, 'the old one');
  const asRead = digestOf([path]);
  writeFileSync(path, 'the new one');
  // A watch alone keeps no process.
  const staysAlive = setInterval(() => {}, 60_000);
  t.teardown(() => clearInterval(staysAlive));
  await new Promise<void>((resolve) => t.teardown(watchCredentials([path], asRead, resolve)));
  t.pass();
});

test('a missing file is told from an empty one, and a moved piece from its neighbor', (t) => {
  const [one, other] = [join(folder, 'one'), join(folder, 'other')];
  const missing = digestOf([one, other]);
  writeFileSync(one, '');
  writeFileSync(other, 'ab');
  const empty = digestOf([one, other]);
  writeFileSync(one, 'a');
  writeFileSync(other, 'b');
  t.is(new Set([missing, empty, digestOf([one, other])]).size, 3);
});

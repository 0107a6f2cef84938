/** Nothing is left out of both `make test` and `make test-peers`: what is tried in part has a file in which it is tried in full. */
import test from 'ava';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { shareOf } from './helpers/at-length.ts';
import { groupsOf, named } from './helpers/groups.ts';

const folder = resolve(import.meta.dirname, '../../test');
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.test.ts') && !file.endsWith('.slow.test.ts') && file !== 'slow.test.ts',
);

test('a file with a part that only `make test-peers` runs stands beside one that runs it', (t) => {
  const partly = files.filter((file) =>
    /\b(?:testAtLength|withPeerAtLength|shareOf|timesOf|labTests|attemptTests)\(|\bisAtLength\b|pacedScenarios|WIRELAB_SLOW|support\/holds\.ts/.test(
      readFileSync(join(folder, file), 'utf8'),
    ),
  );
  t.true(partly.length > 3);
  for (const file of partly) {
    const slow = join(folder, file.replace(/\.test\.ts$/, '.slow.test.ts'));
    t.true(existsSync(slow), `${file} has no ${basename(slow)}`);
    t.true(
      readFileSync(slow, 'utf8').includes(`'./${basename(file)}'`),
      `${basename(slow)} does not run ${file}`,
    );
  }
});

test('a share holds one row of each kind, as many rows as it may, and no row twice', (t) => {
  const rows = Array.from({ length: 100 }, (_, at) => ({ at, kind: at === 77 ? 'rare' : 'often' }));
  const share = shareOf(rows, 10, ({ kind }) => kind);
  t.deepEqual(
    share.map(({ at }) => at),
    [0, 13, 26, 39, 52, 65, 77, 78, 91],
  );
  t.is(shareOf(rows, 100), rows);
  t.deepEqual(
    shareOf(rows, 2, ({ kind }) => kind).map(({ at }) => at),
    [0, 77],
  );
});

test('every file is in one group, and what the lists of groups name is there', (t) => {
  const names = files.map((file) => file.replace(/\.test\.ts$/, ''));
  t.deepEqual(
    groupsOf(names)
      .flatMap((group) => group.files)
      .toSorted(),
    names.toSorted(),
  );
  t.deepEqual(
    named.filter((name) => !names.includes(name)),
    [],
  );
  t.is(new Set(groupsOf(names).map(({ name }) => name)).size, groupsOf(names).length);
});

/**
 * A failed test is found again by the runner's line: its file, and its title alone.
 */
import test from 'ava';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { patternOf, placeOf } from './helpers/second-try.ts';

const files: ReadonlySet<string> = new Set(
  ['tally', 'ui/tui/screen', 'ui/firefox.slow', 'ui/firefox.slow/odd'].map((name) =>
    join('dist/test', `${name}.test.js`),
  ),
);
const find = (line: string): unknown => placeOf(line, 'dist/test', (path) => files.has(path));

test('of files that share a process, and of those that have their own', (t) => {
  t.deepEqual(find('not ok 1 - 54-ui-tui-a › ui/tui/screen › fg takes it'), {
    file: join('dist/test/ui/tui/screen.test.js'),
    title: 'fg takes it',
  });
  t.deepEqual(find('not ok 22 - ui › firefox.slow › a page\n  ---\n  message: x › y'), {
    file: join('dist/test/ui/firefox.slow.test.js'),
    title: 'a page',
  });
  t.deepEqual(find('not ok 3 - tally › a'), { file: join('dist/test/tally.test.js'), title: 'a' });
});

test('a title may hold what stands between file and title', (t) => {
  t.deepEqual(find('not ok 1 - g › ui/tui/screen › a › b'), {
    file: join('dist/test/ui/tui/screen.test.js'),
    title: 'a › b',
  });
  t.deepEqual(find('not ok 1 - ui › firefox.slow › odd › b'), {
    file: join('dist/test/ui/firefox.slow/odd.test.js'),
    title: 'b',
  });
});

test('what is no test of a file is not tried again', (t) => {
  for (const line of ['not ok 1 - dist/test/tally.test.js exited', 'not ok 2 - g › gone › a', 'not ok', ''])
    t.is(find(line), undefined);
});

test('a pattern finds its title and no other', async (t) => {
  const matcher = join(resolve(import.meta.dirname, '../..'), 'node_modules/matcher/index.js');
  const { isMatch } = (await import(pathToFileURL(matcher).href)) as {
    isMatch: (title: string, patterns: readonly string[]) => boolean;
  };
  for (const title of ['a * b', '!a', '! * !', '*', 'a (b) [c] $ ^ .+', String.raw`a\b`, 'plain']) {
    t.true(isMatch(title, [patternOf(title)]), title);
    t.false(isMatch(`${title}x`, [patternOf(title)]), title);
    t.false(isMatch(`x${title}`, [patternOf(title)]), title);
  }
});

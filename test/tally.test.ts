/**
 * What the suite counts, from the words of the test runner: a number that a build server trusts.
 */
import test from 'ava';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { closingLine, skippedTitle, tallyOf } from './helpers/tally.ts';

const tap = (...points: readonly string[]): string =>
  `TAP version 13\n${points.join('\n')}\n\n1..${points.length}\n# tests ${points.length}\n# pass 1\n`;

test('passed, failed and skipped are three things', (t) => {
  const { passed, failures, skipped } = tallyOf(
    tap('ok 1 - a', 'not ok 2 - b', 'ok 3 - c # SKIP', 'ok 4 - d'),
  );
  t.deepEqual({ passed, failed: failures.length, skipped }, { passed: 2, failed: 1, skipped: 1 });
});

test('a failed test is told with everything the runner says of it, and nothing of the next', (t) => {
  const failed = 'not ok 2 - b\n  ---\n    message: ok 7 is not enough\n    at: here\n  ...';
  t.deepEqual(tallyOf(tap('ok 1 - a', failed, 'ok 3 - c')).failures, [failed]);
  t.deepEqual(tallyOf(tap(failed)).failures, [failed]);
});

test('an absent peer is named with the number of its tests; a test that needs two counts for both', (t) => {
  const points = [
    `ok 1 - ${skippedTitle('curl logs in', ['curl'])} # SKIP`,
    `ok 2 - ${skippedTitle('both reach it', ['curl', 'openssl'])} # SKIP`,
    'ok 3 - not today # SKIP',
    'ok 4 - a title [not installed: curl] of a test that ran',
  ];
  const { passed, skipped, absentPeers, skippedOtherwise } = tallyOf(tap(...points));
  t.deepEqual(
    [...absentPeers],
    [
      ['curl', 2],
      ['openssl', 1],
    ],
  );
  t.deepEqual(skippedOtherwise, ['not today']);
  t.deepEqual([passed, skipped], [1, 3]);
});

test('words inside of a report are no test', (t) => {
  const { passed, failures } = tallyOf(tap('ok 1 - a\n  # ok 2 - b\n  not ok 3 - c'));
  t.deepEqual([passed, failures.length], [1, 0]);
  t.is(tallyOf('').passed, 0);
});

test('the closing line counts skipped tests only where there are some', (t) => {
  t.is(closingLine({ passed: 3, failed: 0, skipped: 0 }), '3 passed, 0 failed');
  t.is(closingLine({ passed: 3, failed: 1, skipped: 2 }), '3 passed, 1 failed, 2 skipped');
});

test('a test that does not end in time, and one that ends the process, fail under their titles', async (t) => {
  const root = resolve(import.meta.dirname, '../..');
  const load = async (path: string): Promise<unknown> => import(pathToFileURL(join(root, path)).href);
  await load('ava.config.js');
  const { default: TapReporter } = (await load('node_modules/ava/lib/reporters/tap.js')) as {
    default: new (options: object) => { consumeStateChange(event: object): void };
  };
  for (const [event, reason] of [
    [{ type: 'timeout', period: 90_000 }, /no new tests completed within the last 90000ms/],
    [{ type: 'process-exit', testFile: join(root, 'a.test.js'), stack: 'Error: x' }, /process\.exit\(\)/],
  ] as const) {
    let output = '';
    const reportStream = { write: (text: string) => (output += text) };
    const reporter = new TapReporter({ extensions: ['js'], projectDir: root, reportStream });
    const pendingTests = new Map([
      ['a.test.js', new Set(['the first', 'the second'])],
      ['b.test.js', new Set<string>()],
    ]);
    reporter.consumeStateChange({ ...event, pendingTests });
    const { failures } = tallyOf(output);
    t.is(failures.length, 2);
    t.regex(failures[0] ?? '', /^not ok 1 - the first$/m);
    t.regex(failures[1] ?? '', /^not ok 2 - the second$/m);
    t.regex(failures[0] ?? '', reason);
    output = '';
    const err = {
      type: 'native',
      name: 'Error',
      originalError: new Error('no stack'),
      stack: 'Error: no stack',
    };
    reporter.consumeStateChange({ type: 'uncaught-exception', err });
    t.regex(tallyOf(output).failures[0] ?? '', /^not ok 3 - Error: no stack$/m);
  }
});

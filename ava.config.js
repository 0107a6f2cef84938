import { availableParallelism } from 'node:os';
// Inside AVA, whose version is pinned: there is no public way to its reporters.
import TapReporter from './node_modules/ava/lib/reporters/tap.js';

const slow = 'dist/test/**/*.slow.test.js';
// Tests that take minutes are named *.slow.test.ts: `make test` leaves them out, `make test-peers` runs them.
const isSlow = process.env.WIRELAB_SLOW === '1';
// As `make test` does: several files in one process (test/helpers/groups.ts).
const isGrouped = process.env.WIRELAB_GROUPS === '1';

// AVA's TAP reporter expects serialized errors whose stack has a second line. A test that timed out or ended the process comes
// with an error as it is, and a test may throw one without a stack: the reporter threw then, and the run never ended.
for (const method of ['writeTest', 'writeCrash']) {
  const write = TapReporter.prototype[method];
  TapReporter.prototype[method] = function (event, ...rest) {
    return write.call(this, { ...event, err: event.err && printable(event.err) }, ...rest);
  };
}

function printable(error) {
  const serialized =
    error instanceof Error ? { type: 'native', name: error.name, originalError: error } : { ...error };
  const stack = String(serialized.stack || serialized.originalError?.stack || serialized.name);
  return { ...serialized, stack: /\n/.test(stack) ? stack : `${stack}\n    at an unknown place` };
}

export default {
  files: isSlow ? [slow] : isGrouped ? ['dist/groups/*.test.js'] : ['dist/test/**/*.test.js', `!${slow}`],
  timeout: isSlow ? '20m' : '90s',
  // One more than there are processors (two at least): much of a test is waiting for a socket or a program.
  concurrency: Math.max(2, availableParallelism()) + 1,
  workerThreads: false,
};

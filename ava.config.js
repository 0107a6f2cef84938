import { availableParallelism } from 'node:os';

// Tests that run real programs for minutes are named *.slow.test.ts: `make test` leaves them out, `make test-peers` runs them.
const slow = 'dist/test/**/*.slow.test.js';
const isSlow = process.env.WIRELAB_SLOW === '1';
// As `make test` does: several files in one process (test/helpers/groups.ts).
const isGrouped = process.env.WIRELAB_GROUPS === '1';

export default {
  files: isSlow ? [slow] : isGrouped ? ['dist/groups/*.test.js'] : ['dist/test/**/*.test.js', `!${slow}`],
  timeout: isSlow ? '20m' : '90s',
  // One more than there are processors (two at least): much of a test is waiting for a socket or a program.
  concurrency: Math.max(2, availableParallelism()) + 1,
  workerThreads: false,
};

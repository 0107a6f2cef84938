// Tests that run real programs for minutes are named *.slow.test.ts: `make test` leaves them out, `make test-peers` runs them.
const slow = 'dist/test/**/*.slow.test.js';
const isSlow = process.env.WIRELAB_SLOW === '1';

export default {
  files: isSlow ? [slow] : ['dist/test/**/*.test.js', `!${slow}`],
  timeout: isSlow ? '20m' : '90s',
  workerThreads: false,
};

/**
 * Several test files in one worker of AVA, one after the other. A worker costs a third of a second of CPU before its first
 * test, and the program as much again to load: with four hundred files that is most of what a run is allowed to take.
 *
 * 1. Each file has a runner of its own: its titles, hooks and order are those that it has when `ava dist/test/X.test.js`
 *    runs it alone. Only the process, and so what modules keep, is shared.
 * 2. What a runner reports goes to AVA's main process under titles that begin with the file's path.
 * 3. AVA has no public way for this. What is internal (the runner, the place from which `import test from 'ava'` takes it,
 *    and the channel to the main process) is named here and nowhere else; the version of AVA is pinned.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { TestFn } from 'ava';

interface Runner {
  readonly chain: TestFn;
  readonly nextTaskIndex: number;
  on(name: string, listener: (value: Record<string, unknown>) => void): void;
}

const root = resolve(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);
const internal = join(dirname(require.resolve('ava')), '../lib');

const { refs } = require(join(internal, 'worker/state.cjs')) as { refs: { runnerChain: TestFn } };
const channel = require(join(internal, 'worker/channel.cjs')) as {
  send: (event: Record<string, unknown>) => void;
};
const options = require(join(internal, 'worker/options.cjs')) as { get: () => Record<string, unknown> };
const { default: AvaRunner } = (await import(pathToFileURL(join(internal, 'runner.js')).href)) as {
  default: new (settings: Record<string, unknown>) => Runner;
};

/** Stands for whatever `current` returns at the time of a call: test files and their helpers import AVA only once. */
function following(current: () => object): object {
  return new Proxy(() => {}, {
    apply: (_, self, words: unknown[]): unknown => Reflect.apply(current() as () => unknown, self, words),
    get: (_, name): unknown => {
      const value: unknown = Reflect.get(current(), name);
      return typeof value === 'function' ? following(() => Reflect.get(current(), name) as object) : value;
    },
  });
}

/** Ticks of the CPU, a hundred a second, that this process and the children which it has outlived have taken. Linux only. */
function ticks(): number {
  const text = readFileSync('/proc/self/stat', 'utf8');
  // utime, stime, cutime and cstime (proc_pid_stat(5), fields 14 to 17); the second field, a name, may hold blanks.
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0);
}

/** @param names of compiled test files below dist/test, without `.test.js` */
export async function runTogether(names: readonly string[]): Promise<void> {
  const own = refs.runnerChain;
  let current: TestFn = own;
  refs.runnerChain = following(() => current) as TestFn;
  // AVA expects a test file to load it.
  await import('ava');

  async function run(name: string): Promise<void> {
    const file = join(root, 'dist/test', `${name}.test.js`);
    const runner = new AvaRunner({ ...options.get(), file });
    current = runner.chain;
    const finished = new Promise((done, fail) => {
      runner.on('finish', done);
      runner.on('error', fail);
    });
    runner.on('stateChange', (event) => {
      // The main process would wait longer than its own limit, once, and then without end. The test's own limit stays.
      if (event['type'] === 'test-timeout-configured') return;
      channel.send(
        typeof event['title'] === 'string' ? { ...event, title: `${name} › ${event['title']}` } : event,
      );
    });
    await import(pathToFileURL(file).href);
    if (runner.nextTaskIndex === 0) throw new Error('no tests in it');
    await finished;
  }

  const costs = process.env['WIRELAB_TEST_COSTS'];
  own('the files of this group declare tests and end', async (t) => {
    for (const name of names) {
      const [before, began] = [costs ? ticks() : 0, Date.now()];
      await t.notThrowsAsync(run(name), name);
      if (costs)
        appendFileSync(
          costs,
          `${((ticks() - before) / 100).toFixed(2)} ${((Date.now() - began) / 1000).toFixed(1)} ${name}\n`,
        );
    }
  });
}

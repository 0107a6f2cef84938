/** One holder at a time, whoever steps between two looks of another. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { takeTurn } from '../../../src/pki/keystore/lock.ts';

async function lockIn(t: ExecutionContext): Promise<{ readonly folder: string; readonly lock: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'wirelab-turn-'));
  t.teardown(async () => rm(folder, { recursive: true, force: true }));
  return { folder, lock: join(folder, 'lock') };
}

/** The number of a process that has surely ended: a child that we waited for. */
async function endedProcess(): Promise<number> {
  const child = execFile(process.execPath, ['-e', '0']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid ?? 0;
}

for (const [title, textOf] of [
  ['of an ended process', async () => `${await endedProcess()} 00ff`],
  ['of an earlier version', async () => String(await endedProcess())],
] as const) {
  test(`an abandoned lock ${title} is taken away once: whoever saw it abandoned before leaves the new one alone`, async (t) => {
    const { folder, lock } = await lockIn(t);
    await writeFile(lock, await textOf());
    let release = (): void => {};
    const order: string[] = [];
    const slow = takeTurn(lock, async () => {
      // Somebody else finds the same lock abandoned, takes it away, and holds a new one.
      release = await takeTurn(lock);
      order.push('quick holds');
    }).then((done) => {
      order.push('slow holds');
      return done;
    });
    while (order.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const held = await readFile(lock, 'utf8');
    // Who is slow goes on by now, and would have taken it away.
    await new Promise((resolve) => setImmediate(resolve));
    t.is(await readFile(lock, 'utf8'), held, 'the new lock stays');
    t.deepEqual(order, ['quick holds']);
    release();
    (await slow)();
    t.deepEqual(order, ['quick holds', 'slow holds']);
    t.deepEqual(await readdir(folder), []);
  });
}

test('a lock that was taken away from its holder is not given back by him a second time', async (t) => {
  const { folder, lock } = await lockIn(t);
  const first = await takeTurn(lock);
  await utimes(lock, 1, 1);
  const second = await takeTurn(lock);
  const held = await readFile(lock, 'utf8');
  first();
  t.is(await readFile(lock, 'utf8'), held);
  second();
  t.deepEqual(await readdir(folder), []);
});

test('who is ended while it takes an abandoned lock away keeps nobody waiting', async (t) => {
  const { folder, lock } = await lockIn(t);
  await writeFile(lock, `${await endedProcess()} 00ff`);
  // The gate of that lock, left behind.
  const gate = `${lock}.${createHash('sha256')
    .update(await readFile(lock, 'utf8'))
    .digest('hex')
    .slice(0, 16)}`;
  await writeFile(gate, '');
  await utimes(gate, 1, 1);
  (await takeTurn(lock))();
  t.deepEqual(await readdir(folder), []);
});

test('a lock is for its owner alone', async (t) => {
  const { lock } = await lockIn(t);
  const release = await takeTurn(lock);
  t.is((await stat(lock)).mode & 0o777, 0o600);
  release();
});

test('of many at once one holds at a time', async (t) => {
  const { folder, lock } = await lockIn(t);
  await writeFile(lock, `${await endedProcess()} 00ff`);
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      const release = await takeTurn(lock, async () => new Promise((resolve) => setImmediate(resolve)));
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setImmediate(resolve));
      inside--;
      release();
    }),
  );
  t.is(most, 1);
  t.deepEqual(await readdir(folder), []);
});

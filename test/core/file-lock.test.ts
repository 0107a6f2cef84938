/** One holder at a time, whoever is killed or stopped in between; a dead holder holds nothing. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { lockHolder, takeLock, tryLock } from '../../src/core/file-lock.ts';
import { until } from '../helpers/until.ts';

const script = fileURLToPath(new URL('./support/lock-worker.js', import.meta.url));

interface Place {
  readonly folder: string;
  readonly lock: string;
  readonly record: string;
}

function placeFor(t: ExecutionContext, within = ''): Place {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-lock-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const inner = join(folder, within);
  mkdirSync(inner, { recursive: true });
  return { folder: inner, lock: join(inner, 'lock'), record: join(folder, 'record') };
}

type Worker = ChildProcessByStdio<null, Readable, null>;

/** @param before words of a program that starts it. */
function startWorker(
  t: ExecutionContext,
  { lock, record }: Place,
  holdsOn = false,
  before: readonly string[] = [],
): Worker {
  const [program = '', ...words] = [
    ...before,
    process.execPath,
    script,
    lock,
    record,
    ...(holdsOn ? ['on'] : []),
  ];
  const worker = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => worker.kill('SIGKILL'));
  return worker;
}

/** One that holds the lock until it is killed. */
async function startHolder(t: ExecutionContext, place: Place): Promise<Worker> {
  const holder = startWorker(t, place, true);
  await once(holder.stdout, 'data');
  return holder;
}

async function kill(worker: Worker): Promise<void> {
  if (worker.exitCode !== null) return;
  worker.kill('SIGKILL');
  await once(worker, 'exit');
}

async function isFree(lock: string): Promise<boolean> {
  const taken = await tryLock(lock);
  if (typeof taken === 'function') taken();
  return typeof taken === 'function';
}

/** What the record says is wrong: a turn that begins in that of a process that was not killed, or goes on behind another. */
function objections(record: string, killed: ReadonlySet<number>): string[] {
  const found: string[] = [];
  let inside: { readonly pid: number; readonly turn: string } | undefined;
  for (const line of readFileSync(record, 'utf8').trim().split('\n')) {
    const [what, number, turn = ''] = line.split(' ');
    const pid = Number(number);
    const isSame = inside?.pid === pid && inside.turn === turn;
    if (what === 'leave' && !isSame) found.push(`${line}: another is inside`);
    if (what === 'enter' && inside && !killed.has(inside.pid)) found.push(`${line}: ${inside.pid} is inside`);
    inside = what === 'enter' ? { pid, turn } : undefined;
  }
  return found;
}

/** The process that entered last. */
function insideNow(record: string): number {
  return Number(readFileSync(record, 'utf8').trim().split('\n').at(-1)?.split(' ')[1]);
}

test('of four processes that are killed and stopped at any moment never two hold the lock', async (t) => {
  const place = placeFor(t);
  writeFileSync(place.record, '');
  const kills = Number(process.env['WIRELAB_KILLS'] ?? 16);
  const killed = new Set<number>();
  const workers: Worker[] = [];
  const said: string[] = [];
  let turns = 0;
  let onTurn = (): void => {};
  const start = (): void => {
    const worker = startWorker(t, place);
    worker.stdout.setEncoding('utf8').on('data', (text: string) => {
      turns += text.length;
      if (/[^.]/.test(text)) said.push(text);
      onTurn();
    });
    workers.push(worker);
  };
  const untilTurn = async (number: number): Promise<void> => {
    for (;;) {
      if (turns >= number || said.length > 0) return;
      await new Promise<void>((resolve) => (onTurn = resolve));
    }
  };
  for (let count = 0; count < 4; count++) start();
  for (let round = 0; round < kills && said.length === 0; round++) {
    await untilTurn(turns + 1 + ((round * 7) % 11));
    // One stands still meanwhile, now and then with the lock, and nobody takes it from it.
    const stopped = workers[(round + 1) % 4]!;
    stopped.kill('SIGSTOP');
    // Twice in three times the one that is inside: then all others find it dead at once.
    const inside = round % 3 === 0 ? -1 : workers.findIndex(({ pid }) => pid === insideNow(place.record));
    const [victim] = workers.splice(inside < 0 ? round % 4 : inside, 1);
    killed.add(victim!.pid!);
    await kill(victim!);
    stopped.kill('SIGCONT');
    start();
  }
  await untilTurn(turns + 8);
  for (const worker of workers) {
    killed.add(worker.pid!);
    await kill(worker);
  }
  t.deepEqual(said, []);
  t.deepEqual(objections(place.record, killed), []);
  t.true(turns > kills);
  (await takeLock(place.lock))();
  t.deepEqual(readdirSync(place.folder), ['record']);
});

test('of many in one process one holds at a time, also where a dead one has left the lock', async (t) => {
  const place = placeFor(t);
  await kill(await startHolder(t, place));
  let inside = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 12 }, async () => {
      const release = await takeLock(place.lock);
      most = Math.max(most, ++inside);
      await setImmediate();
      inside--;
      release();
      release();
    }),
  );
  t.is(most, 1);
  t.deepEqual(readdirSync(place.folder), ['record']);
});

test('who holds the lock is named while it lives, stopped or not, and is nobody when it is killed', async (t) => {
  const place = placeFor(t);
  t.is(await lockHolder(place.lock), undefined);
  const holder = await startHolder(t, place);
  t.deepEqual(await lockHolder(place.lock), { pid: holder.pid });
  holder.kill('SIGSTOP');
  t.deepEqual(await tryLock(place.lock), { pid: holder.pid });
  await kill(holder);
  t.is(await lockHolder(place.lock), undefined);
  t.true(await isFree(place.lock));
});

test('who waits has the lock as soon as its holder is killed', async (t) => {
  const place = placeFor(t);
  const holder = await startHolder(t, place);
  const waiting = takeLock(place.lock);
  await setImmediate();
  holder.kill('SIGKILL');
  (await waiting)();
  t.deepEqual(readdirSync(place.folder), ['record']);
});

(process.platform === 'linux' ? test : test.skip)(
  'one that has been killed holds nothing, though nobody has asked for its exit code yet',
  async (t) => {
    const place = placeFor(t);
    // The shell becomes a sleep, which does not look after children.
    const parent = startWorker(t, place, true, ['sh', '-c', '"$@" & echo $!; exec sleep 60', 'sh']);
    let heard = '';
    while (!heard.includes('.')) heard += String(((await once(parent.stdout, 'data')) as [Buffer])[0]);
    const pid = Number.parseInt(heard.replace('.', ''), 10);
    t.deepEqual(await lockHolder(place.lock), { pid });
    process.kill(pid, 'SIGKILL');
    t.true(await until(() => /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))));
    // Its other threads may be ending still.
    (await takeLock(place.lock))();
    t.true(process.kill(pid, 0), 'its number is taken still');
  },
);

const elsewhere = ['unshare', '--user', '--map-root-user', '--pid', '--kill-child', '--fork'];
const hasNamespaces = spawnSync(elsewhere[0]!, [...elsewhere.slice(1), 'true']).status === 0;

(hasNamespaces ? test : test.skip)(
  'a holder in another PID namespace is seen, and its end too',
  async (t) => {
    const place = placeFor(t);
    const holder = startWorker(t, place, true, elsewhere);
    await once(holder.stdout, 'data');
    // Its number there: here that is another process.
    t.deepEqual(await lockHolder(place.lock), { pid: 1 });
    const waiting = takeLock(place.lock);
    holder.kill('SIGKILL');
    (await waiting)();
    t.pass();
  },
);

test('a lock whose path is too long for a socket is a lock like any other', async (t) => {
  const place = placeFor(t, join('x'.repeat(90), 'y'.repeat(90)));
  const holder = await startHolder(t, place);
  t.deepEqual(await tryLock(place.lock), { pid: holder.pid });
  await kill(holder);
  t.true(await isFree(place.lock));
  t.deepEqual(readdirSync(place.folder), []);
});

test('a lock is for its owner alone, and what earlier versions left is cleared away', async (t) => {
  const { folder, lock } = placeFor(t);
  for (const left of ['', '1 00ff', '{"process":1}']) {
    writeFileSync(lock, left);
    const release = await takeLock(lock);
    t.is(statSync(lock).mode & 0o777, 0o700);
    release();
    t.deepEqual(readdirSync(folder), []);
  }
});

test('what is no lock is left alone, and is an error', async (t) => {
  const { folder, lock } = placeFor(t);
  const isRefused = async (what: string): Promise<void> => {
    await t.throwsAsync(tryLock(lock), { code: 'EEXIST' }, what);
    await t.throwsAsync(takeLock(lock), { code: 'EEXIST' }, what);
  };
  mkdirSync(lock);
  writeFileSync(join(lock, 'notes.txt'), 'mine');
  await isRefused('a folder with a file');
  t.is(readFileSync(join(lock, 'notes.txt'), 'utf8'), 'mine');
  rmSync(lock, { recursive: true });
  mkdirSync(join(folder, 'mine'));
  symlinkSync('mine', lock);
  await isRefused('a link');
  rmSync(lock);
  const server = createServer().listen(lock);
  await once(server, 'listening');
  await isRefused('a socket');
  server.close();
  await t.throwsAsync(takeLock(join(folder, 'missing', 'lock')), { code: 'ENOENT' });
});

/** Ctrl-C in the middle of `wirelab why -- COMMAND` ends both, and what the command has started; a second one does so at once. */
import test from 'ava';
import { readFileSync, readdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../helpers/until.ts';
import { start } from '../../helpers/running.ts';

/** Starts another process that ignores the request to end, and prints the numbers of both. */
const stubborn = `
  const { spawn } = require('node:child_process');
  process.on('SIGTERM', () => {});
  process.on('SIGINT', () => {});
  const other = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); console.log(1)'], { stdio: ['ignore', 'pipe', 'ignore'] });
  other.stdout.once('data', () => console.log('started ' + process.pid + ' ' + other.pid + '.'));
  setInterval(() => {}, 1e6);`;

/** What has ended and is not collected yet (a zombie) is not alive. */
function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** Killed with the command's exit, a process takes its time to go. */
const isGone = async (pid: number): Promise<boolean> => until(() => !alive(pid));

for (const [title, signals, code] of [
  ['once', ['SIGINT'], 130],
  ['twice', ['SIGINT', 'SIGINT'], 130],
  ['SIGTERM', ['SIGTERM'], 143],
  // It ends by that signal itself: Node cannot exit with a terminal that is gone.
  ['SIGHUP', ['SIGHUP'], 'SIGHUP'],
  ['SIGQUIT', ['SIGQUIT'], 131],
] as const)
  test(`interrupted ${title}`, async (t) => {
    const temporary = mkdtempSync(join(tmpdir(), 'wirelab-interrupted-'));
    t.teardown(() => rmSync(temporary, { recursive: true, force: true }));
    const { child, exit } = start(t, ['why', '--', process.execPath, '-e', stubborn], undefined, {
      TMPDIR: temporary,
    });
    const pids = await new Promise<readonly number[]>((resolve) => {
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (more: string) => {
        text += more;
        const [, own, other] = /started (\d+) (\d+)\./.exec(text) ?? [];
        if (own !== undefined) resolve([Number(own), Number(other)]);
      });
    });
    t.is(readdirSync(temporary).filter((name) => name.startsWith('wirelab-why-')).length, 1);
    for (const signal of signals) child.kill(signal);
    t.deepEqual(await exit, typeof code === 'string' ? [null, code] : [code, null]);
    for (const pid of pids) t.true(await isGone(pid), String(pid));
    t.deepEqual(
      readdirSync(temporary).filter((name) => name.startsWith('wirelab-why-')),
      [],
      'the keys are gone',
    );
  });

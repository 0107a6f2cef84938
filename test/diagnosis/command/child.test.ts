/** Runs a command: its end, its output within bounds, and nothing that outlives it. */
import test from 'ava';
import { readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { runChild } from '../../../src/diagnosis/command/child.ts';
import type { ChildEnd, ChildOptions } from '../../../src/diagnosis/command/child.ts';
import { markName, newMark } from '../../../src/diagnosis/command/mark.ts';
import { variablesOf } from '../../../src/diagnosis/command/surroundings.ts';

const run = async (script: string, more: Partial<ChildOptions> = {}): Promise<ChildEnd> =>
  runChild({
    command: [process.execPath, '-e', script],
    variables: process.env,
    input: 'none',
    signal: new AbortController().signal,
    timeLimit: 20_000,
    ...more,
  });

test('exit code and both outputs, passed on as they come', async (t) => {
  let passed = '';
  const passTo = new Writable({
    write(bytes: Buffer, _encoding, done) {
      passed += bytes.toString();
      done();
    },
  });
  const ended = await run('console.log("out"); console.error("err"); process.exitCode = 7', { passTo });
  t.deepEqual(ended, { code: 7, isLate: false, stdout: 'out\n', stderr: 'err\n' });
  t.true(passed === 'out\nerr\n' || passed === 'err\nout\n', passed);
});

test('of much output the end is kept', async (t) => {
  const { stderr } = await run('process.stderr.write("x".repeat(5e6) + "the end")');
  t.is(stderr.length, 64 * 1024);
  t.true(stderr.endsWith('xthe end'));
});

test('a reader of its output that has gone does not hold it up', async (t) => {
  const passTo = new Writable({
    highWaterMark: 1,
    write(_bytes, _encoding, done) {
      done(Object.assign(new Error('closed'), { code: 'EPIPE' }));
    },
  });
  const { code, stdout } = await run('process.stdout.write("x".repeat(1e6) + "the end")', { passTo });
  t.is(code, 0);
  t.true(stdout.endsWith('xthe end'));
});

test('a program that cannot be started', async (t) => {
  t.like(await run('', { command: ['/nowhere/at-all'] }), { error: 'ENOENT' });
});

/** What has ended and is not collected yet (a zombie) is not alive. */
const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** Starts another that ignores SIGTERM as it does itself, says its number, and never ends. */
const stubborn = 'trap "" TERM; sleep 1000 & echo $!; wait; sleep 1000';

test('its time is over: it ends, and what it has started', async (t) => {
  const ended = await run('', { command: ['sh', '-c', stubborn], timeLimit: 3000 });
  t.like(ended, { isLate: true, killedBy: 'SIGKILL' });
  const pid = Number(ended.stdout);
  t.true(pid > 1);
  t.false(alive(pid));
});

/** Starts another one in a session of its own, which forks once more, and says the number of the last one. */
const escaping = (after: string): string => `
  const { spawn } = require('node:child_process');
  const inner = 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1e6)';
  const outer = 'require("node:child_process").spawn(process.execPath, ["-e", ' + JSON.stringify(inner) + '], { stdio: "inherit", detached: true })';
  const child = spawn(process.execPath, ['-e', outer], { stdio: ['ignore', 'pipe', 'inherit'], detached: true });
  child.stdout.once('data', (said) => { console.log(String(said).trim()); ${after} });
  setInterval(() => {}, 1e6);
`;

const isLinux = process.platform === 'linux';

(isLinux ? test : test.skip)('what has left its process group is ended too: its time is over', async (t) => {
  const ended = await run(escaping(''), { timeLimit: 3000 });
  t.true(ended.isLate);
  const pid = Number(ended.stdout);
  t.true(pid > 1, ended.stderr);
  t.false(alive(pid));
});

(isLinux ? test : test.skip)('and where it has ended by itself', async (t) => {
  const ended = await run(escaping('process.exit(5)'));
  t.like(ended, { code: 5, isLate: false });
  const pid = Number(ended.stdout);
  t.true(pid > 1, ended.stderr);
  t.false(alive(pid));
});

test('only what carries the mark of this command is found; a command within a command carries both', async (t) => {
  const outer = newMark({});
  const inner = newMark(outer.variables);
  const other = newMark({});
  t.not(outer.variables[markName], other.variables[markName]);
  t.true(inner.variables[markName]?.startsWith(`${outer.variables[markName]},`));
  t.deepEqual(other.processes(), []);
});

test('it is ended from outside, also before it has begun', async (t) => {
  const controller = new AbortController();
  const passTo = new Writable({
    write(_bytes, _encoding, done) {
      controller.abort();
      done();
    },
  });
  t.like(
    await run('console.log("ready"); setInterval(() => {}, 1e6)', { signal: controller.signal, passTo }),
    {
      killedBy: 'SIGTERM',
      isLate: false,
    },
  );
  t.truthy((await run('setInterval(() => {}, 1e6)', { signal: AbortSignal.abort() })).killedBy);
});

test('the variables of a command', (t) => {
  const before = { PATH: '/bin', NO_PROXY: 'localhost', no_proxy: '*', NODE_OPTIONS: '--no-warnings' };
  const led = variablesOf({
    variables: before,
    proxy: { host: '127.0.0.1', port: 8080 },
    keylogFile: '/tmp/a b/keys',
    isNode: true,
  });
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'])
    t.is(led[name], 'http://127.0.0.1:8080');
  t.false('NO_PROXY' in led);
  t.false('no_proxy' in led);
  t.is(led['PATH'], '/bin');
  t.is(led['SSLKEYLOGFILE'], '/tmp/a b/keys');
  t.is(led['NODE_OPTIONS'], '--no-warnings --tls-keylog="/tmp/a b/keys"');
  t.regex(led['JAVA_TOOL_OPTIONS'] ?? '', /-Dhttps\.proxyPort=8080/);
  const placed = variablesOf({ variables: before, keylogFile: '/k', isNode: false });
  t.deepEqual(placed, { ...before, SSLKEYLOGFILE: '/k' });
});

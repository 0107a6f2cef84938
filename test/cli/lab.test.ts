/** `wirelab lab` by the real command: begun, held up, checked, hinted at, put back; and what can be got wrong. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cellWidth } from '../../src/i18n/width.ts';
import { labNames } from '../../src/labs/load.ts';
import { stateOf } from '../../src/labs/state.ts';
import { outputValidator } from '../helpers/output-schema.ts';
import { shareOf } from '../helpers/at-length.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { start } from '../helpers/running.ts';
import { mainFile, askWirelab, wirelabEnvironment } from '../helpers/wirelab.ts';
import { compiledLabs } from '../labs/support/learner.ts';

function parentOf(t: ExecutionContext): string {
  const parent = mkdtempSync(join(tmpdir(), 'wirelab lab-'));
  t.teardown(() => rmSync(parent, { recursive: true, force: true }));
  return parent;
}

test('every lab starts in both languages, and its check prints lines that fit, and JSON', async (t) => {
  const names = labNames(compiledLabs);
  t.true(names.includes('mutual-tls'));
  const validate = outputValidator();
  for (const name of shareOf(names, 3)) {
    for (const lang of ['en', 'ko']) {
      const cwd = parentOf(t);
      const begun = await askWirelab(['lab', name, '--no-hold', '--lang', lang], { cwd });
      t.is(begun.exitCode, 0, begun.stderr);
      const folder = join(cwd, `lab-${name}`);
      const checked = await askWirelab(['lab', 'check', '--lang', lang], { cwd: folder });
      t.is(checked.exitCode, 1, checked.stderr);
      // A command that is there to be copied is not broken.
      for (const line of `${begun.stdout}${checked.stdout}`.split('\n'))
        t.true(cellWidth(line) <= 80 || /^ {4,}\S*wirelab /.test(line), line);
      t.is(/[가-힣]/.test(checked.stdout), lang === 'ko');
      const json = await askWirelab(['lab', 'check', '--json', '--folder', folder]);
      t.is(json.exitCode, 1, json.stderr);
      t.true(validate(JSON.parse(json.stdout)), JSON.stringify(validate.errors));
      t.like(JSON.parse(json.stdout), { kind: 'lab-check', lab: name, done: 0 });
      t.regex(readFileSync(join(folder, 'README.md'), 'utf8'), /^# \S/);
    }
  }
});

test('hints come one at a time, the last one again and again; those of a task by its name', async (t) => {
  const cwd = parentOf(t);
  await askWirelab(['lab', 'mutual-tls', '--no-hold', '--folder', 'mine'], { cwd });
  const folder = join(cwd, 'mine');
  const hint = async (...words: readonly string[]): Promise<string> =>
    (await askWirelab(['lab', 'hint', ...words], { cwd: folder })).stdout;
  t.regex(await hint(), /ask-for-certificates\)\nHint 1 of 3/);
  t.regex(await hint(), /Hint 2 of 3/);
  t.regex(await hint('keep-mallory-out'), /Hint 1 of 3/);
  t.regex(await hint('ask-for-certificates'), /Hint 3 of 3/);
  t.regex(await hint('ask-for-certificates'), /Hint 3 of 3[^]*the last one/);
  const unknown = await askWirelab(['lab', 'hint', 'nothing'], { cwd: folder });
  t.is(unknown.exitCode, 2);
  t.regex(unknown.stderr, /ask-for-certificates, keep-mallory-out/);
});

test('a reset puts back the beginning and keeps what there was', async (t) => {
  const cwd = parentOf(t);
  await askWirelab(['lab', 'mutual-tls', '--no-hold', '--folder', 'mine'], { cwd });
  const folder = join(cwd, 'mine');
  const before = readdirSync(folder);
  writeFileSync(join(folder, 'settings.yaml'), 'mine\n');
  const { exitCode, stdout } = await askWirelab(['lab', 'reset'], { cwd: folder });
  t.is(exitCode, 0);
  const aside = /before-reset-\S+?(?=\.\s)/.exec(stdout)?.[0] ?? '';
  t.is(readFileSync(join(folder, aside, 'settings.yaml'), 'utf8'), 'mine\n');
  t.deepEqual(
    readdirSync(folder).filter((name) => name !== aside),
    before,
  );
  t.regex(readFileSync(join(folder, 'settings.yaml'), 'utf8'), /kind: tls/);
});

test('what can be got wrong is one message, exit code 2, and nothing is made', async (t) => {
  const cwd = parentOf(t);
  mkdirSync(join(cwd, 'full'));
  writeFileSync(join(cwd, 'full', 'thesis.txt'), 'years\n');
  const tries: readonly (readonly [readonly string[], RegExp])[] = [
    [['lab'], /missing lab name/],
    [['lab', 'mutual-tsl'], /Did you mean mutual-tls/],
    [['lab', '../mutual-tls'], /there is no such folder/],
    [['lab', 'full'], /contains no lab/],
    [['lab', 'mutual-tls', 'now'], /too many arguments/],
    [['lab', 'check', 'keep-mallory-out'], /check takes no task; --all shows every one/],
    [
      ['lab', 'check', 'mutual-tls'],
      /takes no name of a lab[^]*cd lab-mutual-tls, or --folder lab-mutual-tls/,
    ],
    [['lab', 'chek'], /Did you mean check\? \S*wirelab lab check/],
    [['lab', 'check'], /not a lab folder/],
    [['lab', 'hint'], /not a lab folder/],
    [['lab', 'reset'], /not a lab folder/],
    [['lab', 'check', '--folder', 'nowhere'], /not a lab folder/],
    [['lab', 'hint', '--folder', 'full/thesis.txt'], /not a lab folder/],
    [['lab', 'mutual-tls', '--folder', 'full'], /this folder contains other files/],
    [['lab', 'mutual-tls', '--folder', 'full/thesis.txt'], /this is a file, and not a folder/],
  ];
  for (const [words, says] of tries) {
    const { exitCode, stdout, stderr } = await askWirelab(words, { cwd });
    t.is(exitCode, 2, words.join(' '));
    t.is(stdout, '');
    t.regex(stderr, says);
    t.notRegex(stderr, /^\s+at /m);
  }
  t.deepEqual(readdirSync(cwd), ['full']);
  t.deepEqual(readdirSync(join(cwd, 'full')), ['thesis.txt']);
  await askWirelab(['lab', 'mutual-tls', '--no-hold'], { cwd });
  t.regex((await askWirelab(['lab', 'check'], { cwd })).stderr, /cd lab-mutual-tls/);
});

test('where every task is done no hint is given or counted, and the count says so in words', async (t) => {
  const cwd = parentOf(t);
  await askWirelab(['lab', 'mutual-tls', '--no-hold', '--folder', 'mine'], { cwd });
  const folder = join(cwd, 'mine');
  const record = join(stateOf(folder), 'progress.json');
  const settings = readFileSync(join(folder, 'settings.yaml'), 'utf8');
  writeFileSync(
    join(folder, 'settings.yaml'),
    settings
      .replace('kind: tls', 'kind: mtls')
      .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [staff-ca]\n'),
  );
  const done = await askWirelab(['lab', 'check'], { cwd: folder });
  t.is(done.exitCode, 0, done.stdout);
  t.regex(done.stdout, /^Both tasks are done\./m);
  const hint = await askWirelab(['lab', 'hint'], { cwd: folder });
  t.is(hint.exitCode, 0);
  t.notRegex(hint.stdout, /Hint \d/);
  t.regex(hint.stdout, /Both tasks are done\. No task is left[^]*ask-for-certificates, keep-mallory-out/);
  t.deepEqual((JSON.parse(readFileSync(record, 'utf8')) as { hints: object }).hints, {});
  t.regex(
    (await askWirelab(['lab', 'hint', '--lang', 'ko'], { cwd: folder })).stdout,
    /과제 2개를 모두 마쳤습니다/,
  );
  // Asked for by its name, one is given.
  t.regex((await askWirelab(['lab', 'hint', 'keep-mallory-out'], { cwd: folder })).stdout, /Hint 1 of 3/);
});

test('a lab that is not up is started by the command that a check prints, from the learner’s own folder', async (t) => {
  const cwd = parentOf(t);
  await askWirelab(['lab', 'find-the-password', '--no-hold', '--folder', 'some where'], { cwd });
  const folder = join(cwd, 'some where');
  const { stdout, exitCode } = await askWirelab(['lab', 'check'], { cwd: folder });
  t.is(exitCode, 1);
  const [, command = ''] = /The lab is not running\.[^]*?\n {4}(\S.*)\n/.exec(stdout) ?? [];
  t.regex(command, /wirelab lab find-the-password --folder /);
  const child = spawn('sh', ['-c', `exec ${command}`], {
    cwd: folder,
    env: wirelabEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let said = '';
  await new Promise<void>((up) =>
    child.stdout
      .setEncoding('utf8')
      .on('data', (text: string) => /Wire A is live/.test((said += text)) && up()),
  );
  t.regex(said, /as you left it/);
  t.regex(
    (await askWirelab(['lab', 'check'], { cwd: folder })).stdout,
    /there was no login at bank as alice/,
  );
  child.kill('SIGINT');
  t.deepEqual(await ended, [0, null]);
});

/** Starts the lab and waits for lines. */
function hold(
  t: ExecutionContext,
  cwd: string,
  name = 'mutual-tls',
): { until(pattern: RegExp): Promise<string>; end(signal: NodeJS.Signals): Promise<number | null> } {
  const child = spawn(process.execPath, [mainFile, 'lab', name, '--folder', 'mine', '--lang', 'en'], {
    cwd,
    env: wirelabEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  let text = '';
  const waiting = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    for (const look of waiting) look();
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  return {
    /** What was said until the pattern came; it is not looked at again. */
    async until(pattern) {
      return new Promise((settle, reject) => {
        const look = (): void => {
          const found = pattern.exec(text);
          if (!found) return;
          waiting.delete(look);
          const said = text.slice(0, found.index + found[0].length);
          text = text.slice(said.length);
          settle(said);
        };
        waiting.add(look);
        void ended.then(() => reject(new Error(`ended before ${String(pattern)}: ${text}`)));
        look();
      });
    },
    async end(signal) {
      child.kill(signal);
      return (await ended)[0];
    },
  };
}

withPeer(
  'curl',
  'a held lab opens its doors anew with each change, at the same port, tells what it cannot open, and ends on Ctrl-C',
  async (t) => {
    const cwd = parentOf(t);
    const held = hold(t, cwd);
    const isOpen = /as mallory-as-alice, to front\n[^]*?cat try\//;
    const folder = join(cwd, 'mine');
    const script = (name: string): string => readFileSync(join(folder, 'try', name), 'utf8');
    const portNow = (): string | undefined => /shop\.localhost:(\d+):/.exec(script('alice'))?.[1];
    await held.until(isOpen);
    const port = portNow();
    t.regex(port ?? '', /^\d+$/);
    const settings = join(folder, 'settings.yaml');
    const start = readFileSync(settings, 'utf8');
    writeFileSync(settings, start.replace('kind: tls', 'kind: mtls'));
    t.regex(await held.until(/Not open yet[^]*?clientAuthorities/), /settings\.yaml changed\./);
    writeFileSync(
      settings,
      start
        .replace('kind: tls', 'kind: mtls')
        .replace('certificate: front\n', 'certificate: front\n    clientAuthorities: [staff-ca]\n'),
    );
    await held.until(isOpen);
    t.is(portNow(), port, 'the same port');
    t.regex(script('alice'), /alice\.crt/);
    t.notRegex(script('nobody'), /--cert /);
    const curl = async (name: string) => runProgram('sh', [join('try', name)], { cwd: folder });
    t.regex((await curl('alice')).stdout, /^HTTP\/1\.1 302/);
    t.not((await curl('nobody')).exitCode, 0);
    t.is(await held.end('SIGINT'), 0);
    const again = hold(t, cwd);
    t.regex(await again.until(isOpen), /Your folder, as you left it/);
    t.is(portNow(), port, 'after a restart too');
    t.is(await again.end('SIGTERM'), 143);
    t.false(existsSync(join(cwd, 'lab-mutual-tls')));
  },
);

test('a held cluster is where it was after a restart; what was done stays done while it is not up, and what to do is said once', async (t) => {
  const cwd = parentOf(t);
  const folder = join(cwd, 'mine');
  const held = hold(t, cwd, 'a-user-for-the-cluster');
  const up = /The API server is up at (https:\/\/127\.0\.0\.1:\d+)[^]*curl -K admin\.curl \S+\n/;
  const open = await held.until(up);
  t.notRegex(open, / (?:GET|POST) \/api/, 'what was done before the learner came is no news');
  const url = up.exec(open)?.[1];
  t.is(/server: (\S+)/.exec(readFileSync(join(folder, 'admin.conf'), 'utf8'))?.[1], url);
  // As after a check that found it done.
  const state = join(stateOf(folder), 'progress.json');
  const record = JSON.parse(readFileSync(state, 'utf8')) as object;
  writeFileSync(state, JSON.stringify({ ...record, done: ['mend-bobs-request'] }));
  t.is(await held.end('SIGINT'), 0);
  const check = async (): Promise<string> => (await askWirelab(['lab', 'check'], { cwd: folder })).stdout;
  const unasked = await check();
  t.is(unasked.match(/The lab is not running/g)?.length, 1);
  t.like(JSON.parse(readFileSync(state, 'utf8')), { done: ['mend-bobs-request'] });
  const again = hold(t, cwd, 'a-user-for-the-cluster');
  const reopened = await again.until(up);
  t.is(up.exec(reopened)?.[1], url);
  t.regex(reopened, /with everything that was in\s+it/);
  t.regex(await check(), /0 of 4 tasks done/);
  t.like(JSON.parse(readFileSync(state, 'utf8')), { done: [] });
  const reset = await askWirelab(['lab', 'reset'], { cwd: folder });
  t.is(reset.exitCode, 0);
  const anew = await again.until(up);
  t.regex(anew, /the cluster starts again/);
  t.notRegex(anew, /examiner|reviews/, 'nor are the questions of a check');
  t.is(await again.end('SIGTERM'), 143);
});

withPeer('curl', 'the commands of a lab are short, run from anywhere, and go when it ends', async (t) => {
  const cwd = parentOf(t);
  const folder = join(cwd, 'mine');
  const running = start(t, ['lab', 'find-the-password', '--folder', folder]);
  const printed = await running.until(/cat try\/alice shows it[^]*Wire A is live/);
  const typed = Array.from(
    printed.matchAll(/^ {4}(sh \S+(?: '[^']*')?) {3}/gm),
    ([, command = '']) => command,
  );
  t.deepEqual(typed, [
    `sh try/alice 'THE PASSWORD'`,
    'sh try/alice-openssl',
    `sh try/bob 'THE PASSWORD'`,
    'sh try/bob-openssl',
  ]);
  t.true(printed.split('\n').every((line) => cellWidth(line) <= 80));
  // In another terminal the same ones are listed, and what listens to the wire.
  const live = /curl -sN \S+/.exec(await running.until(/curl -sN \S+\n/))?.[0] ?? '';
  const listed = await askWirelab(['lab', 'commands'], { cwd: folder });
  t.deepEqual(
    Array.from(listed.stdout.matchAll(/^ {4}(\S.*)$/gm), ([, command = '']) => command),
    [...typed, live],
  );
  const elsewhere = await askWirelab(['lab', 'commands', '--folder', folder], { cwd });
  t.regex(elsewhere.stdout, /^ {4}cd mine\n {4}sh try\/alice 'THE PASSWORD'$/m);
  // As it stands, from the folder; and with a wrong password, from elsewhere.
  const wrong = { cwd: tmpdir(), input: '' };
  for (const { exitCode, stdout } of [
    await runProgram('sh', ['-c', typed[0] ?? ''], { cwd: folder, input: '' }),
    await runProgram('sh', [join(folder, 'try', 'bob'), 'x&y'], wrong),
  ]) {
    t.is(exitCode, 0);
    t.regex(stdout, /^HTTP\/1\.1 401 /);
  }
  const said = await running.until(/bank turned bob away/);
  t.regex(said, /still said THE PASSWORD/);
  // A reset keeps what is the running lab's own.
  await askWirelab(['lab', 'reset', '--folder', folder]);
  t.true(existsSync(join(folder, 'try', 'alice')));
  running.child.kill('SIGINT');
  t.deepEqual([...(await running.exit)], [0, null]);
  t.false(existsSync(join(folder, 'try')));
  t.notRegex((await askWirelab(['lab', 'commands'], { cwd: folder })).stdout, /sh try|curl/);
});

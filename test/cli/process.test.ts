/**
 * The command as a process: the pace, holding, signals, a reader that goes away, the launcher.
 */
import test from 'ava';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { start } from '../helpers/running.ts';
import { mainFile, runWirelab, wirelabEnvironment } from '../helpers/wirelab.ts';

const root = resolve(import.meta.dirname, '../../..');

test('step by step: each Enter is one step, and the end of input lets the rest run', async (t) => {
  const running = start(t, ['run', 'plaintext', '--no-tui', '--pace', 'step']);
  const before = await running.until(/Enter/);
  t.notRegex(before, /POST \/login/);
  running.child.stdin.write('\n');
  const after = await running.until(/POST \/login[^]*Enter/);
  t.notRegex(after, /Verdict/);
  running.child.stdin.end();
  await running.until(/Verdict: PASSED/);
  t.deepEqual([...(await running.exit)], [0, null]);
});

test('a pace in milliseconds continues by itself', async (t) => {
  const { exitCode, stdout } = await runWirelab(['run', 'plaintext', '--no-tui', '--pace', '5']);
  t.is(exitCode, 0);
  t.regex(stdout, /Verdict: PASSED/);
});

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} while waiting ends with ${code}, and nothing half-written is left`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab-signal-'));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    const running = start(t, [
      'run',
      'plaintext',
      '--no-tui',
      '--pace',
      'step',
      '-w',
      join(folder, 'x.pcapng'),
    ]);
    await running.until(/Enter/);
    running.child.kill(signal);
    t.deepEqual([...(await running.exit)], [code, null]);
    t.deepEqual(
      readdirSync(folder).filter((file) => file !== 'x.pcapng'),
      [],
    );
  });

  test(`${signal} while holding ends with ${code}`, async (t) => {
    const running = start(t, ['run', 'plaintext', '--no-tui', '--hold']);
    const [, folder = ''] = /cd (\S+)/.exec(await running.until(/ {2}sh .*\n/)) ?? [];
    t.true(existsSync(folder));
    running.child.kill(signal);
    t.deepEqual([...(await running.exit)], [code, null]);
    t.false(existsSync(folder));
  });
}

/** The commands that --hold prints, as a person would type them, in the folder that is printed once. */
function printedCommands(printed: string, program: 'curl' | 'openssl'): string[] {
  const [, folder = ''] = /^ {2}cd (\S+)$/m.exec(printed) ?? [];
  return Array.from(printed.matchAll(/^ {2}sh (\S+)/gm), ([, name = '']) => name)
    .filter((name) => name.endsWith('-openssl') === (program === 'openssl'))
    .map((name) => `cd ${folder} && sh ${name}`);
}

const bash = (command: string): ReturnType<typeof runProgram> =>
  runProgram('sh', ['-c', command], { input: '' });

for (const [name, lastWay, sealedWays] of [
  ['plaintext', /Wire B: as [^\n]*\n/, 0],
  ['tls', /Wire F: as [^\n]*\n/, 4],
] as const) {
  withPeer(['curl', 'openssl'], `the commands that --hold prints for ${name} reach every hop`, async (t) => {
    const running = start(t, ['run', name, '--no-tui', '--hold']);
    const printed = await running.until(lastWay);
    const curls = printedCommands(printed, 'curl');
    t.true(curls.length >= 3, printed);
    let admitted = 0;
    for (const command of curls) {
      const { exitCode, stdout, stderr } = await bash(command);
      // One of the ways is the proxy that the client refuses: curl must refuse it too (60).
      if (exitCode === 60) continue;
      t.is(exitCode, 0, `${command}\n${stderr}`);
      t.regex(stdout, /302 Found/);
      admitted++;
    }
    t.true(admitted >= 2);
    // What a person did is shown like the rest.
    await running.until(/POST \/login[^]*cat customer[^]*POST \/login/);
    let refused = 0;
    const sealed = printedCommands(printed, 'openssl');
    t.is(sealed.length, sealedWays);
    for (const command of sealed) {
      const { exitCode, stdout, stderr } = await bash(command);
      if (exitCode === 0) t.regex(stdout, /^HTTP\/1\.1 200 /, command);
      else t.regex(stderr, /verify error/, command);
      if (exitCode !== 0) refused++;
    }
    t.is(refused, sealedWays > 0 ? 1 : 0);
    running.child.kill('SIGTERM');
    await running.exit;
  });
}

withPeer(
  ['curl', 'openssl'],
  'the commands that --hold prints for mtls admit alice and show every refusal with its alert',
  async (t) => {
    const running = start(t, ['run', 'mtls', '--no-tui', '--hold', '--json']);
    const printed = await running.until(/"kind":"reach"[^]*"to":"shop"[^\n]*\n/);
    const ways = printed
      .split('\n')
      .filter((line) => line.includes('"kind":"reach"') && line.endsWith('}'))
      .map(
        (line) =>
          JSON.parse(line) as {
            hop: string;
            client: string;
            to: string;
            curl: string;
            openssl?: string;
            typed?: Readonly<Record<string, string>>;
            folder?: string;
          },
      );
    // The short form does what the long one does.
    const first = ways.find(({ client, to }) => client === 'alice' && to === 'front');
    t.deepEqual(Object.keys(first?.typed ?? {}), ['curl', 'openssl']);
    const short = await bash(`cd ${first?.folder ?? '/'} && ${first?.typed?.['curl'] ?? 'false'}`);
    t.is(short.exitCode, 0, short.stderr);
    t.regex(short.stdout, /^HTTP\/1\.1 302 /m);
    const expected: Readonly<Record<string, RegExp | null>> = {
      alice: null,
      nobody: /certificate required/,
      mallory: /unknown ca/,
      'alice-expired': /certificate expired|expired/,
      'alice-server-only': /unsupported certificate/,
      'alice-revoked': /revoked/,
    };
    for (const [client, words] of Object.entries(expected)) {
      const way = ways.find((candidate) => candidate.client === client && candidate.to === 'front');
      t.truthy(way, client);
      const { exitCode, stdout, stderr } = await bash(way?.curl ?? 'false');
      if (words) {
        t.is(exitCode, 56, `${client}: ${stderr}`);
        t.regex(stderr, words);
      } else {
        t.is(exitCode, 0, stderr);
        t.regex(stdout, /302 Found/);
      }
    }
    running.child.kill('SIGTERM');
    t.deepEqual([...(await running.exit)], [143, null]);
  },
);

for (const [what, body, words] of [
  ['has nothing left to wait for', 'new Promise(() => {})', 'the command ended without a result'],
  [
    'meets an error that no promise carries',
    `new Promise(() => { setImmediate(() => { throw new Error('by surprise'); }); setInterval(() => {}, 1e6); })`,
    'Error: by surprise',
  ],
] as const)
  test(`a command that ${what} fails, and says so`, (t) => {
    const program = pathToFileURL(resolve(root, 'dist/src/cli/program.js')).href;
    const script = `import { main } from ${JSON.stringify(program)}; void main([], () => ${body});`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { encoding: 'utf8', env: { ...wirelabEnvironment(), WIRELAB_LANG: 'en' }, timeout: 60_000 },
    );
    t.is(status, 70);
    t.is(stdout, '');
    t.true(stderr.startsWith('wirelab: internal error in wirelab:\n'), stderr);
    t.true(stderr.includes(words), stderr);
  });

test('a reader that goes away is no fault', async (t) => {
  const child = spawn(
    'sh',
    ['-c', `"${process.execPath}" "${mainFile}" run plaintext --no-tui; echo "ended $?" >&2`],
    { env: wirelabEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] },
  );
  child.stdout.destroy();
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  t.is(stderr, 'ended 0\n');
});

test('the launcher starts the same program, through a link and from anywhere', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-launch-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const code = readdirSync(join(root, 'dist', 'bundle')).filter((name) => name.endsWith('.cache'));
  t.true(
    ['first', 'rest'].every((name) => code.some((file) => file.startsWith(`${name}.cjs.`))),
    'the build kept no code',
  );
  symlinkSync(join(root, 'wirelab'), join(folder, 'wl'));
  for (const [program, cwd] of [
    [join(root, 'wirelab'), '/'],
    [join(folder, 'wl'), folder],
    ['./wl', folder],
  ] as const) {
    const { status, stdout, stderr } = spawnSync(program, ['run', 'plaintext', '--no-tui'], {
      cwd,
      encoding: 'utf8',
      env: wirelabEnvironment(),
    });
    t.is(status, 0, stderr);
    t.is(stderr, '');
    t.regex(stdout, /Verdict: PASSED/);
  }
  const { status, stderr } = spawnSync(join(folder, 'wl'), ['run', 'nothing'], {
    encoding: 'utf8',
    env: wirelabEnvironment(),
  });
  t.is(status, 2);
  t.regex(stderr, /nothing/);
});

test('a run that is shared is started with a small young generation, and nothing else is', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-launch-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'node'), '#!/bin/sh\nfor word; do echo "$word"; done\n', { mode: 0o755 });
  const given = (...words: readonly string[]): readonly string[] =>
    spawnSync(join(root, 'wirelab'), words, {
      encoding: 'utf8',
      env: { ...wirelabEnvironment(), PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    })
      .stdout.trim()
      .split('\n');
  const start = join(root, 'dist/bundle/start.cjs');
  const small = '--max-semi-space-size=4';
  t.deepEqual(given('run', 'a b', '--share'), [small, start, 'run', 'a b', '--share']);
  t.deepEqual(given('run', 'mtls', '--share=8080'), [small, start, 'run', 'mtls', '--share=8080']);
  t.deepEqual(given('run', 'mtls', '--share-tls'), [start, 'run', 'mtls', '--share-tls']);
  t.deepEqual(given(), [start]);
});

test('the launcher serves TLS and an author’s own scenario as well', (t) => {
  for (const words of [
    ['run', 'mtls', '--no-tui'],
    ['run', join(root, 'scenarios', 'tls'), '--no-tui', '--lang', 'ko'],
  ]) {
    const { status, stderr } = spawnSync(join(root, 'wirelab'), words, {
      encoding: 'utf8',
      env: wirelabEnvironment(),
    });
    t.is(status, 0, stderr);
    // A newer Node warns of what http-proxy uses: nobody else's warnings are for a person to read.
    t.is(stderr, '');
  }
});

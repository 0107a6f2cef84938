/** Completions of the shells, tried in the shells themselves; and that they and the manual page have every command and option. */
import test from 'ava';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandTree } from '../../../../src/cli/home/manual/command-tree.ts';
import { completionScript, shells } from '../../../../src/cli/home/manual/completion-scripts.ts';
import { manPage } from '../../../../src/cli/home/manual/man-page.ts';
import { environmentVariables } from '../../../../src/cli/home/manual/surroundings.ts';
import { commands } from '../../../../src/cli/program.ts';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';

const nodes = await commandTree(commands);
const operands = { run: ['plaintext', 'tls'], lab: ['be-a-ca'] };
const script = (shell: (typeof shells)[number]): string => completionScript(shell, nodes, operands);

/** What is offered for the last word, and what is among it. */
const cases = [
  [['prox'], ['proxy']],
  [['certs', 'sh'], ['show']],
  [['certs', 'show', '--start'], ['--starttls']],
  [['proxy', '--mode', 'm'], ['mtls']],
  [['proxy', '--mode', 'tls', '--target-start'], ['--target-starttls']],
  [['run', 'pla'], ['plaintext']],
  [['lab', 'be'], ['be-a-ca']],
  [['kube', 'pki', '--o'], ['--out']],
  [['run', '--lang', 'k'], ['ko']],
] as const;

function inFolder(t: { teardown(run: () => void): void }, name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-completion-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

withPeer('bash', 'bash offers commands, actions, options, their values and operands', async (t) => {
  const tries = [...cases, [['proxy', '--mode', '=', 'm'], ['mtls']], [['help', 'ce'], ['certs']]] as const;
  const lines = tries.map(
    ([words]) =>
      `COMP_WORDS=(wirelab ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; COMPREPLY=(); _wirelab; echo "\${COMPREPLY[*]}"`,
  );
  const file = inFolder(t, 'try.bash', `set -u\n${script('bash')}${lines.join('\n')}\n`);
  const { stdout, stderr, exitCode } = await runProgram('bash', ['--norc', file]);
  t.is(exitCode, 0, stderr);
  t.deepEqual(
    stdout.trimEnd().split('\n'),
    tries.map(([, offered]) => offered.join(' ')),
  );
  t.is(stderr, '');
});

withPeer('fish', 'fish offers the same', async (t) => {
  const lines = cases.map(
    ([words]) =>
      `complete -C '${['wirelab', ...words].join(' ')}' | string replace -r '\\t.*' '' | string join ' '`,
  );
  const file = inFolder(t, 'try.fish', `${script('fish')}${lines.join('\n')}\n`);
  const { stdout, stderr } = await runProgram('fish', ['--no-config', file]);
  t.deepEqual(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(' ')[0]),
    // It offers what has the letters anywhere, the best first.
    cases.map(([, offered]) => offered.join(' ')),
    stderr,
  );
});

withPeer('zsh', 'zsh reads its script', async (t) => {
  const file = inFolder(t, '_wirelab', script('zsh'));
  const { exitCode, stderr } = await runProgram('zsh', ['-n', file]);
  t.is(exitCode, 0, stderr);
  const { stdout, stderr: said } = await runProgram('zsh', [
    '-fc',
    `autoload -U compinit; compinit -u -D; source ${file}; print -r -- $_comps[wirelab]`,
  ]);
  t.is(stdout.trim(), '_wirelab', said);
});

test('every command, action and option is in each of them and in the manual page', (t) => {
  const page = manPage(nodes, '1.2.3', '2026-01-01', 'en');
  const plain = page.replaceAll(String.raw`\-`, '-').replaceAll(/\\f[BIR]/g, '');
  t.true(nodes.length > 20);
  for (const { words, options } of nodes) {
    t.true(plain.includes(`wirelab ${words.join(' ')} `), words.join(' '));
    for (const name of Object.keys(options)) {
      const written = `${name.length === 1 ? '-' : '--'}${name}`;
      t.true(plain.includes(written), written);
      for (const shell of ['bash', 'zsh'] as const)
        t.true(script(shell).includes(written), `${shell}: ${written}`);
    }
  }
  t.notRegex(page, /\.\/wirelab/);
  t.notRegex(page, /[^\x00-\x7f]/);
});

withPeer('groff', 'groff has nothing to say against the manual page, in either language', async (t) => {
  for (const language of ['en', 'ko'] as const) {
    const { stderr } = await runProgram('groff', ['-man', '-ww', '-z', '-Tutf8'], {
      input: manPage(nodes, '1.2.3', '2026-01-01', language),
    });
    // Hangul has no font of its own there; a terminal has.
    t.is(
      stderr
        .split('\n')
        .filter((line) => line !== '' && !/special character|can't find/.test(line))
        .join('\n'),
      '',
    );
  }
});

test('help has every environment variable that the program reads', (t) => {
  const documented = Object.keys(environmentVariables).flatMap((name) => name.split(', '));
  const sources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const text = sources.map((file) => readFileSync(join('src', file), 'utf8')).join('\n');
  const read = new Set(
    [...text.matchAll(/(?:variables|environment|env)\['([A-Z_]+)'\]/g)].map(([, name = '']) => name),
  );
  // Of the terminal, the machine and the build: nobody sets them for wirelab.
  const others = new Set([
    'PATH',
    'TMPDIR',
    'DISPLAY',
    'WAYLAND_DISPLAY',
    'WSL_DISTRO_NAME',
    'WSL_INTEROP',
    'COLORFGBG',
    'LC_CTYPE',
    'XDG_STATE_HOME',
    'HOME',
    // Of the commands that `why` starts.
    'NODE_OPTIONS',
    'JAVA_TOOL_OPTIONS',
    'GIT_SSL_CAINFO',
    'GIT_SSL_CERT',
    'GIT_SSL_KEY',
    'JDK_JAVA_OPTIONS',
    '_JAVA_OPTIONS',
  ]);
  t.deepEqual(
    [...read].filter((name) => !documented.includes(name) && !others.has(name)),
    [],
  );
  t.true(read.size > 5);
});

test('help COMMAND, its actions, -V, and a word that is no shell', async (t) => {
  const overview = await askWirelab(['--help']);
  for (const word of ['WIRELAB_CERTS', 'SSLKEYLOGFILE', 'completion'])
    t.true(overview.stdout.includes(word), word);
  t.is((await askWirelab(['help', 'proxy'])).stdout, (await askWirelab(['proxy', '--help'])).stdout);
  t.is(
    (await askWirelab(['help', 'certs', 'show'])).stdout,
    (await askWirelab(['certs', 'show', '--help'])).stdout,
  );
  const unknown = await askWirelab(['help', 'proxi']);
  t.is(unknown.exitCode, 2);
  t.regex(unknown.stderr, /Did you mean/);
  t.is((await askWirelab(['-V'])).stdout, (await askWirelab(['--version'])).stdout);
  t.is((await askWirelab(['completion', 'tcsh'])).exitCode, 2);
  t.regex((await askWirelab(['completion', 'bash'])).stdout, /client-refusals/);
  t.regex((await askWirelab(['man'])).stdout, /^\.TH WIRELAB 1 /);
});

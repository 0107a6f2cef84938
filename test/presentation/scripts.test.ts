/** The commands of what stays up as scripts: their names, and that a shell runs in them what the command says. */
import test from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandKey, commandTitle, scriptsFor } from '../../src/presentation/scripts.ts';
import type { ScriptOptions } from '../../src/presentation/scripts.ts';
import type { ManualCommand } from '../../src/engine/manual-commands.ts';
import { runProgram } from '../helpers/peer.ts';
import { present } from '../helpers/capture.ts';

const way = (client: string, to: string, hop: string, programs: Partial<ManualCommand>): ManualCommand => ({
  hop,
  to,
  client,
  ...programs,
});

const namesOf = (ways: readonly ManualCommand[], options: Partial<ScriptOptions> = {}): string[] =>
  scriptsFor(ways, { language: 'en', ...options }).map(({ name }) => name);

test('a script is named after its client, and where two share it after what each leads to', (t) => {
  t.deepEqual(
    namesOf([
      way('alice', 'front', 'A', { curl: 'curl 1', openssl: 'openssl 1' }),
      way('alice', 'shop', 'B', { curl: 'curl 2' }),
      way('alice', 'shop', 'C', { curl: 'curl 3' }),
      way('alice', 'shop', 'C', { curl: 'curl 4' }),
      way('Eve Ünal/../x', 'shop', 'C', { kubectl: 'kubectl' }),
    ]),
    ['alice', 'alice-openssl', 'alice-shop', 'alice-shop-c', 'alice-shop-c-2', 'eve-nal-..-x'],
  );
  t.deepEqual(namesOf([way('alice', 'front', 'A', { curl: 'curl' })], { taken: new Set(['alice']) }), [
    'alice-front',
  ]);
});

test('a client that other commands lead elsewhere has no script that is named after it alone', (t) => {
  const [tickets, mail] = ['tickets', 'mail'].map((to) => way('carol', to, 'A', { curl: 'curl' }));
  if (!tickets || !mail) throw new Error('there are two');
  t.deepEqual(namesOf([tickets], { others: [mail] }), ['carol-tickets']);
  t.deepEqual(
    namesOf([tickets], {
      others: [
        { ...tickets, hop: 'B' },
        { ...mail, client: 'alice' },
      ],
    }),
    ['carol'],
  );
});

test('the client that stands for the reader is called so in Korean', (t) => {
  const title = commandTitle(way('you', 'dns', 'D', { dig: 'dig' }));
  t.regex(title.ko, /나/);
  t.notRegex(title.ko, /you/);
  t.regex(title.en, /you/);
});

test('a program of the user’s own is named after what it is led to, and its standard input stays', (t) => {
  const ways = ['bank', 'no-tls'].map((to) => way('you', to, 'A', { own: 'sh client.sh 127.0.0.1 1 < p' }));
  t.deepEqual(namesOf(ways), ['bank', 'no-tls']);
  const [first] = scriptsFor(ways, { language: 'en' });
  t.regex(
    first?.text ?? '',
    /^# Wire A: your program, to bank\nexec sh client\.sh 127\.0\.0\.1 1 < p \\\n {2}"\$@"$/m,
  );
});

test('a program that can only ask for the page says so, where another logs in', (t) => {
  const openssl = String.raw`printf 'GET /login HTTP/1.1\r\n\r\n' | openssl s_client -connect 127.0.0.1:1`;
  const titleOf = (curl: string): string | undefined =>
    scriptsFor([way('alice', 'bank', 'B', { curl, openssl })], { language: 'en' })[1]?.text.split('\n')[2];
  t.is(
    titleOf('curl --data-urlencode username=alice https://h/login'),
    '# only the login page, with openssl',
  );
  t.is(titleOf('curl https://h/login'), '# the same, with openssl');
});

test('two peers with the same command have a script each', (t) => {
  const ways = ['alice', 'bob'].map((client) => way(client, 'shop', 'A', { curl: 'curl x' }));
  t.deepEqual(
    scriptsFor(ways, { language: 'en' }).map(({ key, name }) => [key, name]),
    ways.map((one) => [commandKey(one, 'curl'), one.client]),
  );
});

test('no name can leave the folder or be an option', (t) => {
  for (const client of ['..', '.', '-rf', '/etc/passwd', '', 'a/b', '한글', '\n']) {
    const [name = ''] = namesOf([way(client, 'x', 'A', { curl: 'curl' })]);
    t.regex(name, /^[a-z0-9][a-z0-9.-]*$/, JSON.stringify(client));
  }
});

/** Runs a script with stand-ins for the programs that print their arguments, one a line; resolves with the output. */
async function ran(
  line: string,
  { args = [], ...options }: Partial<ScriptOptions> & { readonly args?: readonly string[] } = {},
): Promise<{ readonly exitCode: number | null; readonly lines: string[]; readonly stderr: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-scripts-'));
  try {
    const [script] = scriptsFor([way('alice', 'shop', 'A', { curl: line })], { language: 'en', ...options });
    writeFileSync(join(folder, 'alice'), present(script).text);
    for (const program of ['curl', 'openssl'])
      writeFileSync(
        join(folder, program),
        `#!/bin/sh\n${program === 'openssl' ? 'cat\n' : ''}for word; do printf '<%s>\\n' "$word"; done\n`,
        { mode: 0o700 },
      );
    const { exitCode, stdout, stderr } = await runProgram('sh', [join(folder, 'alice'), ...args], {
      env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
    });
    return { exitCode, lines: stdout.split('\n').filter(Boolean), stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const written =
  String.raw`curl --silent --data 'a=1&b=$HOME` +
  '`id`' +
  String.raw`' --header 'it'\''s: "x"' 'https://h/?q=1'`;

test('a shell hands on every word of the command unchanged, and further arguments after them', async (t) => {
  const { lines } = await ran(written, { args: ['--verbose', 'two words'] });
  t.deepEqual(lines, [
    '<--silent>',
    '<--data>',
    '<a=1&b=$HOME`id`>',
    '<--header>',
    `<it's: "x">`,
    '<https://h/?q=1>',
    '<--verbose>',
    '<two words>',
  ]);
});

test('a pipeline stays one: the request goes to the last program, which is given further arguments', async (t) => {
  const { lines } = await ran(
    String.raw`printf 'GET /login HTTP/1.1\r\n\r\n' | openssl s_client -connect 127.0.0.1:1 -brief`,
    { args: ['-msg'] },
  );
  t.deepEqual(lines.map((line) => line.trim()).filter(Boolean), [
    'GET /login HTTP/1.1',
    '<s_client>',
    '<-connect>',
    '<127.0.0.1:1>',
    '<-brief>',
    '<-msg>',
  ]);
});

test('what is to be filled in is the first argument, whatever is in it; without it the script says so', async (t) => {
  const line = `curl --data-urlencode 'password=THE PASSWORD' --data-urlencode rrn=1 https://h`;
  const options = { placeholder: 'THE PASSWORD', prefix: 'try/' };
  const password = 'a&b $HOME `id` "\'\\ 100%';
  const { lines } = await ran(line, { ...options, args: [password, '-v'] });
  t.deepEqual(lines, [
    '<--data-urlencode>',
    `<password=${password}>`,
    '<--data-urlencode>',
    '<rrn=1>',
    '<https://h>',
    '<-v>',
  ]);
  for (const args of [[], ['']]) {
    const { exitCode, stderr } = await ran(line, { ...options, args });
    t.is(exitCode, 2);
    t.is(stderr, "THE PASSWORD is missing: sh try/alice 'THE PASSWORD'\n", 'without the words of the shell');
  }
  const korean = await ran(line, { ...options, language: 'ko' });
  t.is(korean.stderr, "THE PASSWORD가 없습니다: sh try/alice 'THE PASSWORD'\n");
  const [script] = scriptsFor([way('alice', 'bank', 'B', { curl: line })], { language: 'en', ...options });
  t.is(script?.needs, `'THE PASSWORD'`);
});

test('a script with relative paths goes to the folder where they begin, from wherever it is started', async (t) => {
  const { lines } = await ran('curl --cacert ca.crt', { workingFolder: '.' });
  t.deepEqual(lines, ['<--cacert>', '<ca.crt>']);
  const [script] = scriptsFor([way('a', 'b', 'A', { curl: 'curl --cacert ca.crt' })], {
    language: 'ko',
    workingFolder: '..',
  });
  t.regex(
    script?.text ?? '',
    /^#!\/bin\/sh\n# Made by wirelab.*\n# 구간 A: a → b\ncd "\$\(dirname "\$0"\)\/\.\."/,
  );
});

test('a name from a file cannot become a command', async (t) => {
  const [script] = scriptsFor([way('alice\ntouch x', 'shop\r\n$(id)', 'A', { curl: 'curl x' })], {
    language: 'en',
  });
  t.deepEqual(
    present(script).text.split(/[\r\n]/).length,
    present(scriptsFor([way('a', 'b', 'A', { curl: 'curl x' })], { language: 'en' })[0]).text.split('\n')
      .length,
  );
});

test('no line of a script is wide, though the command is', (t) => {
  const [script] = scriptsFor([way('alice', 'shop', 'A', { curl: written })], { language: 'en' });
  t.true(
    present(script)
      .text.split('\n')
      .every((line) => line.length < 60),
  );
});

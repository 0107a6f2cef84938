/**
 * `wirelab inspect` as a process, on captures that a demonstration has just written: what was seen live is seen again.
 */
import test from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { outputValidator } from '../../helpers/output-schema.ts';
import { mainFile, askWirelab, wirelabEnvironment } from '../../helpers/wirelab.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-inspect-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };
const linesOf = (text: string): Line[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);

async function recorded(
  scenario: string,
  ...words: string[]
): Promise<{ readonly path: string; readonly live: readonly Line[] }> {
  const path = join(folder, `${scenario}${words.join('')}.pcapng`);
  const { exitCode, stdout } = await askWirelab(['run', scenario, '--json', '-w', path, ...words]);
  if (exitCode !== 0) throw new Error(`${scenario} ended with ${exitCode}`);
  return { path, live: linesOf(stdout) };
}

const titles = (lines: readonly Line[], kind: string): string[] =>
  lines
    .filter((line) => line.kind === kind)
    .map((line) => String(line['title'] ?? line['message']))
    .toSorted();

test('plaintext: every request and answer, and the password by its shape', async (t) => {
  const { path, live } = await recorded('plaintext');
  const { exitCode, stdout, stderr } = await askWirelab(['inspect', path, '--json']);
  t.is(exitCode, 0, stderr);
  const lines = linesOf(stdout);
  t.deepEqual(titles(lines, 'http'), titles(live, 'http'));
  t.true(
    lines.some(
      ({ kind, field, value }) => kind === 'secret' && field === 'password' && value === 'tiger-lily',
    ),
  );
  t.is(
    lines.filter(({ kind }) => kind === 'stream').length,
    live.filter(({ kind }) => kind === 'stream').length,
  );
});

test('TLS without keys: the handshake that a sniffer sees, each message with its frame, and nothing of what was said', async (t) => {
  const { path, live } = await recorded('tls');
  const lines = linesOf((await askWirelab(['inspect', path, '--json'])).stdout);
  t.deepEqual(titles(lines, 'handshake'), titles(live, 'handshake'));
  const hellos = lines.filter(({ kind, message }) => kind === 'handshake' && message === 'client_hello');
  t.true(hellos.length > 0 && hellos.every(({ frame }) => Number(frame) > 0));
  t.true(hellos.every(({ ja3, ja4 }) => /^[0-9a-f]{32}$/.test(String(ja3)) && /^t1[23]/.test(String(ja4))));
  t.is(hellos.filter(({ sni }) => sni === 'shop.localhost').length, hellos.length);
});

test('with the secrets in the file, or in a key log beside it, what was said is opened', async (t) => {
  const { path } = await recorded('tls', '--with-secrets');
  const inside = linesOf((await askWirelab(['inspect', path, '--json'])).stdout);
  t.true(
    inside.some(
      ({ kind, title, vantage }) => kind === 'http' && title === 'POST /login' && vantage === 'plaintext',
    ),
  );
  const keys = join(folder, 'keys.log');
  const bare = join(folder, 'bare.pcapng');
  t.is((await askWirelab(['run', 'tls', '--json', '-w', bare, '--keylog', keys])).exitCode, 0);
  const sealed = linesOf((await askWirelab(['inspect', bare, '--json'])).stdout);
  const opened = linesOf((await askWirelab(['inspect', bare, '--json', '--keylog', keys])).stdout);
  const said = (lines: readonly Line[]): number =>
    lines.filter(({ kind, vantage }) => kind === 'http' && vantage === 'plaintext').length;
  t.is(said(sealed), 0);
  t.true(said(opened) > 0);
  t.false(JSON.stringify(opened).includes('CLIENT_TRAFFIC_SECRET'), 'keys that were given are not printed');
});

for (const [lang, expected] of [
  ['en', /ClientHello/],
  ['ko', /구간 A/],
] as const) {
  test(`as lines, for a person (${lang})`, async (t) => {
    const { path } = await recorded('tls');
    const { exitCode, stdout } = await askWirelab(['inspect', path, '--lang', lang]);
    t.is(exitCode, 0);
    t.regex(stdout, expected);
    t.regex(stdout, /POST \/login/);
  });
}

test('standard input is read as a file is; one connection can be chosen', async (t) => {
  const { path } = await recorded('plaintext');
  const { stdout, exitCode } = await askWirelab(['inspect', path, '--json', '--stream', '1']);
  t.is(exitCode, 0);
  const lines = linesOf(stdout);
  t.is(lines.at(-1)?.kind, 'summary');
  t.deepEqual([...new Set(lines.slice(0, -1).map(({ stream }) => stream))], [1]);
});

test('the output of another program is printed while it is written: a closed connection does not wait for the end', async (t) => {
  const { path } = await recorded('plaintext');
  const bytes = readFileSync(path);
  const copy = join(folder, 'copy.pcapng');
  writeFileSync(copy, bytes);
  const child = spawn(process.execPath, [mainFile, 'inspect', '-', '--json'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: wirelabEnvironment(),
  });
  t.teardown(() => child.kill());
  child.stdout.setEncoding('utf8');
  let text = '';
  // All but the last byte: the file has not ended, and the last block is not whole.
  child.stdin.write(bytes.subarray(0, -1));
  while (!text.includes('"kind":"stream"')) text += String((await once(child.stdout, 'data'))[0]);
  t.is(child.exitCode, null);
  child.stdout.on('data', (part: string) => (text += part));
  child.stdin.end(bytes.subarray(-1));
  await once(child, 'close');
  const whole = await askWirelab(['inspect', copy, '--json']);
  t.deepEqual(linesOf(text), linesOf(whole.stdout));
});

test('every line fits the schema, of a whole file and of a cut one', async (t) => {
  const fits = outputValidator();
  const { path } = await recorded('mtls', '--with-secrets');
  const cut = join(folder, 'cut-mtls.pcapng');
  writeFileSync(cut, readFileSync(path).subarray(0, 30_001));
  for (const file of [path, cut]) {
    const lines = linesOf((await askWirelab(['inspect', file, '--json'])).stdout);
    t.true(lines.length > 0);
    for (const line of lines)
      t.true(
        fits(line),
        `${JSON.stringify(line).slice(0, 200)}: ${JSON.stringify(fits.errors?.slice(0, 3))}`,
      );
  }
});

test('a cut file is read as far as it goes, and the place is named', async (t) => {
  const { path } = await recorded('plaintext');
  const bytes = readFileSync(path);
  const cut = join(folder, 'cut.pcapng');
  writeFileSync(cut, bytes.subarray(0, bytes.length - 7));
  const { exitCode, stdout, stderr } = await askWirelab(['inspect', cut, '--json']);
  t.is(exitCode, 0);
  t.true(linesOf(stdout).length > 2);
  t.true(
    linesOf(stdout).some(
      ({ kind, what, offset }) => kind === 'problem' && what === 'file.cut' && Number(offset) > 0,
    ),
  );
  t.regex(stderr, /byte|offset|0x/);
});

for (const [what, text, says] of [
  ['no file', undefined, /does not exist/],
  ['a text', 'hello there, this is no capture at all', /text|capture/],
  ['an empty file', '', /empty/],
  ['a gzip', '\u001f\u008b\u0008\u0000rest', /gzip/],
] as const) {
  test(`${what} is a mistake with its name`, async (t) => {
    const path = join(folder, what);
    if (text !== undefined) writeFileSync(path, text, 'latin1');
    const { exitCode, stdout, stderr } = await askWirelab(['inspect', path]);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, says);
  });
}

for (const lang of ['en', 'ko']) {
  test(`two versions in one file are compared, without any key (${lang})`, async (t) => {
    const { path } = await recorded('versions');
    const { exitCode, stdout, stderr } = await askWirelab(['inspect', path, '--no-tui', '--lang', lang]);
    t.is(exitCode, 0, stderr);
    const [, table = ''] = stdout.split(
      lang === 'en' ? 'What an eavesdropper knows' : '키가 없는 도청자가 아는 것',
    );
    t.regex(table, /TLS 1\.2, (?:connection|연결) \d+ +TLS 1\.3, (?:connection|연결) \d+/);
    t.regex(table, /! CN=alice, O=Workshop +# /);
    t.regex(table, /! shop\.localhost +! shop\.localhost/);
    t.notRegex(
      table,
      lang === 'en' ? /10 characters/ : /10자/,
      'nothing in this file says what the login looks like',
    );
    t.notRegex(stdout, /undefined|NaN|\[object/);
  });
}

test('a login of the same form that the keys open elsewhere in the file gives the password’s length', async (t) => {
  const { path } = await recorded('versions', '--with-secrets');
  const { stdout } = await askWirelab(['inspect', path, '--no-tui']);
  t.regex(stdout, /password length +~ 10 characters.* ~ 10 characters/);
});

test('--stream prints one connection only', async (t) => {
  const { path } = await recorded('versions');
  const { stdout } = await askWirelab(['inspect', path, '--no-tui', '--stream', '0']);
  t.regex(stdout, /\n +TLS 1\.3, connection 0\n/);
});

test('a key log without a key is a mistake; the one that every program writes to need not be there', async (t) => {
  const { path } = await recorded('tls');
  const wrong = join(folder, 'wrong.log');
  writeFileSync(wrong, '# keys\nnonsense\n');
  const named = await askWirelab(['inspect', path, '--json', '--keylog', wrong]);
  t.is(named.exitCode, 2);
  t.regex(named.stderr, /the key log contains no keys[^]*wrong\.log[^]*received: nonsense/);
  t.is((await askWirelab(['inspect', path, '--json', '--keylog', join(folder, 'absent.log')])).exitCode, 2);
  t.is(
    (await askWirelab(['inspect', path, '--json'], { env: { SSLKEYLOGFILE: join(folder, 'absent.log') } }))
      .exitCode,
    0,
  );
});

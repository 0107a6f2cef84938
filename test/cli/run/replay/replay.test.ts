/** `run --save` and `replay`, as a person types them. That the text is the run's is tested of each scenario (`scenarios.test.ts`). */
import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { linesOf } from '../../../ui/bundle/support/bundles.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';
import { firstDifference } from './support/replayed.ts';

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-bundle-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('a saved run says what was redacted, and is replayed as it was', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'run.wirelab');
  const ran = await askWirelab(['run', 'plaintext', '--no-tui', '--save', path]);
  t.is(ran.exitCode, 0);
  t.regex(
    ran.stderr,
    /^wirelab: .*run\.wirelab: redacted: 12 places in the bytes \(password 3, rrn 3, cookie 6\), \d+ in texts\n$/,
  );
  t.is(statSync(path).mode & 0o077, 0);
  t.deepEqual(readdirSync(folder), ['run.wirelab']);
  const replayed = await askWirelab(['replay', path, '--no-tui']);
  t.is(replayed.exitCode, 0);
  t.is(firstDifference(replayed.stdout, ran.stdout, true), undefined);
  t.regex(replayed.stdout, /password: \*{10} \(at 0x/);
  t.regex(replayed.stderr, /^wirelab: redacted: 12 places/);
  const korean = await askWirelab(['replay', path, '--no-tui', '--lang', 'ko']);
  t.regex(korean.stdout, /판정: 통과/);
  t.regex(korean.stderr, /가린 곳: 바이트 12곳/);
});

test('secrets and keys are in a bundle only on request, in a file for its owner alone', async (t) => {
  const path = join(folderFor(t), 'run.wirelab');
  const ran = await askWirelab(['run', 'tls', '--no-tui', '--save', path, '--with-secrets']);
  t.regex(ran.stderr, /contains secrets and the keys that decrypt this run; only you can read the file/);
  t.is(statSync(path).mode & 0o777, 0o600);
  const lines = linesOf(readFileSync(path));
  t.is(lines[0]?.['secrets'], 'kept');
  t.true(lines.some(({ kind, line }) => kind === 'keylog' && /^CLIENT_|^SERVER_/.test(String(line))));
  const replayed = await askWirelab(['replay', path, '--no-tui']);
  t.is(replayed.stdout, ran.stdout);
  t.is(replayed.stderr, '');
  const json = await askWirelab(['replay', path, '--json', '--with-secrets']);
  t.regex(json.stdout, /"kind":"keylog"/);
  t.notRegex((await askWirelab(['replay', path, '--json'])).stdout, /"kind":"keylog"/);
});

test('a bundle has public certificates and no key', async (t) => {
  const path = join(folderFor(t), 'run.wirelab');
  await askWirelab(['run', 'tls', '--no-tui', '--save', path]);
  const lines = linesOf(readFileSync(path));
  const names = lines.filter(({ kind }) => kind === 'certificate').map(({ name }) => String(name));
  t.true(names.includes('workshop-server-ca'));
  t.notRegex(JSON.stringify(lines), /PRIVATE KEY/);
  t.true(lines.some(({ kind, line }) => kind === 'keylog' && /^OPENED_[CS]_\d+ /.test(String(line))));
});

test('a replay can be written as a page and as an asciicast, without a secret in either', async (t) => {
  const folder = folderFor(t);
  const [path, page, cast] = ['run.wirelab', 'run.html', 'run.cast'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await askWirelab(['run', 'plaintext', '--no-tui', '--save', path]);
  const { exitCode, stdout } = await askWirelab(['replay', path, '--html', page, '--cast', cast]);
  t.is(exitCode, 0);
  t.is(stdout, '');
  const html = readFileSync(page, 'utf8');
  t.regex(html, /^<!doctype html>[^]*<\/html>\n$/);
  // What the explorer has is packed.
  const packed = Array.from(html.matchAll(/data-form="gzip"[^>]*>([A-Za-z0-9+/=]+)</g), ([, text = '']) =>
    gunzipSync(Buffer.from(text, 'base64')).toString('latin1'),
  ).join('');
  t.regex(packed, /redacted: password/);
  t.regex(
    html,
    /<h1>.*<\/h1><p class="dim"><span lang="en">Replay of a file that wirelab [\d.]+ saved at [-\d]+ [:\d]+ UTC; redacted: 12 places [^<]+\.<\/span><span lang="ko">wirelab [\d.]+이 [^<]+저장한 파일을 다시 보여 줍니다\. 가린 곳: 바이트 12곳/,
  );
  for (const text of [html, packed, readFileSync(cast, 'utf8')]) t.false(text.includes('tiger-lily'));
  t.deepEqual(readdirSync(folder).sort(), ['run.cast', 'run.html', 'run.wirelab']);
});

test('what is no bundle ends with 2 and one sentence, and nothing is written or printed', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'run.wirelab');
  await askWirelab(['run', 'plaintext', '--no-tui', '--save', path]);
  truncateSync(path, 1000);
  const [page, cast] = [join(folder, 'x.html'), join(folder, 'x.cast')];
  for (const [words, expected] of [
    [[path, '--html', page, '--cast', cast], /cannot be replayed: it ends early/],
    [[path, '--no-tui', '--lang', 'ko'], /번들을 재생할 수 없습니다. 중간에 끊긴 파일입니다/],
    [[join(folder, 'none')], /the file does not exist/],
    [[folder], /it is a folder/],
    [[], /name one bundle/],
    [[path, path], /name one bundle/],
    [[path, '--pace', 'soon'], /invalid value for --pace/],
  ] as const) {
    const { exitCode, stdout, stderr } = await askWirelab(['replay', ...words]);
    t.is(exitCode, 2, words.join(' '));
    t.is(stdout, '');
    t.regex(stderr, expected);
  }
  t.deepEqual(readdirSync(folder), ['run.wirelab']);
});

test('where no bundle can be written nothing runs; of a run without a verdict none is left', async (t) => {
  const folder = folderFor(t);
  const { exitCode, stdout, stderr } = await askWirelab([
    'run',
    'plaintext',
    '--no-tui',
    '--save',
    join(folder, 'none', 'x'),
  ]);
  t.is(exitCode, 2);
  t.is(stdout, '');
  t.regex(stderr, /its folder does not exist\n.*--save /);
  const both = await askWirelab(['run', 'plaintext', '--loop', '--save', join(folder, 'x')]);
  t.is(both.exitCode, 2);
  t.deepEqual(readdirSync(folder), []);
});

test('the short version, notes and a step by itself are replayed as they ran', async (t) => {
  const path = join(folderFor(t), 'run.wirelab');
  const ran = await askWirelab(['run', 'mtls', '--short', '--notes', '--no-tui', '--save', path]);
  const replayed = await askWirelab(['replay', path, '--notes', '--no-tui', '--pace', '0']);
  t.is(firstDifference(replayed.stdout, ran.stdout, true), undefined);
  writeFileSync(path, '');
  t.is((await askWirelab(['replay', path])).exitCode, 2);
});

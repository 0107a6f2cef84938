/** The file of a page: opened before anything runs, there as a whole or not at all. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { start } from '../../../helpers/running.ts';
import { askWirelab } from '../../../helpers/wirelab.ts';

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test('run --html: the report as ever, and the page in place of an earlier one', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'page.html');
  writeFileSync(path, 'earlier', { mode: 0o600 });
  const { exitCode, stdout, stderr } = await askWirelab(['run', 'plaintext', '--no-tui', '--html', path]);
  t.is(exitCode, 0);
  t.is(stderr, '');
  t.regex(stdout, /^Verdict: PASSED /m);
  t.deepEqual(readdirSync(folder), ['page.html']);
  const page = readFileSync(path, 'utf8');
  t.regex(page, /^<!doctype html>\n<html lang="en">/);
  t.regex(page, /<\/html>\n$/);
  t.true(page.includes('tiger-lily'), 'as on the screen');
  t.is(statSync(path).mode & 0o077, 0, 'it has secrets in it');
});

test('run --html in Korean begins in Korean', async (t) => {
  const path = join(folderFor(t), 'page.html');
  await askWirelab(['run', 'plaintext', '--no-tui', '--lang', 'ko', '--html', path]);
  t.regex(readFileSync(path, 'utf8'), /^<!doctype html>\n<html lang="ko">/);
});

test('a capture is written as a page, with its connections', async (t) => {
  const folder = folderFor(t);
  const [capture, path] = [join(folder, 'seen.pcapng'), join(folder, 'seen.html')];
  await askWirelab(['run', 'tls', '--no-tui', '-w', capture, '--with-secrets']);
  const { exitCode, stdout } = await askWirelab(['inspect', capture, '--html', path]);
  t.is(exitCode, 0);
  t.regex(stdout, /^\d+ connections were written to .*seen\.html\n$/);
  const page = readFileSync(path, 'utf8');
  t.regex(page, /<title[^>]*>seen\.pcapng - wirelab</);
  t.true(page.includes('is-opened'), 'the keys in the file are used');
  t.deepEqual(readdirSync(folder).sort(), ['seen.html', 'seen.pcapng']);
  const one = await askWirelab(['inspect', capture, '--stream', '0', '--html', path]);
  t.regex(one.stdout, /^1 connection was written/);
  t.false(readFileSync(path, 'utf8').includes('id="connection-1"'));
});

test('where no page can be written nothing runs: one sentence, exit code 2', async (t) => {
  const folder = folderFor(t);
  mkdirSync(join(folder, 'taken'));
  for (const path of [join(folder, 'none', 'page.html'), join(folder, 'taken')]) {
    const { exitCode, stdout, stderr } = await askWirelab(['run', 'plaintext', '--no-tui', '--html', path]);
    t.is(exitCode, 2);
    t.is(stdout, '');
    t.regex(stderr, /the file cannot be written: .*--html /s);
  }
  t.deepEqual(readdirSync(folder), ['taken']);
});

test('a capture that is none leaves no page behind', async (t) => {
  const folder = folderFor(t);
  const path = join(folder, 'page.html');
  const { exitCode } = await askWirelab(['inspect', import.meta.filename, '--html', path]);
  t.is(exitCode, 2);
  t.deepEqual(readdirSync(folder), []);
});

for (const words of [
  ['inspect', import.meta.filename, '--json'],
  ['inspect', import.meta.filename, '--stats'],
  ['run', 'plaintext', '--loop'],
])
  test(`--html excludes ${words.at(-1)}`, async (t) => {
    const folder = folderFor(t);
    const { exitCode, stderr } = await askWirelab([...words, '--html', join(folder, 'page.html')]);
    t.is(exitCode, 2);
    t.regex(stderr, /--html.*exclude each other|--loop and --html exclude each other/s);
    t.deepEqual(readdirSync(folder), []);
  });

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  test(`${signal} before the verdict leaves no page, and an earlier one as it was`, async (t) => {
    const folder = folderFor(t);
    const path = join(folder, 'page.html');
    writeFileSync(path, 'earlier');
    const running = start(t, ['run', 'mtls', '--no-tui', '--pace', '60000', '--html', path]);
    await running.until(/^-- 1\. /m);
    t.is(readdirSync(folder).length, 2, 'opened at the beginning');
    let said = '';
    running.child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    running.child.kill(signal);
    await running.exit;
    t.deepEqual(readdirSync(folder), ['page.html']);
    t.is(readFileSync(path, 'utf8'), 'earlier');
    t.regex(said, /page\.html was not written: the run did not come to its verdict/);
  });

test('a signal while a pipe is awaited leaves no page', async (t) => {
  const folder = folderFor(t);
  const { child, exit } = start(t, ['inspect', '-', '--html', join(folder, 'page.html')]);
  while (readdirSync(folder).length === 0 && child.exitCode === null) await pause(5);
  child.kill('SIGINT');
  t.deepEqual(await exit, [130, null]);
  t.deepEqual(readdirSync(folder), []);
});

test('with --hold the page is there at the verdict', async (t) => {
  const path = join(folderFor(t), 'page.html');
  const running = start(t, ['run', 'plaintext', '--no-tui', '--hold', '--html', path]);
  await running.until(/Ctrl-C/);
  t.regex(readFileSync(path, 'utf8'), /<\/html>\n$/);
  running.child.kill('SIGINT');
  await running.exit;
});

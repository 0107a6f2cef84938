/**
 * The picture at the top of the README: that it can be made at any time, from runs that really happen, and that the one
 * that is committed is of that kind.
 */
import test from 'ava';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runProgram } from '../../helpers/peer.ts';
import { elementsOf, readXml, textOf } from '../../ui/tui/support/xml.ts';

const root = resolve(import.meta.dirname, '../../../..');

/** What each scene says, in the order in which they are shown. */
function scenesOf(svg: string): string[] {
  return elementsOf(readXml(svg), 'g')
    .filter(({ attributes }) => attributes['class']?.startsWith('scene'))
    .map((scene) => elementsOf(scene, 'text').map(textOf).join('\n'));
}

const captions = [
  [/tiger-lily/, /LEAKED/, /READABLE/, /^space$/m],
  [/sealed/, /SEALED/, /^2$/m],
  [/opened with the client/, /tiger-lily/, /^k$/m],
  [/REFUSED/, /certificate_required/, /^3$/m],
] as const;

test('the picture is made from runs on this machine, and names no place of it', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-picture-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'new', 'screen.svg');
  const { exitCode, stdout, stderr } = await runProgram(
    process.execPath,
    [join(root, 'dist/src/cli/build/picture.js'), file],
    { cwd: folder },
  );
  t.is(exitCode, 0, stderr);
  t.is(stdout, '');
  const svg = readFileSync(file, 'utf8');
  const scenes = scenesOf(svg);
  t.is(scenes.length, captions.length);
  for (const [index, expected] of captions.entries())
    for (const words of expected) t.regex(scenes[index] ?? '', words);
  t.false((scenes[1] ?? '').includes('[tiger-lily]'), 'the sealed wire shows the password');
  for (const place of [folder, root, homedir(), tmpdir()]) t.false(svg.includes(`${place}/`), place);
  t.true(svg.length < 150_000, `${svg.length} characters`);
});

test('the README opens with the picture that is committed', (t) => {
  const image = /^# wirelab\n\n!\[[^\]]+\]\((?<path>[^)]+)\)\n/.exec(
    readFileSync(join(root, 'README.md'), 'utf8'),
  )?.groups?.['path'];
  t.is(image, 'docs/screen.svg');
  const svg = readFileSync(join(root, 'docs/screen.svg'), 'utf8');
  t.is(scenesOf(svg).length, captions.length);
  t.true(Buffer.byteLength(svg) < 150_000);
  t.notRegex(svg, /(?:\/home|\/Users|\/tmp|\/root|\/var|wirelab-picture)\//);
});

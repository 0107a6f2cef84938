/**
 * The picture at the top of the README and those of the gallery: that they can be made at any time, from runs that really
 * happen, and that those that are committed are of that kind.
 */
import test from 'ava';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { runProgram } from '../../helpers/peer.ts';
import { scenarioNames } from '../../helpers/wirelab.ts';
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
  [/What can be read now\?/, /what do you think\?/, /^space$/m],
  [/Noise on wire A/, /SEALED/, /READABLE/, /^space$/m],
  [/opened with the client/, /tiger-lily/, /^k$/m],
  [/REFUSED/, /certificate/, /^3$/m],
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

test('a picture of the gallery shows the moment that stands for its scenario, and the gallery lists what was drawn', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-picture-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const left = join(folder, 'pictures', 'gone.svg');
  mkdirSync(dirname(left));
  writeFileSync(left, '<svg/>');
  const { exitCode, stdout, stderr } = await runProgram(
    process.execPath,
    [join(root, 'dist/src/cli/build/pictures.js'), '--to', folder, 'plaintext'],
    { cwd: folder },
  );
  t.is(exitCode, 0, stderr);
  t.is(stdout, '');
  const svg = readFileSync(join(folder, 'pictures', 'plaintext.svg'), 'utf8');
  const [scene = '', ...more] = scenesOf(svg);
  t.is(more.length, 0);
  t.regex(scene, /tiger-lily/);
  t.notRegex(svg, /animation/);
  for (const place of [folder, root, homedir(), tmpdir()]) t.false(svg.includes(`${place}/`), place);
  const gallery = readFileSync(join(folder, 'gallery.md'), 'utf8');
  t.regex(gallery, /^## plaintext\n\n\S.*\n\n!\[.+\]\(pictures\/plaintext\.svg\)$/m);
  t.is(gallery.match(/^## /gm)?.length, 1);
  t.false(existsSync(left), 'the picture of a scenario that is gone');
});

test('every scenario has a picture in the gallery: make pictures draws them', (t) => {
  const gallery = readFileSync(join(root, 'docs/gallery.md'), 'utf8');
  t.deepEqual(
    Array.from(gallery.matchAll(/^## (.+)$/gm), ([, name]) => name),
    scenarioNames,
  );
  t.deepEqual(
    readdirSync(join(root, 'docs/pictures')).toSorted(),
    scenarioNames.map((name) => `${name}.svg`),
  );
  for (const name of scenarioNames) {
    const svg = readFileSync(join(root, 'docs/pictures', `${name}.svg`), 'utf8');
    t.is(scenesOf(svg).length, 1, name);
    t.true(Buffer.byteLength(svg) < 60_000, name);
    t.notRegex(svg, /(?:\/home|\/Users|\/tmp|\/root|\/var|wirelab-picture)\//, name);
  }
});

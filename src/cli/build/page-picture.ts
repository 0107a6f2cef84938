/**
 * Draws the picture of a page for the README, from a real run: what Chromium shows of its first conversation, and below that of
 * the bytes of its first request. Both are places of one page, side by side in two frames.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { makeFolder } from '../../capture/file/output-folder.ts';
import { findPlaces } from '../places.ts';
import { refusePrivate } from './drawing.ts';

const width = 1600;

/** What is shown of the page: the fragment of its address, and how many pixels high. */
const frames = [
  { fragment: 'step-1', height: 640 },
  { fragment: 'bytes-at-0-wire-client-0-1', height: 800 },
] as const;

/** Between the frames, in pixels. */
const gap = 6;

const height = frames.reduce((sum, one) => sum + one.height, gap * (frames.length - 1));

/** Of Chromium, in milliseconds; of the page's own time, in which it reads its data, in milliseconds. */
const patience = 120_000;
const reading = 5000;

const around = `<!doctype html><html lang="en"><meta charset="utf-8"><title>wirelab</title>
<style>body { margin: 0; background: #8c959f; } iframe { display: block; border: 0; width: ${width}px; } iframe + iframe { margin-top: ${gap}px; }</style>
${frames.map((one) => `<iframe style="height: ${one.height}px" src="page.html#${one.fragment}"></iframe>`).join('\n')}
`;

function run(program: string, words: readonly string[], env: NodeJS.ProcessEnv): void {
  const { error, status, stderr } = spawnSync(program, words, {
    env,
    timeout: patience,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (error || status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`);
}

const { root } = findPlaces(process.env);
const target = resolve(process.argv[2] ?? join(root, 'docs', 'page.png'));
const folder = mkdtempSync(join(tmpdir(), 'wirelab-picture-'));
try {
  const [page, shot] = [join(folder, 'page.html'), join(folder, 'page.png')];
  const own = { ...process.env, WIRELAB_CERTS: join(folder, 'certs'), LANG: 'C.UTF-8' };
  const start = join(root, 'dist', 'bundle', 'start.cjs');
  run(process.execPath, [start, 'run', 'plaintext', '--no-tui', '--html', page], own);
  refusePrivate(target, readFileSync(page, 'utf8'), [folder, root]);
  const outer = join(folder, 'around.html');
  writeFileSync(outer, around);
  const words = [
    '--headless=new',
    // Root has no sandbox; the page is our own.
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--hide-scrollbars',
    '--force-prefers-reduced-motion',
    `--user-data-dir=${join(folder, 'profile')}`,
    `--window-size=${width},${height}`,
    `--virtual-time-budget=${reading}`,
    `--screenshot=${shot}`,
    outer,
  ];
  run('chromium', words, process.env);
  makeFolder(dirname(target));
  copyFileSync(shot, target);
} finally {
  rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
}

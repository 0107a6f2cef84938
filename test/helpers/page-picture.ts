/**
 * Draws the picture of a page for the README, from a real run, as Chromium shows it: the first step with the head of its
 * conversation, and the bytes of its first request. What lies between is left out.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromiumFor } from './chromium.ts';

const root = resolve(import.meta.dirname, '../../..');

export const committed = join(root, 'docs', 'page.png');

const size = { width: 1600, height: 1280 } as const;

/** In the page: the first step up to its request, and the explorer. */
const shorten = `(() => {
  for (const one of document.querySelectorAll('main > section'))
    if (!['step-1', 'bytes'].includes(one.id)) one.hidden = true;
  const ladder = document.querySelector('#step-1 .ladder');
  ladder.style.maxHeight = '18.5rem';
  ladder.style.overflow = 'hidden';
  for (let next = ladder.nextElementSibling; next; next = next.nextElementSibling) next.hidden = true;
  document.querySelector('#step-1 .rung a').click();
})()`;

/** Draws it into a file. */
export async function drawPage(file: string): Promise<void> {
  const ends: (() => unknown)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-picture-'));
  try {
    const path = join(folder, 'page.html');
    // Not by the tests' own helper: outside AVA that may not be loaded.
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'dist/bundle/start.cjs'), 'run', 'plaintext', '--no-tui', '--html', path],
      { env: { ...process.env, LANG: 'C.UTF-8', WIRELAB_CERTS: join(folder, 'certs') }, encoding: 'utf8' },
    );
    if (status !== 0) throw new Error(stderr);
    const chromium = await chromiumFor({ teardown: (end) => void ends.push(end) });
    const page = await chromium.newPage();
    await page.resize(size.width, size.height);
    await page.prefer({ 'prefers-color-scheme': 'light', 'prefers-reduced-motion': 'reduce' });
    await page.open(path);
    await page.until(`document.querySelector('[data-explorer=ready]')`);
    await page.value(shorten);
    await page.until(`document.querySelector('.items .chosen .main')?.textContent === 'POST /login'`);
    await page.until(`document.querySelector('.dump .secret')`);
    await page.value(`scrollTo(0, 0)`);
    await page.picture(file);
  } finally {
    for (const end of ends) await end();
    rmSync(folder, { recursive: true, force: true });
  }
}

if (process.argv[1] !== undefined && pathToFileURL(process.argv[1]).href === import.meta.url)
  await drawPage(committed);

/** The page on paper, read page by page from the PDF that Chromium prints. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import type { Page } from '../../helpers/chromium.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { made, ofScenario, openedBy } from './support/made.ts';
import type { Making } from './support/made.ts';

const pages: Readonly<Record<string, Making>> = {
  plaintext: ofScenario('plaintext'),
  'key-exchange': ofScenario('key-exchange'),
  'client-refusals': ofScenario('client-refusals'),
  'a diagnosis': made['a diagnosis'],
  'a lab': made['a lab'],
};

const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();

/** The lines of each sheet, without its number. */
async function sheetsOf(t: ExecutionContext, page: Page): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-print-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'page.pdf');
  writeFileSync(path, await page.pdf());
  const { stdout, stderr, exitCode } = await runProgram('pdftotext', ['-layout', path, '-']);
  t.is(exitCode, 0, stderr);
  const sheets = stdout.split('\f').slice(0, -1);
  return sheets.map((sheet, index) => {
    const lines = sheet.split('\n').map(squeezed).filter(Boolean);
    t.is(lines.pop()?.replaceAll(' ', ''), `${index + 1}/${sheets.length}`, 'sheets are numbered');
    return lines;
  });
}

for (const [what, making] of Object.entries(pages))
  withPeer(
    ['chromium', 'pdftotext'],
    `${what} on paper: one language, light, no sheet that is almost empty, no heading at its end`,
    async (t) => {
      const page = await openedBy(t, making);
      await page.prefer({ 'prefers-color-scheme': 'dark' });
      for (const language of ['en', 'ko']) {
        await page.value(`document.querySelector('#language-${language}').click()`);
        const headings = await page.value<string[]>(
          `[...document.querySelectorAll('h1, h2, h3, h4, .ends')].map((one) => one.innerText)`,
        );
        const known = new Set(headings.map(squeezed));
        const sheets = await sheetsOf(t, page);
        for (const [index, lines] of sheets.entries()) {
          // The last may have only the rest.
          t.true(
            lines.length > (index + 1 < sheets.length ? 4 : 2),
            `sheet ${index + 1} has only ${lines.join(', ')}`,
          );
          t.false(known.has(lines.at(-1) ?? ''), `sheet ${index + 1} ends with ${lines.at(-1)}`);
        }
        t.is(/[가-힣]/.test(sheets.flat().join(' ')), language === 'ko');
      }
      await page.prefer({ 'prefers-color-scheme': 'dark' }, 'print');
      t.is(await page.value(`getComputedStyle(document.body).backgroundColor`), 'rgb(255, 255, 255)');
      t.deepEqual(
        await page.value(
          `[...document.querySelectorAll('header, nav, .skip, .evidence, .panes')].filter((one) => one.checkVisibility()).map(({ className }) => className)`,
        ),
        [],
        'what needs a screen is not on paper',
      );
    },
  );

/** What axe-core finds in the pages: every rule that it has, in both languages and colours, on a phone and on a desk. */
import type { ExecutionContext } from 'ava';
import axe from 'axe-core';
import { chromiumFor } from '../../helpers/chromium.ts';
import type { Page } from '../../helpers/chromium.ts';
import { withPeer } from '../../helpers/peer.ts';
import { entryOf } from '../../../src/cli/class/board.ts';
import { anEntry, call, folderFor, invited, servingClass } from '../../cli/class/roster/support.ts';
import { made, ofScenario, openedBy } from './support/made.ts';
import { ofReplay, served } from './support/served.ts';
import type { Making } from './support/made.ts';

interface AxeResult {
  readonly violations: readonly string[];
  readonly passes: readonly string[];
}

/** A rule with the places that break it. */
const look = `axe.run(document, { resultTypes: ['violations', 'passes'] }).then(({ violations, passes }) => ({
  violations: violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ': ' + failureSummary)),
  passes: passes.map(({ id }) => id) }))`;

/** @param url of a page that is served: what is asked for below it */
async function isAccessible(t: ExecutionContext, page: Page, url?: string): Promise<void> {
  await page.value(`${axe.source}; undefined`);
  for (const width of [390, 1280]) {
    await page.resize(width, 900);
    for (const language of ['ko', 'en'])
      for (const theme of ['dark', 'light']) {
        await page.value(`document.querySelector('#language-${language}').click()`);
        await page.value(`document.querySelector('#theme-${theme}').click()`);
        const { violations, passes } = await page.value<AxeResult>(look);
        t.deepEqual(violations, [], `${width} ${language} ${theme}`);
        for (const rule of ['color-contrast', 'html-has-lang', 'heading-order', 'label'])
          t.true(passes.includes(rule), `it looked for ${rule}`);
        t.true(
          await page.value(`document.documentElement.scrollWidth <= innerWidth`),
          `${width} ${language}`,
        );
      }
  }
  t.deepEqual(page.faults.said, []);
  t.deepEqual(
    page.faults.asked.filter((one) => url === undefined || !one.startsWith(url)),
    [],
  );
}

const pages: Readonly<Record<string, Making>> = {
  plaintext: ofScenario('plaintext'),
  mtls: ofScenario('mtls'),
  'key-exchange': ofScenario('key-exchange'),
  'a replayed run': ofReplay,
  ...made,
};

for (const [what, making] of Object.entries(pages))
  withPeer('chromium', `axe-core has nothing to say of ${what}`, async (t) =>
    isAccessible(t, await openedBy(t, making)),
  );

for (const [what, serving] of Object.entries(served))
  withPeer('chromium', `axe-core has nothing to say of ${what}, with its bytes`, async (t) => {
    const page = await (await chromiumFor(t)).newPage();
    await page.prefer({ 'prefers-color-scheme': 'light', 'prefers-reduced-motion': 'reduce' });
    await page.resize(1280, 900);
    const url = await serving(t, page);
    await isAccessible(t, page, url);
  });

withPeer(
  'chromium',
  'axe-core has nothing to say of the board of a class, with who was turned away',
  async (t) => {
    const folder = folderFor(t);
    const [anna] = await invited(folder, ['anna', 'bin']);
    if (!anna) return void t.fail();
    const { url, at, running } = await servingClass(t, folder);
    const page = await (await chromiumFor(t)).newPage();
    await page.prefer({ 'prefers-color-scheme': 'light', 'prefers-reduced-motion': 'reduce' });
    await page.visit(url);
    await page.until(`document.querySelector('#board-bar').dataset.line === 'connected'`);
    await isAccessible(t, page, url);
    await call(at(anna), { body: JSON.stringify(entryOf(anEntry())) });
    const { identity: _none, ...nobody } = at(anna);
    await t.throwsAsync(call(nobody));
    await running.until(/REFUSED/);
    await page.until(
      `document.querySelector('#turned-away .card') && document.querySelector('#learners tbody th')`,
    );
    await isAccessible(t, page, url);
  },
);

/** What axe-core finds in the pages: every rule that it has, in both languages and colours, on a phone and on a desk. */
import type { ExecutionContext } from 'ava';
import axe from 'axe-core';
import { chromiumFor } from '../../helpers/chromium.ts';
import type { Page } from '../../helpers/chromium.ts';
import { withPeer } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';
import { until } from '../../helpers/until.ts';
import { entryOf } from '../../../src/cli/class/board.ts';
import { anEntry, call, folderFor, invited, servingClass } from '../../cli/class/roster/support.ts';
import { made, ofScenario, openedBy } from './support/made.ts';
import type { Making } from './support/made.ts';

interface AxeResult {
  readonly violations: readonly string[];
  readonly passes: readonly string[];
}

/** A rule with the places that break it. */
const look = `axe.run(document, { resultTypes: ['violations', 'passes'] }).then(({ violations, passes }) => ({
  violations: violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + ': ' + target.join(' ') + ': ' + failureSummary)),
  passes: passes.map(({ id }) => id) }))`;

async function isAccessible(t: ExecutionContext, page: Page): Promise<void> {
  t.deepEqual(page.faults.said, []);
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
      }
  }
}

const pages: Readonly<Record<string, Making>> = {
  plaintext: ofScenario('plaintext'),
  mtls: ofScenario('mtls'),
  'key-exchange': ofScenario('key-exchange'),
  ...made,
};

for (const [what, making] of Object.entries(pages))
  withPeer('chromium', `axe-core has nothing to say of ${what}`, async (t) =>
    isAccessible(t, await openedBy(t, making)),
  );

withPeer('chromium', 'axe-core has nothing to say of a shared run, with its bytes', async (t) => {
  const { child: run } = start(t, ['run', 'plaintext', '--no-tui', '--share']);
  let said = '';
  run.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  run.stdout.resume();
  await until(() => said.includes('/\n'));
  const page = await (await chromiumFor(t)).newPage();
  await page.prefer({ 'prefers-color-scheme': 'light', 'prefers-reduced-motion': 'reduce' });
  await page.visit(/http:\S+/.exec(said)?.[0] ?? '');
  await page.until(`document.querySelector('main > .present')?.id === 'result'`);
  await page.click('.rung a[href^="#bytes-at-"]');
  await page.until(`document.querySelector('[data-explorer=ready]')`);
  await isAccessible(t, page);
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
    await isAccessible(t, page);
    await call(at(anna), { body: JSON.stringify(entryOf(anEntry())) });
    const { identity: _none, ...nobody } = at(anna);
    await t.throwsAsync(call(nobody));
    await running.until(/REFUSED/);
    await page.until(
      `document.querySelector('#turned-away .card') && document.querySelector('#learners tbody th')`,
    );
    await isAccessible(t, page);
  },
);

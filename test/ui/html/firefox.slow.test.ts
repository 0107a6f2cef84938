/** The page in Firefox: nothing is asked of anybody, nothing is wrong, and the keyboard reaches every byte. */
import { writeFile } from 'node:fs/promises';
import axe from 'axe-core';
import { firefoxFor } from '../../helpers/firefox.ts';
import type { FirefoxPage } from '../../helpers/firefox.ts';
import type { ExecutionContext } from 'ava';
import { withPeer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';
import { made, madeFile, ofScenario, site } from './support/made.ts';
import { ofReplay, served } from './support/served.ts';
import type { Making } from './support/made.ts';

async function opened(t: ExecutionContext, making: Making): Promise<FirefoxPage> {
  const path = await madeFile(t, making);
  const page = await firefoxFor(t, { 'ui.prefersReducedMotion': 1 });
  await page.open(path);
  await page.until(`document.querySelector('[data-explorer=ready]')`);
  return page;
}

const pages: Readonly<Record<string, Making>> = {
  mtls: ofScenario('mtls'),
  'key-exchange': ofScenario('key-exchange'),
  'a diagnosis': made['a diagnosis'],
  'a lab': made['a lab'],
  'a replayed run': ofReplay,
};

const hangul = /[가-힣]/;

/** Each rule that the page breaks, with the places. */
const broken = `window.axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => id + ': ' + target.join(' '))))`;

for (const [what, making] of Object.entries(pages))
  withPeer('firefox-esr', `${what} in Firefox: no request, no error, one language at a time`, async (t) => {
    const page = await opened(t, making);
    const shown = `document.querySelector('main').innerText`;
    t.notRegex(await page.value(shown), hangul);
    await page.value(`document.querySelector('#language-ko').click()`);
    await page.until(`document.documentElement.lang === 'ko'`);
    t.regex(await page.value(shown), hangul);
    t.regex(await page.value(`document.querySelector('nav').getAttribute('aria-label')`), hangul);
    await page.value(`document.querySelector('#theme-dark').click()`);
    t.is(await page.value(`getComputedStyle(document.body).backgroundColor`), 'rgb(13, 17, 23)');
    t.true(await page.value(`document.documentElement.scrollWidth <= innerWidth`));
    t.is(await page.value(`getComputedStyle(document.documentElement).scrollBehavior`), 'auto');
    t.deepEqual(await page.faults(), { said: [], asked: [] });
  });

for (const [what, serving] of Object.entries(served))
  withPeer('firefox-esr', `${what} in Firefox: accessible, no error, and nobody else is asked`, async (t) => {
    const page = await firefoxFor(t, { 'ui.prefersReducedMotion': 1 });
    const url = await serving(t, page);
    await page.value(`(() => { ${axe.source} })()`);
    for (const width of [500, 1280]) {
      await page.resize(width, 900);
      for (const language of ['ko', 'en'])
        for (const theme of ['dark', 'light']) {
          await page.value(`document.querySelector('#language-${language}').click()`);
          await page.value(`document.querySelector('#theme-${theme}').click()`);
          await page.until(`document.documentElement.lang === '${language}'`);
          const where = `${width} ${language} ${theme}`;
          t.deepEqual(await page.awaited<unknown>(broken), [], where);
          t.true(await page.value(`document.documentElement.scrollWidth <= innerWidth`), where);
          await page.until(
            `${String(hangul)}.test(document.querySelector('main').innerText) === ${language === 'ko'}`,
          );
        }
    }
    const { said, asked } = await page.faults();
    t.deepEqual(said, []);
    t.deepEqual(
      asked.filter((one) => !one.startsWith(url)),
      [],
    );
  });

withPeer('firefox-esr', 'in Firefox the explorer is moved by the keyboard, in both languages', async (t) => {
  const page = await opened(t, ofScenario('plaintext'));
  const focused = `document.activeElement.className`;
  const spoken = `document.querySelector('.explorer [role=status]').textContent`;
  await page.press('Tab');
  t.is(await page.value(focused), 'skip');
  await page.value(`document.querySelector('.list.connections').focus()`);
  await page.press('ArrowDown');
  await page.until(`document.querySelector('.connections .row[data-index="1"].chosen')`);
  await page.press('Tab');
  t.regex(await page.value(focused), /items/);
  await page.press('Home');
  await page.press('ArrowDown');
  await page.until(`document.querySelector('.items .chosen .main').textContent === 'POST /login'`);
  await page.press('Tab');
  t.is(await page.value(focused), 'dump');
  await page.until(`${spoken}.startsWith('offset 0x0, value 50, POST /login')`);
  await page.press('ArrowRight');
  await page.until(`${spoken}.startsWith('offset 0x1, value 4f, POST /login, method')`);
  t.regex(await page.value(`document.querySelector('.explanation').textContent`), /^method/);
  await page.value(`document.querySelector('#language-ko').click()`);
  await page.press('End');
  await page.until(`${spoken}.startsWith('오프셋 0xf')`);
  await page.press('Tab');
  t.regex(await page.value(focused), /fields/);
  await page.press('Tab', { shift: true });
  t.is(await page.value(focused), 'dump');
  t.deepEqual(await page.faults(), { said: [], asked: [] });
});

withPeer('firefox-esr', 'what a page in Firefox says and asks for is heard', async (t) => {
  const page = await firefoxFor(t);
  const path = await madeFile(t, async (_t, file) =>
    writeFile(
      file,
      `<!doctype html><title>bad</title><img src="http://127.0.0.1:${await site(t)}/a.png"><script>console.error('one'); setTimeout(() => nothing.at.all);</script>`,
    ),
  );
  await page.open(path);
  const faults = async (): Promise<string> => JSON.stringify(await page.faults());
  t.true(await until(async () => /not defined.*one/.test(await faults())), await faults());
  t.regex(await faults(), /127\.0\.0\.1:\d+\/a\.png/);
});

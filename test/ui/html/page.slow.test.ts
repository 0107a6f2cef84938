/** The page in Chromium: nothing is asked of anybody, nothing is wrong, and the switches do what they say. */
import type { ExecutionContext } from 'ava';
import type { Page } from '../../helpers/chromium.ts';
import { withPeer } from '../../helpers/peer.ts';
import { made, ofScenario, openedBy } from './support/made.ts';

const opened = async (t: ExecutionContext, scenario: string): Promise<Page> =>
  openedBy(t, ofScenario(scenario));

for (const scenario of ['plaintext', 'mtls'])
  withPeer(
    'chromium',
    `${scenario}: no request, no error, at every width, in both languages and colours`,
    async (t) => {
      await isSound(t, await opened(t, scenario));
    },
  );

for (const [what, making] of Object.entries(made))
  withPeer('chromium', `${what}: the same`, async (t) => isSound(t, await openedBy(t, making)));

async function isSound(t: ExecutionContext, page: Page): Promise<void> {
  for (const width of [320, 360, 768, 1280, 1920, 2560]) {
    await page.resize(width, 900);
    for (const language of ['ko', 'en'])
      for (const theme of ['dark', 'light']) {
        await page.value(`document.querySelector('#language-${language}').click()`);
        await page.value(`document.querySelector('#theme-${theme}').click()`);
        t.is(await page.value(`document.documentElement.lang`), language);
        t.true(
          await page.value(`document.documentElement.scrollWidth <= innerWidth`),
          `nothing is cut off at ${width}`,
        );
      }
  }
  t.deepEqual(page.faults, { said: [], asked: [] });
}

withPeer('chromium', 'a language shows its texts alone, in the title and the labels too', async (t) => {
  const page = await opened(t, 'plaintext');
  const hangul = /[가-힣]/;
  const shown = `document.querySelector('main').innerText`;
  // The names of languages are in the header.
  t.notRegex(await page.value(shown), hangul);
  t.notRegex(await page.value(`document.title`), hangul);
  await page.click('#language-ko');
  await page.until(`document.documentElement.lang === 'ko'`);
  t.regex(await page.value(`document.title`), hangul);
  t.regex(await page.value(`document.querySelector('nav').getAttribute('aria-label')`), hangul);
  t.notRegex(await page.value(shown), /The client opens a connection/);
  t.deepEqual(page.faults, { said: [], asked: [] });
});

withPeer('chromium', 'the colours are those of the system until they are chosen', async (t) => {
  const page = await opened(t, 'plaintext');
  const back = `getComputedStyle(document.body).backgroundColor`;
  t.is(await page.value(back), 'rgb(255, 255, 255)');
  await page.prefer({ 'prefers-color-scheme': 'dark' });
  t.is(await page.value(back), 'rgb(13, 17, 23)');
  await page.click('#theme-light');
  t.is(await page.value(back), 'rgb(255, 255, 255)');
});

withPeer('chromium', 'a message leads to its bytes', async (t) => {
  const page = await opened(t, 'plaintext');
  await page.value(
    `[...document.querySelectorAll('.rung a')].find((one) => one.textContent === 'GET /profile').click()`,
  );
  await page.until(`document.querySelector('.items .chosen .main')?.textContent === 'GET /profile'`);
  t.true(await page.value(`document.activeElement.matches('.dump')`));
});

withPeer('chromium', 'the first Tab skips to the content', async (t) => {
  const page = await opened(t, 'plaintext');
  await page.press('Tab');
  t.true(await page.value(`document.activeElement.matches('.skip')`));
  await page.press('Enter');
  t.is(await page.value(`document.activeElement.id`), 'content');
});

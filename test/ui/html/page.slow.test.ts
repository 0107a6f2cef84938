/** The page in Chromium: nothing is asked of anybody, nothing is wrong, and the switches do what they say. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { chromiumFor } from '../../helpers/chromium.ts';
import type { Page } from '../../helpers/chromium.ts';
import { doorOf, knock } from '../../helpers/door.ts';
import { start } from '../../helpers/running.ts';
import { withPeer } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';

const opened = async (t: ExecutionContext, scenario: string, width = 1280): Promise<Page> =>
  openedBy(t, async (path) => void (await askWirelab(['run', scenario, '--no-tui', '--html', path])), width);

async function openedBy(
  t: ExecutionContext,
  making: (path: string) => Promise<void>,
  width = 1280,
): Promise<Page> {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-page-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'page.html');
  await making(path);
  const page = await (await chromiumFor(t)).newPage();
  await page.resize(width, 900);
  await page.prefer({ 'prefers-color-scheme': 'light', 'prefers-reduced-motion': 'reduce' });
  await page.open(path);
  await page.until(`document.querySelector('[data-explorer=ready]')`);
  return page;
}

for (const scenario of ['plaintext', 'mtls'])
  withPeer(
    'chromium',
    `${scenario}: no request, no error, at every width, in both languages and colours`,
    async (t) => {
      await isSound(t, await opened(t, scenario));
    },
  );

/** How the pages of other commands are made. */
const made: Readonly<Record<string, (t: ExecutionContext, path: string) => Promise<void>>> = {
  'a diagnosis': async (t, path) => {
    const port = await site(t);
    await askWirelab(['why', `localhost:${port}`, '--html', path]);
  },
  'a proxy': async (t, path) => {
    const words = ['proxy', '--mode', 'plaintext', '--listen', '127.0.0.1:0', '--http', '--no-tui'];
    const proxy = start(t, [...words, '--target', `127.0.0.1:${await site(t)}`, '--html', path]);
    const [, port = ''] =
      /listening on 127\.0\.0\.1:(\d+)/.exec(await proxy.until(/listening on .*\d;/)) ?? [];
    await (await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } })).text();
    await proxy.until(/A #0 closed/);
    proxy.child.kill('SIGINT');
    await proxy.exit;
  },
  'a lab': async (t, path) => {
    const folder = join(dirname(path), 'lab');
    const lab = start(t, ['lab', 'find-the-password', '--folder', folder, '--lang', 'en', '--html', path]);
    await lab.until(/Wire A is live/);
    await knock(doorOf(folder, 'alice'));
    await lab.until(/B #\d+ closed/);
    lab.child.kill('SIGINT');
    await lab.exit;
  },
  'many wires': async (_t, path) => void (await askWirelab(['run', 'k8s-pod', '--no-tui', '--html', path])),
};

async function site(t: ExecutionContext): Promise<number> {
  const server = createServer((_request, response) => response.end('welcome')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

for (const [what, making] of Object.entries(made))
  withPeer('chromium', `${what}: the same`, async (t) =>
    isSound(t, await openedBy(t, async (path) => making(t, path))),
  );

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

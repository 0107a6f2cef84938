/** The page in Chromium: nothing is asked of anybody, nothing is wrong, and the switches do what they say. */
import type { ExecutionContext } from 'ava';
import type { Page } from '../../helpers/chromium.ts';
import { PcapngSpool } from '../../../src/capture/file/pcapng-writer.ts';
import { ScriptedLog } from '../../helpers/capture.ts';
import { withPeer } from '../../helpers/peer.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { clientHello, record, serverHello } from '../support/story.ts';
import { made, ofScenario, openedBy } from './support/made.ts';
import type { Making } from './support/made.ts';

const opened = async (t: ExecutionContext, scenario: string): Promise<Page> =>
  openedBy(t, ofScenario(scenario));

/** Very many records, a header of 10 MB, and markup wherever a side may say something. */
const ofHostileCapture: Making = async (_t, path) => {
  const capture = `${path}.pcapng`;
  const log = new ScriptedLog();
  const markup = '</script></style><img src=x onerror=fetch("//x")><script>document.title=1</script>\u202e';
  log.began();
  log.opened();
  log.bytes('client', clientHello(markup));
  log.bytes('server', serverHello);
  const many = Buffer.concat(Array.from({ length: 1000 }, () => record(23, Buffer.alloc(17, 7))));
  for (let sent = 0; sent < 20; sent++) log.bytes('server', many);
  log.closed();
  log.opened(2);
  const long = 'a'.repeat(10_000_000);
  log.bytes(
    'client',
    `GET /${markup}${long.slice(0, 5000)} HTTP/1.1\r\nHost: ${markup}\r\nX: ${long}\r\n\r\n`,
    {
      conn: 2,
    },
  );
  log.bytes('server', `HTTP/1.1 500 ${markup}\r\nServer: ${markup}\r\nContent-Length: 0\r\n\r\n`, {
    conn: 2,
  });
  log.closed('client', 'end', 2);
  const spool = new PcapngSpool(capture);
  for (const event of log.log.events) spool.fold(event);
  spool.close();
  const { exitCode, stderr } = await askWirelab(['inspect', capture, '--html', path]);
  if (exitCode !== 0) throw new Error(stderr);
};

const pages: Readonly<Record<string, Making>> = {
  plaintext: ofScenario('plaintext'),
  mtls: ofScenario('mtls'),
  'key-exchange': ofScenario('key-exchange'),
  ...made,
};

const widths = [320, 375, 768, 1024, 1280, 1920, 2560];

/** Letters of this many pixels are the smallest. */
const smallest = 11;

/**
 * What does not fit: elements that reach out of the page, other than what scrolls by itself; texts that are wider than their
 * box; and letters that are too small.
 */
const misfits = `(() => {
  const scrolls = (one) => one && one !== document.body && (getComputedStyle(one).overflowX !== 'visible' || scrolls(one.parentElement));
  const named = (one, what) => what + ': ' + one.tagName + '.' + one.className + ' ' + one.textContent.slice(0, 40);
  const found = [];
  for (const one of document.querySelectorAll('body *')) {
    if (one.matches('.skip, .spoken') || one.closest('svg') || !one.checkVisibility()) continue;
    const { left, right, width } = one.getBoundingClientRect();
    if (width > 0 && (left < -1 || right > innerWidth + 1) && !scrolls(one.parentElement)) found.push(named(one, 'beyond the page'));
    const { overflowX, fontSize, display } = getComputedStyle(one);
    if (overflowX === 'visible' && display !== 'inline' && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1 && !scrolls(one))
      found.push(named(one, 'wider than its box'));
    if (parseFloat(fontSize) < ${smallest} && [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== ''))
      found.push(named(one, fontSize));
  }
  return found.slice(0, 5);
})()`;

for (const [what, making] of Object.entries(pages))
  withPeer(
    'chromium',
    `${what}: no request, no error, and everything fits at every width, in both languages and colours`,
    async (t) => {
      const page = await openedBy(t, making);
      for (const width of widths) {
        await page.resize(width, 900);
        for (const [language, theme] of [
          ['ko', 'dark'],
          ['en', 'light'],
        ] as const) {
          await page.value(`document.querySelector('#language-${language}').click()`);
          await page.value(`document.querySelector('#theme-${theme}').click()`);
          t.is(await page.value(`document.documentElement.lang`), language);
          t.true(
            await page.value(`document.documentElement.scrollWidth <= innerWidth`),
            `the page does not scroll sideways at ${width}`,
          );
          t.deepEqual(await page.value(misfits), [], `${width} ${language}`);
        }
      }
      t.deepEqual(page.faults, { said: [], asked: [] });
    },
  );

withPeer(
  'chromium',
  'very many records and a header of 10 MB, all of it markup: text that fits, on a phone too',
  async (t) => {
    t.timeout(300_000);
    const page = await openedBy(t, ofHostileCapture, 320);
    t.true(await page.value(`document.body.innerText.includes('<script>document.title=1</script>')`));
    t.is(await page.value(`document.querySelectorAll('img, script:not([type]), style').length`), 2);
    t.true(await page.value(`document.documentElement.scrollWidth <= innerWidth`));
    t.deepEqual(await page.value(misfits), []);
    t.deepEqual(page.faults, { said: [], asked: [] });
  },
);

withPeer('chromium', 'what does not fit is found', async (t) => {
  const page = await openedBy(t, ofScenario('plaintext'), 375);
  for (const [rule, found] of [
    ['.ladder { min-width: 130vw }', /^beyond the page: FIGURE\.ladder/],
    ['.topology .end { width: 20rem; position: relative; left: -2rem }', /^beyond the page: LI\.end/],
    ['.rung .arrow { width: 5rem; white-space: nowrap }', /^wider than its box: P\.arrow/],
    ['.exposure .dim { font-size: 9px }', /^9px: SPAN\.dim/],
  ] as const) {
    await page.value(
      `(() => { const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(rule)}); document.adoptedStyleSheets = [sheet]; })()`,
    );
    t.regex((await page.value<string[]>(misfits)).join('\n'), new RegExp(found.source, 'm'), rule);
  }
});

withPeer(
  'chromium',
  'bytes and lists are as large as the room allows, and a connection is never cut',
  async (t) => {
    const page = await opened(t, 'mtls');
    const seen = `(() => {
    const pixels = (selector) => parseFloat(getComputedStyle(document.querySelector(selector)).fontSize);
    return { bytes: pixels('.dump .hex'), rows: pixels('.items .row'),
      columns: document.querySelectorAll('.dump .row:first-child .hex > span').length,
      isCut: [...document.querySelectorAll('.connections .main, .dump .letters')].some((one) =>
        one.scrollWidth > one.clientWidth + 1 || one.getBoundingClientRect().right > one.closest('.connections, .dump').getBoundingClientRect().right) };
  })()`;
    for (const [width, columns, bytes, rows] of [
      [320, 8, 12, 14],
      [768, 16, 13, 14],
      [1120, 16, 13, 14],
      [1280, 16, 13, 14],
      [1600, 16, 14, 15],
      [1920, 16, 15, 16],
      [2560, 16, 17, 18],
    ] as const) {
      await page.resize(width, 900);
      await page.until(`(${seen}).columns === ${columns}`);
      const now = await page.value<{ bytes: number; rows: number; isCut: boolean }>(seen);
      t.true(now.bytes >= bytes && now.rows >= rows && !now.isCut, `${width}: ${JSON.stringify(now)}`);
    }
  },
);

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

/** What a key has led to: where it stands, what it is called, and whether that can be seen. */
interface Stop {
  readonly at: number;
  readonly name: string;
  readonly role: string;
  readonly isSeen: boolean;
  readonly isMarked: boolean;
}

const focused = `(() => { const one = document.activeElement; const { width, height } = one.getBoundingClientRect();
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  return { at: [...document.querySelectorAll('*')].indexOf(one), tag: one.tagName,
    isSeen: one.checkVisibility() && width > 0 && height > 0, isMarked: outlineStyle !== 'none' && parseFloat(outlineWidth) > 0 }; })()`;

/** From the top to the end of the page with one key; a browser's own bar, where the page has ended, is no stop of it. */
async function stopsOf(page: Page, isBack = false): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (;;) {
    await page.press('Tab', { shift: isBack });
    const { tag, ...one } = await page.value<Omit<Stop, 'name' | 'role'> & { tag: string }>(focused);
    if (tag === 'BODY' || (stops.length > 0 && stops[0]?.at === one.at)) return stops;
    const { result } = (await page.send('Runtime.evaluate', { expression: 'document.activeElement' })) as {
      readonly result: { readonly objectId: string };
    };
    const { nodes } = (await page.send('Accessibility.getPartialAXTree', {
      objectId: result.objectId,
      fetchRelatives: false,
    })) as { readonly nodes: readonly { name?: { value: string }; role?: { value: string } }[] };
    stops.push({ ...one, name: nodes[0]?.name?.value ?? '', role: nodes[0]?.role?.value ?? '' });
  }
}

withPeer(
  'chromium',
  'Tab goes through everything once, in its order, named and seen, and back',
  async (t) => {
    const page = await opened(t, 'plaintext');
    await page.value(`document.querySelector('#language-en').blur()`);
    const stops = await stopsOf(page);
    const [skip] = stops;
    t.is(skip?.name, 'Skip to the content');
    for (const [index, stop] of stops.entries()) {
      const { name, role, isSeen, isMarked } = stop;
      t.not(name.trim(), '', JSON.stringify(stop));
      t.true(isSeen && isMarked, JSON.stringify(stop));
      t.not(role, 'generic', JSON.stringify(stop));
      t.true(index === 0 || stop.at > (stops[index - 1]?.at ?? Infinity), JSON.stringify(stop));
    }
    // One stop for each choice, link, pane and region that scrolls.
    const links = await page.value<number>(
      `[...document.querySelectorAll('a[href]')].filter((one) => one.checkVisibility()).length`,
    );
    t.is(stops.filter(({ role }) => role === 'link').length, links);
    t.is(stops.filter(({ role }) => role === 'radio').length, 2);
    t.deepEqual(
      stops.slice(-4).map(({ name, role }) => `${role} ${name}`),
      ['listbox connections', 'listbox messages', 'grid bytes', 'tree fields'],
    );
    const back = await stopsOf(page, true);
    t.deepEqual(
      back.map(({ at }) => at),
      stops.map(({ at }) => at).toReversed(),
    );
  },
);

withPeer('chromium', 'who wants less motion has none; who does not is led smoothly', async (t) => {
  const page = await opened(t, 'plaintext');
  const motion = `[getComputedStyle(document.documentElement).scrollBehavior, document.getAnimations().length,
    [...document.querySelectorAll('*')].filter((one) => !['0s', ''].includes(getComputedStyle(one).transitionDuration)).length]`;
  t.deepEqual(await page.value(motion), ['auto', 0, 0]);
  await page.prefer({ 'prefers-reduced-motion': 'no-preference' });
  t.is((await page.value<[string]>(motion))[0], 'smooth');
});

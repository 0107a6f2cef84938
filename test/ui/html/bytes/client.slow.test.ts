/** The bytes explorer in Chromium: what a person sees and does, by mouse, by keyboard and by screen reader. */
import type { ExecutionContext } from 'ava';
import { randomBytes } from 'node:crypto';
import { conversation } from '../../../../src/analysis/conversation/conversation.ts';
import type { Flows } from '../../../../src/capture/flows.ts';
import { fieldPathAt } from '../../../../src/core/field.ts';
import { languages } from '../../../../src/i18n/language.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import { explainField } from '../../../../src/presentation/conversation/explain.ts';
import { ScriptedLog, present } from '../../../helpers/capture.ts';
import { chromiumFor } from '../../../helpers/chromium.ts';
import type { Page } from '../../../helpers/chromium.ts';
import { withPeer } from '../../../helpers/peer.ts';
import { clientHello, record, serverHello } from '../../support/story.ts';
import { recorded } from '../../tui/support/scenes.ts';
import { explore, flowsOf, placeOf } from '../support/explorer.ts';
import { pageFile, pageWith } from '../support/page.ts';

const isReady = `document.querySelector('[data-explorer=ready]')`;

function played(): { readonly flows: Flows; readonly secrets: ReadonlyMap<string, string> } {
  const { driver, log } = recorded('tls');
  for (let stop = ''; stop !== driver.stop; driver.press('space')) stop = driver.stop;
  return { flows: flowsOf(log), secrets: driver.scene.sources.secrets };
}

async function opened(
  t: ExecutionContext,
  section: ReturnType<typeof explore>['section'],
  { language = 'en', fragment = '' }: { readonly language?: Language; readonly fragment?: string } = {},
): Promise<Page> {
  const page = await (await chromiumFor(t)).newPage();
  await page.resize(1280, 800);
  await page.open(pageFile(t, pageWith(section, language)), fragment);
  await page.until(isReady);
  return page;
}

const spoken = (page: Page): Promise<string> =>
  page.value(`document.querySelector('[role=status]').textContent`);
const explained = (page: Page): Promise<string> =>
  page.value(`document.querySelector('.explanation').innerText`);

/** Chooses the message with that title. */
async function choose(page: Page, title: string): Promise<void> {
  await page.until(
    `[...document.querySelectorAll('.items .main')].some((one) => one.textContent === '${title}')`,
  );
  await page.value(
    `[...document.querySelectorAll('.items .row')].find((one) => one.querySelector('.main')?.textContent === '${title}').click()`,
  );
  await page.until(`document.querySelector('.items .chosen .main')?.textContent === '${title}'`);
  await page.until(`document.querySelector('.dump [data-at="0"]')?.textContent.trim()`);
}

for (const language of languages)
  withPeer(
    'chromium',
    `a byte is named by keyboard, aloud and in the field list, in ${language}`,
    async (t) => {
      const { flows } = played();
      const connection = present(flows.connections.find(({ carriesTls }) => carriesTls));
      const hello = present(conversation(connection).find(({ title }) => title.en === 'ServerHello'));
      const { section, builder } = explore(flows);
      const page = await opened(t, section, { language, fragment: present(builder.linkAt(placeOf(hello))) });
      await page.until(`document.querySelector('.items .chosen .main')?.textContent === 'ServerHello'`);
      t.true(await page.value(`document.activeElement.matches('.dump')`), 'the link leads to its bytes');
      const root = present(hello.field());
      const bytes = present(hello.bytes());
      const seen = new Set<string>();
      for (let at = 0; at < hello.length; at++) {
        if (at > 0) await page.press('ArrowRight');
        const path = fieldPathAt(root, hello.offset + at);
        const { meaning, value } = present(explainField(path, language));
        const text = await explained(page);
        t.true(text.includes(meaning), `byte ${at}: ${text}`);
        t.true(text.replaceAll(/\s+/g, ' ').includes(value.replaceAll(/\s+/g, ' ')), `byte ${at}: ${text}`);
        seen.add(present(path.at(-1)).id);
      }
      t.true(seen.size > 15);
      await page.press('Home', { ctrl: true });
      for (let at = 0; at < 44; at++) await page.press('ArrowRight');
      const place = `0x${(hello.offset + 44).toString(16)}`;
      await page.until(`document.querySelector('[role=status]').textContent.includes('${place},')`);
      const said = await spoken(page);
      const digits = present(bytes[44]).toString(16).padStart(2, '0');
      t.regex(said, language === 'en' ? /^offset 0x/ : /^오프셋 0x/);
      t.true(said.includes(` ${digits}, ServerHello, `), said);
      const field = await page.value<string>(`document.querySelector('.fields .chosen .main').textContent`);
      t.true(said.endsWith(field), said);
      t.is(
        await page.value(
          `document.getElementById(document.querySelector('.dump').getAttribute('aria-activedescendant')).textContent`,
        ),
        digits,
      );
      t.deepEqual(page.faults, { said: [], asked: [] });
    },
  );

withPeer(
  'chromium',
  'hovering a byte explains it, a field marks its bytes, Enter marks the field around',
  async (t) => {
    const page = await opened(t, explore(played().flows).section);
    await page.click('.connections .row[data-index="1"]');
    await page.until(`document.querySelector('.connections .row[data-index="1"].chosen')`);
    await page.click('.connections .row[data-index="0"]');
    await page.until(`document.querySelector('.connections .row[data-index="0"].chosen')`);
    await choose(page, 'ClientHello');
    await page.hover('.dump [role=gridcell][data-at="1"]');
    await page.until(`document.querySelectorAll('.dump .hex .marked').length === 2`);
    t.regex(await explained(page), /^record version/);
    await page.hover('h1');
    await page.until(`document.querySelectorAll('.dump .hex .marked').length === 1`);
    t.regex(await explained(page), /^content type/);
    // The record header: five bytes.
    await page.click('.fields .row[data-index="1"]');
    await page.until(`document.querySelectorAll('.dump .hex .marked').length === 5`);
    t.is(await page.value(`document.querySelector('.fields .chosen').getAttribute('aria-level')`), '2');
    await page.click('.dump [role=gridcell][data-at="0"]');
    await page.press('Enter');
    await page.until(`document.querySelectorAll('.dump .hex .marked').length === 5`);
    t.regex(await explained(page), /^record header/);
    t.deepEqual(page.faults, { said: [], asked: [] });
  },
);

withPeer('chromium', 'the keys open a sealed record in place, and close it', async (t) => {
  const { flows, secrets } = played();
  const connection = present(flows.connections.find(({ carriesTls }) => carriesTls));
  const { section, builder } = explore(flows, { secrets });
  const sealed = present(
    conversation(connection).findLast(({ from, sealed: is }) => from === 'client' && is),
  );
  const page = await opened(t, section, { fragment: present(builder.linkAt(placeOf(sealed))) });
  const address = `document.querySelector('.dump .offset').textContent`;
  const before = await page.value<string>(address);
  t.regex(
    await page.value(`document.querySelector('.items .chosen').textContent`),
    /to server.*ApplicationData.*sealed/,
  );
  t.regex(await explained(page), /without the keys/);
  await page.click('.keys');
  await page.until(`document.querySelector('.items .chosen')?.textContent.includes('opened')`);
  t.is(await page.value(`document.querySelector('.keys').getAttribute('aria-pressed')`), 'true');
  t.is(await page.value(address), before);
  await choose(page, 'POST /login');
  t.true(await page.value(`document.querySelector('.dump .sheet').textContent.includes('POST')`));
  t.true(
    await page.value(
      `document.querySelectorAll('.dump .hex .secret').length > 0 || document.querySelector('.dump').scrollHeight > document.querySelector('.dump').clientHeight`,
    ),
  );
  await page.click('.keys');
  await page.until(`document.querySelector('.items .chosen')?.textContent.includes('sealed')`);
  t.deepEqual(page.faults, { said: [], asked: [] });
});

withPeer('chromium', 'Tab goes from pane to pane; keys move by row, page and message', async (t) => {
  const page = await opened(t, explore(played().flows).section);
  const focused = (): Promise<string> => page.value(`document.activeElement.className`);
  const order: string[] = [];
  for (let at = 0; at < 5; at++) {
    await page.press('Tab');
    order.push(await focused());
  }
  t.deepEqual(order, ['keys', 'list connections', 'list items', 'dump', 'list fields']);
  await page.press('Tab', { shift: true });
  t.is(await focused(), 'dump');
  const at = (): Promise<number> =>
    page.value(`Number(document.querySelector('.dump .hex .cursor').dataset.at)`);
  const columns = await page.value<number>(
    `document.querySelector('.dump .row').querySelectorAll('[role=gridcell]').length`,
  );
  t.is(columns, 16);
  const length = await page.value<number>(`document.querySelectorAll('.dump .hex > span').length`);
  for (const [key, ctrl, place] of [
    ['ArrowDown', false, 16],
    ['ArrowRight', false, 17],
    ['End', false, 31],
    ['Home', false, 16],
    ['ArrowUp', false, 0],
    ['ArrowLeft', false, 0],
    ['End', true, length - 1],
    ['ArrowRight', false, length - 1],
  ] as const) {
    await page.press(key, { ctrl });
    t.is(await at(), place, key);
  }
  // By as many rows as there is room for, in the same column.
  await page.press('PageUp');
  const above = await at();
  t.true(above < length - 16 && above % 16 === (length - 1) % 16, String(above));
  await page.press('PageDown');
  t.is(await at(), length - 1);
  await page.press('Home', { ctrl: true });
  t.is(await at(), 0);
  t.true(
    await page.value(
      `document.getElementById(document.querySelector('.dump').getAttribute('aria-describedby')).textContent.length > 20`,
    ),
  );
  t.deepEqual(page.faults, { said: [], asked: [] });
});

withPeer(
  'chromium',
  'it follows the language and the theme of the root, and the width of the window',
  async (t) => {
    const page = await opened(t, explore(played().flows).section);
    const label = (): Promise<string> =>
      page.value(`document.querySelector('.dump').getAttribute('aria-label')`);
    t.is(await label(), 'bytes');
    await page.value(`void (document.documentElement.lang = 'ko')`);
    await page.until(`document.querySelector('.dump').getAttribute('aria-label') === '바이트'`);
    t.regex(await explained(page), /콘텐츠 종류/);
    t.regex(await page.value(`document.querySelector('.fields .row').textContent`), /바이트/);
    const back = (): Promise<string> =>
      page.value(`getComputedStyle(document.querySelector('.explorer')).backgroundColor`);
    await page.prefer({ 'prefers-color-scheme': 'dark' });
    const dark = await back();
    await page.value(`void (document.documentElement.dataset.theme = 'light')`);
    t.not(await back(), dark);
    await page.value(`void (document.documentElement.dataset.theme = 'dark')`);
    t.is(await back(), dark);
    for (const [width, columns] of [
      [320, 8],
      [480, 8],
      [768, 16],
      [1280, 16],
      [2560, 16],
    ] as const) {
      await page.resize(width, 900);
      await page.until(
        `document.querySelector('.dump .row').querySelectorAll('[role=gridcell]').length === ${columns}`,
      );
      t.true(
        await page.value(`document.documentElement.scrollWidth <= ${width}`),
        `nothing is wider than ${width}`,
      );
      t.true(
        await page.value(
          `document.querySelector('.dump').scrollWidth <= document.querySelector('.dump').clientWidth`,
        ),
        `the dump at ${width}`,
      );
    }
    t.deepEqual(page.faults, { said: [], asked: [] });
  },
);

withPeer('chromium', 'on paper, and without a script, an excerpt stands in its place', async (t) => {
  const page = await opened(t, explore(played().flows).section);
  const shown = (selector: string): Promise<boolean> =>
    page.value(`document.querySelector('${selector}').checkVisibility()`);
  t.true(await shown('.panes'));
  t.false(await shown('.bytes-excerpt'));
  await page.prefer({}, 'print');
  t.false(await shown('.panes'));
  t.true(await shown('.bytes-excerpt'));
  const excerpts = await page.value<string[]>(
    `[...document.querySelectorAll('.bytes-excerpt')].map((one) => one.innerText)`,
  );
  // What it is, and of each message where it was, and how much is not shown.
  t.regex(present(excerpts[0]), new RegExp(`the first bytes and fields of ${excerpts.length - 1} messages`));
  for (const one of excerpts.slice(1)) t.regex(one, /^.+\n+.* #\d+, to (server|client)\n/);
  t.true(excerpts.some((one) => /… \d+ more bytes/.test(one) && /… \d+ more fields$/.test(one)));
  t.true((await page.pdf()).length > 10_000);
});

withPeer('chromium', 'masked secrets are asterisks, and the page says so', async (t) => {
  const { flows, secrets } = played();
  const page = await opened(t, explore(flows, { secrets, isMasked: true }).section, { language: 'ko' });
  t.regex(await page.value(`document.querySelector('.note').innerText`), /비밀을 가렸습니다/);
  await page.click('.keys');
  await page.until(`document.querySelector('.keys').getAttribute('aria-pressed') === 'true'`);
  await choose(page, 'POST /login');
  await page.press('Tab');
  await page.value(`document.querySelector('.dump').focus()`);
  await page.press('End', { ctrl: true });
  await page.until(`document.querySelector('.dump .hex .secret')`);
  const secret = await page.value<string>(
    `[...document.querySelectorAll('.dump .letters .secret')].map((one) => one.textContent).join('')`,
  );
  t.regex(secret, /^\*+$/);
});

/** A million records in one connection, and beside it a request with a header of 10 MB and whatever may do harm. */
function hostileFlows(records: number): Flows {
  const log = new ScriptedLog();
  log.began();
  log.opened();
  log.bytes('client', clientHello('</script><script>document.title=1</script>\u202e\u0000'));
  log.bytes('server', serverHello);
  const small = record(23, randomBytes(17));
  const many = Buffer.concat(Array.from({ length: 1000 }, () => small));
  for (let sent = 0; sent < records; sent += 1000) log.bytes('server', many);
  log.closed();
  log.opened(2);
  log.bytes(
    'client',
    `GET /</script><img src=x onerror=document.title=1> HTTP/1.1\r\nX: \u202e\u0000${'a'.repeat(10_000_000)}\r\n\r\n`,
    { conn: 2 },
  );
  log.closed('client', 'end', 2);
  return flowsOf(log.log);
}

withPeer(
  'chromium',
  'very many records and very long ones: what is seen is drawn; hostile text is text',
  async (t) => {
    const count = 100_000;
    const page = await opened(t, explore(hostileFlows(count)).section);
    t.is(await page.value(`document.title`), 'bytes');
    t.is(
      await page.value(`document.querySelectorAll('.explorer img, .explorer script:not([type])').length`),
      0,
    );
    t.true(await page.value(`document.querySelectorAll('.items .row').length < 60`));
    await page.value(`document.querySelector('.items').focus()`);
    await page.press('End');
    await page.until(
      `document.querySelector('.items .chosen')?.getAttribute('aria-posinset') === '${count + 4}'`,
    );
    await page.until(`document.querySelector('.items .chosen .main')?.textContent === 'TCP closed *'`);
    t.true(
      await page.value(`(() => { const list = document.querySelector('.items').getBoundingClientRect();
      const row = document.querySelector('.items .chosen').getBoundingClientRect();
      return row.top >= list.top && row.bottom <= list.bottom + 1; })()`),
      'it is in view',
    );
    await page.press('ArrowUp');
    await page.until(`document.querySelector('.items .chosen .main')?.textContent === 'ApplicationData'`);
    await page.click('.connections .row[data-index="1"]');
    await page.until(`document.querySelector('.connections .row[data-index="1"].chosen')`);
    await page.until(`document.querySelector('.dump .letters')?.textContent.startsWith('GET /')`);
    await page.value(`document.querySelector('.dump').focus()`);
    await page.press('End', { ctrl: true });
    await page.until(`document.querySelector('.dump .hex .cursor')?.textContent.trim()`);
    t.true(await page.value(`Number(document.querySelector('.dump .hex .cursor').dataset.at) > 60000`));
    t.true(await page.value(`document.querySelectorAll('.dump .row').length < 80`));
    t.deepEqual(page.faults, { said: [], asked: [] });
  },
);

withPeer('chromium', 'data that is damaged is said to be, and what is whole is shown', async (t) => {
  const section = pageWith(explore(hostileFlows(2000)).section);
  const page = await (await chromiumFor(t)).newPage();
  const damaged = (id: string): string =>
    section.replace(new RegExp(`(id="${id}"[^>]*>)[A-Za-z0-9+/=]{40}`), `$1${'A'.repeat(40)}`);
  await page.open(pageFile(t, damaged('bytes-items-4')));
  await page.until(isReady);
  await page.value(`document.querySelector('.items').focus()`);
  await page.press('End');
  await page.until(`document.querySelector('.explorer [role=alert]').textContent !== ''`);
  await page.press('Home');
  await page.until(`document.querySelector('.explorer [role=alert]').textContent === ''`);
  await page.press('ArrowDown');
  await page.until(`document.querySelector('.items .chosen .main')?.textContent === 'ClientHello'`);
  await page.open(pageFile(t, damaged('bytes-texts')));
  await page.until(`document.querySelector('[data-explorer=broken]')`);
  t.true(await page.value(`document.querySelector('.bytes-excerpt').checkVisibility()`));
  t.regex(
    await page.value(`document.querySelector('.explorer [role=alert]:not(:empty)').textContent`),
    /damaged/,
  );
  t.deepEqual(page.faults, { said: [], asked: [] });
});

/** An opened file in a real browser: its list, its filter, and the connection that is opened. */
import { withPeer } from '../../../helpers/peer.ts';
import { chromiumFor } from '../../../helpers/chromium.ts';
import { usual } from './captures.ts';
import { captureOf, viewing } from './support.ts';

const status = `document.querySelector('#view-status').textContent`;
const rows = `document.querySelectorAll('#view-list .row .cells').length`;
const heading = `document.querySelector('#conversation h3')?.innerText`;

withPeer('chromium', 'a list of many connections draws what is seen, and opens what is chosen', async (t) => {
  const { url } = await viewing(t, [captureOf(t, 8000)]);
  const page = await (await chromiumFor(t)).newPage();
  await page.resize(1280, 900);
  await page.visit(url);
  await page.until(`${rows} > 0`);
  await page.until(`${status} === '8,000 connections'`);
  t.true((await page.value<number>(`document.querySelectorAll('#view-list .row').length`)) < 100);
  await page.value(`document.querySelector('#view-list .list').focus()`);
  await page.press('End');
  await page.until(`document.querySelector('#view-list .chosen .main')?.textContent === '#7999'`);
  await page.until(`${heading}?.includes('7999')`);
  t.true((await page.value<number>(`document.querySelectorAll('#view-list .row').length`)) < 100);
  t.is(await page.value(`location.hash`), '#connection-7999');
  // Its bytes are fetched when a message leads there.
  await page.click('#conversation .rung a[href^="#bytes-at-7999-"]');
  await page.until(`document.querySelector('#bytes [data-explorer=ready]')`);
  await page.until(`document.querySelector('#bytes .explanation')?.textContent.length > 0`);
  // Another one takes the place of both.
  await page.value(`document.querySelector('#view-list .list').focus()`);
  await page.press('ArrowUp');
  await page.until(`${heading}?.includes('7998')`);
  t.is(await page.value(`document.querySelectorAll('#conversation .ladder').length`), 1);
  // Arrows pass by, Enter and a click come to the conversation.
  const top = `document.querySelector('#conversation').getBoundingClientRect().top`;
  t.true(await page.value(`${top} > innerHeight / 2`));
  await page.press('Enter');
  await page.until(`Math.abs(${top}) < 100`);
  await page.value(`scrollTo(0, 0)`);
  await page.until(`${top} > innerHeight / 2`);
  await page.click('#view-list .row[data-index="7997"]');
  await page.until(`${heading}?.includes('7997') && Math.abs(${top}) < 100`);
  t.true(await page.value(`document.querySelectorAll('#bytes .explorer').length <= 1`));
  // The list above has its connection: the explorer does not repeat it.
  t.is(await page.value(`document.querySelectorAll('#bytes .list.connections').length`), 0);
  t.is(await page.value(`document.querySelectorAll('#bytes .list.items').length`), 1);
  // Loaded again, it shows the same one.
  await page.visit('about:blank');
  await page.visit(url, '#connection-7998');
  await page.until(`${heading}?.includes('7998')`);
  t.deepEqual(page.faults.said, []);
  t.deepEqual(
    page.faults.asked.filter((one) => !one.startsWith(url) && one !== 'about:blank'),
    [],
  );
});

withPeer(
  'chromium',
  'the list is sorted by s and by the heads of its columns, and says by what',
  async (t) => {
    const path = captureOf(
      t,
      3000,
      (index) => [usual(index)[0], `HTTP/1.1 200 OK\r\nContent-Length: ${index}\r\n\r\n${'x'.repeat(index)}`],
      (index) => 1 + ((index * 7) % 3001),
    );
    const { url } = await viewing(t, [path]);
    const page = await (await chromiumFor(t)).newPage();
    await page.resize(1280, 900);
    await page.visit(url);
    await page.until(`${status} === '3,000 connections'`);
    const first = `document.querySelector('#view-list .row[data-index="0"] .main')?.textContent`;
    const sorted = `Array.from(document.querySelectorAll('#view-list [aria-sort]'), (one) => one.getAttribute('aria-sort')).join()`;
    t.is(await page.value(sorted), 'ascending,none,none,none,none');
    t.is(
      await page.value(`document.querySelector('#view-list .list').getAttribute('aria-rowcount')`),
      '3001',
    );
    await page.value(`document.querySelector('#view-list .list').focus()`);
    const slowest = Array.from({ length: 3000 }, (_, index) => (index * 7) % 3001);
    const longest = slowest.indexOf(Math.max(...slowest));
    const orders = [
      ['by duration, longest first', `#${longest}`, 'none,none,none,none,descending'],
      ['by bytes, most first', '#2999', 'none,none,descending,none,none'],
      ['by latency, slowest first', `#${longest}`, 'none,none,none,descending,none'],
      ['by name', '#0', 'none,ascending,none,none,none'],
    ] as const;
    for (const [words, row, heads] of orders) {
      await page.press('s');
      await page.until(`${status} === '3,000 connections, ${words}'`);
      await page.until(`${first} === '${row}'`);
      t.is(await page.value(sorted), heads);
    }
    await page.press('s');
    await page.until(`${status} === '3,000 connections'`);
    // By the mouse, and what is chosen is opened by its number.
    await page.click('#view-list .heads .bytes button');
    await page.until(`${status} === '3,000 connections, by bytes, most first' && ${first} === '#2999'`);
    t.is(await page.value(heading), undefined, 'nothing is opened by that');
    await page.value(`document.querySelector('#view-list .list').focus()`);
    await page.press('End');
    await page.until(`document.querySelector('#view-list .chosen .main')?.textContent === '#0'`);
    await page.until(`${heading}?.includes('0')`);
    t.is(await page.value(`location.hash`), '#connection-0');
    // By the keyboard on a head; a second time, it is the order of opening, and the chosen row stays.
    await page.value(`document.querySelector('#view-list .heads .bytes button').focus()`);
    await page.press('Enter');
    await page.until(`${status} === '3,000 connections' && ${first} === '#0'`);
    await page.until(`document.querySelector('#view-list .chosen .main')?.textContent === '#0'`);
    await page.value(`document.querySelector('#language-ko').click()`);
    await page.click('#view-list .heads .duration button');
    await page.until(`${status} === '연결 3,000개, 지속 시간이 긴 순'`);
    t.is(
      await page.value(`document.querySelector('#view-list .heads .duration').innerText.trim()`),
      '지속 시간',
    );
    // No row hides behind the heads.
    await page.value(`document.querySelector('#view-list .list').focus()`);
    await page.press('End');
    await page.press('Home');
    await page.until(
      `document.querySelector('#view-list .row[data-index="0"]')?.classList.contains('chosen')`,
    );
    t.true(
      await page.value(
        `document.querySelector('#view-list .row.chosen').getBoundingClientRect().top >= document.querySelector('#view-list .heads').getBoundingClientRect().bottom - 1`,
      ),
    );
    t.deepEqual(page.faults.said, []);
  },
);

withPeer(
  'chromium',
  'a filter is applied as it is typed, and a mistake in it is named in both languages',
  async (t) => {
    const { url } = await viewing(t, [captureOf(t, 3000), '--filter', 'host=shop-1.example']);
    const page = await (await chromiumFor(t)).newPage();
    await page.visit(url);
    await page.until(`${status} === '429 of 3,000 connections'`);
    const type = async (text: string): Promise<void> => {
      await page.value(
        `(() => { const input = document.querySelector('#view-filter'); input.focus(); input.select(); })()`,
      );
      await page.send('Input.insertText', { text });
    };
    await type('status=404');
    await page.until(`${status} === '300 of 3,000 connections'`);
    await page.until(`document.querySelector('#view-list .row .main')?.textContent === '#3'`);
    await type('status=');
    const fault = `document.querySelector('#view-fault').textContent`;
    await page.until(`${fault} !== ''`);
    t.is(await page.value(`document.querySelector('#view-filter').getAttribute('aria-invalid')`), 'true');
    t.true((await page.value<number>(rows)) > 0, 'the rows of the last good filter stay');
    await page.value(`document.querySelector('#view-list .list').focus()`);
    await page.press('End');
    await page.until(`document.querySelector('#view-list .chosen .main')?.textContent === '#2993'`);
    await page.value(`document.querySelector('#language-ko').click()`);
    await page.until(`/[가-힣]/.test(${fault})`);
    await type('status=404 or tls');
    await page.until(`${status} === '연결 3,000개 중 300개'`);
    t.is(await page.value(fault), '');
    t.deepEqual(page.faults.said, []);
  },
);

withPeer(
  'chromium',
  'from phone to projector nothing is wider than the page, and nothing foreign runs',
  async (t) => {
    const evil = '"><script>window.hacked=1</script><img src=x onerror=window.hacked=1>';
    const path = captureOf(t, 30, (index) => [
      usual(index)[0].replace('/page', `/${evil}${'w'.repeat(2000)}`),
      `HTTP/1.1 200 ${evil}\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
    ]);
    const { url } = await viewing(t, [path]);
    const page = await (await chromiumFor(t)).newPage();
    for (const [width, height] of [
      [320, 640],
      [390, 844],
      [1280, 800],
      [1920, 1080],
      [2560, 1440],
    ] as const) {
      await page.resize(width, height);
      await page.visit('about:blank');
      await page.visit(url, '#connection-3');
      await page.until(`${heading}?.includes('3') && ${rows} > 0`);
      await page.value(`document.querySelector('#bytes').scrollIntoView()`);
      await page.until(`document.querySelector('#bytes [data-explorer=ready]')`);
      t.true(await page.value(`document.documentElement.scrollWidth <= innerWidth`), `${width}`);
      t.is(await page.value(`typeof window.hacked`), 'undefined');
      t.is(await page.value(`document.querySelectorAll('main img').length`), 0);
    }
    t.deepEqual(page.faults.said, []);
  },
);

withPeer('chromium', 'when it has ended, the page says so and keeps what it has', async (t) => {
  const { url, running } = await viewing(t, [captureOf(t, 5)]);
  const page = await (await chromiumFor(t)).newPage();
  await page.visit(url, '#connection-1');
  await page.until(`${heading}?.includes('1') && ${rows} === 5`);
  running.child.kill('SIGINT');
  await running.exit;
  await page.value(`document.querySelector('#view-list .row[data-index="4"]').click()`);
  await page.until(
    `document.querySelector('#conversation [role=alert]')?.textContent.includes('does not answer')`,
  );
  t.is(await page.value(rows), 5);
});

/** The board of a class in a real browser: it changes by itself, and its reader loses nothing. */
import { entryOf } from '../../../src/cli/class/board.ts';
import { chromiumFor } from '../../helpers/chromium.ts';
import { withPeer } from '../../helpers/peer.ts';
import { anEntry, call, folderFor, invited, servingClass } from './roster/support.ts';

const line = `document.querySelector('#board-bar').dataset.line`;
const status = `document.querySelector('#board-bar [role=status]').textContent`;

withPeer('chromium', 'rows and cards come without a reload, in the language of the reader', async (t) => {
  const folder = folderFor(t);
  const names = Array.from({ length: 30 }, (_, index) => `learner-${index}`);
  const all = await invited(folder, names);
  const { url, at, running } = await servingClass(t, folder);
  const page = await (await chromiumFor(t)).newPage();
  await page.resize(1280, 900);
  await page.visit(url);
  await page.until(`${line} === 'connected'`);
  t.is(await page.value(`document.querySelectorAll('#learners tbody tr').length`), 0);
  await page.value(`document.querySelector('#language-ko').click()`);
  await page.value(`document.querySelector('#learners .scroll').focus()`);
  const text = '<img src=x onerror="document.title=1">';
  await Promise.all(
    all.map(async (invitation) =>
      call(at(invitation), {
        body: JSON.stringify(entryOf(anEntry({ finding: { en: text, ko: `${text} 한국어` } }))),
      }),
    ),
  );
  await page.until(`document.querySelectorAll('#learners tbody tr').length === 30`);
  t.regex(await page.value(`document.querySelector('#learners tbody tr').innerText`), /<img src=x[^]*한국어/);
  t.true(
    await page.value(`document.activeElement === document.querySelector('#learners .scroll')`),
    'the focus stays',
  );
  t.regex(await page.value(status), /^\d\d:\d\d:\d\d learner-\d+ {1,2}mutual-tls {1,2}1\/2, 과제 2/);
  const [first] = all;
  if (!first) return void t.fail();
  const { identity: _none, ...nobody } = at(first);
  await t.throwsAsync(call(nobody));
  await page.until(`document.querySelector('#turned-away .card')`);
  t.regex(await page.value(`document.querySelector('#turned-away .card').innerText`), /거부됨/);
  for (const width of [320, 768, 2560]) {
    await page.resize(width, 900);
    t.true(await page.value(`document.documentElement.scrollWidth <= innerWidth`), String(width));
  }
  running.child.kill('SIGTERM');
  await page.until(`${line} === 'ended'`);
  t.regex(await page.value(status), /끝났습니다/);
  t.is(await page.value(`document.querySelectorAll('#learners tbody tr').length`), 30);
  t.deepEqual(page.faults.said, []);
  t.deepEqual(
    page.faults.asked.filter((one) => !one.startsWith(url)),
    [],
  );
});

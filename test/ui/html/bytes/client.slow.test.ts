import test from 'ava';
import { chromiumFor } from '../../../helpers/chromium.ts';
import { recorded } from '../../tui/support/scenes.ts';
import { explore, flowsOf } from '../support/explorer.ts';
import { pageFile, pageWith } from '../support/page.ts';

test('look', async (t) => {
  const { driver, log } = recorded('mtls');
  for (let stop = ''; stop !== driver.stop; driver.press('space')) stop = driver.stop;
  const { section } = explore(flowsOf(log), { secrets: new Map([['password', 'tiger-lily']]) });
  const page = await (await chromiumFor(t)).newPage();
  await page.resize(1280, 800);
  const file = pageFile(t, pageWith(section));
  await page.open(file);
  await page.until(`document.querySelector('[data-explorer=ready], [data-explorer=broken]')`);
  t.log(page.faults);
  await page.picture('/tmp/wl/hb-1280.png');
  await page.resize(320, 1600);
  await page.picture('/tmp/wl/hb-320.png');
  await page.resize(800, 1000);
  await page.picture('/tmp/wl/hb-800.png');
  t.pass();
});

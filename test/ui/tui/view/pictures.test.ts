/** The pictures of a step: what is cut where there is little room, and what a page is called. */
import test from 'ava';
import { languages } from '../../../../src/i18n/language.ts';
import { pageName } from '../../../../src/features/pages/page-site.ts';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { sizesPicture } from '../../../../src/ui/tui/view/pictures/sizes.ts';
import { penFor } from '../../../../src/ui/tui/state/masking.ts';
import { recorded } from '../support/scenes.ts';

/** The names and the size of a rung, without its arrow. */
const rungs = (screen: string): string[] =>
  screen.split('\n').filter((line) => /^ {2}[│|] .*[─═>]/.test(line));

test('a ladder without room for joined names cuts the names and keeps their size whole', (t) => {
  const { driver } = recorded('mtls');
  while (driver.stop !== 'reveal alice-1.2') driver.press('space');
  for (let count = 0; driver.look.body !== 'ladder' && count < 8; count++) driver.press('v');
  const joined = new Set<string>();
  for (const columns of [40, 45, 50, 55, 60, 70, 80])
    for (const row of rungs(driver.screen({ columns, rows: 24 }))) {
      t.regex(row, / [\d,]+ B(?= )/, `${columns}`);
      const [, size] = /Hello, .*?…  ([\d,]+ B) /.exec(row) ?? [];
      if (size !== undefined) joined.add(size);
    }
  t.is(joined.size, 1, [...joined].join(' | '));
});

test('pages have a name in each language, whichever their titles were in; other titles stay as they are', (t) => {
  for (const title of ['Sun cream - Shop', '자외선 차단제 - 상점'])
    t.deepEqual(pageName(title), { en: 'Sun cream', ko: '자외선 차단제' });
  t.deepEqual(pageName('Log in'), { en: 'Log in', ko: 'Log in' });
  for (const language of languages) {
    const pen = penFor({ ...recorded('tls').driver.model, language });
    const chart = { hop: 'A', bars: [{ length: 1213, name: pageName('Sun cream - Shop'), fitting: 1 }] };
    const text = sizesPicture(chart, pen, 80)
      .lines.map((line) => line.map((piece) => piece.text).join(''))
      .join('\n');
    t.true(text.includes(language === 'ko' ? '= [자외선 차단제]' : '= [Sun cream]'));
    t.true(text.split('\n').every((line) => cellWidth(line) === 80));
  }
});

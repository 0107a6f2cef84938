/** The pictures of a step: what is cut where there is little room, and what a page is called. */
import test from 'ava';
import { languages } from '../../../../src/i18n/language.ts';
import { pageName } from '../../../../src/features/pages/articles.ts';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { sizesPicture } from '../../../../src/ui/tui/view/pictures/sizes.ts';
import { penFor } from '../../../../src/ui/tui/state/masking.ts';
import { recorded } from '../support/scenes.ts';

/** The names and the size of a rung, without its arrow. */
const rungs = (screen: string): string[] =>
  screen.split('\n').filter((line) => /^ {2}[│|] .*[─═>]/.test(line));

test('a ladder without room cuts facts, then drops a size, then cuts names', (t) => {
  const { driver } = recorded('mtls');
  while (driver.stop !== 'reveal alice-1.2') driver.press('space');
  for (let count = 0; driver.look.body !== 'ladder' && count < 8; count++) driver.press('v');
  const sizesAt = (columns: number): string[] =>
    rungs(driver.screen({ columns, rows: 24 })).flatMap((row) => / {2}([\d,]+) B(?= )/.exec(row)?.[1] ?? []);
  const sizes = new Set(sizesAt(200));
  t.true(sizes.size >= 4);
  for (const columns of [40, 45, 50, 55, 60, 70, 80])
    for (const size of sizesAt(columns)) t.true(sizes.has(size), `${columns}: ${size}`);
  // What this step is about is on the smallest stage.
  t.regex(driver.screen({ columns: 80, rows: 24 }), /CertificateRequest/);
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

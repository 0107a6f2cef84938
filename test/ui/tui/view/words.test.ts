/** What is cut on a screen is cut between words, in both languages. */
import test from 'ava';
import { languages } from '../../../../src/i18n/language.ts';
import type { Language } from '../../../../src/i18n/language.ts';
import type { Size } from '../../../../src/ui/tui/frame.ts';
import { demonstrations, recorded } from '../support/scenes.ts';
import type { Demonstration } from '../support/scenes.ts';

/** Every row that a person sees who goes through a demonstration and opens each explanation and each view. */
async function rowsOf(name: Demonstration, language: Language, size: Size): Promise<string[]> {
  const { driver } = recorded(name, { language, size });
  const shown = (): string[] => driver.frame().lines.map((line) => line.map(({ text }) => text).join(''));
  const rows: string[] = [];
  for (let before = ''; ; driver.press('space')) {
    await driver.settled();
    const now = shown();
    // Nothing comes after the last.
    if (now.join('\n') === before) return rows;
    before = now.join('\n');
    rows.push(...now);
    for (const key of ['e', 'v']) {
      driver.press(key);
      rows.push(...shown());
      driver.press(key);
    }
  }
}

const wordsOf = (row: string): string[] => row.split(/[\s\u2500-\u257f]+/).filter(Boolean);

/** A word of letters that a mark follows; values and addresses may be cut. */
const cut: Readonly<Record<Language, RegExp>> = {
  en: /^[("“‘']*(\p{Letter}+)[’'.,:;?!)"”]*…$/u,
  ko: /^(.*[가-힣].*)…$/u,
};

/**
 * The last word before the mark that more stands below. Elsewhere on a narrow screen a name can be wider than its field, and
 * in a table a word than its column.
 */
function lastOfProse(row: string): string[] {
  const [text = '', more] = (row.split('│').at(-1) ?? '').split('↓');
  return more === undefined || /\S {3,}\S|^ \S+ 1\.[23] /.test(text) ? [] : wordsOf(text).slice(-1);
}

for (const name of demonstrations) {
  for (const language of languages) {
    test(`${name}: no word is cut at 40 to 120 columns (${language})`, async (t) => {
      const whole = new Set((await rowsOf(name, language, { columns: 250, rows: 80 })).flatMap(wordsOf));
      t.true(whole.size > 100);
      const isBroken = (word: string): boolean =>
        cut[language].test(word) && !whole.has(word.slice(0, -1)) && word !== '…';
      for (const size of [
        { columns: 40, rows: 24 },
        { columns: 57, rows: 24 },
        { columns: 80, rows: 24 },
        { columns: 97, rows: 30 },
        { columns: 120, rows: 40 },
      ]) {
        const rows = await rowsOf(name, language, size);
        t.true(rows.length > size.rows * 10);
        const broken = rows.filter((row) =>
          (size.columns < 80 ? lastOfProse(row) : wordsOf(row)).some(isBroken),
        );
        t.deepEqual(broken, [], `${size.columns}x${size.rows}`);
      }
    });
  }
}

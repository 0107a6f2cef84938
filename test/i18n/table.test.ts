import test from 'ava';
import { cellWidth } from '../../src/i18n/width.ts';
import { tableLines } from '../../src/i18n/table.ts';

const rows = [
  ['거부된 쪽', '이유', '구간'],
  ['밥', '인증서를 발급한 인증 기관(CA)을 프록시가 신뢰하지 않습니다', '암호문'],
  ['nobody', '인증서를 제시하지 않았습니다', '평문'],
];

const wordsOf = (text: string): string[] => text.split(/\s+/).filter(Boolean);

test('columns give up the room between their words first: no word is split while all words fit', (t) => {
  const words = new Set(rows.flat().flatMap(wordsOf));
  for (let columns = 40; columns <= 120; columns++) {
    const lines = tableLines(rows, columns);
    t.true(lines.every(({ text }) => cellWidth(text) <= columns));
    t.deepEqual(
      lines.flatMap(({ text }) => wordsOf(text)).filter((word) => !words.has(word)),
      [],
      String(columns),
    );
  }
});

test('where not all words fit, the table still fits', (t) => {
  for (let columns = 14; columns < 40; columns++)
    t.true(
      tableLines(rows, columns).every(({ text }) => cellWidth(text) <= columns),
      String(columns),
    );
});

test('each line says to which row it belongs', (t) => {
  t.deepEqual(
    tableLines([['a'], ['b c']], 3).map(({ row }) => row),
    [0, 1, 1],
  );
});

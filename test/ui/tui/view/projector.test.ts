/** The projector's view: its headline is large and readable whatever it says, and it says the same as the usual view. */
import test from 'ava';
import * as fc from 'fast-check';
import { languages } from '../../../../src/i18n/language.ts';
import { blockLetters } from '../../../../src/ui/tui/block-letters.ts';
import type { BlockSize } from '../../../../src/ui/tui/block-letters.ts';
import { lineWidth, Pen } from '../../../../src/ui/tui/pen.ts';
import { bannerLines, closingLines } from '../../../../src/ui/tui/view/pictures/banner.ts';
import { hostileText } from '../support/hostile.ts';
import { demonstrations, recorded } from '../support/scenes.ts';
import { textOf } from '../support/driver.ts';

const pen = new Pen({ language: 'en', ascii: false });
const inKorean = new Pen({ language: 'ko', ascii: false });

function banner(text: string, columns: number, rows: number, by = pen): string[] {
  return textOf({ lines: bannerLines({ text, tone: 'leaked' }, by, { columns, rows }) }).split('\n');
}

/** Whether that text stands in those lines in block letters, wherever it begins. */
function standsIn(lines: readonly string[], text: string, size: BlockSize = 'large'): boolean {
  const letters = (blockLetters(text, size) ?? []).map((row) => row.trimEnd());
  return lines.some((_, top) => {
    const rows = lines.slice(top, top + letters.length);
    const left = Math.min(...rows.filter(Boolean).map((row) => row.search(/\S/)));
    return rows.length === letters.length && rows.every((row, at) => row.slice(left) === letters[at]);
  });
}

test('a headline that fits is one line of blocks, with a blank row on each side', (t) => {
  const lines = banner('2 secrets LEAKED', 80, 11);
  t.is(lines.length, 7);
  t.is(lines[0], '');
  t.is(lines[6], '');
  t.true(standsIn(lines, '2 SECRETS LEAKED'));
});

test('one that is too long is two lines, as even as its words allow', (t) => {
  const lines = banner('2 secrets LEAKED on B', 80, 11);
  t.is(lines.length, 11);
  t.true(standsIn(lines, '2 SECRETS'));
  t.true(standsIn(lines, 'LEAKED ON B'));
});

test('a longer one, or one in fewer rows, stands in the small letters', (t) => {
  const lines = banner('2 secrets LEAKED on B', 80, 8);
  t.is(lines.length, 8);
  t.true(standsIn(lines.slice(1, 4), '2 SECRETS', 'small'));
  t.true(standsIn(lines.slice(4, 7), 'LEAKED ON B', 'small'));
  const longer = banner('Whoever records the café’s wire reads the password', 80, 11);
  t.is(longer.length, 11);
  for (const [at, line] of ['WHOEVER RECORDS', 'THE CAFE’S WIRE', 'READS THE PASSWORD'].entries())
    t.true(standsIn(longer.slice(1 + 3 * at, 4 + 3 * at), line, 'small'), line);
});

test('in fewer rows, or longer still, the letters are spaced, and then as they are', (t) => {
  t.deepEqual(banner('2 secrets LEAKED on B', 80, 5), [
    '',
    '                   2   s e c r e t s   L E A K E D   o n   B',
    '',
  ]);
  const long = 'CONTENT SEALED, BUT MALLORY KNOWS THE PAGES';
  t.deepEqual(banner(long, 80, 5), [
    '',
    '                     C O N T E N T   S E A L E D ,   B U T',
    '',
    '                 M A L L O R Y   K N O W S   T H E   P A G E S',
    '',
  ]);
  t.true(standsIn(banner(long, 80, 11), 'BUT MALLORY', 'small'));
  t.true(standsIn(banner(long, 120, 27), 'CONTENT SEALED, BUT'));
  const longer = banner('The café records noise; the data centre reads the password', 120, 27);
  for (const line of ['THE CAFE RECORDS', 'NOISE; THE DATA CENTRE', 'READS THE PASSWORD'])
    t.true(standsIn(longer, line), line);
  const words = `${long} ${long}`;
  t.is(banner(words, 80, 11).join(' ').replaceAll(/\s+/g, ' ').trim(), words);
});

test('Hangul stands in wide letters, twice as far apart where there is room', (t) => {
  const apart = (columns: number): string[] =>
    banner('비밀 2개 유출됨', columns, 11, inKorean).map((line) => line.trim());
  t.deepEqual(apart(80), ['', '비  밀     2  개     유  출  됨', '']);
  t.deepEqual(apart(24), ['', '비  밀     2  개', '', '유  출  됨', '']);
  t.deepEqual(apart(18), ['', '비 밀   2 개', '', '유 출 됨', '']);
  t.deepEqual(apart(9), ['', '비밀', '2개', '유출…', '']);
});

test('in ASCII the blocks are number signs', (t) => {
  const lines = banner('TLS', 40, 11, new Pen({ language: 'en', ascii: true }));
  t.regex(lines.join('\n'), /^[ #\n]+$/);
  t.is(lines[1]?.trim(), '##### #     ###');
});

test('all of it is in one loud role, and a headline that was not shown is loud as well', (t) => {
  const rolesOf = (tone: 'leaked' | 'sealed' | 'refused' | 'warning' | 'plain'): unknown => [
    ...new Set(
      bannerLines({ text: 'x', tone }, pen, { columns: 40, rows: 9 })
        .flat()
        .map(({ role }) => role),
    ),
  ];
  t.deepEqual((['leaked', 'sealed', 'refused', 'warning', 'plain'] as const).map(rolesOf), [
    ['leaked-loud'],
    ['sealed-loud'],
    ['refused-loud'],
    ['refused-loud'],
    ['bar'],
  ]);
});

test('whatever the headline and the room, every line is as wide as the screen, and no row more than allowed is blocks', (t) => {
  t.notThrows(() =>
    fc.assert(
      fc.property(
        fc.oneof(hostileText, fc.stringMatching(/^[A-Za-z0-9 ,.!?]{0,60}$/)),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: -5, max: 40 }),
        fc.boolean(),
        (text, columns, rows, ascii) => {
          const lines = bannerLines({ text, tone: 'sealed' }, new Pen({ language: 'ko', ascii }), {
            columns,
            rows,
          });
          if (lines.some((line) => lineWidth(line) !== columns)) throw new Error('another width');
          if (lines.length > Math.max(5, rows)) throw new Error(`${lines.length} rows`);
        },
      ),
    ),
  );
});

test('a takeaway has more lines than a headline, in no more rows than there are', (t) => {
  const text =
    'Sealed is not safe: the password goes to whoever is at the other end, so check the certificate.';
  const drawn = (rows: number, columns = 80): string[] =>
    textOf({
      lines: bannerLines({ text, tone: 'strong' }, pen, { columns, rows, lines: closingLines }),
    }).split('\n');
  const large = drawn(19, 120);
  t.true(large.length <= 19 && large.length > 11);
  t.true(standsIn(large, 'SEALED IS NOT SAFE: THE', 'small'), large.join('\n'));
  t.regex(drawn(9).join('\n'), /S e a l e d/);
  t.true(drawn(9).length <= 9);
  t.is(drawn(4).join(' ').replaceAll(/\s+/g, ' ').trim(), text);
});

test('however small the window, no word of a takeaway is left out', (t) => {
  const { driver } = recorded('tls', { size: { columns: 40, rows: 12 } });
  while (driver.stop !== 'verdict') driver.press('space');
  const takeaway = driver.scene.narration.takeaway?.en ?? '-';
  t.true(driver.screen().replaceAll(/\s+/g, ' ').includes(takeaway), driver.screen());
});

test('the pictures of a lesson stay whole on a projector: block letters have what is left', (t) => {
  const { driver } = recorded('mtls', { size: { columns: 80, rows: 24 } });
  const rungs = (): number => driver.screen().match(/^ {2}│/gm)?.length ?? 0;
  let ladders = 0;
  while (driver.stop !== 'verdict') {
    driver.press('space');
    if (driver.look.body !== 'ladder') continue;
    ladders++;
    const usual = rungs();
    driver.press('P');
    t.true(rungs() >= Math.min(usual, 10), driver.screen());
    driver.press('P');
  }
  t.true(ladders > 0);
});

for (const [columns, rows] of [
  [80, 24],
  [160, 40],
] as const)
  test(`the last words at ${columns}x${rows} are the takeaway, larger on a projector, and the count is small`, (t) => {
    const { driver } = recorded('plaintext', { size: { columns, rows } });
    while (driver.stop !== 'verdict') driver.press('space');
    const count = /PASSED: (\d+) of \1 claims proven/;
    const rowsOf = (): number => {
      const lines = driver.screen().split('\n');
      t.regex(lines[0] ?? '', count);
      const large = lines.slice(
        1,
        lines.findIndex((line) => line.startsWith('──')),
      );
      t.true(
        large.some((line) => /█|▀|▄|W i t h o u t/.test(line)),
        driver.screen(),
      );
      return large.length;
    };
    const usual = rowsOf();
    driver.press('P');
    t.true(rowsOf() >= usual && rowsOf() >= 7);
    t.regex(driver.screen(), /^ \d+ of \d+ claims proven/m);
  });

for (const name of demonstrations) {
  test(`${name}: a projector says of the bytes what the usual view says, opened or not`, (t) => {
    let compared = 0;
    for (const language of languages) {
      const { driver } = recorded(name, { language, size: { columns: 120, rows: 40 } });
      for (let stop = 0; stop < 12; stop++) {
        driver.press('space');
        if (driver.look.stop?.kind !== 'reveal' || driver.look.hops.length === 0) continue;
        driver.press('WIRE');
        for (const keys of [['k'], ['w'], ['k'], ['w']]) {
          driver.press(...keys);
          const usual = driver.screen().split('\n');
          const heading = usual
            .find((line) => /│ (?:on wire|구간)/.test(line))
            ?.split('│')[1]
            ?.trim();
          driver.press('P');
          const projected = driver.screen();
          driver.press('P');
          if (heading === undefined) continue;
          compared++;
          t.true(projected.includes(`┬ ${heading} ─`), `${heading}\n${projected}`);
        }
      }
    }
    t.true(compared > 10);
  });
}

for (const size of [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
]) {
  test(`opened on a projector of ${size.columns}x${size.rows} the password is there, under the words that say why`, (t) => {
    const { driver } = recorded('tls', { size });
    driver.press('space', 'space', 'WIRE', 'P', 'k');
    const screen = driver.screen();
    t.regex(screen, /on wire A: opened with the client’s keys/);
    t.regex(screen, /password=\[tiger-lily\]/);
    t.notRegex(screen, /what the café (?:sees|records)/);
  });
}

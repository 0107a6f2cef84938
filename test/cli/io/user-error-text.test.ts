import test from 'ava';
import { userErrorLines, warningLine } from '../../../src/cli/io/user-error-text.ts';
import { verbatim } from '../../../src/i18n/language.ts';
import { UserError } from '../../../src/i18n/user-error.ts';

test('every error of a pass is printed, in order, each with its place and its remedy', (t) => {
  const mistake = new UserError({
    what: { en: 'first', ko: '첫째' },
    where: 'a.yaml:1',
    others: [
      {
        what: { en: 'second', ko: '둘째' },
        where: 'a.yaml:7',
        expected: verbatim('x'),
        received: '',
        remedy: verbatim('Do y.'),
      },
    ],
  });
  t.deepEqual(userErrorLines(mistake, 'en'), [
    'wirelab: first',
    '  where: a.yaml:1',
    'wirelab: second',
    '  where: a.yaml:7',
    '  expected: x',
    '  received: ""',
    '  what to do: Do y.',
  ]);
  t.deepEqual(
    userErrorLines(mistake, 'ko').filter((line) => line.startsWith('wirelab')),
    ['wirelab: 첫째', 'wirelab: 둘째'],
  );
});

test('what a file held cannot reach the terminal raw', (t) => {
  const lines = userErrorLines(
    new UserError({ what: verbatim('bad'), received: '\u001b[2J\nmore\u0007' }),
    'en',
  );
  t.deepEqual(lines, ['wirelab: bad', '  received: \\x1b[2J\\nmore\\x07']);
});

test('no row of an error can be forged: each is one line, whatever it quotes', (t) => {
  const forged = 'a\n  where: there\r\nwirelab: b\u2028c\u202ed\ud83d\ude00';
  const shown = 'a\\n  where: there\\r\\nwirelab: b\\u2028c\\u202ed\\u{1f600}';
  const all = verbatim(forged);
  for (const language of ['en', 'ko'] as const) {
    const lines = userErrorLines(
      new UserError({ what: all, where: forged, expected: all, received: forged, remedy: all }),
      language,
    );
    t.is(lines.length, 5);
    for (const line of lines) t.true(line.endsWith(shown), line);
  }
  t.is(warningLine(all, 'en'), `wirelab: ${shown}\n`);
});

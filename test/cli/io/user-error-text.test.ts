import test from 'ava';
import { userErrorLines } from '../../../src/cli/io/user-error-text.ts';
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
  t.deepEqual(lines, ['wirelab: bad', '  received: ·[2J', '    more·']);
});

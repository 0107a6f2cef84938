import test from 'ava';
import * as fc from 'fast-check';
import { languageOf, languages, verbatim } from '../../src/i18n/language.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { safeLines, safeText } from '../../src/i18n/safe.ts';
import { cellWidth, cutAtWord, cutToCells, fitToCells, wrapToCells } from '../../src/i18n/width.ts';

test('Hangul takes two cells a syllable, composed or not; Latin one', (t) => {
  t.is(cellWidth('비밀번호'), 8);
  t.is(cellWidth('비밀번호'.normalize('NFD')), 8);
  t.is(cellWidth('a비b'), 4);
  t.is(cellWidth('ㅏㅂ'), 4);
  t.is(cellWidth('café'), 4);
  t.is(cellWidth('café'.normalize('NFD')), 4);
  t.is(cellWidth(''), 0);
  t.is(cellWidth('\u1112\ud7b0\ud7cb'), 2, 'old Hangul: a syllable of extended jamo');
});

test('characters of ambiguous width take what the terminal was measured to give them', (t) => {
  for (const character of ['→', '│', '·', '…', '✗']) t.is(cellWidth(character), 1);
  for (const character of ['→', '│', '·', '…']) t.is(cellWidth(character, { ambiguousAsWide: true }), 2);
});

test('a cut never splits a syllable, and a fit is exactly as wide as asked', (t) => {
  t.is(cutToCells('비밀번호', 5), '비밀');
  t.is(fitToCells('비밀번호', 5), '비밀 ');
  t.is(fitToCells('ab', 4), 'ab  ');
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('a', '가', 'é', '→', ' ', '한') }),
      fc.nat(12),
      fc.boolean(),
      (text, cells, ambiguousAsWide) => {
        t.is(cellWidth(fitToCells(text, cells, { ambiguousAsWide }), { ambiguousAsWide }), cells);
      },
    ),
  );
});

test('wrapping keeps every word, breaks at spaces, and no line is too wide', (t) => {
  t.deepEqual(wrapToCells('one two three', 7), ['one two', 'three']);
  t.deepEqual(wrapToCells('비밀번호가 그대로 보입니다', 10), ['비밀번호가', '그대로', '보입니다']);
  t.deepEqual(wrapToCells('a\n\nb', 5), ['a', '', 'b']);
  t.deepEqual(wrapToCells('abcdefgh', 3), ['abc', 'def', 'gh']);
  t.deepEqual(wrapToCells('', 3), ['']);
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '가', '나'), minLength: 1 })),
      fc.integer({ min: 2, max: 12 }),
      (words, cells) => {
        const lines = wrapToCells(words.join(' '), cells);
        t.true(lines.every((line) => cellWidth(line) <= cells));
        t.is(lines.join('').replaceAll(' ', ''), words.join(''));
      },
    ),
  );
});

test('a word longer than the line is split at a separator or before a bracket, if it has one', (t) => {
  t.deepEqual(wrapToCells('도청자(eavesdropper)는 기록합니다', 20), [
    '도청자',
    '(eavesdropper)는',
    '기록합니다',
  ]);
  t.deepEqual(wrapToCells('CN=alice,O=Workshop', 12), ['CN=alice,', 'O=Workshop']);
  t.deepEqual(wrapToCells('비밀번호입니다', 8), ['비밀번호', '입니다']);
});

const sentence = fc.array(
  fc.string({ unit: fc.constantFrom('a', 'b', '가', '나', '('), minLength: 1, maxLength: 6 }),
);

test('no word that fits on a line is split, at any width', (t) => {
  fc.assert(
    fc.property(sentence, fc.integer({ min: 12, max: 120 }), (words, cells) => {
      t.deepEqual(
        wrapToCells(words.join(' '), cells)
          .flatMap((line) => line.split(' '))
          .filter(Boolean),
        words,
      );
    }),
  );
});

test('a text that is cut ends with a whole word', (t) => {
  t.is(cutAtWord('이 구간에서는 누구나 읽을 수 있습니다', 24), '이 구간에서는 누구나');
  t.is(cutAtWord('이 구간에서는 누구나 읽을 수 있습니다', 25), '이 구간에서는 누구나 읽을');
  t.is(cutAtWord('whoever holds this wire', 12), 'whoever');
  t.is(cutAtWord('누구나', 5), '누구', 'a word longer than the line');
  t.is(cutAtWord('  비밀번호입니다', 8), '  비밀번', 'the first word, after an indent');
  t.is(cutAtWord('짧은 글', 20), '짧은 글');
});

test('a value is cut where the line would be half empty without it, and left out where it would not', (t) => {
  t.is(cutAtWord('Set-Cookie: session=0123456789abcdef', 30), 'Set-Cookie: session=0123456789');
  t.is(
    cutAtWord('the certificate was issued for alice@shop.localhost', 40),
    'the certificate was issued for',
  );
});

test('whatever is cut: the beginning of the text, no wider than asked, and of Korean words only whole ones', (t) => {
  fc.assert(
    fc.property(sentence, fc.integer({ min: 0, max: 60 }), (words, cells) => {
      const text = words.join(' ');
      const cut = cutAtWord(text, cells);
      t.true(text.startsWith(cut) && cellWidth(cut) <= cells);
      const last = cut.split(' ').length - 1;
      if (last > 0 && /[가-힣]/.test(words[last] ?? ''))
        t.true(cut.endsWith(' ') || cut.split(' ')[last] === words[last]);
    }),
  );
});

test('a character wider than the line stands alone on it, whole', (t) => {
  t.deepEqual(wrapToCells('가나', 1), ['가', '나']);
  t.deepEqual(wrapToCells('\u{20000}b', 1), ['\u{20000}', 'b']);
});

test('nothing that moves a cursor, sets a title, hides or reorders text comes through', (t) => {
  const attacks = [
    '\u001b[2J',
    '\u009b2J',
    '\u009d0;title\u0007',
    '\r',
    '\n',
    '\u0008',
    '\u007f',
    '\u202eevil',
    '\u2066x',
    '\u200b',
    '\ufeff',
    '\u2028',
    '\u00ad',
    '\u3164',
    '\u115f',
    '\u034f',
    '\ud800',
    '\u{1f600}',
    '\u{e0001}',
  ];
  for (const attack of attacks) {
    const safe = safeText(`a${attack}b`);
    t.regex(safe, /^a.*b$/u);
    t.true(safe.includes('·'), JSON.stringify(attack));
    t.notRegex(safe, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
  }
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      t.notRegex(safeText(text), /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
    }),
    { numRuns: 2000 },
  );
});

test('what is meant to be read stays as it is, in NFC', (t) => {
  const text = 'GET /로그인?q=1 → 200 OK, café — “x”';
  t.is(safeText(text), text);
  t.is(safeText('비밀번호'.normalize('NFD')), '비밀번호');
  t.deepEqual(safeLines('a\tb\r\nc\n\u001b'), ['a    b', 'c', '·']);
});

test('the language is what the environment asks for, in the order of POSIX', (t) => {
  t.is(languageOf({ LANG: 'ko_KR.UTF-8' }), 'ko');
  t.is(languageOf({ LANG: 'ko' }), 'ko');
  t.is(languageOf({ LANG: 'ko_KR.UTF-8', LC_ALL: 'C' }), 'en');
  t.is(languageOf({ LANG: 'en_US.UTF-8', LC_MESSAGES: 'ko_KR.UTF-8' }), 'ko');
  t.is(languageOf({ LANG: 'ko_KR.UTF-8', LC_ALL: '' }), 'ko', 'an empty variable is not set');
  t.is(languageOf({ LANG: 'kok_IN' }), 'en', 'Konkani is not Korean');
  t.is(languageOf({}), 'en');
  t.deepEqual(Object.keys(verbatim('x')), [...languages]);
});

test('a mistake says where and what, and keeps its facts and its cause', (t) => {
  const cause = new Error('ENOENT');
  const mistake = new UserError(
    { what: { en: 'cannot be read', ko: '읽을 수 없습니다' }, where: 'a.yaml:3' },
    { cause },
  );
  t.is(mistake.message, 'a.yaml:3: cannot be read');
  t.is(mistake.facts.what.ko, '읽을 수 없습니다');
  t.is(mistake.cause, cause);
  t.is(new UserError({ what: verbatim('x') }).message, 'x');
});

test('what passes without a second look is what the second look would leave', (t) => {
  // Every character of the basic plane by itself: the shortcut must not let through what the rules replace.
  for (let code = 0; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    const marked = `${character}\u200b`;
    const looked = safeText(marked).slice(0, -1);
    if (safeText(character) !== looked) t.fail(`U+${code.toString(16).padStart(4, '0')}`);
  }
  t.pass();
});

test('a line of narrow characters is as wide as its characters one by one', (t) => {
  for (let code = 0x20; code <= 0xffff; code++) {
    const character = String.fromCharCode(code);
    // Beside a wide character nothing is taken for narrow as a whole.
    for (const ambiguousAsWide of [false, true]) {
      const apart = cellWidth(`${character}가`, { ambiguousAsWide }) - 2;
      if (cellWidth(character, { ambiguousAsWide }) !== apart)
        t.fail(`U+${code.toString(16).padStart(4, '0')}`);
    }
  }
  t.pass();
});

/** How long a text takes to read, in either language. */
import test from 'ava';
import { lookMs, readingMs, readingMsOf } from '../../src/presentation/reading-time.ts';
import { compiledScenarios } from '../helpers/compiled.ts';

test('an English text is read at 200 words a minute', (t) => {
  t.is(readingMs(Array.from({ length: 200 }, () => 'word').join(' ')), 60_000);
  t.is(readingMs('The client’s login, sealed: 1,234 bytes - nothing else.'), 8 * 300);
});

test('a Korean text is read by its syllables, and Latin words in it as words', (t) => {
  t.is(readingMs('비밀번호가 그대로 보입니다.'), 12 * 150);
  t.is(readingMs('서버가 TLS를 씁니다'), 3 * 150 + 300 + 150 + 3 * 150);
});

test('nothing takes no time; several texts take the sum', (t) => {
  t.is(readingMs(''), 0);
  t.is(readingMs(' --- \n'), 0);
  t.is(readingMsOf('en', { en: 'two words', ko: '둘' }, undefined, { en: 'one', ko: '하나' }), 900);
  t.true(lookMs.question >= 3000);
});

for (const { name, narration } of compiledScenarios())
  test(`${name} is read about as long in either language`, (t) => {
    const time = (language: 'en' | 'ko'): number =>
      [
        narration[language].intro,
        ...Object.values(narration[language].steps).flatMap(({ before, question = '', after = '' }) => [
          before,
          question,
          after,
        ]),
      ].reduce((sum, text) => sum + readingMs(text), 0);
    const ratio = time('ko') / time('en');
    t.true(ratio > 0.7 && ratio < 1.4, `${ratio}`);
  });

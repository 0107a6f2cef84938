import test from 'ava';
import { toAscii, wantsAscii } from '../../src/i18n/ascii.ts';

test('decoration and accents become ASCII', (t) => {
  t.is(toAscii('─[A: café]─> ✓ ✗ … “a” ‘b’ 1–2 →'), '-[A: cafe]-> + X ... "a" \'b\' 1-2 ->');
  t.is(toAscii('↑ ↓ more'), '^ v more');
  t.is(toAscii('naïve Ålesund ½ €'), 'naive Alesund ? ?');
});

test('words of another script stay', (t) => t.is(toAscii('평문 → 판정'), '평문 -> 판정'));

test('what is ASCII is left as it is', (t) => {
  const all = Array.from({ length: 0x7f - 0x20 }, (_, at) => String.fromCharCode(0x20 + at)).join('');
  t.is(toAscii(all), all);
});

for (const [environment, wanted] of [
  [{ TERM: 'dumb', LANG: 'en_US.UTF-8' }, true],
  [{ LANG: 'C' }, true],
  [{ LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' }, true],
  [{}, true],
  [{ LANG: 'C.UTF-8' }, false],
  [{ LANG: 'C', LC_ALL: 'ko_KR.UTF-8' }, false],
  [{ LC_CTYPE: 'UTF-8' }, false],
] as const) {
  test(`${JSON.stringify(environment)} ${wanted ? 'asks for' : 'does not ask for'} ASCII`, (t) =>
    t.is(wantsAscii(environment), wanted));
}

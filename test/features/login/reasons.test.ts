import test from 'ava';
import { refusalReasons } from '../../../src/capture/vocabulary.ts';
import { reasonOf } from '../../../src/features/login/reasons.ts';

test('every reason for a refusal is said in words, in both languages, and never by its code', (t) => {
  for (const reason of refusalReasons) {
    const { en, ko } = reasonOf(reason);
    t.notRegex(en, /_|^$/, reason);
    t.regex(ko, /[가-힣]/, reason);
    t.notRegex(ko, /_/, reason);
  }
});

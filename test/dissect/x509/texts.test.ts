import test from 'ava';
import { explainedX509Fields, x509Texts } from '../../../src/dissect/x509/texts.ts';
import { languages } from '../../../src/i18n/language.ts';

test('every text is whole sentences, in NFC, without control characters, and Korean is Korean', (t) => {
  for (const id of explainedX509Fields) {
    const { name, meaning, source } = x509Texts[id];
    for (const language of languages) {
      for (const text of [name[language], meaning[language]]) {
        t.is(text, text.normalize('NFC'), id);
        t.notRegex(text, /[\u0000-\u001f\u007f-\u009f]/, id);
        t.not(text.trim(), '', id);
      }
      t.regex(meaning[language], /[.]$/, id);
    }
    t.regex(meaning.ko, /니다\.$/, id);
    t.regex(source ?? '', /^(?:RFC \d|X\.690 )/, id);
  }
});

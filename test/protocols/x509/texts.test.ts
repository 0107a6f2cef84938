import test from 'ava';
import { x509FieldIds } from '../../../src/protocols/x509/ids.ts';
import { explainedX509Fields, x509Texts } from '../../../src/protocols/x509/texts.ts';
import { languages } from '../../../src/i18n/language.ts';

test('every text is whole sentences, in NFC, without control characters, and Korean is Korean', (t) => {
  for (const [id, { name, meaning, source }] of Object.entries(x509Texts)) {
    for (const language of languages) {
      for (const text of [name[language], meaning[language]]) {
        t.is(text, text.normalize('NFC'), id);
        t.notRegex(text, /[\u0000-\u001f\u007f-\u009f]/, id);
        t.not(text.trim(), '', id);
      }
      t.regex(meaning[language], /[.]$/, id);
    }
    t.regex(meaning.ko, /니다\.$/, id);
    // Netscape wrote no standard.
    if (!id.includes('netscape')) t.regex(source ?? '', /^(?:RFC \d|X\.690 )/, id);
  }
});

test('every text is about a field that the readers record', (t) => {
  const known = new Set<string>(x509FieldIds);
  t.deepEqual(
    Object.keys(x509Texts).filter((id) => !known.has(id)),
    [],
  );
  t.deepEqual(
    explainedX509Fields.filter((id) => !(id in x509Texts)),
    [],
  );
});

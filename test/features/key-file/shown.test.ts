import test from 'ava';
import type { Observation } from '../../../src/capture/event.ts';
import { shown } from '../../../src/features/key-file/shown.ts';
import type { Language } from '../../../src/i18n/language.ts';
import { present } from '../../helpers/capture.ts';
import { reportOf, shownBy } from '../support/reports.ts';

type KeyFile = Extract<Observation, { kind: 'key-file' }>;

const outcomeOf = (who: string, result: KeyFile) =>
  shownBy(shown, reportOf(who, result), (own, report) => own.outcome?.(report));
const keyFileLine = (who: string, result: KeyFile, language: Language): string =>
  present(outcomeOf(who, result).statements[0]).text[language];

test('a key file is shown with its permissions, and whether that is acceptable', (t) => {
  const file = {
    kind: 'key-file',
    key: 'shop',
    permissions: '-rw-------',
    mode: '0600',
    group: false,
    others: false,
    accepted: true,
  } as const;
  t.is(
    keyFileLine('keeper', file, 'en'),
    'keeper keeps shop.key: -rw------- (0600), only its owner may read it; acceptable',
  );
  t.regex(
    keyFileLine(
      'keeper',
      { ...file, permissions: '-rw-r--r--', mode: '0644', group: true, others: true, accepted: false },
      'en',
    ),
    /any account on this machine may read it; too open/,
  );
  t.regex(keyFileLine('keeper', file, 'ko'), /소유자만/);
});

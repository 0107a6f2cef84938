import test from 'ava';
import { shown } from '../../../src/features/control-plane-files/shown.ts';
import { reportOf, shownBy } from '../support/reports.ts';

test('nothing of a stranger moves the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const texts = shownBy(
    shown,
    reportOf('w', {
      kind: 'certificate',
      subject: evil,
      issuer: evil,
      serial: '',
      notBefore: '2026-01-01T00:00:00Z',
      notAfter: '',
    }),
    (own, report) => own.outcome?.(report),
  ).statements.map(({ text }) => text.en);
  for (const text of texts) t.notRegex(text, /[\u0000-\u001f\u202e]/);
});

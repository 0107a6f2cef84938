import test from 'ava';
import { shown } from '../../../src/features/control-plane-files/shown.ts';
import { reportOf, shownBy } from '../support/reports.ts';

test('foreign output cannot move the cursor', (t) => {
  const evil = '\u001b[2J\u202e';
  const report = reportOf('w', {
    kind: 'certificate',
    subject: evil,
    issuer: evil,
    serial: '',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '',
  });
  const { statements } = shownBy(shown, report, (own, report) => own.outcome?.(report));
  t.is(statements.length, 1);
  for (const { text } of statements)
    for (const said of [text.en, text.ko]) t.notRegex(said, /[\u0000-\u001f\u202e]/);
});

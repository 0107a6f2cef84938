/** The table of refusals as data. */
import test from 'ava';
import { inLanguage, languages } from '../../src/i18n/language.ts';
import { refusalTable } from '../../src/presentation/refusal-table.ts';
import { refusal, topologyWith } from '../ui/support/story.ts';
import { present } from '../helpers/capture.ts';
import { storiesOf } from './support/stories.ts';

test('a row for each refusal, as long as the head', (t) => {
  const stories = storiesOf([...refusal(), ...refusal('eve', 3, 'again', 116)], topologyWith('mallory'));
  const { head, rows } = inLanguage(present(refusalTable(stories)), 'en');
  t.deepEqual(head, ['client', 'TLS', 'by', 'reason', 'alert', 'wire', 'login']);
  t.deepEqual(rows, [
    ['mallory', '1.2', 'front', 'unknown CA', 'unknown_ca', 'clear', 'kept'],
    ['eve', '1.2', 'front', 'unknown CA', 'certificate_required', 'clear', 'kept'],
  ]);
  for (const language of languages) {
    const table = inLanguage(present(refusalTable(stories)), language);
    for (const row of table.rows) t.is(row.length, table.head.length);
  }
});

test('a hostile name is harmless in its cell', (t) => {
  const { rows } = inLanguage(
    present(
      refusalTable(storiesOf([...refusal('\u001b[2J'), ...refusal('eve', 3)], topologyWith('\u001b[2J'))),
    ),
    'ko',
  );
  t.is(rows[0]?.[0], '·[2J');
});

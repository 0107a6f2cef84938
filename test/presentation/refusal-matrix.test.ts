/** The matrix of refusals: who was refused, by whom, and how. */
import test from 'ava';
import { inLanguage, languages } from '../../src/i18n/language.ts';
import { matrixTable, refusalMatrix } from '../../src/presentation/refusal-matrix.ts';
import { refusal, topologyWith } from '../ui/support/story.ts';
import { present } from '../helpers/capture.ts';
import { storiesOf } from './support/stories.ts';

test('a row for each refusal, as long as the head', (t) => {
  const stories = storiesOf([...refusal(), ...refusal('eve', 3, 'again', 116)], topologyWith('mallory'));
  const { head, rows } = inLanguage(matrixTable(present(refusalMatrix(stories))), 'en');
  t.deepEqual(head, ['client', 'TLS', 'by', 'reason', 'alert', 'wire', 'request']);
  t.deepEqual(rows, [
    ['mallory', '1.2', 'front', 'unknown CA', 'unknown_ca', 'clear', 'kept'],
    ['eve', '1.2', 'front', 'unknown CA', 'certificate_required', 'clear', 'kept'],
  ]);
  for (const language of languages) {
    const table = inLanguage(matrixTable(present(refusalMatrix(stories))), language);
    for (const row of table.rows) t.is(row.length, table.head.length);
  }
});

test('a hostile name is harmless in its cell', (t) => {
  const { rows } = inLanguage(
    matrixTable(
      present(
        refusalMatrix(storiesOf([...refusal('\u001b[2J'), ...refusal('eve', 3)], topologyWith('\u001b[2J'))),
      ),
    ),
    'ko',
  );
  t.is(rows[0]?.[0], '·[2J');
});

test('each cell has its tone: what an eavesdropper reads is highlighted, and a single row is left to its card', (t) => {
  const one = [...refusal()];
  t.is(refusalMatrix(storiesOf(one, topologyWith('mallory'))), undefined);
  const stories = storiesOf([...one, ...refusal('eve', 3, 'again', 116)], topologyWith('mallory'));
  const { corner, columns, rows } = inLanguage(present(refusalMatrix(stories)), 'en');
  t.is(corner, 'client');
  for (const { name, cells } of rows) {
    t.is(cells.length, columns.length, name);
    t.deepEqual(
      cells.map(({ tone }) => tone),
      ['plain', 'plain', 'refused', 'plain', 'leaked', 'plain'],
    );
  }
});

test('the row of the step that is shown is the current one, with tones as long as its row', (t) => {
  const stories = storiesOf([...refusal(), ...refusal('eve', 3, 'again', 116)], topologyWith('mallory'));
  const matrix = present(refusalMatrix(stories));
  t.is(matrixTable(matrix).current, undefined);
  const { head, rows, tones, current } = inLanguage(matrixTable(matrix, 1), 'en');
  t.is(head[current?.column ?? -1], 'reason');
  t.is(rows[current?.row ?? -1]?.[0], 'eve');
  t.deepEqual(
    tones?.map(({ length }) => length),
    rows.map(({ length }) => length),
  );
  t.is(tones?.[1]?.[current?.column ?? -1], 'refused');
});

/** The table of each program's result for each step: accepted or rejected, and whether that was predicted. */
import test from 'ava';
import { inLanguage, verbatim } from '../../../src/i18n/language.ts';
import type { Finding } from '../../../src/engine/verdict.ts';
import { present } from '../../helpers/capture.ts';
import type { CaptureEvent, Observation } from '../../../src/capture/event.ts';
import { shown } from '../../../src/features/programs/shown.ts';
import type { Localized } from '../../../src/i18n/language.ts';
import { ShownFeatures } from '../../../src/presentation/shown.ts';
import type { Table } from '../../../src/presentation/types/values.ts';
import { reportOf } from '../support/reports.ts';

interface ProgramReport {
  readonly seq: number;
  readonly step: string;
  readonly result: Observation;
}

function boardOf(
  reports: readonly ProgramReport[],
  findings: readonly Finding[],
  titleOf: (step: string) => Localized,
): Table | undefined {
  const board = present(new ShownFeatures([shown]).tables()[0]);
  for (const { seq, step, result } of reports) {
    const started: CaptureEvent = { type: 'step', id: step, state: 'started', seq: 0, run: 1, at: 0 };
    board.fold(started, undefined);
    board.fold(reportOf(step, result, seq), undefined);
  }
  return board.table({ findings, titleOf });
}

const report = (
  seq: number,
  step: string,
  program: string,
  exitCode: number | null,
  words = '',
): ProgramReport => ({ seq, step, result: { kind: 'program', program, version: '1', exitCode, words } });
const finding = (seq: number, status: Finding['status']): Finding => ({
  expectation: 'x/predicted/curl',
  status,
  evidence: [{ event: seq }],
  says: { en: '', ko: '' },
});
const reports = [
  report(1, 'good', 'node', null, 'admitted'),
  report(2, 'good', 'curl', 0),
  report(3, 'bad', 'node', null, 'CERT_HAS_EXPIRED'),
  report(4, 'bad', 'curl', 60),
  report(5, 'odd', 'curl', null),
];

test('a row per step, a column per program; a mark for predictions', (t) => {
  const board = boardOf(
    reports,
    [finding(1, 'met'), finding(2, 'met'), finding(3, 'missed'), finding(4, 'unobserved')],
    (step) => verbatim(`the ${step} one`),
  );
  const { head, rows } = inLanguage(present(board), 'en');
  t.deepEqual(
    { head, rows },
    {
      head: ['tried', 'node', 'curl'],
      rows: [
        ['the good one', '✓ accepts', '✓ accepts'],
        ['the bad one', '✗ rejects', '? rejects (60)'],
        ['the odd one', '-', '  rejects'],
      ],
    },
  );
});

test('where no program ran, or there is one step, there is nothing to compare', (t) => {
  t.is(
    boardOf(
      reports.filter(({ step }) => step !== 'good'),
      [],
      (step) => verbatim(step),
    ),
    undefined,
  );
  t.is(
    boardOf(reports.slice(0, 2), [], (step) => verbatim(step)),
    undefined,
  );
  t.is(
    boardOf([], [], (step) => verbatim(step)),
    undefined,
  );
});

test('titles are harmless', (t) => {
  t.notRegex(JSON.stringify(boardOf(reports, [], () => verbatim('\u001b[2Jx'))), /\\u001b\[/);
});

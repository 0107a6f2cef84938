/**
 * The table of programs and steps: a row per step, a column per program; accepted or rejected, and whether that was
 * predicted. The findings (`predicted.ts`) have each program's output.
 */
import type { EventOf } from '../../capture/event.ts';
import type { ClosingTable, Shown } from '../../engine/shown.ts';
import { inEach } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { statusMarks } from '../../engine/status-marks.ts';
import type { Table } from '../../presentation/types/values.ts';
import { programNames } from './predictions.ts';

interface ProgramReport {
  readonly seq: number;
  readonly step: string;
  readonly result: Extract<EventOf<'observed'>['result'], { kind: 'program' }>;
}

export const shown: Shown = {
  reports: {
    program: {
      program: ({ result: { program, version, exitCode, words, connections } }) =>
        connections && {
          words: inEach((language) =>
            says[language](program, version, exitCode, words.replaceAll('\n', '; ')),
          ),
          connections,
        },
    },
  },
  table: () => new Board(),
};

const says = {
  en: (program: string, version: string, exit: number | null, words: string): string =>
    `${program} ${version}: ${exit === null ? 'did not end in time' : `exit ${exit}`}, ${words}`,
  ko: (program: string, version: string, exit: number | null, words: string): string =>
    `${program} ${version}: ${exit === null ? '제시간에 끝나지 않음' : `종료 코드 ${exit}`}, ${words}`,
};

/** Words of that table. */
const boardWords = {
  title: { en: 'Results by program', ko: '프로그램별 결과' },
  step: { en: 'tried', ko: '시도한 것' },
  takes: { en: 'accepts', ko: '허용' },
  refuses: { en: 'rejects', ko: '거부' },
  legend: {
    en: '✓ as predicted for this program and version, ✗ otherwise; exit code in brackets.',
    ko: '✓는 그 프로그램과 버전의 예측과 같음, ✗는 다름. 괄호 안은 종료 코드입니다.',
  },
} as const;

class Board implements ClosingTable {
  readonly #reports: ProgramReport[] = [];
  #step = '';

  readonly fold: ClosingTable['fold'] = (event) => {
    if (event.type === 'step' && event.state === 'started') this.#step = event.id;
    if (event.type === 'observed' && event.result.kind === 'program')
      this.#reports.push({ seq: event.seq, step: this.#step, result: event.result });
  };

  /** Undefined where there is nothing to compare: no step was run by a program, or only one. */
  readonly table = ({ findings, titleOf }: Parameters<ClosingTable['table']>[0]): Table | undefined => {
    const reports = this.#reports;
    const steps = [...new Set(reports.map(({ step }) => step))];
    if (steps.length < 2 || !reports.some(({ result }) => isTaken(result))) return undefined;
    const programs = programNames.filter((name) => reports.some(({ result }) => result.program === name));
    const statusOf = ({ seq }: ProgramReport): keyof typeof statusMarks | undefined =>
      findings.find(
        ({ expectation, evidence }) =>
          expectation.includes('/predicted/') && evidence.some((ref) => 'event' in ref && ref.event === seq),
      )?.status;
    const rows = steps.map((step) => [
      inEach((language) => safeText(titleOf(step)[language])),
      ...programs.map((program) => {
        const report = reports.find((one) => one.step === step && one.result.program === program);
        if (!report) return '-';
        const status = statusOf(report);
        const { exitCode } = report.result;
        const code = exitCode === null || isTaken(report.result) ? '' : ` (${exitCode})`;
        const words = isTaken(report.result) ? boardWords.takes : boardWords.refuses;
        return inEach(
          (language) => `${status === undefined ? ' ' : statusMarks[status]} ${words[language]}${code}`,
        );
      }),
    ]);
    const { title, step, legend } = boardWords;
    return { title, head: [step, ...programs], rows, legend };
  };
}

/** A process shows it by its exit code; the demo client by its login's outcome. */
function isTaken({ exitCode, words }: ProgramReport['result']): boolean {
  return exitCode === null ? words === 'admitted' : exitCode === 0;
}

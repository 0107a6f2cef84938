/**
 * What each program made of each step, in one table: a row a step, a column a program; took it or refused it, and whether that
 * was predicted. What each of them said stands with the findings (`features/programs/predicted.ts`).
 */
import type { EventOf } from '../capture/event.ts';
import type { Language } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { programNames } from '../features/programs/predictions.ts';
import type { Finding } from '../engine/verdict.ts';
import { boardWords, statusMarks } from './words.ts';

export interface Board {
  readonly head: readonly string[];
  /** Each as long as the head; harmless text. */
  readonly rows: readonly (readonly string[])[];
}

export interface ProgramReport {
  readonly seq: number;
  readonly step: string;
  readonly result: Extract<EventOf<'observed'>['result'], { kind: 'program' }>;
}

/** Undefined where there is nothing to compare: no step was taken by anybody, or there is only one. */
export function boardOf(
  reports: readonly ProgramReport[],
  findings: readonly Finding[],
  titleOf: (step: string) => string,
  language: Language,
): Board | undefined {
  const steps = [...new Set(reports.map(({ step }) => step))];
  if (steps.length < 2 || !reports.some(({ result }) => isTaken(result))) return undefined;
  const programs = programNames.filter((name) => reports.some(({ result }) => result.program === name));
  const statusOf = ({ seq }: ProgramReport): Finding['status'] | undefined =>
    findings.find(
      ({ expectation, evidence }) =>
        expectation.includes('/predicted/') && evidence.some((ref) => 'event' in ref && ref.event === seq),
    )?.status;
  const rows = steps.map((step) => [
    safeText(titleOf(step)),
    ...programs.map((program) => {
      const report = reports.find((one) => one.step === step && one.result.program === program);
      if (!report) return '-';
      const status = statusOf(report);
      const { exitCode } = report.result;
      const refused =
        exitCode === null ? boardWords.refuses[language] : `${boardWords.refuses[language]} (${exitCode})`;
      return `${status === undefined ? ' ' : statusMarks[status]} ${isTaken(report.result) ? boardWords.takes[language] : refused}`;
    }),
  ]);
  return { head: [boardWords.step[language], ...programs], rows };
}

/** A process says so by its exit code; our own client by what came of its login. */
function isTaken({ exitCode, words }: ProgramReport['result']): boolean {
  return exitCode === null ? words === 'admitted' : exitCode === 0;
}

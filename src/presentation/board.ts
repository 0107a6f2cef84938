/**
 * What each program made of each step, in one table: a row a step, a column a program; took it or refused it, and whether that
 * was predicted. What each of them said stands with the findings (`features/programs/predicted.ts`).
 */
import type { EventOf } from '../capture/event.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { programNames } from '../features/programs/predictions.ts';
import type { Finding } from '../engine/verdict.ts';
import type { Table } from './types/values.ts';
import { boardWords, statusMarks } from './words.ts';

export interface ProgramReport {
  readonly seq: number;
  readonly step: string;
  readonly result: Extract<EventOf<'observed'>['result'], { kind: 'program' }>;
}

/** Undefined where there is nothing to compare: no step was taken by anybody, or there is only one. */
export function boardOf(
  reports: readonly ProgramReport[],
  findings: readonly Finding[],
  titleOf: (step: string) => Localized,
): Table | undefined {
  const steps = [...new Set(reports.map(({ step }) => step))];
  if (steps.length < 2 || !reports.some(({ result }) => isTaken(result))) return undefined;
  const programs = programNames.filter((name) => reports.some(({ result }) => result.program === name));
  const statusOf = ({ seq }: ProgramReport): Finding['status'] | undefined =>
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
}

/** A process says so by its exit code; our own client by what came of its login. */
function isTaken({ exitCode, words }: ProgramReport['result']): boolean {
  return exitCode === null ? words === 'admitted' : exitCode === 0;
}

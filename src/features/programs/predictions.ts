/**
 * The predicted output of each program for each rejection, written before the run (predictions.yaml beside the scenario),
 * and its comparison with the actual output. Pure: `predictions-schema.ts` reads the table, `features/programs/run.ts` runs
 * the programs; neither writes it.
 *
 * 1. A prediction applies to a version of a program: output differs between versions. Without one for the installed version
 *    nothing is proven or missed.
 * 2. It is met by the predicted exit code and by output that contains the predicted text.
 */
import type { Localized } from '../../i18n/language.ts';
import type { TlsChoice } from '../../engine/kinds.ts';

/** `node` is the demo client: it always runs. */
export const programNames = ['node', 'curl', 'openssl', 'gnutls-cli'] as const;
export type ProgramName = (typeof programNames)[number];

export interface Prediction {
  /** Absent for `node`, which is not a process of its own. */
  readonly exit?: number | undefined;
  /** Text that its output contains; for `node`, its error code. */
  readonly words: string;
}

export interface PredictedProgram {
  /** `8.14` also applies to 8.14.1. */
  readonly version: string;
  /** Text of its build's name, where the output depends on it: `OpenSSL/3.5`. */
  readonly build?: string | undefined;
  /** By login id without the TLS version; `any` where the step leaves the version to the program. */
  readonly logins: Readonly<
    Record<string, Readonly<Partial<Record<TlsChoice | 'any', Prediction | undefined>>>>
  >;
}

export type Predictions = Readonly<Partial<Record<ProgramName, readonly PredictedProgram[] | undefined>>>;

/** A login as the table names it: its id without the TLS version. */
export function predictedLogin({ id, tls }: { readonly id: string; readonly tls?: TlsChoice }): string {
  return tls === undefined ? id : id.slice(0, -`-${tls}`.length);
}

export interface Build {
  /** Numbers and dots. */
  readonly version: string;
  /** The whole line of its version output. */
  readonly build?: string;
}

/** The part of the table for the installed version of this program. */
export function predictedFor(
  predictions: Predictions,
  program: ProgramName,
  { version, build = '' }: Build,
): PredictedProgram | undefined {
  return predictions[program]?.find((row) => {
    const isVersion = version === row.version || version.startsWith(`${row.version}.`);
    return isVersion && (row.build === undefined || build.includes(row.build));
  });
}

/** Whether the table has that login for any version of the program: otherwise the program is not run. */
export function isPredicted(
  predictions: Predictions,
  program: ProgramName,
  step: { readonly id: string; readonly tls?: TlsChoice },
): boolean {
  return predictions[program]?.some((row) => predictionIn(row, step) !== undefined) ?? false;
}

export function predictionIn(
  row: PredictedProgram,
  step: { readonly id: string; readonly tls?: TlsChoice },
): Prediction | undefined {
  return row.logins[predictedLogin(step)]?.[step.tls ?? 'any'];
}

export interface Saying {
  readonly exitCode: number | null;
  readonly words: string;
}

export function isAsPredicted({ exit, words }: Prediction, said: Saying): boolean {
  return (exit === undefined || exit === said.exitCode) && said.words.includes(words);
}

/** The versions in the table, for display: `8.14 (OpenSSL/3.5)`. */
export function versionsIn(predictions: Predictions, program: ProgramName): string {
  return (predictions[program] ?? [])
    .map(({ version, build }) => (build === undefined ? version : `${version} (${build})`))
    .join(', ');
}

/** Noted once per run for a program that is not installed. */
export function absentWords(program: ProgramName): Localized {
  return {
    en: `${program} is not installed: it was not run, and nothing is claimed of it.`,
    ko: `${program}: 설치되어 있지 않아 실행하지 않았고, 이 프로그램에 대해서는 아무것도 주장하지 않습니다.`,
  };
}

/** Noted once per run for a program in a version without predictions. */
export function otherVersionWords(
  predictions: Predictions,
  program: ProgramName,
  { version }: Build,
): Localized {
  const versions = versionsIn(predictions, program);
  return {
    en: `${program}: predicted for ${versions}, here ${version}. Its output is shown, and nothing is claimed of it.`,
    ko: `${program}: ${versions} 버전을 기준으로 예측했지만 여기 있는 것은 ${version} 버전입니다. 출력은 보여 주되 아무것도 주장하지 않습니다.`,
  };
}

/**
 * What each program was predicted to say of each refusal, written by hand before the run (predictions.yaml beside the
 * scenario), and whether what it said is that. Pure: the table is read by `predictions-schema.ts`, programs are run by
 * `features/programs/run.ts`; neither writes it.
 *
 * 1. A prediction is for a program of a version: other versions have other words. Without one for what is installed
 *    nothing is proven and nothing is missed.
 * 2. It is met by the exit code that it names and by words that hold its words, whatever stands around them.
 */
import type { Localized } from '../../i18n/language.ts';
import type { TlsChoice } from '../../engine/kinds.ts';

/** `node` is the demonstration's own client: it is always run. */
export const programNames = ['node', 'curl', 'openssl', 'gnutls-cli'] as const;
export type ProgramName = (typeof programNames)[number];

export interface Prediction {
  /** Absent for `node`, which is no process of its own. */
  readonly exit?: number | undefined;
  /** A part of what it prints; for `node` of the error's code. */
  readonly words: string;
}

export interface PredictedProgram {
  /** `8.14` is also for 8.14.1. */
  readonly version: string;
  /** A part of how it names its build, where the words depend on it: `OpenSSL/3.5`. */
  readonly build?: string | undefined;
  /** By the id of a login without the version of TLS; `any` where the step leaves the version to the program. */
  readonly logins: Readonly<
    Record<string, Readonly<Partial<Record<TlsChoice | 'any', Prediction | undefined>>>>
  >;
}

export type Predictions = Readonly<Partial<Record<ProgramName, readonly PredictedProgram[] | undefined>>>;

/** A login as the table names it: its id without the version of TLS. */
export function predictedLogin({ id, tls }: { readonly id: string; readonly tls?: TlsChoice }): string {
  return tls === undefined ? id : id.slice(0, -`-${tls}`.length);
}

export interface Build {
  /** Numbers and dots. */
  readonly version: string;
  /** The whole line in which it names itself. */
  readonly build?: string;
}

/** The part of the table that is for this program as it is installed. */
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

/** Whether the table speaks of that login for any version of the program: else it is not run. */
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

/** The versions that the table knows, as a person reads them: `8.14 (OpenSSL/3.5)`. */
export function versionsIn(predictions: Predictions, program: ProgramName): string {
  return (predictions[program] ?? [])
    .map(({ version, build }) => (build === undefined ? version : `${version} (${build})`))
    .join(', ');
}

/** Said once a run of a program that is not there. */
export function absentWords(program: ProgramName): Localized {
  return {
    en: `${program} is not installed: it was not run, and nothing is claimed of it.`,
    ko: `${program}: 설치되어 있지 않아 실행하지 않았고, 이 프로그램에 대해서는 아무것도 주장하지 않습니다.`,
  };
}

/** Said once a run of a program in a version that nobody has written a prediction for. */
export function otherVersionWords(
  predictions: Predictions,
  program: ProgramName,
  { version }: Build,
): Localized {
  const versions = versionsIn(predictions, program);
  return {
    en: `${program}: predicted for ${versions}, here ${version}. What it says is shown, and nothing is claimed of it.`,
    ko: `${program}: ${versions} 버전을 기준으로 예측했지만 여기 있는 것은 ${version} 버전입니다. 출력은 보여 주되 아무것도 주장하지 않습니다.`,
  };
}

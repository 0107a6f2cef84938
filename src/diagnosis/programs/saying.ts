/** What a program writes when a connection fails, and what it means: a row for each sentence of a library. */
import type { DiagnosedCause } from '../diagnosis.ts';

/** Whose words they are: programs print those of the library that they use, beside their own. */
export const libraries = [
  'openssl',
  'gnutls',
  'go',
  'java',
  'node',
  'curl',
  'wget',
  'python',
  'postgres',
] as const;
export type Library = (typeof libraries)[number];

/** `content`: it does not hold what it should; `mismatch`: the key is not that of the certificate; `alone`: one is given without the other. */
export type Trouble =
  | 'missing'
  | 'forbidden'
  | 'open_to_all'
  | 'content'
  | 'mismatch'
  | 'pass_phrase'
  | 'alone';

export interface Saying {
  readonly library: Library;
  readonly pattern: RegExp;
  /**
   * `client`: its own refusal, which it knows for certain. `server`: what it was told, or did not understand; the bytes tell
   * that better. `nobody`: no connection was established.
   */
  readonly by: 'client' | 'server' | 'nobody';
  readonly cause: DiagnosedCause;
  /** Other causes for which it writes the same. */
  readonly also?: readonly DiagnosedCause[];
  /** What is wrong with the client's own file. */
  readonly trouble?: Trouble;
  /** Other things have the same words: they count only where the program has sent nothing to a server. */
  readonly isEarly?: true;
  /** A signature does not fit the key of the CA of that name that the program trusts. */
  readonly isOfKey?: true;
  /** The versions of the library that write it: from this one on, and up to but not including that one (`measured.ts`). */
  readonly since?: string;
  readonly until?: string;
}

/** For words about a signature that does not fit: the CA of that name has another key, or the certificate was altered. */
export const ofKey = { isOfKey: true, also: ['bad_signature', 'intermediate_missing'] } as const;

/** Rows of one library. */
export const sayingsOf =
  (library: Library) =>
  (
    by: Saying['by'],
    cause: DiagnosedCause,
    pattern: RegExp,
    more: Pick<Saying, 'also' | 'isOfKey' | 'since' | 'until' | 'trouble' | 'isEarly'> = {},
  ): Saying => ({ library, by, cause, pattern, ...more });

/** Whether a version (`3.5.9`, `17.0.21`) writes it. */
export function isOfVersion({ since, until }: Pick<Saying, 'since' | 'until'>, version: string): boolean {
  return (
    (since === undefined || compareVersions(version, since) >= 0) &&
    (until === undefined || compareVersions(version, until) < 0)
  );
}

/** Negative where the first is the older one. */
export function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((version) => version.split('.').map(Number));
  for (let index = 0; index < Math.max(left?.length ?? 0, right?.length ?? 0); index += 1) {
    const difference = (left?.[index] ?? 0) - (right?.[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The report about an external program. */

/** An external program such as curl: its exit code and its output. */
export interface ProgramReport {
  readonly program: string;
  /** Numbers and dots. */
  readonly version: string;
  /** The whole line of its version output. */
  readonly build?: string;
  /** Null for one that is not a process of its own, or was killed. */
  readonly exitCode: number | null;
  readonly words: string;
  /** The connections that it made, where it is a process of its own. */
  readonly connections?: readonly number[];
}

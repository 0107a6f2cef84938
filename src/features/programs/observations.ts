/** What a program of other people reports. */

/** A peer program, such as curl: its exit code and its words. */
export interface ProgramReport {
  readonly program: string;
  /** Numbers and dots. */
  readonly version: string;
  /** The whole line in which it names itself. */
  readonly build?: string;
  /** Null for one that is no process of its own, or that had to be ended. */
  readonly exitCode: number | null;
  readonly words: string;
  /** The connections that it made, where it is a process of its own. */
  readonly connections?: readonly number[];
}

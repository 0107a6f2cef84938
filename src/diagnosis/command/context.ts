/** What is known beside a finding when it is refined: the command's words, its files, and what experiments saw. */
import type { Address } from '../../capture/event.ts';
import type { Diagnosis } from '../diagnosis.ts';
import type { Heard } from '../programs/hear.ts';
import type { overriddenIn } from '../programs/intent.ts';
import type { Intent, NamedFile } from '../programs/program.ts';
import type { FaultyFile } from './files.ts';

export interface Context {
  readonly heard: Heard | undefined;
  readonly diagnosis: Diagnosis;
  readonly intent: Intent;
  /** The name that the experiments asked for. */
  readonly name: string;
  readonly faulty: readonly FaultyFile[];
  /** All that it names. */
  readonly files: readonly NamedFile[];
  /** The command itself, and the lines in which it says what it was heard to say. */
  readonly own: readonly string[];
  readonly lines: readonly string[];
  /** What it wrote. */
  readonly said: string;
  /** A proxy that was gone through. */
  readonly through: Address | undefined;
  /** Two places name whom it trusts, or what it presents. */
  readonly overridden: ReturnType<typeof overriddenIn>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The option that says how strict the program is, with its value. */
  readonly policy: string | undefined;
}

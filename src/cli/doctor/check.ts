/**
 * Defines what a check is: a row with a name and a function from the environment to a result. The rows are in
 * machine.ts, terminal.ts and peers.ts; all access to the system comes in as `RunContext`.
 */
import type { Clock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import type { TerminalProbe } from '../../ui/tui/probe.ts';
import type { Which } from '../io/which.ts';
import type { Answer } from './ask.ts';

/** `missing` is an absent optional item; `unknown` cannot be measured from here. */
export const statuses = ['ok', 'limited', 'missing', 'unknown', 'broken'] as const;
export type Status = (typeof statuses)[number];

export const groups = ['machine', 'terminal', 'peers', 'labs'] as const;
export type Group = (typeof groups)[number];

export interface Finding {
  readonly status: Status;
  readonly found: Localized;
  /** What it is used for, or the consequence of its absence. */
  readonly means?: Localized;
  /** One thing to do. */
  readonly remedy?: Localized;
  /** The bare fact for programs: a version, a path, a size. */
  readonly value?: string;
}

export interface Check {
  /** Stable: programs identify a row by it. */
  readonly name: string;
  readonly group: Group;
  readonly title: Localized;
  /** If it is broken, the demonstrations cannot run; only such a check may report `broken`. */
  readonly essential?: boolean;
  run(surroundings: RunContext): Finding | Promise<Finding>;
}

export type Loopback =
  | { readonly kind: 'works'; readonly port: number }
  | { readonly kind: 'no-port' | 'no-connection'; readonly code: string };

export type Writable =
  | { readonly kind: 'works' | 'to-be-made' }
  /** Writable, but others can read files that only the owner should read. */
  | { readonly kind: 'open-to-others' }
  | { readonly kind: 'fails'; readonly code: string };

export interface RunContext {
  readonly nodeVersion: string;
  readonly opensslVersion: string | undefined;
  readonly platform: NodeJS.Platform;
  readonly variables: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** The build time of this copy of wirelab, in milliseconds since the Unix epoch. */
  readonly madeAt: number;
  readonly certificates: string;
  /** Undefined unless standard input and output are both a terminal. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined;
  /** Undefined if nothing was measured. */
  readonly probe: TerminalProbe | undefined;
  readonly which: Which;
  readonly ask: (path: string, words: readonly string[]) => Promise<Answer>;
  readonly openLoopback: (host: string) => Promise<Loopback>;
  readonly tryWriting: (folder: string) => Promise<Writable>;
}

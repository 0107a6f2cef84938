/**
 * What a check is: a row with a name and a function of the surroundings that says what it found. The rows stand in
 * machine.ts, terminal.ts and peers.ts; everything that touches the world comes in as `RunContext`.
 */
import type { Clock } from '../../core/clock.ts';
import type { Localized } from '../../i18n/language.ts';
import type { TerminalProbe } from '../../ui/tui/probe.ts';
import type { Which } from '../io/which.ts';
import type { Answer } from './ask.ts';

/** `missing` is something optional that is not there; `unknown` is what nobody can measure from here. */
export const statuses = ['ok', 'limited', 'missing', 'unknown', 'broken'] as const;
export type Status = (typeof statuses)[number];

export const groups = ['machine', 'terminal', 'peers'] as const;
export type Group = (typeof groups)[number];

export interface Finding {
  readonly status: Status;
  readonly found: Localized;
  /** What it is good for, or what is lost without it. */
  readonly means?: Localized;
  /** One thing to do. */
  readonly remedy?: Localized;
  /** The bare fact for programs: a version, a path, a size. */
  readonly value?: string;
}

export interface Check {
  /** Stable: programs find a row by it. */
  readonly name: string;
  readonly group: Group;
  readonly title: Localized;
  /** Broken, it keeps the demonstrations from running; only such a check may say `broken`. */
  readonly essential?: boolean;
  run(surroundings: RunContext): Finding | Promise<Finding>;
}

export type Loopback =
  | { readonly kind: 'works'; readonly port: number }
  | { readonly kind: 'no-port' | 'no-connection'; readonly code: string };

export type Writable =
  | { readonly kind: 'works' | 'to-be-made' }
  /** Written, but others may read what should be its owner's alone. */
  | { readonly kind: 'open-to-others' }
  | { readonly kind: 'fails'; readonly code: string };

export interface RunContext {
  readonly nodeVersion: string;
  readonly opensslVersion: string | undefined;
  readonly platform: NodeJS.Platform;
  readonly variables: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** When this copy of wirelab was made, in milliseconds since the Unix epoch. */
  readonly madeAt: number;
  readonly certificates: string;
  /** Undefined where standard input and output are not both a terminal. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined;
  /** Undefined where nothing was measured. */
  readonly probe: TerminalProbe | undefined;
  readonly which: Which;
  readonly ask: (path: string, words: readonly string[]) => Promise<Answer>;
  readonly openLoopback: (host: string) => Promise<Loopback>;
  readonly tryWriting: (folder: string) => Promise<Writable>;
}

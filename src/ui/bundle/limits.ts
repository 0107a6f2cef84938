/**
 * The limits of a bundle, and what it holds. A reader refuses more than these, so that no file takes more memory or time than a
 * run of wirelab's own.
 */
import type { CaptureEvent, Side, Vantage } from '../../capture/event.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { SuppliedInput } from '../../engine/extensions.ts';
import type { Finding, Verdict } from '../../engine/verdict.ts';
import type { Localized } from '../../i18n/language.ts';

/** The format that this program writes, and the only one that it reads; of a kind of bundle that it does not know it reads nothing either. */
export const bundleFormat = 1;

/** Bytes of the file, and of what is in it: the most payload, which Base64 and gzip make no smaller, fits with all its events. */
export const mostFileBytes = 96 * 1024 * 1024;
export const mostContentBytes = 192 * 1024 * 1024;
/** The first line says what follows: it is read before anything else is believed. */
export const mostHeaderBytes = 64 * 1024;
/** Of one line, and of that with the scenario. */
export const mostLineBytes = 32 * 1024 * 1024;
export const mostScenarioBytes = 4 * 1024 * 1024;
/** Lines of each kind: many times those of the longest demonstration. What is looked up in one another stays short. */
export const mostLines = {
  scenario: 1,
  source: 1,
  certificate: 5000,
  event: 400_000,
  findings: 1000,
  hit: 20_000,
  redacted: 400_000,
  verdict: 1,
} as const;
export const mostOpened = 20_000;
export const mostSteps = 300;
/** Payload of all events, in bytes. */
export const mostPayloadBytes = 64 * 1024 * 1024;
/** The number of a connection: flows of datagrams have large ones (`capture/stream-number.ts`). A place in a stream. */
export const largestConnection = 2 ** 32;
export const mostOffset = 2 ** 40;

/** A stretch of a stream whose bytes were replaced. */
export interface Redaction {
  readonly conn: number;
  readonly vantage: Vantage;
  readonly from: Side;
  readonly offset: number;
  readonly length: number;
  /** `password`, `private key`, `cookie` … */
  readonly what: string;
}

/** What was taken out of a bundle. */
export interface RedactionCount {
  /** Stretches of bytes, by what was there. */
  readonly places: Readonly<Record<string, number>>;
  /** Values in texts: reports of programs, commands, narration. */
  readonly texts: number;
  /** Lines of the key log. */
  readonly keylog: number;
}

export const nothingRedacted: RedactionCount = { places: {}, texts: 0, keylog: 0 };

/** What the scenario of a run needs to be planned again: no certificate and no key. */
export interface BundledScenario {
  readonly compiled: Omit<CompiledScenario, 'certificates'>;
  readonly short: boolean;
  readonly supplied: SuppliedInput;
}

export interface BundledCertificate {
  /** Its row in the recipe. */
  readonly name: string;
  readonly der: Uint8Array;
}

export interface StepFindings {
  readonly step: string;
  readonly findings: readonly Finding[];
}

/** A log as it is kept: events are numbered from 0, and the run is number 1. */
interface BundledLog {
  /** Of the program that wrote it. */
  readonly version: string;
  /** When it was written, ISO 8601 in UTC. */
  readonly made: string;
  readonly hasSecrets: boolean;
  readonly events: readonly CaptureEvent[];
  readonly redactions: readonly Redaction[];
  readonly count: RedactionCount;
}

/** A run of a scenario. */
export interface RunBundle extends BundledLog {
  readonly of: 'run';
  readonly scenario: BundledScenario;
  readonly certificates: readonly BundledCertificate[];
  /** As they stood when each step was done. */
  readonly findings: readonly StepFindings[];
  readonly hits: readonly Hit[];
  readonly verdict: Verdict;
}

/** What could not be read, or was left out. */
export interface SourceProblem {
  /** `file.cut`, `packets.not_ip` … */
  readonly what: string;
  readonly offset?: number;
  readonly found: string;
  readonly text: Localized;
}

/** What was recorded, beside its events. */
export interface BundledSource {
  /** The names of the files; of a proxy what it is. */
  readonly title: Localized;
  /** Of capture files. */
  readonly packets?: number;
  readonly problems: readonly SourceProblem[];
  /** The shell commands that reproduce refusals, by the numbers of their events. */
  readonly commands: readonly { readonly event: number; readonly command: string }[];
}

/** What was read from capture files (`inspect --save`), or recorded by a proxy. */
export interface CaptureBundle extends BundledLog {
  readonly of: 'capture' | 'proxy';
  readonly source: BundledSource;
}

export type Bundle = RunBundle | CaptureBundle;

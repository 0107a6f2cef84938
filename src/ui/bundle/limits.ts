/**
 * The limits of a bundle, and what it holds. A reader refuses more than these, so that no file takes more memory or time than a
 * run of wirelab's own.
 */
import type { CaptureEvent, Side, Vantage } from '../../capture/event.ts';
import type { Hit } from '../../analysis/secrets/secret-hunt.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import type { SuppliedInput } from '../../engine/extensions.ts';
import type { Finding, Verdict } from '../../engine/verdict.ts';

/** The format that this program writes, and the only one that it reads. */
export const bundleFormat = 1;

/** Bytes of the file, and of what is in it. */
export const mostFileBytes = 64 * 1024 * 1024;
export const mostContentBytes = 192 * 1024 * 1024;
/** The first line says what follows: it is read before anything else is believed. */
export const mostHeaderBytes = 64 * 1024;
/** Of one line, and of that with the scenario. */
export const mostLineBytes = 32 * 1024 * 1024;
export const mostScenarioBytes = 4 * 1024 * 1024;
/** Lines of each kind: many times those of the longest demonstration. What is looked up in one another stays short. */
export const mostLines = {
  scenario: 1,
  certificate: 5000,
  event: 400_000,
  findings: 1000,
  hit: 20_000,
  redacted: 100_000,
  verdict: 1,
} as const;
export const mostOpened = 20_000;
export const mostSteps = 300;
/** Payload of all events, in bytes. */
export const mostPayloadBytes = 64 * 1024 * 1024;
/** Numbers of connections, and places in a stream. */
export const mostConnections = 1_000_000;
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

/** A run as it is kept: events are numbered from 0, and the run is number 1. */
export interface Bundle {
  /** Of the program that wrote it. */
  readonly version: string;
  /** When it was written, ISO 8601 in UTC. */
  readonly made: string;
  readonly hasSecrets: boolean;
  readonly scenario: BundledScenario;
  readonly certificates: readonly BundledCertificate[];
  readonly events: readonly CaptureEvent[];
  /** As they stood when each step was done. */
  readonly findings: readonly StepFindings[];
  readonly hits: readonly Hit[];
  readonly redactions: readonly Redaction[];
  readonly count: RedactionCount;
  readonly verdict: Verdict;
}

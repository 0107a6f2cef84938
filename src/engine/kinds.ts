/**
 * What the kinds in steps/ and expectations/ share. A new kind is one file (its words in a scenario file, what planning
 * makes of it, how it is run or judged) and its lines in the index beside it. The validator comes in as an argument, so
 * that a kind owns its schema without loading it.
 */
import type { z } from 'zod';
import type { Localized } from '../i18n/language.ts';
import type { EvidenceRef, Observation } from '../capture/event.ts';
import type { PlannedStep } from './plan.ts';
import type { ScenarioFile, TlsChoice } from './scenario.ts';

export type Z = typeof z;

/** Where a step's client knocks: at a proxy, which taps its wires itself, or at a server over a wire of that name. */
export interface EntryPoint {
  readonly to: string;
  /** For a server: tapped at the client's end under this name. */
  readonly wire?: string;
  /** Who knocks, where it is not the step's client but a server that goes there on its account. */
  readonly from?: string;
}

/** One of those that a step of a file multiplies to. */
export interface StepPart<Act> {
  readonly client: string;
  readonly tls?: TlsChoice;
  /** Of the file's step, of the client's part of it where there are several, of this one: each text may stand under one of them. */
  readonly ids: readonly [string, ...string[]];
  /** What is done, as planned. */
  readonly act: Act;
}

/** What planning makes of a step; how it is done is in `run-KIND.ts`, loaded only by a run. */
export interface StepKind<Facts, Act> {
  /** The kind of report with which the client says that it has done it. */
  readonly reports: Observation['kind'];
  /** In the order in which they are knocked at. */
  doors(facts: Facts): readonly EntryPoint[];
  /** Several clients are named: each has a part of the text. */
  hasGroups(facts: Facts): boolean;
  /** In the order in which they run. */
  parts(id: string, facts: Facts, file: ScenarioFile): readonly StepPart<Act>[];
}

export type FindingStatus = 'met' | 'missed' | 'unobserved';

/** What judging one claim came to: a status, what it rests on, and the sentence that a person reads. */
export interface Judgement {
  readonly status: FindingStatus;
  readonly evidence: readonly EvidenceRef[];
  readonly says: Localized;
}

/** Undefined: there is nothing to be found, neither for nor against it. */
export type Judged = Judgement | undefined;

/** One thing that must be true, with nothing left to multiply: an expectation of one step, one secret, one wire. */
export interface ClaimOf<Kind extends string, Facts> {
  readonly id: string;
  readonly kind: Kind;
  /** The step that it is about; absent where it is about the whole run. */
  readonly step?: string;
  readonly facts: Facts;
}

/** What a file may give once for all versions of TLS or once for each. */
export type ByVersion<T> = T | { readonly '1.3'?: T | undefined; readonly '1.2'?: T | undefined };

/** A value for all versions of TLS, or a map with one for each. */
export function byVersion<T extends z.ZodType>(zod: Z, inner: T) {
  return zod.union([inner, zod.strictObject({ '1.3': inner.optional(), '1.2': inner.optional() })]);
}

/** The value for a step; undefined where the map has none for the step's version. */
export function forVersion<T extends string | number | boolean>(
  value: ByVersion<T>,
  step: PlannedStep,
): T | undefined {
  if (typeof value !== 'object') return value;
  return step.tls === undefined ? undefined : value[step.tls];
}

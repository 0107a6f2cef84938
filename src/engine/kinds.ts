/** The words that planning and judging share, and that no kind of step or expectation adds to. */
import type { z } from 'zod';
import type { Localized } from '../i18n/language.ts';
import type { EvidenceRef } from '../capture/event.ts';
import type { Z } from './extensions.ts';

/** The versions of TLS that a step can be asked to run under, as files write them. */
export type TlsChoice = '1.3' | '1.2';

/** Where a step's client knocks: at a proxy, which taps its wires itself, or at a server over a wire of that name. */
export interface EntryPoint {
  readonly to: string;
  /** For a server: tapped at the client's end under this name. */
  readonly wire?: string;
  /** Who knocks, where it is not the step's client but a server that goes there on its account. */
  readonly from?: string;
}

export type FindingStatus = 'met' | 'missed' | 'unobserved';

/** What judging one claim came to: a status, what it rests on, and the sentence that a person reads. */
export interface Judgement {
  readonly status: FindingStatus;
  readonly evidence: readonly EvidenceRef[];
  readonly says: Localized;
}

/** What a claim is about that a lab explains by more than its finding: who was let in, who was turned away, who could read. */
export type ClaimSubject = 'admission' | 'refusal' | 'readability';

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
  { tls }: { readonly tls?: TlsChoice },
): T | undefined {
  if (typeof value !== 'object') return value;
  return tls === undefined ? undefined : value[tls];
}

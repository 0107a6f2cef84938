/** The types that planning and judging share and that features do not extend. */
import type { z } from 'zod';
import type { Localized } from '../i18n/language.ts';
import type { SizeChart } from '../presentation/types/sizes.ts';
import type { EvidenceRef } from '../capture/event.ts';
import type { Z } from './extensions.ts';

/** The TLS versions that a step can request, as scenario files write them. */
export type TlsChoice = '1.3' | '1.2';

/** Where a step's client connects: a proxy, which taps its own wires, or a server over the named wire. */
export interface EntryPoint {
  readonly to: string;
  /** For a server: tapped at the client's end under this name. */
  readonly wire?: string;
  /** The connecting server, where it is not the step's client that connects. */
  readonly from?: string;
}

/** Where a participant stands if they are on hosts of their own: the client's, one on the way, the server's. */
export type Stand = 'client' | 'router' | 'server';

export type FindingStatus = 'met' | 'missed' | 'unobserved';

/** The result of judging one claim: status, evidence, and the sentence that a person reads. */
export interface Judgement {
  readonly status: FindingStatus;
  readonly evidence: readonly EvidenceRef[];
  readonly says: Localized;
  /** What is so, where `says` also tells what should be: a learner is to find that out. */
  readonly observed?: Localized;
  /** The same as a picture, where sizes and times decided. */
  readonly chart?: SizeChart;
}

/** The subject of a claim that a lab explains in more detail: who was admitted, who was rejected, who could read or decrypt. */
export type ClaimSubject = 'admission' | 'refusal' | 'readability' | 'decryption';

/** Undefined: there is no evidence for or against it. */
export type Judged = Judgement | undefined;

/** One thing that must be true, fully expanded: an expectation of one step, one secret, one wire. */
export interface ClaimOf<Kind extends string, Facts> {
  readonly id: string;
  readonly kind: Kind;
  /** The step that it applies to; absent where it applies to the whole run. */
  readonly step?: string;
  readonly facts: Facts;
}

/** A setting given once for all TLS versions, or once for each. */
export type ByVersion<T> = T | { readonly '1.3'?: T | undefined; readonly '1.2'?: T | undefined };

/** A value for all TLS versions, or a map with one for each. */
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

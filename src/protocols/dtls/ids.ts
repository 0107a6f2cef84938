/** Every field id that the reader of DTLS records: the words that explanations, filters and tests share. */
import type { ExplainedDtlsId } from './texts.ts';

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly dtls: ExplainedDtlsId;
  }
}

/** Leaves of bytes that are a number. */
export const namedDtlsBytes = ['dtls.record.sequence_number'] as const satisfies readonly ExplainedDtlsId[];

/** Leaves whose meaning is known and that cannot be taken apart, or are where they are put together. */
export const opaqueDtlsBytes = [
  'dtls.capwap_preamble',
  'dtls.record.encrypted',
  'dtls.record.encrypted_sequence',
  'dtls.record.content',
  'dtls.handshake.fragment',
] as const satisfies readonly ExplainedDtlsId[];

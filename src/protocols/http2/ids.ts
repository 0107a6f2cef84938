/** Every field id that the reader of HTTP/2 records: the words that explanations, filters and tests share. */
import type { ExplainedHttp2Id } from './texts.ts';

/** Fields without a text of their own: their parent explains them. */
type PartId = 'http2.header.unknown';

/** Lengths of what has no field of its own around it. */
type LengthId = 'http2.header.name.length' | 'http2.header.value.length';

/** Bytes that are told elsewhere: a body, and headers in several frames. */
export const namedHttp2Bytes = [
  'http2.data',
  'http2.header_block_part',
] as const satisfies readonly ExplainedHttp2Id[];

export const opaqueHttp2Bytes = [
  'http2.padding',
  'http2.ping',
] as const satisfies readonly ExplainedHttp2Id[];

export type Http2FieldId = ExplainedHttp2Id | PartId | LengthId;

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly http2: Http2FieldId;
  }
}

/** Every field id that the reader of HTTP/2 records: the words that explanations, filters and tests share. */
import type { ExplainedHttp2Id } from './texts.ts';

/** Fields without a text of their own: their parent explains them. */
type PartId = 'http2.header.unknown';

/** Lengths of what has no field of its own around it. */
type LengthId = 'http2.header.name.length' | 'http2.header.value.length';

export type Http2FieldId = ExplainedHttp2Id | PartId | LengthId;

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly http2: Http2FieldId;
  }
}

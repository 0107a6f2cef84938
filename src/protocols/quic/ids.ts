/** Every field id that the reader of QUIC records: the words that explanations, filters and tests share. */
import type { ExplainedQuicId } from './texts.ts';

export type QuicFieldId = ExplainedQuicId;

declare module '../../core/field.ts' {
  interface FieldIds {
    readonly quic: QuicFieldId;
  }
}

/** Leaves whose meaning is known and that cannot be taken apart. */
export const opaqueQuicBytes = [
  'quic.destination_connection_id',
  'quic.source_connection_id',
  'quic.token',
  'quic.retry_integrity_tag',
  'quic.payload',
  'quic.authentication_tag',
  'quic.padding',
  'quic.unread',
  'quic.ack.timestamps',
  'quic.crypto.data',
  'quic.stream.data',
  'quic.frame.connection_id',
  'quic.frame.stateless_reset_token',
  'quic.frame.path_data',
  'quic.frame.token',
] as const satisfies readonly QuicFieldId[];

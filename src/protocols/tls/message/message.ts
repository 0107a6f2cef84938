/** Defines a TLS message: what it is, where it is in its stream, and the records that it arrived in. */
import type { Side } from '../../../capture/event.ts';
import type { Alert } from '../../../capture/vocabulary.ts';
import type { Malformed } from '../../../core/field.ts';
import type { HandshakeContent, HandshakeContext } from '../handshake.ts';
import type { Seal } from '../keys/protection.ts';

export type TlsContent =
  | HandshakeContent
  | { readonly type: 'alert'; readonly alert: Alert }
  | { readonly type: 'change_cipher_spec' }
  | { readonly type: 'application_data' }
  | { readonly type: 'heartbeat' }
  /** Nothing but its outer type and its size is known. */
  | { readonly type: 'sealed' }
  | { readonly type: 'malformed'; readonly malformed: Malformed };

/** A record as far as the messages in it must know it. */
export interface Frame {
  readonly start: number;
  readonly end: number;
  /** As the header says. */
  readonly contentType: number;
  readonly version: number;
  readonly firstTag: number;
  readonly lastTag: number;
  /** The whole record as it was on the wire; undefined when it was not kept. */
  readonly bytes: Uint8Array | undefined;
  /** Absent before the first keys. */
  readonly seal?: Seal;
}

export interface TlsMessage {
  readonly from: Side;
  /** Where the message begins in its direction of the wire, and how many bytes of the wire are its. */
  readonly offset: number;
  readonly length: number;
  /** The tags of the chunks with its first and its last record. */
  readonly firstTag: number;
  readonly lastTag: number;
  /** Of an opened record the type inside, else the one in the header. */
  readonly contentType: number;
  /** RFC 8446's name: `ClientHello`; of a sealed record the name of its outer type. */
  readonly title: string;
  readonly encrypted: boolean;
  /** Sealed on the wire, and opened with the keys. */
  readonly opened: boolean;
  readonly content: TlsContent;
  /** The message's own bytes without any record's header; of a sealed one the payload. Undefined when not kept. */
  readonly bytes: Uint8Array | undefined;
  /** Where those bytes are in the stream: one range, or several when records split it. */
  readonly ranges: Ranges;
  /** Its records. */
  readonly frames: readonly Frame[];
  /** How many records it stands for; more than one frame's worth only where records were counted and not kept. */
  readonly records: number;
  /** Bytes of application data in it, where they are known. */
  readonly plaintextLength: number;
  /** What had been agreed on when it was read. */
  readonly context: HandshakeContext;
}

/** Half-open ranges of a stream, in its order. */
export interface Ranges extends Iterable<readonly [start: number, end: number]> {
  readonly length: number;
  at(index: 0 | -1): readonly [start: number, end: number] | undefined;
}

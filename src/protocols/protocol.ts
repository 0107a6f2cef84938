/**
 * What a protocol is to those who read connections: how it is recognised, who reads it, and the words for its fields. A
 * protocol is a folder, one such value, and a line in `index.ts`; a program may add others (`addProtocol`). What reads is
 * behind `import()`: recognising loads none of it.
 */
import type { Side } from '../capture/event.ts';
import type { Field, Malformed } from '../core/field.ts';
import type { Localized } from '../i18n/language.ts';
import type { Credential } from './shared/credential.ts';
import type { Handover, Piece } from './piece.ts';
import type { FieldText } from './text.ts';

/** One message of a direction. The messages of a direction cover what the reader was given, without overlap. */
export interface ProtocolMessage {
  readonly from: Side;
  /** What it is called beside each message, and in filters. */
  readonly protocol: string;
  /** In its direction, in bytes. */
  readonly offset: number;
  readonly length: number;
  /** Of the piece that completed it. */
  readonly lastTag: number;
  /** Without secrets. What the peer wrote in it may be hostile: it is made safe where it is shown. */
  readonly title: Localized;
  /** What is worth knowing at a glance; absent where nothing is. */
  readonly facts?: Localized;
  readonly malformed?: Malformed;
  /** The stream ended, or lost bytes, before the message did. */
  readonly isCut?: boolean;
  /** As it travelled; shorter than `length` where its end was not kept. */
  readonly bytes: Uint8Array;
  /** In the coordinates of its direction. */
  field(): Field | undefined;
  /** Secrets in it, decoded. */
  readonly credentials?: readonly Credential[];
}

/** Reads both directions of one connection. */
export interface ProtocolReader {
  /** Takes the next bytes of one direction; returns the messages that they complete. */
  feed(piece: Piece): readonly ProtocolMessage[];
  /** Whether this side must speak it too. @param other whether the other side does now */
  expects(from: Side, other: boolean): boolean;
  /** Directions that have turned to another protocol since it was last asked. */
  takeHandovers?(): readonly Handover[];
  /** Nothing more will come, or bytes are missing: what the beginning of a message gives as it is. */
  cut?(from: Side): readonly ProtocolMessage[];
  /** The same for a beginning of which nothing can be said. */
  remainder?(from: Side): Piece | undefined;
  /** It goes on behind missing bytes. */
  readonly survivesGaps?: true;
  /** Reads on above TLS, where both sides turned to TLS in the middle of it; undefined where nothing is known to go on. */
  above?(): ProtocolReader | undefined;
}

export interface LoadedProtocol {
  /** For one connection. */
  reader(): ProtocolReader;
  /** A datagram that is a message of it; undefined for any other. */
  readonly datagram?: (piece: Piece) => ProtocolMessage | undefined;
}

export interface Protocol {
  readonly name: string;
  /** Whether a stream with this start uses the protocol; undefined while it is too short. */
  readonly looksLike: (start: Uint8Array, from: Side) => boolean | undefined;
  /** Absent for TLS and HTTP, which conversations read themselves: the one has keys, the other is read again on demand. */
  readonly load?: () => Promise<LoadedProtocol>;
  /** Loads the words for its fields, by their ids. */
  texts(): Promise<Readonly<Record<string, FieldText>>>;
}

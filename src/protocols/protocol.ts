/**
 * What a protocol is to those who read connections: how it is recognised, who reads it, and the words for its fields. A
 * protocol is a folder, one such value, and a line in `index.ts`; a program may add others (`addProtocol`). What reads is
 * behind `import()`: recognising loads none of it.
 */
import type { Side } from '../capture/event.ts';
import type { Field, Malformed } from '../core/field.ts';
import type { Localized } from '../i18n/language.ts';
import type { Credential } from './shared/credential.ts';
import type { LoginResult } from './shared/login-result.ts';
import type { Handover, Piece, Upgrade } from './piece.ts';
import type { FieldText } from './text.ts';
import type { KeyRing } from './tls/keys/keylog.ts';
import type { TlsMessage } from './tls/message/message.ts';

/**
 * What a message says as HTTP (RFC 9110), independent of the version that carries it: on the message that completes the
 * headers. A request and its response have the same `stream`, which is unique in its connection.
 */
export interface HttpHead {
  readonly kind: 'request' | 'response';
  readonly stream: number;
  /** Of a request. */
  readonly method?: string;
  readonly scheme?: string;
  readonly authority?: string;
  /** With its query. */
  readonly path?: string;
  /** Of a response; below 200 another one follows. */
  readonly status?: number;
  /** Name (in lower case) and value, in their order; without pseudo-headers. Text as it travelled, one character a byte. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Headers that are not among them: they refer to what was sent before the capture began, or they are too many. */
  readonly unknown?: number;
  /** Where each of `headers` stands, in the coordinates of the direction. */
  readonly places: readonly HttpPlace[];
  /** Where the path stands. */
  readonly pathPlace?: HttpPlace;
  /** These headers follow the body. */
  readonly isTrailer?: true;
  /** No body, and no trailers, follow. */
  readonly endsStream?: true;
}

/** Of a value: the first byte in its direction, and the number of bytes that encode it. */
export type HttpPlace = readonly [offset: number, length: number];

/** A part of a body: what of it is in one message. */
export interface HttpBodyPart {
  readonly kind: 'request' | 'response';
  readonly stream: number;
  /** Without padding and framing; shorter than what was sent where its end was not kept. */
  readonly bytes: Uint8Array;
  /** The first of `bytes`, in its direction. */
  readonly offset: number;
  /** Nothing follows in this direction of the stream. */
  readonly endsStream?: true;
  /** The whole body, or its kept beginning, where this part completes it and it may be worth a search. */
  readonly whole?: HttpBody;
}

/** A body put together from its parts. */
export interface HttpBody {
  readonly bytes: Uint8Array;
  /** Where each piece of `bytes` starts in them, and where it is in its direction; rising. */
  readonly pieces: readonly { readonly start: number; readonly offset: number }[];
  /** Its end is not among `bytes`. */
  readonly isCut: boolean;
  /** As the headers say: Content-Type and Content-Encoding. */
  readonly type?: string;
  readonly coding?: string;
}

/** What a message carries that may hold secrets by their names: a text. */
export interface Content {
  readonly bytes: Uint8Array;
  /** Where it stands in its direction. */
  readonly offset: number;
  readonly length: number;
  /** It stands there byte for byte, or masked byte for byte; otherwise a part of it has no place of its own. */
  readonly isInPlace: boolean;
}

/** A line of what a message says. */
export interface ReadLine {
  readonly field: Field;
  /** In place of the field's own words. */
  readonly name?: string;
  readonly value?: string;
  /** 0 for a line of the message itself. */
  readonly depth: number;
}

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
  /** It is encrypted, and was not opened. */
  readonly isSealed?: true;
  /** What it says, decoded, where its bytes as text would not say it. */
  readonly reading?: () => readonly ReadLine[];
  /** Secrets in it, decoded. */
  readonly credentials?: readonly Credential[];
  /** To be searched for more of them. */
  readonly content?: Content;
  /** What it answers to a login. */
  readonly login?: LoginResult;
  /** The name of whom or what it asks for, where it is no request of HTTP and no ClientHello. */
  readonly asksFor?: string;
  /** What it says as HTTP, where it completes a head. */
  readonly http?: HttpHead;
  /** What it carries of a body of HTTP. */
  readonly httpBody?: HttpBodyPart;
  /** Housekeeping of its protocol, or more of what an earlier message began: a running list leaves it out. */
  readonly isMinor?: true;
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
  /** Messages of TLS inside of what was fed since it was last asked, in the coordinates of what carries them. */
  takeCarried?(): readonly TlsMessage[];
  /** A direction that began with unknown bytes is read from then on when the other side turns out to speak it. */
  readonly joinsLate?: true;
  /** It goes on behind missing bytes. */
  readonly survivesGaps?: true;
  /** Reads on above TLS, where both sides turned to TLS in the middle of it; undefined where nothing is known to go on. */
  above?(): ProtocolReader | undefined;
}

/** A message, or a message of TLS inside another protocol, in the coordinates of what carries the handshake there. */
export type DatagramContent = ProtocolMessage | { readonly tls: TlsMessage };

/** Reads the datagrams of both directions of one flow, with what it remembers of those before. */
export interface DatagramReader {
  /** The content of a datagram, which is one message, and what that completes; undefined where the datagram is no part of it. */
  feed(piece: Piece): readonly DatagramContent[] | undefined;
}

export interface LoadedProtocol {
  /** For one connection; undefined for what is spoken in datagrams only. */
  readonly reader?: () => ProtocolReader;
  /** For a connection whose sides agreed to go on with it; undefined where it is another protocol. */
  readonly upgraded?: (upgrade: Upgrade) => ProtocolReader | undefined;
  /** For one flow of datagrams. @param keys queried for the secrets of a handshake when they are needed */
  readonly datagrams?: (keys: () => KeyRing) => DatagramReader;
  /** For one flow of EAPOL frames, which carry nothing else. */
  readonly frames?: (keys: () => KeyRing) => DatagramReader;
  /** A datagram that is a message of it; undefined for any other. */
  readonly datagram?: (piece: Piece) => ProtocolMessage | undefined;
}

export interface Protocol {
  readonly name: string;
  /** Whether a stream with this start uses the protocol; undefined while it is too short. */
  readonly looksLike: (start: Uint8Array, from: Side) => boolean | undefined;
  /** Absent for TLS and HTTP, which conversations read themselves: the one has keys, the other is read again on demand. */
  readonly load?: () => Promise<LoadedProtocol>;
  /** It occurs in captures only, never on a connection of this program: it is loaded for these alone. */
  readonly isCapturedOnly?: true;
  /** Loads the words for its fields, by their ids. */
  texts(): Promise<Readonly<Record<string, FieldText>>>;
}

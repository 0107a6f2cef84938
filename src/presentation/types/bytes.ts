/** The bytes of a message as a dump, with ranges that are named or marked. Offsets count in the message's direction. */
import type { Localized } from '../../i18n/language.ts';

/** `end` is exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes of one direction of a connection, counted from 0 at their vantage. Where TLS is spoken, the headers of records are among them. */
export interface BytePlace {
  readonly conn: number;
  readonly vantage: 'wire' | 'plaintext';
  readonly from: 'client' | 'server';
  readonly offset: number;
  readonly length: number;
}

/** A field: what it is called, and its value; nested fields are deeper. */
export interface NamedRange extends ByteRange {
  readonly name: Localized;
  readonly value: Localized;
  /** 0 for a field directly in the message. */
  readonly depth: number;
}

export interface ByteDump {
  readonly title: Localized;
  /** The range of the whole message. */
  readonly range: ByteRange;
  /** What an eavesdropper sees, or what an endpoint sees. */
  readonly vantage: 'wire' | 'plaintext';
  readonly state: 'readable' | 'sealed' | 'opened';
  /** The state in a word; empty for readable bytes. */
  readonly stateName: Localized;
  /** A record: the header before it shows its type in the clear. */
  readonly isRecord: boolean;
  /** How many of its bytes are explained, and what the others are; empty if that is not counted. */
  readonly coverage: readonly { readonly label: Localized; readonly count: number }[];
  /** The bytes around the cursor, from `start` on; undefined if they were not kept. */
  readonly window: { readonly start: number; readonly bytes: Uint8Array } | undefined;
  /** Secrets, in order and without overlap. */
  readonly secrets: readonly ByteRange[];
  /** Of a saved run: where other bytes stand than were sent, in order and without overlap. */
  readonly redacted: readonly ByteRange[];
  /** Where innermost fields begin within the window. */
  readonly boundaries: ReadonlySet<number>;
  /** Present if the fields say more than the bytes: for a handshake message, for headers of HTTP/2. */
  readonly fields: readonly NamedRange[] | undefined;
}

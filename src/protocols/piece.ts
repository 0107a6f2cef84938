/** Defines the input of every stream dissector, and its result when a direction switches to another protocol. */
import type { Side } from '../capture/event.ts';

/** The next bytes of one direction. */
export interface Piece {
  readonly from: Side;
  /** Of the first byte, in its direction. */
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** Whatever the caller wants to find again in a message, such as the number of the event. */
  readonly tag: number;
}

/** What both sides agreed to go on with (RFC 9110 section 7.8). */
export interface Upgrade {
  /** Its name as it was agreed on, in lower case: `websocket`. */
  readonly token: string;
  /** What the agreement says under that name (in lower case); undefined where it says nothing. */
  readonly header: (name: string) => string | undefined;
}

/** The direction uses another protocol from here on; `bytes` have already been received, possibly none. */
export interface Handover extends Piece {
  /** Where it was named; otherwise it is recognised by its first bytes. */
  readonly upgrade?: Upgrade;
}

/** What every dissector of a stream is fed with, and what it gives back when a direction turns to another protocol. */
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

/** The direction speaks another protocol from here on; `bytes` are those that had come already, possibly none. */
export type Handover = Piece;

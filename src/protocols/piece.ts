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

/** The direction uses another protocol from here on; `bytes` have already been received, possibly none. */
export type Handover = Piece;

/** What a picture says better than text: sizes over time, how long handshakes took, what of them could be read. */
import type { Localized } from '../../i18n/language.ts';

/** A record, or a message without records. */
export interface SizedRecord {
  /** Microseconds since the run began. */
  readonly at: number;
  readonly from: 'client' | 'server';
  /** In bytes. */
  readonly length: number;
  readonly title: Localized;
  /** Nobody without keys reads it. */
  readonly isSealed: boolean;
}

export interface SizePlot {
  /** The first ones, where there are very many. */
  readonly records: readonly SizedRecord[];
  /** How many there are. */
  readonly count: number;
  /** Microseconds since the run began: the first, and the last. */
  readonly times: readonly [from: number, until: number];
  /** The largest one of each side, in bytes; 0 where it sent nothing. */
  readonly largest: Readonly<Record<'client' | 'server', number>>;
}

/** How long the two sides of a handshake waited for each other, turn by turn from the ClientHello on. */
export interface HandshakeTimes {
  readonly conn: number;
  readonly name: Localized;
  /** In microseconds. `for`: the side that is waited for. */
  readonly waits: readonly { readonly for: 'client' | 'server'; readonly microseconds: number }[];
  readonly total: number;
}

/** The messages of a handshake, as somebody without keys sees them. */
export interface VisiblePlot {
  readonly conn: number;
  readonly name: Localized;
  readonly parts: readonly SizedRecord[];
  /** In bytes. */
  readonly readable: number;
  readonly total: number;
}

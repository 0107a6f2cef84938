/**
 * What a shared page is told of its run while it is open: `live.ts` writes it, `client/live.ts` reads it. Types and names only,
 * since the page's script imports them.
 */
import type { Text } from '../bytes/format.ts';

/** Where the presenter is. */
export interface ShownPlace {
  /** The id of a section; empty before there is one. */
  readonly section: string;
  /** The end of the section is meant: what a step has shown. */
  readonly isEnd: boolean;
  readonly words: Text;
}

/** A change. All that has markup was made by the renderer of the page. */
export interface LiveUpdate {
  /** Grows with each change. */
  readonly revision: number;
  readonly title: Text;
  /** The heading of the page. */
  readonly heading: string;
  /** The list of contents. */
  readonly contents: string;
  /** The ids of all sections in their order, the bytes at last. */
  readonly order: readonly string[];
  /** Of those that the viewer has not: id and markup. */
  readonly sections: readonly (readonly [id: string, markup: string])[];
  readonly place: ShownPlace;
  readonly isMasked: boolean;
  /** Another run, or another masking, has another number: bytes of an earlier one are not shown any more. */
  readonly run: number;
  /** Grows with the log of the run. */
  readonly bytes: number;
}

/** Ids of elements. */
export const liveIds = { bar: 'live', state: 'live-state', bytes: 'bytes' } as const;

/** The fragment of a place in the bytes, as long as it is not known where the explorer has it. */
export const placeFragment = (place: {
  readonly conn: number;
  readonly vantage: string;
  readonly from: string;
  readonly offset: number;
  readonly length: number;
}): string => `#bytes-at-${place.conn}-${place.vantage}-${place.from}-${place.offset}-${place.length}`;

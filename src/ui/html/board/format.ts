/**
 * What the board of a class is told while it is open: `board.ts` writes it, `client/board.ts` reads it. Types and names only, since
 * the page's script imports them.
 */
import type { Text } from '../bytes/format.ts';

/** A change. All that has markup was made by the renderer of the page. */
export interface BoardUpdate {
  /** Grows with each change. */
  readonly revision: number;
  /** What has changed last, in a sentence. */
  readonly latest: Text;
  /** Of those that the page has not: id and markup. */
  readonly sections: readonly (readonly [id: string, markup: string])[];
}

/** Ids of elements. */
export const boardIds = { bar: 'board-bar', state: 'board-state' } as const;

/**
 * A frame: what a screen shows at one moment, as lines of spans, each line exactly as wide as the terminal, and its clickable
 * regions. `view.ts` makes it, `blessed.ts` writes it to a terminal, and `palette.ts` maps roles to colours.
 */
import type { Message } from './message.ts';

/** What a piece of text is. Its look follows from this; a word or a mark conveys the same without colour. */
export const roles = [
  'plain',
  /** Less important: rules, offsets, hints. */
  'dim',
  'strong',
  /** The bar at the top. */
  'bar',
  'heading',
  'question',
  'leaked',
  'sealed',
  'refused',
  /** The same, in the bar and on a projector: large and legible from afar. */
  'leaked-loud',
  'sealed-loud',
  'refused-loud',
  /** Decrypted with the keys. */
  'opened',
  /** A secret in readable bytes. */
  'secret',
  /** Ciphertext, as on the wire. */
  'noise',
  /** The field under the cursor, and the byte under it. */
  'field',
  'cursor',
  /** The chosen row of a list. */
  'selected',
  /** A key in the hint bar. */
  'key',
  'warning',
  /** A QR code: what is drawn is light, whatever the terminal's own colours are. */
  'code',
] as const;
export type Role = (typeof roles)[number];

/** Text without line ends and control characters, in one role. */
export interface Span {
  readonly text: string;
  readonly role: Role;
}

export type Line = readonly Span[];

/** Cells of one row that answer to a click. Later regions lie over earlier ones. */
export interface Region {
  readonly row: number;
  readonly column: number;
  readonly width: number;
  readonly message: Message;
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** A smaller window shows only what size is needed. */
export const smallest: Size = { columns: 40, rows: 12 };

/** The row in which the path is drawn, and the cells of each wire in it, from the client on. */
export interface PathCells {
  readonly row: number;
  readonly wires: readonly { readonly hop: string; readonly column: number; readonly width: number }[];
}

export interface Frame extends Size {
  /** As many as there are rows. */
  readonly lines: readonly Line[];
  readonly regions: readonly Region[];
  /** Where the path is drawn, if it is. */
  readonly path?: PathCells;
}

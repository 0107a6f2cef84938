/**
 * What a screen shows at one moment: lines of spans, each line exactly as many cells wide as the terminal, and what lies
 * under the mouse. It decides the form alone; `view.ts` fills it, `blessed.ts` puts it on a terminal, and how a role
 * looks is `palette.ts`'s part.
 */
import type { Message } from './message.ts';

/** What a piece of text is. How it looks follows from this; that it matters is always said by a word or a mark too. */
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
  /** The same, in the bar and on a projector: what the back of a room reads. */
  'leaked-loud',
  'sealed-loud',
  'refused-loud',
  /** Was sealed, and the keys opened it. */
  'opened',
  /** A secret in readable bytes. */
  'secret',
  /** Ciphertext as it stands on the wire. */
  'noise',
  /** The field that the cursor stands in, and the byte under it. */
  'field',
  'cursor',
  /** The chosen row of a list. */
  'selected',
  /** A key in the hint bar. */
  'key',
  'warning',
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

export interface Frame extends Size {
  /** As many as there are rows. */
  readonly lines: readonly Line[];
  readonly regions: readonly Region[];
}

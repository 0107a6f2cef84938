/**
 * Lays out bytes as rows of cells, as text or as hex; each glyph knows its byte range. Only a window around the cursor is laid
 * out, however long the message is. `dump.ts` draws the rows.
 */
import { cellWidth } from '../../../i18n/width.ts';
import type { ByteRange, NamedRange } from '../../../presentation/types/bytes.ts';
import type { Size } from '../frame.ts';
import type { Pen } from '../pen.ts';
import type { Model } from '../state/model.ts';

/** The text in the cells for a range of bytes. */
export interface Glyph {
  readonly text: string;
  /** In bytes of the message's direction; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

export type GlyphRow = readonly Glyph[];

export interface TextOptions {
  readonly cells: number;
  readonly pen: Pen;
  /** Ranges in order and without overlap, enclosed in `[` and `]`. */
  readonly marked?: readonly ByteRange[];
  /** Every byte is a glyph: ciphertext is no text. */
  readonly noise?: boolean;
}

/** Rows of at most so many cells; a line feed ends a row, white space is kept. `start` is the offset of the first byte. */
export function textRows(
  bytes: Uint8Array,
  start: number,
  { cells, pen, marked = [], noise = false }: TextOptions,
): GlyphRow[] {
  const rows: Glyph[][] = [];
  let row: Glyph[] = [];
  let width = 0;
  const close = (): void => {
    rows.push(row);
    row = [];
    width = 0;
  };
  const put = (glyph: Glyph): void => {
    const wide = cellWidth(glyph.text);
    if (width + wide > cells && row.length > 0) close();
    row.push(glyph);
    width += wide;
  };
  for (let at = 0; at < bytes.length; ) {
    const { text, length } = noise
      ? { text: String.fromCharCode(bytes[at] ?? 0), length: 1 }
      : characterAt(bytes, at);
    const from = start + at;
    at += length;
    if (marked.some((stretch) => stretch.start === from)) put({ text: '[', start: from, end: from });
    // A line end takes no room, but the cursor can be on it.
    put({ text: noise ? printable(text, pen) : shown(text, pen), start: from, end: start + at });
    if (marked.some((stretch) => stretch.end === start + at))
      put({ text: ']', start: start + at, end: start + at });
    if (text === '\n' && !noise) close();
  }
  if (row.length > 0 || rows.length === 0) rows.push(row);
  return rows;
}

/** A character of UTF-8, or one byte that is none. */
function characterAt(bytes: Uint8Array, at: number): { readonly text: string; readonly length: number } {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return { text: String.fromCharCode(first), length: 1 };
  const length = first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : 1;
  if (length > 1 && at + length <= bytes.length) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + at, length).toString('utf8');
    if (text.length === 1 && text !== '\ufffd') return { text, length };
  }
  return { text: '\u0000', length: 1 };
}

function shown(text: string, pen: Pen): string {
  if (text === '\n' || text === '\r') return '';
  if (text === '\t') return ' ';
  return pen.plain(text);
}

function printable(text: string, pen: Pen): string {
  return /^[\x21-\x7e]$/.test(text) ? text : pen.plain('·');
}

/** A row for each field: its name and value, indented by its depth. */
export function fieldRows(fields: readonly NamedRange[], pen: Pen): GlyphRow[] {
  return fields.map(({ name, value, depth, start, end }) => {
    const words = value[pen.language];
    const text = pen.plain(`${'  '.repeat(depth)}${name[pen.language]}${words ? `: ${words}` : ''}`);
    return [{ text, start, end }];
  });
}

/** Rows of that many bytes each, from a multiple of it on, counted from the start of the message. */
export function hexRows(bytes: Uint8Array, start: number, perRow: number): GlyphRow[] {
  const rows: GlyphRow[] = [];
  for (let at = 0; at < bytes.length; at += perRow) {
    rows.push(
      Array.from(bytes.subarray(at, at + perRow), (byte, column) => ({
        text: byte.toString(16).padStart(2, '0'),
        start: start + at + column,
        end: start + at + column + 1,
      })),
    );
  }
  return rows;
}

/** How many bytes a row of hex holds in so many cells: offset, two digits and a space a byte, and a letter a byte. */
export function hexBytesFor(cells: number): number {
  for (const perRow of [16, 8, 4]) if (hexCells(perRow) <= cells) return perRow;
  return 2;
}

/** `0090  74 69 67 65  tige` */
export function hexCells(perRow: number): number {
  return 6 + 3 * perRow + 1 + perRow;
}

/** The index of the row that contains a byte. */
export function rowOf(rows: readonly GlyphRow[], offset: number): number {
  const found = rows.findIndex((row) => row.some(({ start, end }) => offset >= start && offset < end));
  return Math.max(0, found);
}

/** The glyph one row up or down, in the same place of its row; undefined past the ends. Rows without bytes are headings. */
export function neighbour(all: readonly GlyphRow[], offset: number, by: number): number | undefined {
  const rows = all.map((row) => row.filter(({ start, end }) => end > start)).filter((row) => row.length > 0);
  const at = rowOf(rows, offset);
  const column = rows[at]?.findIndex(({ start, end }) => offset >= start && offset < end) ?? 0;
  const row = rows[Math.max(0, Math.min(rows.length - 1, at + by))];
  if (!row || row === rows[at]) return undefined;
  return row[Math.min(Math.max(0, column), row.length - 1)]?.start;
}

/** Whether the conversation and the explanation stand beside each other below the bytes, or the explanation at the right. */
export const isWide = ({ columns, rows }: Size): boolean => columns >= 150 && rows >= 30;

/** Cells of the bytes with the columns beside them. */
export const mainCells = (size: Size): number =>
  isWide(size) ? Math.floor(size.columns * 0.66) : size.columns;

/** Cells of the bytes on this screen. */
export function bytesCells({
  size,
  projector,
  zoomed,
}: Pick<Model, 'size' | 'projector' | 'zoomed'>): number {
  if (zoomed) return size.columns;
  return projector ? size.columns - sideColumnCells(size.columns) - 1 : wireColumnCells(mainCells(size));
}

/** Cells of the column in the middle. */
export function wireColumnCells(columns: number): number {
  return columns - 2 * sideColumnCells(columns) - 2;
}

/** Cells of the side columns. */
export function sideColumnCells(columns: number): number {
  return columns >= 150 ? 26 : columns >= 110 ? 22 : 18;
}

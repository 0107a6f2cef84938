/** A part of the screen: lines of one width, and its clickable regions, counted from its own top left. */
import type { Line, Region } from '../frame.ts';
import type { Pen } from '../pen.ts';

export interface Sheet {
  readonly width: number;
  readonly lines: readonly Line[];
  readonly regions: readonly Region[];
  /** How many lines there are in total, including those outside of the window. */
  readonly length?: number;
}

/** A scrolling part: the height of its window, and the length of its text. */
export interface Scrolled {
  readonly sheet: Sheet;
  readonly scrollable: { readonly height: number; readonly length: number };
}

/** A part that does not scroll. */
export const still = { height: 1, length: 0 } as const;

/** Regions that were cut off at the right are not clickable: the cells there belong to the next part. */
export function sheet(width: number, lines: readonly Line[], regions: readonly Region[] = []): Sheet {
  return {
    width,
    lines,
    regions: regions.flatMap((region) =>
      region.column >= width ? [] : [{ ...region, width: Math.min(region.width, width - region.column) }],
    ),
  };
}

export function moved(regions: readonly Region[], rows: number, columns = 0): Region[] {
  return regions.map((region) => ({ ...region, row: region.row + rows, column: region.column + columns }));
}

/** One below the other. */
export function stack(width: number, sheets: readonly Sheet[]): Sheet {
  const lines: Line[] = [];
  const regions: Region[] = [];
  for (const part of sheets) {
    for (const region of moved(part.regions, lines.length)) regions.push(region);
    for (const line of part.lines) lines.push(line);
  }
  return { width, lines, regions };
}

/** Side by side, at one height, with a separator of one cell between them. */
export function beside(pen: Pen, sheets: readonly Sheet[], height: number, separator = '│'): Sheet {
  const regions: Region[] = [];
  let column = 0;
  for (const part of sheets) {
    for (const region of moved(part.regions, 0, column)) regions.push(region);
    column += part.width + 1;
  }
  return { width: column - 1, lines: pen.beside(sheets, height, separator), regions };
}

/** Exactly so many lines: padded with blank ones, or cut. */
export function tall(pen: Pen, part: Sheet, height: number, top = 0): Sheet {
  return {
    width: part.width,
    lines: pen.window(part.lines, part.width, height, top),
    regions: moved(part.regions, -top).filter(({ row }) => row >= 0 && row < height),
    length: part.lines.length,
  };
}

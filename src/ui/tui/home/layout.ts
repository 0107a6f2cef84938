/** Where the parts of the first screen are, in each size: the list, and what is said about the chosen entry. */
import type { Size } from '../frame.ts';
import { topOf } from '../pen.ts';
import { listed } from './model.ts';
import type { Group, HomeModel } from './model.ts';

/** A row of the list: a heading, or an entry by its index. */
export type HomeRow = { readonly heading: Group } | { readonly entry: number };

export interface HomeLayout {
  /** Of the list. */
  readonly width: number;
  readonly height: number;
  /** First row of the screen that is the list's. */
  readonly row: number;
  readonly rows: readonly HomeRow[];
  /** The first row of the list that is shown. */
  readonly top: number;
  /** What is said about the chosen entry: beside the list, below it, or not at all. */
  readonly about: (Size & { readonly beside: boolean }) | undefined;
  entryAt(column: number, row: number): number | undefined;
}

/** Columns from which the text stands beside the list. */
const wide = 110;
/** Rows of the text below the list, with its rule, and the fewest rows that leave it room. */
const aboutRows = 8;
const fewestRows = 18;

export function homeLayout(model: HomeModel): HomeLayout {
  const { columns, rows: all } = model.size;
  const body = Math.max(1, all - 2);
  const beside = columns >= wide;
  const aboutWidth = Math.min(64, Math.floor(columns * 0.42));
  const about = beside
    ? { columns: aboutWidth, rows: body, beside }
    : all >= fewestRows
      ? { columns, rows: aboutRows, beside }
      : undefined;
  const width = beside ? columns - aboutWidth - 1 : columns;
  const height = beside || !about ? body : body - about.rows;
  const rows = rowsOf(model);
  const chosen = rows.findIndex((row) => 'entry' in row && row.entry === model.chosen);
  const top = topOf(chosen, rows.length, height);
  return {
    width,
    height,
    row: 1,
    rows,
    top,
    about,
    entryAt(column, row) {
      const found = column < width && row >= 1 && row <= height ? rows[top + row - 1] : undefined;
      return found && 'entry' in found ? found.entry : undefined;
    },
  };
}

function rowsOf(model: HomeModel): HomeRow[] {
  const entries = listed(model);
  return entries.flatMap(({ group }, index): HomeRow[] => [
    ...(entries[index - 1]?.group === group ? [] : [{ heading: group }]),
    { entry: index },
  ]);
}

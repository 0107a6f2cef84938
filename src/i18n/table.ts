/**
 * Lays out a table in a number of cells: columns as wide as their contents; if that is too wide, the widest shrink and
 * their cells wrap, between words while that is enough. The text must be safe and final.
 */
import { cellWidth, wrapToCells } from './width.ts';

/** Lines of text, each with its row number: 0 is the header. */
export interface TableLine {
  readonly row: number;
  readonly text: string;
  /** The same in pieces: the part of each cell, with the space before it and behind it. */
  readonly cells: readonly string[];
}

/** @param rows the header first, each row as long as the header. */
export function tableLines(rows: readonly (readonly string[])[], columns: number): TableLine[] {
  const [head = []] = rows;
  const widths = head.map((_, column) =>
    rows.reduce((widest, row) => Math.max(widest, cellWidth(row[column] ?? '')), 0),
  );
  const indent = 1;
  const sum = (): number => widths.reduce((total, width) => total + width, 0);
  const gap = sum() + 2 * (head.length - 1) + indent <= columns ? 2 : 1;
  const room = columns - indent - gap * (head.length - 1);
  const longestWords = head.map((_, column) =>
    Math.max(0, ...rows.flatMap((row) => (row[column] ?? '').split(/\s+/).map((word) => cellWidth(word)))),
  );
  while (sum() > room) {
    // A column gives up the room between its words first.
    const roomy = widths.filter((width, column) => width > (longestWords[column] ?? 0));
    const widest = Math.max(...(roomy.length > 0 ? roomy : widths));
    if (widest <= 2) break;
    const column = widths.findIndex(
      (width, index) => width === widest && (roomy.length === 0 || width > (longestWords[index] ?? 0)),
    );
    widths[column] = widest - 1;
  }
  return rows.flatMap((row, number) => {
    const wrapped = row.map((cell, column) => wrapToCells(cell, widths[column] ?? 2));
    const height = Math.max(...wrapped.map(({ length }) => length));
    return Array.from({ length: height }, (_, line): TableLine => {
      const set = wrapped.map((lines, column) => {
        const text = lines[line] ?? '';
        return text + ' '.repeat(Math.max(0, (widths[column] ?? 0) - cellWidth(text)));
      });
      const cells = set.map((text, column) => ' '.repeat(column === 0 ? indent : gap) + text);
      return { row: number, text: cells.join('').trimEnd(), cells };
    });
  });
}

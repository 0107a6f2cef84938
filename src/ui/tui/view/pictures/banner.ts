/**
 * Draws a headline for a projector, over the whole width: in block letters where there is room and the letters exist, else with
 * space between the letters, else as it is. `block-letters.ts` has the letters.
 */
import type { Headline } from '../../../../presentation/types/values.ts';
import type { In } from '../../../../i18n/language.ts';
import { cellWidth, wrapToCells } from '../../../../i18n/width.ts';
import { blockLetters, blockRows } from '../../block-letters.ts';
import type { Line, Role } from '../../frame.ts';
import { span } from '../../pen.ts';
import type { Pen } from '../../pen.ts';

/** The look of a headline, large. */
export function loud(role: Role): Role {
  if (role === 'warning') return 'refused-loud';
  return role === 'leaked' || role === 'sealed' || role === 'refused' ? `${role}-loud` : 'bar';
}

export interface BannerRoom {
  readonly columns: number;
  /** The most rows that it may take. */
  readonly rows: number;
}

/** More lines of text would be a paragraph. */
const mostLines = 2;

const margin = 2;

export function bannerLines(headline: In<Headline>, pen: Pen, { columns, rows }: BannerRoom): Line[] {
  const role = loud(headline.tone);
  const text = pen.plain(headline.text);
  const inBlocks = blocksOf(text, { columns, rows });
  const drawn = inBlocks ?? spacedOf(text, columns - 2 * margin) ?? asItIs(text, columns - 2 * margin, pen);
  const set = drawn.map((line) => centred(line, columns));
  // A blank row on each side, if there is room for both.
  const edge = set.length + 2 <= rows ? [' '.repeat(columns)] : [];
  return [...edge, ...set, ...edge].map((line) => pen.line([span(pen.fit(line, columns), role)], columns));
}

/** One or two lines of block letters; undefined if they do not fit, or a character has none. */
function blocksOf(text: string, { columns, rows }: BannerRoom): string[] | undefined {
  const room = columns - margin;
  const cells = (part: string): number => blockLetters(part)?.[0]?.length ?? Infinity;
  const most = Math.min(mostLines, Math.floor((rows + 1) / (blockRows + 1)));
  const parts = broken(text, most, room, cells);
  const drawn = parts?.map((part) => blockLetters(part) ?? []);
  return drawn?.flatMap((block, index) => (index === 0 ? [...block] : ['', ...block]));
}

/** Lines with as much space between the letters as there is room for. Hangul, which is twice as wide, gets twice as much. */
function spacedOf(text: string, room: number): string[] | undefined {
  const gaps = /[\uac00-\ud7a3]/.test(text) ? [2, 1] : [1];
  for (const gap of gaps) {
    const apart = (part: string): string => Array.from(part).join(' '.repeat(gap));
    const parts = broken(text, mostLines, room, (part) => cellWidth(apart(part)));
    if (parts) return parts.map(apart).flatMap((line, index) => (index === 0 ? [line] : ['', line]));
  }
  return undefined;
}

/** Wrapped; a mark says what is left out of one that is longer than any headline. */
function asItIs(text: string, room: number, pen: Pen): string[] {
  const cells = Math.max(1, room);
  const lines = wrapToCells(text, cells);
  if (lines.length <= mostLines + 1) return lines;
  return [...lines.slice(0, mostLines), pen.fit(lines.slice(mostLines).join(' '), cells)];
}

/** The text in as few lines as it fits, broken at white space into lines as even as possible; undefined if it does not fit. */
function broken(
  text: string,
  most: number,
  room: number,
  cells: (part: string) => number,
): string[] | undefined {
  if (most >= 1 && cells(text) <= room) return [text];
  if (most < 2) return undefined;
  const words = text.split(' ');
  const halves = words
    .slice(1)
    .map((_, index) => [words.slice(0, index + 1).join(' '), words.slice(index + 1).join(' ')])
    .map((parts) => ({ parts, widest: Math.max(...parts.map(cells)) }))
    .filter(({ widest }) => widest <= room);
  return halves.toSorted((one, other) => one.widest - other.widest)[0]?.parts;
}

function centred(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, Math.floor((columns - cellWidth(text)) / 2))) + text;
}

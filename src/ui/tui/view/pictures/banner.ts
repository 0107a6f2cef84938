/**
 * Draws a headline for a projector, over the whole width: in block letters where there is room and the letters exist, else with
 * space between the letters, else as it is. `block-letters.ts` has the letters.
 */
import type { Headline } from '../../../../presentation/types/values.ts';
import type { In } from '../../../../i18n/language.ts';
import { cellWidth, wrapToCells } from '../../../../i18n/width.ts';
import { blockColumns, blockLetters, blockRows } from '../../block-letters.ts';
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
  /** The most rows that it may take, as long as it can be read in so few. */
  readonly rows: number;
  /** Those of a headline by default. */
  readonly lines?: BannerLines;
}

/** The most lines of block letters, of spaced ones, and of text as it is. */
export interface BannerLines {
  readonly blocks: number;
  readonly spaced: number;
  readonly wrapped: number;
}

/** More would be a paragraph. */
const headlineLines: BannerLines = { blocks: 3, spaced: 2, wrapped: 3 };
/** The last words of a run have the screen nearly to themselves. */
export const closingLines: BannerLines = { blocks: 4, spaced: 4, wrapped: 8 };

const margin = 2;

export function bannerLines(headline: In<Headline>, pen: Pen, room: BannerRoom): Line[] {
  const { columns, rows } = room;
  const role = loud(headline.tone);
  const text = pen.plain(headline.text);
  const drawn = blocksOf(text, room, pen) ?? spacedOf(text, room) ?? asItIs(text, room, pen);
  const set = drawn.map((line) => centred(line, columns));
  // A blank row on each side, if there is room for both.
  const edge = set.length + 2 <= rows ? [' '.repeat(columns)] : [];
  return [...edge, ...set, ...edge].map((line) => pen.line([span(pen.fit(line, columns), role)], columns));
}

/** A few lines of block letters, in the larger size that fits; undefined if none does, or a character has no blocks. */
function blocksOf(text: string, { columns, rows, lines }: BannerRoom, pen: Pen): string[] | undefined {
  const room = columns - margin;
  // Half blocks are no ASCII. Below small letters half a row is free.
  for (const { size, between } of pen.ascii ? [large] : [large, small]) {
    const most = Math.min(
      (lines ?? headlineLines).blocks,
      Math.floor((rows + between) / (blockRows[size] + between)),
    );
    const cells = (part: string): number => blockColumns(part, size) ?? Infinity;
    const drawn = broken(text, most, room, cells)?.map((part) => blockLetters(part, size) ?? []);
    if (drawn)
      return drawn.flatMap((block, index) =>
        index === 0 ? [...block] : [...Array.from({ length: between }, () => ''), ...block],
      );
  }
  return undefined;
}

const large = { size: 'large', between: 1 } as const;
const small = { size: 'small', between: 0 } as const;

/** Lines with as much space between the letters as there is room for. Hangul, which is twice as wide, gets twice as much. */
function spacedOf(text: string, { columns, rows, lines }: BannerRoom): string[] | undefined {
  const room = columns - 2 * margin;
  const most = Math.min((lines ?? headlineLines).spaced, Math.floor((rows + 1) / 2));
  const gaps = /[\uac00-\ud7a3]/.test(text) ? [2, 1] : [1];
  for (const gap of gaps) {
    const apart = (part: string): string => Array.from(part).join(' '.repeat(gap));
    const parts = broken(text, most, room, (part) => cellWidth(apart(part)));
    if (parts) return parts.map(apart).flatMap((line, index) => (index === 0 ? [line] : ['', line]));
  }
  return undefined;
}

/** Wrapped; a mark says what is left out of one that is longer than any headline. */
function asItIs(text: string, { columns, lines = headlineLines }: BannerRoom, pen: Pen): string[] {
  const cells = Math.max(1, columns - 2 * margin);
  const set = wrapToCells(text, cells);
  const most = lines.wrapped;
  return set.length <= most
    ? set
    : [...set.slice(0, most - 1), pen.fit(set.slice(most - 1).join(' '), cells)];
}

/** The text in as few lines as it fits, broken at white space into lines as even as possible; undefined if it does not fit. */
function broken(
  text: string,
  most: number,
  room: number,
  cells: (part: string) => number,
): string[] | undefined {
  const words = text.split(' ');
  for (let count = 1; count <= Math.min(most, words.length); count++) {
    const { parts, widest } = evenly(words, count, cells);
    if (widest <= room) return parts;
  }
  return undefined;
}

interface Broken {
  readonly parts: string[];
  readonly widest: number;
}

/** Words in so many lines, of which the widest is as narrow as possible. */
function evenly(words: readonly string[], count: number, cells: (part: string) => number): Broken {
  const known = new Map<string, Broken>();
  const from = (start: number, lines: number): Broken => {
    const key = `${start} ${lines}`;
    const before = known.get(key);
    if (before) return before;
    const best = Array.from(
      { length: lines === 1 ? 1 : words.length - start - lines + 1 },
      (_, index): Broken => {
        const end = lines === 1 ? words.length : start + index + 1;
        const first = words.slice(start, end).join(' ');
        const own = cells(first);
        if (lines === 1) return { parts: [first], widest: own };
        const rest = from(end, lines - 1);
        return { parts: [first, ...rest.parts], widest: Math.max(own, rest.widest) };
      },
    ).reduce((narrowest, one) => (one.widest < narrowest.widest ? one : narrowest));
    known.set(key, best);
    return best;
  };
  return from(0, count);
}

function centred(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, Math.floor((columns - cellWidth(text)) / 2))) + text;
}

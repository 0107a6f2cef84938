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

/** More lines would be a paragraph. */
const mostWrapped = 3;
const mostLines = { blocks: 3, spaced: 2 } as const;

const margin = 2;

export function bannerLines(headline: In<Headline>, pen: Pen, { columns, rows }: BannerRoom): Line[] {
  const role = loud(headline.tone);
  const text = pen.plain(headline.text);
  const inBlocks = blocksOf(text, { columns, rows }, pen);
  const drawn = inBlocks ?? spacedOf(text, columns - 2 * margin) ?? asItIs(text, columns - 2 * margin, pen);
  const set = drawn.map((line) => centred(line, columns));
  // A blank row on each side, if there is room for both.
  const edge = set.length + 2 <= rows ? [' '.repeat(columns)] : [];
  return [...edge, ...set, ...edge].map((line) => pen.line([span(pen.fit(line, columns), role)], columns));
}

/** A few lines of block letters, in the larger size that fits; undefined if none does, or a character has no blocks. */
function blocksOf(text: string, { columns, rows }: BannerRoom, pen: Pen): string[] | undefined {
  const room = columns - margin;
  // Half blocks are no ASCII. Below small letters half a row is free.
  for (const { size, between } of pen.ascii ? [large] : [large, small]) {
    const most = Math.min(mostLines.blocks, Math.floor((rows + between) / (blockRows[size] + between)));
    const cells = (part: string): number => blockLetters(part, size)?.[0]?.length ?? Infinity;
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
function spacedOf(text: string, room: number): string[] | undefined {
  const gaps = /[\uac00-\ud7a3]/.test(text) ? [2, 1] : [1];
  for (const gap of gaps) {
    const apart = (part: string): string => Array.from(part).join(' '.repeat(gap));
    const parts = broken(text, mostLines.spaced, room, (part) => cellWidth(apart(part)));
    if (parts) return parts.map(apart).flatMap((line, index) => (index === 0 ? [line] : ['', line]));
  }
  return undefined;
}

/** Wrapped; a mark says what is left out of one that is longer than any headline. */
function asItIs(text: string, room: number, pen: Pen): string[] {
  const cells = Math.max(1, room);
  const lines = wrapToCells(text, cells);
  if (lines.length <= mostWrapped) return lines;
  return [...lines.slice(0, mostWrapped - 1), pen.fit(lines.slice(mostWrapped - 1).join(' '), cells)];
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
  const whole = words.join(' ');
  if (count === 1) return { parts: [whole], widest: cells(whole) };
  const all = Array.from({ length: words.length - count + 1 }, (_, index): Broken => {
    const first = words.slice(0, index + 1).join(' ');
    const rest = evenly(words.slice(index + 1), count - 1, cells);
    return { parts: [first, ...rest.parts], widest: Math.max(cells(first), rest.widest) };
  });
  return all.reduce((best, one) => (one.widest < best.widest ? one : best));
}

function centred(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, Math.floor((columns - cellWidth(text)) / 2))) + text;
}

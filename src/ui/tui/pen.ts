/**
 * Converts text to cells: sanitised, in ASCII if the terminal needs it, truncated or padded to an exact width. Every string
 * of a frame goes through here; the views decide the content.
 */
import { toAscii } from '../../i18n/ascii.ts';
import type { Language } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { cellWidth, cutAtWord, cutToCells, wrapToCells } from '../../i18n/width.ts';
import type { Line, Role, Span } from './frame.ts';
import { wordsIn } from './state/words.ts';

export interface PenOptions {
  readonly language: Language;
  readonly ascii: boolean;
  /** Text that is never written: dots replace it wherever it occurs. */
  readonly hidden?: readonly string[];
}

/** A block of lines, each of the same width. */
export interface Block {
  readonly width: number;
  readonly lines: readonly Line[];
}

export const span = (text: string, role: Role = 'plain'): Span => ({ text, role });

export const spaces = (count: number): Span => span(' '.repeat(Math.max(0, count)));

/** Letters that ASCII output cannot keep: all but those of the selected language. */
const foreignLetters = {
  ko: /[^\u0020-\u007e\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]/g,
  en: /[^\u0020-\u007e]/g,
} as const;

interface ParagraphOptions {
  /** Precedes the first line; the others are indented by its width. */
  readonly head?: string;
  readonly role?: Role;
  readonly headRole?: Role;
}

export interface TextOptions extends ParagraphOptions {
  /** The longest line, in cells. */
  readonly widest?: number;
  readonly margin?: boolean;
}

export class Pen {
  readonly language: Language;
  /** The words of the screen in its language. */
  readonly words: (typeof wordsIn)[Language];
  readonly ascii: boolean;
  readonly #hidden: readonly string[];

  constructor({ language, ascii, hidden = [] }: PenOptions) {
    this.language = language;
    this.words = wordsIn[language];
    this.ascii = ascii;
    this.#hidden = hidden;
  }

  /** One line of text, in characters that this terminal can show. */
  plain(text: string): string {
    // Remaining combining marks have no cell of their own; terminals disagree on how to draw them.
    const safe = safeText(withDots(text, this.#hidden)).replace(/\p{Mark}/gu, '·');
    return this.ascii ? toAscii(safe).replace(foreignLetters[this.language], '?') : safe;
  }

  width(text: string): number {
    return cellWidth(this.plain(text));
  }

  /** At most so many cells: where it is longer, cut between words, with a mark. */
  short(text: string, cells: number): string {
    const plain = this.plain(text);
    if (cellWidth(plain) <= cells) return plain;
    const mark = cutToCells(this.plain('…'), cells);
    return cutAtWord(plain, Math.max(0, cells - cellWidth(mark))) + mark;
  }

  /** Exactly so many cells: padded, or cut between words, with a mark. */
  fit(text: string, cells: number): string {
    const short = this.short(text, cells);
    return short + ' '.repeat(Math.max(0, cells - cellWidth(short)));
  }

  /** Spans as one line of exactly so many cells; if it is too long, it is cut between words, with a mark. */
  line(spans: readonly Span[], cells: number): Line {
    const plain = spans
      .map(({ text, role }) => span(this.plain(text), role))
      .filter(({ text }) => text !== '');
    const whole = plain.map(({ text }) => text).join('');
    const missing = Math.max(0, cells) - cellWidth(whole);
    if (missing >= 0) return missing > 0 ? [...plain, spaces(missing)] : plain;
    const mark = cutToCells(this.plain('…'), Math.max(0, cells));
    const kept = cutAtWord(whole, Math.max(0, cells - cellWidth(mark)));
    const set: Span[] = [];
    let at = 0;
    let role = plain[0]?.role ?? 'plain';
    for (const one of plain) {
      if (at > kept.length || (at === kept.length && at > 0)) break;
      role = one.role;
      const text = one.text.slice(0, kept.length - at);
      if (text !== '') set.push(span(text, role));
      at += one.text.length;
    }
    const padding = Math.max(0, cells - cellWidth(kept) - cellWidth(mark));
    return cells > 0 ? [...set, span(mark + ' '.repeat(padding), role)] : [];
  }

  /** Wrapped at white space to at most so many cells; line feeds are kept. A line that fits is unchanged: columns in it stay columns. */
  wrap(text: string, cells: number): string[] {
    return text.split('\n').flatMap((line) => {
      const plain = this.plain(line);
      return cellWidth(plain) <= cells ? [plain.trimEnd()] : wrapToCells(plain, Math.max(1, cells));
    });
  }

  /** Wrapped text as lines of exactly so many cells, after a head; further lines are indented to the text. */
  paragraph(
    text: string,
    cells: number,
    { head = '', role = 'plain', headRole = role }: ParagraphOptions = {},
  ): Line[] {
    const mark = this.plain(head);
    const indent = Math.min(cellWidth(mark), Math.max(0, cells - 4));
    return this.wrap(text, cells - indent).map((line, index) =>
      this.line([index === 0 ? span(mark, headRole) : spaces(indent), span(line, role)], cells),
    );
  }

  /** A paragraph in lines of that width: a blank cell after it, and one before it if it has a margin. */
  text(
    text: string,
    width: number,
    { widest = width, margin = false, ...options }: TextOptions = {},
  ): Line[] {
    const before = margin ? [spaces(1)] : [];
    return this.paragraph(text, Math.min(width - 1 - before.length, widest), options).map((line) =>
      this.line([...before, ...line], width),
    );
  }

  blank(cells: number): Line {
    return [spaces(cells)];
  }

  /** A rule over the whole width, with words in it and marks where separators meet it, at the given columns. */
  rule(
    cells: number,
    words: readonly { readonly at: number; readonly text: string; readonly role?: Role }[] = [],
    meets: Readonly<Record<number, string>> = {},
  ): Line {
    const dashes = (from: number, to: number): Span =>
      span(
        Array.from({ length: Math.max(0, to - from) }, (_, index) =>
          this.plain(meets[from + index] ?? '─'),
        ).join(''),
        'dim',
      );
    const set: Span[] = [];
    let at = 0;
    for (const { at: column, text, role = 'heading' } of words) {
      const plain = this.short(text, Math.max(0, cells - column - 2));
      if (plain === '' || column < at) continue;
      set.push(dashes(at, column), span(` ${plain} `, role));
      at = column + cellWidth(plain) + 2;
    }
    set.push(dashes(at, cells));
    return this.line(set, cells);
  }

  /** Blocks side by side, of one height, with a separator between them. */
  beside(blocks: readonly Block[], height: number, separator = '│'): Line[] {
    const between = span(this.plain(separator), 'dim');
    return Array.from({ length: height }, (_, row) =>
      blocks.flatMap(({ lines, width }, index) => [
        ...(index > 0 ? [between] : []),
        ...(lines[row] ?? this.blank(width)),
      ]),
    );
  }

  /** So many lines of that width, from `top` on; missing ones are blank. */
  window(lines: readonly Line[], cells: number, height: number, top = 0): Line[] {
    return Array.from({ length: Math.max(0, height) }, (_, row) => lines[top + row] ?? this.blank(cells));
  }
}

const dot = '•';

/** As many dots as the text has cells. */
export function dotsFor(text: string): string {
  return dot.repeat(cellWidth(text));
}

/** Dots in place of every one of those values. */
export function withDots(text: string, values: readonly string[]): string {
  return values.reduce((rest, value) => rest.replaceAll(value, dotsFor(value)), text);
}

/** The first row to show so that the chosen one is near the middle of a list. */
export function topOf(chosen: number, length: number, height: number): number {
  return Math.max(0, Math.min(chosen - Math.floor(height / 2), length - height));
}

export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellWidth(text), 0);
}

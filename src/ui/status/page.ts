/**
 * Lays out text on a page of a given width: line breaks, truncation, removal of control characters and, if requested, ASCII
 * only. The content comes from `text.ts` and others.
 *
 * 1. Text is sanitised, and converted to ASCII if requested, before it is measured: both change its width.
 * 2. ASCII output keeps the letters of the selected language (Hangul, for Korean); a character without a substitute becomes `?`.
 * 3. A word too long for its line is broken after a separator (`CN=alice,O=…`), else where the line ends.
 */
import { toAscii } from '../../i18n/ascii.ts';
import type { Language } from '../../i18n/language.ts';
import { isCodeLine } from '../../i18n/own-lines.ts';
import { safeText } from '../../i18n/safe.ts';
import { tableLines } from '../../i18n/table.ts';
import { cellWidth, cutAtWord, cutToCells, wrapToCells } from '../../i18n/width.ts';

export interface PageOptions {
  readonly language: Language;
  readonly ascii: boolean;
  readonly columns: number;
  readonly write: (line: string) => void;
}

/** A table's cells; each row as long as the head. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The minimum width of text: any narrower, it would be a column of letters. */
const narrowest = 16;

export class Page {
  readonly #options: PageOptions;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  get columns(): number {
    return this.#options.columns;
  }

  /** The text as it will be written: one line, sanitised, in the characters that this page may use. */
  plain(text: string): string {
    const safe = safeText(text);
    if (!this.#options.ascii) return safe;
    return toAscii(safe).replace(
      this.#options.language === 'ko'
        ? /[^\u0020-\u007e\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]/g
        : /[^\u0020-\u007e]/g,
      '?',
    );
  }

  /** Exactly so many cells: padded, or cut between words, with a mark. */
  fit(text: string, cells: number): string {
    const plain = this.plain(text);
    const width = cellWidth(plain);
    if (width <= cells) return plain + ' '.repeat(cells - width);
    const mark = cutToCells(this.plain('…'), cells);
    const cut = cutAtWord(plain, Math.max(0, cells - mark.length)) + mark;
    return cut + ' '.repeat(Math.max(0, cells - cellWidth(cut)));
  }

  blank(): void {
    this.#options.write('');
  }

  rule(mark: string, cells = this.columns): void {
    this.#options.write(this.plain(mark).charAt(0).repeat(Math.min(cells, this.columns)));
  }

  /** Text after a head; further lines are indented to the text. The head is plain already and never truncated. */
  behind(head: string, text: string): void {
    const width = cellWidth(head);
    const [first = '', ...more] = wrapToCells(this.plain(text), Math.max(narrowest, this.columns - width));
    this.#options.write((head + first).trimEnd());
    for (const line of more) this.#options.write((' '.repeat(width) + line).trimEnd());
  }

  /**
   * Text of one or several paragraphs after a prefix; its line feeds and indentation are kept. An indented line that fits is
   * left unchanged, as columns in it stay columns; so is code, which is to be copied, however long it is.
   */
  paragraphs(text: string, prefix = ''): void {
    let head = prefix;
    for (const line of text.split('\n')) {
      const words = line.trimStart();
      const indented = head + this.plain(line);
      if (isCodeLine(line) || (words.length < line.length && cellWidth(indented) <= this.columns))
        this.#options.write(indented.trimEnd());
      else this.behind(head + ' '.repeat(line.length - words.length), words);
      head = ' '.repeat(prefix.length);
    }
  }

  /** Not wrapped, so that it can be copied. */
  verbatim(text: string): void {
    this.#options.write(safeText(text));
  }

  table({ head, rows }: Table): void {
    const cells = [head, ...rows].map((row) => row.map((cell) => this.plain(cell)));
    for (const { text } of tableLines(cells, this.columns)) this.#options.write(text);
  }
}

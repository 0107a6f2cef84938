/**
 * How lines are set on a page of so many columns: it decides where a line breaks, what is cut, and that nothing harmful
 * and, where asked, nothing but ASCII is written. What the lines say is for `text.ts`.
 *
 * 1. Text is made harmless, and plain where that is asked for, before it is measured: both change its width.
 * 2. Under ASCII the letters of the chosen language stay (Hangul, for Korean); what nothing stands in for becomes `?`.
 * 3. A word too long for its line is broken behind a mark that divides it (`CN=alice,O=…`), else where the line ends.
 */
import { toAscii } from '../../i18n/ascii.ts';
import type { Language } from '../../i18n/language.ts';
import { safeText } from '../../i18n/safe.ts';
import { tableLines } from '../../i18n/table.ts';
import { cellWidth, cutToCells, wrapGently } from '../../i18n/width.ts';

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

/** Narrower than this no text is set: it would be a column of letters. */
const narrowest = 16;

export class Page {
  readonly #options: PageOptions;

  constructor(options: PageOptions) {
    this.#options = options;
  }

  get columns(): number {
    return this.#options.columns;
  }

  /** The text as it will be written: one line, harmless, in the characters that this page may use. */
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

  /** Exactly so many cells: padded, or cut with a mark that says so. */
  fit(text: string, cells: number): string {
    const plain = this.plain(text);
    const width = cellWidth(plain);
    if (width <= cells) return plain + ' '.repeat(cells - width);
    const mark = cutToCells(this.plain('…'), cells);
    const cut = cutToCells(plain, cells - mark.length) + mark;
    return cut + ' '.repeat(Math.max(0, cells - cellWidth(cut)));
  }

  blank(): void {
    this.#options.write('');
  }

  rule(mark: string, cells = this.columns): void {
    this.#options.write(this.plain(mark).charAt(0).repeat(Math.min(cells, this.columns)));
  }

  /** Text behind a head; further lines stand under the text. The head is plain already and never cut. */
  behind(head: string, text: string): void {
    const width = cellWidth(head);
    const [first = '', ...more] = wrapGently(this.plain(text), Math.max(narrowest, this.columns - width));
    this.#options.write((head + first).trimEnd());
    for (const line of more) this.#options.write((' '.repeat(width) + line).trimEnd());
  }

  /**
   * Text of one or several paragraphs behind a prefix; line feeds in it are kept, and what a line is indented by. One that is
   * indented and not too long stands as it was written: columns in it stay columns.
   */
  paragraphs(text: string, prefix = ''): void {
    let head = prefix;
    for (const line of text.split('\n')) {
      const words = line.trimStart();
      const indented = head + this.plain(line);
      if (words.length < line.length && cellWidth(indented) <= this.columns)
        this.#options.write(indented.trimEnd());
      else this.behind(head + ' '.repeat(line.length - words.length), words);
      head = ' '.repeat(prefix.length);
    }
  }

  /** Not wrapped: it is there to be copied. */
  verbatim(text: string): void {
    this.#options.write(safeText(text));
  }

  table({ head, rows }: Table): void {
    const cells = [head, ...rows].map((row) => row.map((cell) => this.plain(cell)));
    for (const { text } of tableLines(cells, this.columns)) this.#options.write(text);
  }
}

/**
 * How lines are set on a page of so many columns: it decides where a line breaks, what is cut, and that nothing harmful
 * and, where asked, nothing but ASCII is written. What the lines say is for `text.ts`.
 *
 * 1. Text is made harmless, and plain where that is asked for, before it is measured: both change its width.
 * 2. Under ASCII the letters of the chosen language stay (Hangul, for Korean); what nothing stands in for becomes `?`.
 * 3. A word too long for its line is broken behind a mark that divides it (`CN=alice,O=…`), else where the line ends.
 */
import { toAscii } from '../i18n/ascii.ts';
import type { Language } from '../i18n/language.ts';
import { safeText } from '../i18n/safe.ts';
import { cellWidth, cutToCells } from '../i18n/width.ts';

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
    return toAscii(safe).replace(this.#options.language === 'ko' ? /[^\u0020-\u007e\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]/g : /[^\u0020-\u007e]/g, '?');
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

  /** Text of one or several paragraphs behind a prefix; line feeds in it are kept. */
  paragraphs(text: string, prefix = ''): void {
    let head = prefix;
    for (const line of text.split('\n')) {
      this.behind(head, line);
      head = ' '.repeat(prefix.length);
    }
  }

  /** Not wrapped: it is there to be copied. */
  verbatim(text: string): void {
    this.#options.write(safeText(text));
  }

  /** Columns as wide as what is in them; where that is too much, the widest give way and their cells wrap. */
  table({ head, rows }: Table): void {
    const cells = [head, ...rows].map((row) => row.map((cell) => this.plain(cell)));
    const widths = head.map((_, column) => Math.max(...cells.map((row) => cellWidth(row[column] ?? ''))));
    const indent = 1;
    const sum = (): number => widths.reduce((total, width) => total + width, 0);
    const gap = sum() + 2 * (head.length - 1) + indent <= this.columns ? 2 : 1;
    const room = this.columns - indent - gap * (head.length - 1);
    while (sum() > room) {
      const widest = Math.max(...widths);
      if (widest <= 2) break;
      widths[widths.indexOf(widest)] = widest - 1;
    }
    for (const row of cells) {
      const wrapped = row.map((cell, column) => wrapGently(cell, widths[column] ?? 2));
      for (let line = 0; line < Math.max(...wrapped.map(({ length }) => length)); line++) {
        const set = wrapped.map((lines, column) => {
          const text = lines[line] ?? '';
          return text + ' '.repeat(Math.max(0, (widths[column] ?? 0) - cellWidth(text)));
        });
        this.#options.write((' '.repeat(indent) + set.join(' '.repeat(gap))).trimEnd());
      }
    }
  }
}

/** Wrapped at white space; a word that is too long is broken behind one of its own marks, if it has one. */
function wrapGently(text: string, cells: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of text.split(/\s+/).filter(Boolean)) {
    if (line && cellWidth(line) + 1 + cellWidth(word) <= cells) {
      line += ` ${word}`;
      continue;
    }
    if (line) lines.push(line);
    while (cellWidth(word) > cells) {
      const head = beginning(word, cells);
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  if (line || lines.length === 0) lines.push(line);
  return lines;
}

function beginning(word: string, cells: number): string {
  // A character wider than the line stands alone on it: nothing narrower can be made of it.
  const cut = cutToCells(word, cells) || String.fromCodePoint(word.codePointAt(0) ?? 0);
  const mark = /^.*[-_,;/+&?]/u.exec(cut)?.[0] ?? '';
  return mark.length > cut.length / 3 ? mark : cut;
}

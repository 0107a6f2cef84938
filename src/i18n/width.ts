/**
 * Computes the terminal cells of a text, and truncates, pads and wraps by cells. A Hangul syllable takes two cells;
 * characters of ambiguous width take one unless the terminal was measured to use two.
 */
import { eastAsianWidth } from 'get-east-asian-width';

export interface CellRules {
  readonly ambiguousAsWide?: boolean;
}

/** Cells of one code point: 0 for combining marks, 1 or 2 otherwise. */
function codePointWidth(codePoint: number, rules: CellRules): number {
  if (codePoint < 0x300)
    return codePoint < 0xa0 || !rules.ambiguousAsWide ? 1 : eastAsianWidth(codePoint, rules);
  if (/\p{Mark}/u.test(String.fromCodePoint(codePoint))) return 0;
  // Conjoining vowels and final consonants of decomposed Hangul add nothing to their syllable's two cells.
  if ((codePoint >= 0x1160 && codePoint <= 0x11ff) || (codePoint >= 0xd7b0 && codePoint <= 0xd7ff)) return 0;
  return eastAsianWidth(codePoint, rules);
}

/** Most lines have only one-cell characters; they are recognized without splitting them. */
const ascii = /^[\x20-\x7e]*$/;
const narrow = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u257f\u2713\u2717]*$/;

function isNarrow(text: string, { ambiguousAsWide = false }: CellRules): boolean {
  return (ambiguousAsWide ? ascii : narrow).test(text);
}

export function cellWidth(text: string, rules: CellRules = {}): number {
  if (isNarrow(text, rules)) return text.length;
  let width = 0;
  for (const character of text) width += codePointWidth(character.codePointAt(0) ?? 0, rules);
  return width;
}

/** The longest prefix of `text` that fits into `cells`. */
export function cutToCells(text: string, cells: number, rules: CellRules = {}): string {
  if (isNarrow(text, rules)) return text.slice(0, Math.max(0, cells));
  let width = 0;
  let kept = '';
  for (const character of text) {
    width += codePointWidth(character.codePointAt(0) ?? 0, rules);
    if (width > cells) return kept;
    kept += character;
  }
  return kept;
}

/**
 * The beginning of a text that is too long for `cells`, without a part of a word. A word longer than the line is cut;
 * so is one that is no plain word (an address, a value) where more than half of the line would be empty without it.
 */
export function cutAtWord(text: string, cells: number, rules: CellRules = {}): string {
  const cut = cutToCells(text, cells, rules);
  const rest = text.slice(cut.length);
  if (rest === '' || /^\s/.test(rest) || /\s$/.test(cut)) return cut;
  const before = /^.*\s/su.exec(cut)?.[0] ?? '';
  if (before.trim() === '') return cut;
  const word = (cut.slice(before.length) + rest).split(/\s/, 1)[0] ?? '';
  const isPlain = /[가-힣]|^[("“‘']*\p{Letter}+['’.,:;?!)"”]*$/u.test(word);
  return isPlain || cellWidth(before, rules) > cells / 2 ? before.trimEnd() : cut;
}

/** Truncated or padded with spaces to exactly `cells`. */
export function fitToCells(text: string, cells: number, rules: CellRules = {}): string {
  const cut = cutToCells(text, cells, rules);
  return cut + ' '.repeat(Math.max(0, cells - cellWidth(cut, rules)));
}

/**
 * Wrapped between words to lines of at most `cells`; line feeds are kept. A word that is longer than a line is split after
 * a separator or before a bracket, if it has one (`CN=alice,O=…`, `도청자(eavesdropper)는`), else where the line ends.
 */
export function wrapToCells(text: string, cells: number, rules: CellRules = {}): string[] {
  if (text.length <= cells && isNarrow(text, rules)) return [text.trim().replaceAll(/ {2,}/g, ' ')];
  return text.split('\n').flatMap((paragraph) => wrapParagraph(paragraph, cells, rules));
}

function wrapParagraph(paragraph: string, cells: number, rules: CellRules): string[] {
  const lines: string[] = [];
  let line = '';
  for (let word of paragraph.split(/\s+/).filter(Boolean)) {
    if (line && cellWidth(line, rules) + 1 + cellWidth(word, rules) <= cells) {
      line += ` ${word}`;
      continue;
    }
    if (line) lines.push(line);
    while (cellWidth(word, rules) > cells) {
      const head = beginning(word, cells, rules);
      lines.push(head);
      word = word.slice(head.length);
    }
    line = word;
  }
  if (line || lines.length === 0) lines.push(line);
  return lines;
}

/** The part of a word that is put on a line of its own: at least a quarter of what would fit. */
function beginning(word: string, cells: number, rules: CellRules): string {
  // A character wider than the line is alone on it: it cannot be made narrower.
  const cut = cutToCells(word, cells, rules) || String.fromCodePoint(word.codePointAt(0) ?? 0);
  const seen = word.slice(0, cut.length + 1);
  // A list of cipher suites is split between two of them first.
  const parts = [/^.*:(?=[A-Z+!-])/su, /^.*(?:[-_,;/+&?]|(?=\())/su].map(
    (pattern) => pattern.exec(seen)?.[0] ?? '',
  );
  return parts.find((part) => part.length <= cut.length && cellWidth(part, rules) >= cells / 4) ?? cut;
}

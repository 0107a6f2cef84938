/**
 * What stands on a screen and has no entry in its legend: the marks that we draw, and abbreviations. Names, words that are
 * written in capitals because they are a program's own (`Error from server (InternalError)`), and bytes are none.
 */
import { terms } from '../../../../src/presentation/legend/legend.ts';
import type { Piece, Term } from '../../../../src/presentation/legend/term.ts';
import type { Frame } from '../../../../src/ui/tui/frame.ts';

/** Bytes from a wire, frames around panes, a field in bytes. */
const notWords = new Set(['noise', 'secret', 'bar', 'field', 'cursor']);

/** Marks, each by itself; a mark with a particle after it is explained by its sentence. */
const marks = /(?:[←→×●•]|[✓✗](?![가-힣])|↓(?= (?:more|더)))/g;
/** Capitals and digits; in Korean texts, since an English one also stresses words with them. */
const abbreviations =
  /(?<![\p{L}\d./%=+*:_-])(?=\p{Lu}*\p{Lu}{2})[A-Z][A-Z0-9]*(?:[-_][A-Z0-9]+)*\??(?![A-Za-z\d/=+_-])/gu;

/** No abbreviations of ours: companies in the list of roots, PEM's first line, a placeholder, kubectl's columns that wrap. */
const names = new Set([
  'LLC',
  'COMODO',
  'R3',
  'QR',
  'SSL',
  'SK',
  'ID',
  'FILE',
  'PORT',
  'NAME',
  'STATUS',
  'VERSION',
  'ROLES',
  'CERTIFICATE',
  'REQUEST',
  'BEGIN',
  'END',
]);

const anywhere = new Map<Term, RegExp>(terms.map((term) => [term, new RegExp(term.found.source, 'dg')]));

/** What a term of the line covers. */
function explainedIn(line: readonly Piece[]): string[] {
  const text = (isSearched: (piece: Piece) => boolean): string =>
    line.map((piece) => (isSearched(piece) ? piece.text : ' '.repeat(piece.text.length))).join('');
  const prose = text(({ role }) => role !== 'noise');
  return terms.flatMap((term) => {
    const { roles, meaning } = term;
    const searched = roles ? text(({ role }) => roles.includes(role)) : prose;
    return [...searched.matchAll(anywhere.get(term) ?? term.found)].flatMap((match) => {
      const group = match.find((part, index) => index > 0 && part !== undefined) ?? match[0];
      return typeof meaning === 'function' && !meaning(group) ? [] : [match[0]];
    });
  });
}

/** Dumps of bytes, and base64 that wraps: their letters stand for nothing. */
const isBytes = (text: string): boolean =>
  /(?:[0-9a-f]{2}[ |<>[\]]){4}/.test(text) || /[A-Za-z0-9+/_-]{22,}/.test(text);

const known = new WeakMap<readonly Piece[], readonly string[]>();

function unexplainedIn(line: readonly Piece[]): readonly string[] {
  const before = known.get(line);
  if (before) return before;
  const text = line
    .map(({ text: part, role }) => (notWords.has(role) ? ' '.repeat(part.length) : part))
    .join('')
    // The first letters of a text in base64, where its line wraps.
    .replaceAll(/(?<=\bLOCKED \S+ \S+ )[A-Za-z0-9+/]+/g, ' ')
    // Beside bytes that no letter stands for: the number of a DNS message may look like a word.
    .replaceAll(/\S*··\S*/g, ' ');
  const isKorean = /[가-힣]/.test(text);
  const found = isBytes(text)
    ? []
    : [
        ...new Set([
          ...(text.match(marks) ?? []),
          ...(isKorean ? (text.match(abbreviations) ?? []) : []).filter((word) => !names.has(word)),
        ]),
      ];
  const explained = found.length > 0 ? explainedIn(line) : [];
  const missing = found
    .filter((word) => !explained.some((part) => part.includes(word)))
    .map((word) => `${word} in “${text.trim()}”`);
  known.set(line, missing);
  return missing;
}

/** Every mark and abbreviation without an entry, with the line that has it. */
export function unexplained({ lines }: Frame): string[] {
  return lines.slice(1, -1).flatMap((line) => [...unexplainedIn(line)]);
}

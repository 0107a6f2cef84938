/**
 * The legend of a screen: which terms stand on it, in the order in which they stand, and what each means. The tables beside
 * this file have the terms; the renderer gives the lines that it drew.
 */
import type { Localized } from '../../i18n/language.ts';
import { abbreviationTerms } from './abbreviation-terms.ts';
import { clusterTerms } from './cluster-terms.ts';
import { httpTerms } from './http-terms.ts';
import { listTerms } from './list-terms.ts';
import { http2Terms } from './http2-terms.ts';
import { loginTerms } from './login-terms.ts';
import { markTerms } from './mark-terms.ts';
import { stageTerms } from './stage-terms.ts';
import type { Piece, Term } from './term.ts';
import { certificateTerms, tlsTerms } from './tls-terms.ts';
import { mailTerms } from './mail-terms.ts';
import { toyTerms } from './toy-terms.ts';

export const terms: readonly Term[] = [
  ...markTerms,
  ...listTerms,
  ...stageTerms,
  ...tlsTerms,
  ...certificateTerms,
  ...httpTerms,
  ...http2Terms,
  ...loginTerms,
  ...mailTerms,
  ...toyTerms,
  ...clusterTerms,
  ...abbreviationTerms,
];

export interface Explained {
  readonly id: string;
  readonly name: Localized;
  readonly meaning: Localized;
  /** Where it stands first: the line, and the place in its text. */
  readonly line: number;
  readonly at: number;
}

/** Stands for what is not searched. */
const blank = ' ';

/** The terms of a screen, each once, in the order in which they stand. */
export function legendOf(lines: readonly (readonly Piece[])[]): Explained[] {
  const found = new Map<string, Explained>();
  for (const [line, pieces] of lines.entries()) {
    const prose = textIn(pieces, ({ role }) => role !== 'noise');
    for (const term of terms) {
      const { id, roles } = term;
      const text = roles ? textIn(pieces, ({ role }) => roles.includes(role)) : prose;
      const match = term.found.exec(text);
      if (!match) continue;
      const group = match.findIndex((part, index) => index > 0 && part !== undefined);
      const stands = match[Math.max(0, group)] ?? '';
      const [start] = match.indices?.[Math.max(0, group)] ?? [match.index];
      const meaning = typeof term.meaning === 'function' ? term.meaning(stands) : term.meaning;
      // Of a table of words each is a term of its own.
      const key = typeof term.meaning === 'function' ? `${id} ${stands}` : id;
      if (!meaning || found.has(key)) continue;
      found.set(key, {
        id: key,
        name: term.name ?? { en: stands, ko: stands },
        meaning,
        line,
        at: start,
      });
    }
  }
  return [...found.values()].toSorted((one, other) => one.line - other.line || one.at - other.at);
}

function textIn(pieces: readonly Piece[], isSearched: (piece: Piece) => boolean): string {
  return pieces.map((piece) => (isSearched(piece) ? piece.text : blank.repeat(piece.text.length))).join('');
}

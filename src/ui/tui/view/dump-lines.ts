/**
 * Draws a row of a dump as spans, with the position of each byte in it. The byte under the cursor and its field are marked,
 * secrets are in brackets; nothing depends on colour alone.
 */
import { cellWidth } from '../../../i18n/width.ts';
import type { ByteDump, ByteRange } from '../../../presentation/types/bytes.ts';
import type { Role, Span } from '../frame.ts';
import { dotsFor, span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Glyph, GlyphRow } from './bytes.ts';

export interface LineOptions {
  readonly dump: ByteDump;
  /** The offset under the cursor, if it is shown. */
  readonly cursor: number | undefined;
  /** The field under it, unless that is the whole message. */
  readonly field: ByteRange | undefined;
  readonly isMasked: boolean;
  readonly perRow: number;
  readonly pen: Pen;
}

interface DumpLine {
  readonly spans: Span[];
  readonly places: readonly { readonly glyph: Glyph; readonly column: number; readonly cells: number }[];
}

const overlaps = (glyph: Glyph, { start, end }: ByteRange): boolean => glyph.start < end && glyph.end > start;

function roleOf(glyph: Glyph, { dump: { secrets, redacted, state }, cursor, field }: LineOptions): Role {
  if (cursor !== undefined && cursor >= glyph.start && cursor < glyph.end) return 'cursor';
  if (redacted.some((range) => overlaps(glyph, range))) return 'secret';
  const isBracket = glyph.start === glyph.end;
  if (
    secrets.some(
      (secret) =>
        overlaps(glyph, secret) ||
        (isBracket && (glyph.start === secret.start || glyph.start === secret.end)),
    )
  )
    return 'secret';
  if (field && glyph.start >= field.start && glyph.start < field.end) return 'field';
  return dumpRoles[state];
}

const dumpRoles = { readable: 'plain', sealed: 'noise', opened: 'opened' } as const;

/** What stands in the cells of a byte that was replaced in a saved run. */
const redactedCell = '▒';

function glyphText(glyph: Glyph, { dump: { secrets, redacted }, isMasked }: LineOptions): string {
  if (glyph.start !== glyph.end && redacted.some((range) => overlaps(glyph, range)))
    return redactedCell.repeat(cellWidth(glyph.text));
  const isHidden = isMasked && glyph.start !== glyph.end && secrets.some((secret) => overlaps(glyph, secret));
  return isHidden ? dotsFor(glyph.text) : glyph.text;
}

export function textLine(glyphs: GlyphRow, options: LineOptions): DumpLine {
  const roles = glyphs.map((glyph) => roleOf(glyph, options));
  // The row of the cursor has a mark too, which needs no colour.
  const spans: Span[] = [roles.includes('cursor') ? span('>', 'key') : span(' ')];
  const places: DumpLine['places'][number][] = [];
  let column = 1;
  for (const [index, glyph] of glyphs.entries()) {
    const role = roles[index] ?? 'plain';
    // A line end under the cursor is shown as a cell of its own.
    const text = glyph.text === '' && role === 'cursor' ? ' ' : glyphText(glyph, options);
    join(spans, text, role);
    const cells = cellWidth(text);
    if (cells > 0) places.push({ glyph, column, cells });
    column += cells;
  }
  return { spans, places };
}

/**
 * The mark in the cell before a byte, so that nothing depends on colour: `[` `]` around a secret, `<` `>` around the field under
 * the cursor, `*` before the byte under it (the first of a field has `<`), `|` where another field begins.
 */
function markBefore({ start }: Glyph, row: GlyphRow, role: Role, { dump, field }: LineOptions): Span {
  const isFirst = start === row[0]?.start;
  if (dump.secrets.some((secret) => secret.start === start)) return span('[', 'secret');
  if (dump.secrets.some((secret) => secret.end === start)) return span(']', 'secret');
  if (field?.start === start) return span('<', 'key');
  if (role === 'cursor') return span('*', 'key');
  // A range that ends with a row has its closing mark there.
  if (field?.end === start && !isFirst) return span('>', 'key');
  return !isFirst && dump.boundaries.has(start) ? span('|', 'dim') : span(' ');
}

export function hexLine(glyphs: GlyphRow, options: LineOptions): DumpLine {
  const { dump, field, perRow, pen } = options;
  const first = glyphs[0]?.start ?? 0;
  const spans: Span[] = [span(` ${first.toString(16).padStart(4, '0').slice(-6)} `, 'dim')];
  const places: DumpLine['places'][number][] = [];
  let column = cellWidth(spans[0]?.text ?? '');
  let letters = '';
  const roles: Role[] = [];
  for (const glyph of glyphs) {
    const role = roleOf(glyph, options);
    const mark = markBefore(glyph, glyphs, role, options);
    join(spans, mark.text, mark.role);
    const text = glyphText(glyph, options);
    join(spans, text, role);
    places.push({ glyph, column: column + 1, cells: 2 });
    column += 3;
    letters +=
      text === glyph.text ? letterAt(glyph.start, dump, pen) : pen.plain(text.slice(0, 1)).slice(0, 1);
    roles.push(role);
  }
  const last = glyphs.at(-1)?.end;
  const closes = dump.secrets.some(({ end }) => end === last);
  join(spans, closes ? ']' : field?.end === last ? '>' : ' ', closes ? 'secret' : 'plain');
  join(spans, '   '.repeat(Math.max(0, perRow - glyphs.length)) + ' ', 'plain');
  const at = spans.reduce((sum, { text }) => sum + cellWidth(text), 0);
  Array.from(letters).forEach((letter, index) => {
    join(spans, letter, roles[index] ?? 'plain');
    const glyph = glyphs[index];
    if (glyph) places.push({ glyph, column: at + index, cells: 1 });
  });
  return { spans, places };
}

function letterAt(offset: number, { window }: ByteDump, pen: Pen): string {
  const byte = window?.bytes[offset - window.start] ?? 0;
  return byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : pen.plain('·');
}

/** Neighbours of one role are one span. */
function join(spans: Span[], text: string, role: Role): void {
  const last = spans.at(-1);
  if (last?.role === role) spans[spans.length - 1] = span(last.text + text, role);
  else if (text !== '') spans.push(span(text, role));
}

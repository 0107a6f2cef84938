/** Draws paragraphs, headings, and tables with their legends. */
import { inLanguage } from '../../../i18n/language.ts';
import { isCodeLine, isOwnLine } from '../../../i18n/own-lines.ts';
import { tableLines } from '../../../i18n/table.ts';
import type { TableLine } from '../../../i18n/table.ts';
import { cutToCells } from '../../../i18n/width.ts';
import type { Table, Tone } from '../../../presentation/types/values.ts';
import type { Line, Role, Span } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';

/** Wider text is hard to read. */
export const widest = 100;

/** Paragraphs between margins, a blank line after each; what has a line of its own (code, an item of a list) is not joined with others. */
export function paragraphs(
  pen: Pen,
  text: string,
  width: number,
  options: { readonly role?: Role; readonly head?: string } = {},
): Line[] {
  const { role = 'plain', head = '' } = options;
  return joinedLines(text).flatMap((line, index) => {
    const before = index === 0 ? head : ' '.repeat(head.length);
    if (line === '') return [pen.blank(width)];
    if (isCodeLine(line)) return codeLines(pen, before + line, width, role);
    return pen.text(line, width, { widest, margin: true, role, head: before });
  });
}

/** One line for each paragraph, or for a part of it that stays a line; an empty one between paragraphs. */
function joinedLines(text: string): string[] {
  const lines: string[] = [];
  for (const line of text.split('\n')) {
    const last = lines.at(-1) ?? '';
    if (line === '' ? last === '' : last !== '' && !isOwnLine(line) && !isCodeLine(last)) {
      if (line !== '') lines[lines.length - 1] = `${last} ${line}`;
    } else lines.push(line);
  }
  return lines;
}

/** Every character of it: a line that is too long goes on below, as in a terminal. */
function codeLines(pen: Pen, code: string, width: number, role: Role): Line[] {
  const lines: Line[] = [];
  for (let rest = pen.plain(code); rest !== ''; ) {
    const part = cutToCells(rest, Math.max(2, width - 2));
    lines.push(pen.line([span(' '), span(part, role)], width));
    rest = rest.slice(part.length);
  }
  return lines;
}

export function heading(pen: Pen, text: string, width: number): Line[] {
  return pen.text(text, width, { widest, margin: true, role: 'heading' });
}

export function tableView(table: Table, pen: Pen, width: number): Line[] {
  const { title, head, rows, legend } = inLanguage(table, pen.language);
  const cells = [head, ...rows].map((row) => row.map((cell) => pen.plain(cell)));
  return [
    ...heading(pen, title, width),
    ...tableLines(cells, Math.min(width, widest)).map((line) => pen.line(tableSpans(line, table), width)),
    ...paragraphs(pen, legend, width),
  ];
}

/** A line of a table: a mark before the current row, the current cell loud, the others in their tones. */
function tableSpans({ row, cells }: TableLine, { tones, current }: Table): Span[] {
  if (row === 0) return cells.map((text) => span(text, 'heading'));
  const isCurrent = current?.row === row - 1;
  return cells.flatMap((text, column): Span[] => {
    const tone = tones?.[row - 1]?.[column] ?? 'plain';
    if (!isCurrent) return [span(text, tone)];
    if (column === 0) return [span('>', 'key'), span(text.slice(1), 'strong')];
    if (column !== current.column) return [span(text, tone)];
    const shown = text.trim();
    const before = text.indexOf(shown);
    return [
      span(text.slice(0, before)),
      span(shown, currentRole(tone)),
      span(text.slice(before + shown.length)),
    ];
  });
}

const currentRole = (tone: Tone): Role =>
  tone === 'leaked' || tone === 'sealed' || tone === 'refused' ? `${tone}-loud` : 'selected';

export const textOf = (line: Line): string => line.map(({ text }) => text).join('');

/** Draws paragraphs, headings, and tables with their legends. */
import { inLanguage } from '../../../i18n/language.ts';
import { tableLines } from '../../../i18n/table.ts';
import type { TableLine } from '../../../i18n/table.ts';
import type { Table, Tone } from '../../../presentation/types/values.ts';
import type { Line, Role, Span } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';

/** Wider text is hard to read. */
export const widest = 100;

/** Paragraphs between margins, a blank line after each; an indented line (a command) is not joined with others. */
export function paragraphs(
  pen: Pen,
  text: string,
  width: number,
  options: { readonly role?: Role; readonly head?: string } = {},
): Line[] {
  const { role = 'plain', head = '' } = options;
  return text.split(/\n{2,}/).flatMap((paragraph, index) => [
    ...(index > 0 ? [pen.blank(width)] : []),
    ...pen.text(paragraph.replaceAll(/\n(?! {2}|- )/g, ' '), width, {
      widest,
      margin: true,
      role,
      head: index === 0 ? head : ' '.repeat(head.length),
    }),
  ]);
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

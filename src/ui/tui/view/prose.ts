/** Draws paragraphs, headings, and tables with their legends. */
import { inLanguage } from '../../../i18n/language.ts';
import { tableLines } from '../../../i18n/table.ts';
import type { Table } from '../../../presentation/types/values.ts';
import type { Line, Role } from '../frame.ts';
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
    ...tableLines(cells, Math.min(width, widest)).map(({ row, text }) =>
      pen.line([span(text, row === 0 ? 'heading' : 'plain')], width),
    ),
    ...paragraphs(pen, legend, width),
  ];
}

export const textOf = (line: Line): string => line.map(({ text }) => text).join('');

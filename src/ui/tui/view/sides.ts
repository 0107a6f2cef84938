/** Draws what an eavesdropper knows of two connections as a table; rows in which they differ are highlighted. */
import { tableLines } from '../../../i18n/table.ts';
import { inLanguage } from '../../../i18n/language.ts';
import { sidesTable } from '../../../presentation/sides.ts';
import type { OneSide } from '../../../presentation/sides.ts';
import { sidesWords } from '../../../presentation/words.ts';
import type { Line, Role } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';

/** A wider table is harder to read across. */
const widest = 140;

export function sidesLines(sides: readonly OneSide[], pen: Pen, width: number): Line[] {
  const { language } = pen;
  const paragraph = (text: string, role: Role = 'plain'): Line[] => [
    pen.blank(width),
    ...pen.text(text, width, { widest, margin: true, role }),
  ];
  if (sides.length === 0) return paragraph(sidesWords.none[language]);
  const { head, rows, legend, notes, differs } = inLanguage(sidesTable(sides), language);
  const cells = [head, ...rows].map((row) => row.map((cell) => pen.plain(cell)));
  const roleOf = (row: number): Role => (row === 0 ? 'heading' : differs[row - 1] ? 'strong' : 'plain');
  return [
    ...tableLines(cells, Math.min(width - 1, widest)).map(({ row, text }) =>
      pen.line([span(text, roleOf(row))], width),
    ),
    ...paragraph(legend, 'dim'),
    ...(sides.length === 1 ? paragraph(sidesWords.alone[language]) : []),
    ...notes.flatMap((note) => paragraph(note)),
  ];
}

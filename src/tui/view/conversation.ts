/** The conversation on the chosen wire: a row a message, the chosen one in the middle of the window. */
import { grouped } from '../../i18n/number.ts';
import { cellWidth } from '../../i18n/width.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import { isIn } from '../look.ts';
import type { Look } from '../look.ts';
import { masked } from '../masking.ts';
import type { Model } from '../model.ts';
import { span, spaces, topOf } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Row } from '../rows.ts';
import type { Sheet } from '../sheet.ts';
import { screenWords } from '../words.ts';

export function conversationView(model: Model, look: Look, pen: Pen, width: number, height: number): Sheet {
  const top = topOf(look.chosen, look.rows.length, height);
  const rows = look.rows.slice(top, top + height);
  const numbers = String(Math.min(look.rows.length, top + height)).length;
  const lines: Line[] = rows.map((row, index) => rowLine(model, look, pen, { row, number: top + index + 1, numbers, isChosen: top + index === look.chosen, width }));
  const regions: Region[] = rows.map(({ connection, index, message }, at) => ({
    row: at,
    column: 0,
    width,
    message: { type: 'point', cursor: { conn: connection.conn, message: index, offset: message.offset }, pane: 'conversation' },
  }));
  return { width, lines, regions, length: look.rows.length };
}

interface RowOptions {
  readonly row: Row;
  readonly number: number;
  readonly numbers: number;
  readonly isChosen: boolean;
  readonly width: number;
}

function rowLine(model: Model, look: Look, pen: Pen, { row, number, numbers, isChosen, width }: RowOptions): Line {
  const { language } = pen;
  const { message } = row;
  const leaks = look.hits.some((hit) => isIn(hit, message) && look.scene.sources.secrets.has(hit.secret));
  const arrow = message.from === null ? ' ' : message.from === 'client' ? '→' : '←';
  const mark = isChosen ? '>' : leaks ? '!' : ' ';
  const time = width >= 60 ? `${(message.at / 1e6).toFixed(3).padStart(7)} ` : '';
  const head = pen.plain(`${mark}${String(number).padStart(numbers)} ${time}${arrow} `);
  const size = message.length > 0 ? `${grouped(message.length)} B` : '';
  const state = message.reconstructed ? '' : message.opened ? screenWords.opened[language] : message.sealed ? screenWords.sealed[language] : leaks ? screenWords.secretHere[language] : '';
  const title = message.title[language] + (message.reconstructed ? ' *' : '');
  const room = width - cellWidth(head);
  const sizeCells = Math.max(8, cellWidth(size) + 1);
  const titleCells = Math.min(Math.max(12, cellWidth(pen.plain(title))), Math.max(8, room - sizeCells - (state ? cellWidth(pen.plain(state)) + 1 : 0)), 24);
  const role: Role = isChosen ? 'selected' : message.reconstructed ? 'dim' : leaks ? 'leaked' : message.opened ? 'opened' : 'plain';
  const set: Span[] = [span(head, isChosen ? 'selected' : 'dim'), span(pen.fit(title, titleCells), role), span(size.padStart(sizeCells), isChosen ? 'selected' : 'dim')];
  let left = room - titleCells - sizeCells;
  if (state && left > cellWidth(pen.plain(state)) + 1) {
    const stateRole: Role = isChosen ? 'selected' : message.opened ? 'opened' : leaks ? 'leaked' : 'sealed';
    set.push(span(` ${pen.plain(state)}`, stateRole));
    left -= cellWidth(pen.plain(state)) + 1;
  }
  const facts = masked(model, message.facts[language]);
  if (facts !== '' && left > 6) set.push(span(`  ${pen.fit(facts, left - 2)}`, isChosen ? 'selected' : 'dim'));
  else set.push(isChosen ? span(' '.repeat(Math.max(0, left)), 'selected') : spaces(left));
  return pen.line(set, width);
}

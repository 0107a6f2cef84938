/** The conversation on the chosen wire: a row a message, the chosen one in the middle of the window. */
import type { Message as WireMessage } from '../../../analysis/conversation/conversation.ts';
import type { Localized } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { cellWidth } from '../../../i18n/width.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import { hitsIn } from '../../../presentation/moment.ts';
import type { Selection } from '../state/selection.ts';
import { titleOf } from '../state/page.ts';
import { span, topOf } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Row } from '../state/rows.ts';
import type { Sheet } from './sheet.ts';
import { screenWords } from '../state/words.ts';

export function conversationView(look: Selection, pen: Pen, width: number, height: number): Sheet {
  const top = topOf(look.chosen, look.rows.length, height);
  const rows = look.rows.slice(top, top + height);
  const numbers = String(Math.min(look.rows.length, top + height)).length;
  const titles = Math.max(12, ...rows.map(({ message }) => pen.width(shownTitle(message, pen, look))));
  const lines: Line[] = rows.map((row, index) =>
    rowLine(look, pen, {
      row,
      number: top + index + 1,
      numbers,
      titles,
      isChosen: top + index === look.chosen,
      width,
    }),
  );
  const regions: Region[] = rows.map(({ connection, index, message }, at) => ({
    row: at,
    column: 0,
    width,
    message: {
      type: 'point',
      cursor: { conn: connection.conn, message: index, offset: message.offset },
      pane: 'conversation',
    },
  }));
  return { width, lines, regions, length: look.rows.length };
}

function shownTitle(message: WireMessage, { language }: Pen, { recording }: Selection): string {
  return titleOf(message, recording)[language] + (message.reconstructed ? ' *' : '');
}

interface RowOptions {
  readonly row: Row;
  readonly number: number;
  /** Cells of the longest number and title in sight. */
  readonly numbers: number;
  readonly titles: number;
  readonly isChosen: boolean;
  readonly width: number;
}

/** Cells of a size: `1,204 B`. */
const sizeCells = 8;

function rowLine(
  look: Selection,
  pen: Pen,
  { row, number, numbers, titles, isChosen, width }: RowOptions,
): Line {
  const { language } = pen;
  const { message } = row;
  const leaks = hitsIn(look, message).some(({ secret }) => look.scene.sources.secrets.has(secret));
  const arrow = message.from === null ? ' ' : message.from === 'client' ? '→' : '←';
  const mark = isChosen ? '>' : leaks ? '!' : ' ';
  const time = width >= 60 ? `${(message.at / 1e6).toFixed(3).padStart(7)} ` : '';
  const head = pen.plain(`${mark}${String(number).padStart(numbers)} ${time}${arrow} `);
  const room = width - cellWidth(head);
  const state = stateOf(message, leaks);
  const stateText = state ? ` ${pen.plain(state.words[language])}` : '';
  const titleCells = Math.max(
    8,
    Math.min(titles, room - sizeCells - (width < 60 ? cellWidth(stateText) : 12)),
  );
  const size = message.length > 0 ? `${grouped(message.length)} B` : '';
  const roleOf = (role: Role): Role => (isChosen ? 'selected' : role);
  const set: Span[] = [
    span(head, roleOf('dim')),
    span(
      pen.fit(shownTitle(message, pen, look), titleCells),
      roleOf(message.reconstructed ? 'dim' : leaks ? 'leaked' : message.opened ? 'opened' : 'plain'),
    ),
    span(size.padStart(sizeCells), roleOf('dim')),
  ];
  let left = room - titleCells - sizeCells;
  if (state && cellWidth(stateText) <= left) {
    set.push(span(stateText, roleOf(state.role)));
    left -= cellWidth(stateText);
  }
  const facts = message.facts[language];
  // In a narrow list a fact that does not fit says less than none.
  const fits = width >= 60 ? left > 10 : pen.width(facts) <= left - 2;
  if (facts !== '' && fits) set.push(span(`  ${pen.fit(facts, left - 2)}`, roleOf('dim')));
  else set.push(span(' '.repeat(Math.max(0, left)), roleOf('plain')));
  return pen.line(set, width);
}

function stateOf(
  message: WireMessage,
  leaks: boolean,
): { readonly words: Localized; readonly role: Role } | undefined {
  if (message.reconstructed) return undefined;
  if (message.opened) return { words: screenWords.opened, role: 'opened' };
  if (message.sealed) return { words: screenWords.sealed, role: 'sealed' };
  return leaks ? { words: screenWords.secretHere, role: 'leaked' } : undefined;
}

/** Draws the conversation on the selected wire, a row per message, with the selected one in the middle of the window. */
import { inLanguage } from '../../../i18n/language.ts';
import type { In } from '../../../i18n/language.ts';
import { grouped, inSeconds } from '../../../i18n/number.ts';
import { cellWidth } from '../../../i18n/width.ts';
import { ladderMessage } from '../../../presentation/conversation/ladder.ts';
import { hitsIn } from '../../../presentation/moment.ts';
import type { LadderMessage, MessageState } from '../../../presentation/types/ladder.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import { span, topOf } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { titleOf } from '../state/page.ts';
import type { Row } from '../state/rows.ts';
import type { Selection } from '../state/selection.ts';
import type { Sheet } from './sheet.ts';

export function conversationView(look: Selection, pen: Pen, width: number, height: number): Sheet {
  const top = topOf(look.chosen, look.rows.length, height);
  const rows = look.rows.slice(top, top + height);
  const messages = rows.map((row) => messageIn(look, row, pen));
  const numbers = String(Math.min(look.rows.length, top + height)).length;
  const titles = Math.max(12, ...messages.map(({ title }) => pen.width(title)));
  const lines = messages.map((message, index) =>
    messageLine(message, pen, {
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

interface Shown extends In<LadderMessage> {
  /** Contains a known secret, whatever its state is. */
  readonly isLeaking: boolean;
}

function messageIn(look: Selection, { message }: Row, { language }: Pen): Shown {
  const isLeaking = hitsIn(look, message).some(({ secret }) => look.scene.sources.secrets.has(secret));
  const title = titleOf(message, look.recording);
  return { ...inLanguage(ladderMessage(message, { isLeaking, title }), language), isLeaking };
}

interface LineOptions {
  readonly number: number;
  /** Cells of the longest number and title in sight. */
  readonly numbers: number;
  readonly titles: number;
  readonly isChosen: boolean;
  readonly width: number;
}

/** Cells of a size: `1,204 B`. */
const sizeCells = 8;

const stateRoles: Readonly<Record<MessageState, Role>> = {
  readable: 'plain',
  leaked: 'leaked',
  sealed: 'sealed',
  opened: 'opened',
  reconstructed: 'dim',
};

function messageLine(
  { at, from, title, length, state, stateName, facts, isLeaking }: Shown,
  pen: Pen,
  { number, numbers, titles, isChosen, width }: LineOptions,
): Line {
  const arrow = from === null ? ' ' : from === 'client' ? '→' : '←';
  const mark = isChosen ? '>' : isLeaking ? '!' : ' ';
  const time = width >= 60 ? `${inSeconds(at).padStart(7)} ` : '';
  const head = pen.plain(`${mark}${String(number).padStart(numbers)} ${time}${arrow} `);
  const room = width - cellWidth(head);
  const stateText = stateName === '' ? '' : ` ${pen.plain(stateName)}`;
  const titleCells = Math.max(
    8,
    Math.min(titles, room - sizeCells - (width < 60 ? cellWidth(stateText) : 12)),
  );
  const size = length > 0 ? `${grouped(length)} B` : '';
  const roleOf = (role: Role): Role => (isChosen ? 'selected' : role);
  const titleState = isLeaking && state !== 'reconstructed' ? 'leaked' : state;
  const set: Span[] = [
    span(head, roleOf('dim')),
    span(pen.fit(title, titleCells), roleOf(titleState === 'sealed' ? 'plain' : stateRoles[titleState])),
    span(size.padStart(sizeCells), roleOf('dim')),
  ];
  let left = room - titleCells - sizeCells;
  if (stateText !== '' && cellWidth(stateText) <= left) {
    set.push(span(stateText, roleOf(stateRoles[state])));
    left -= cellWidth(stateText);
  }
  // In a narrow list, facts that do not fit are left out.
  const fits = width >= 60 ? left > 10 : pen.width(facts) <= left - 2;
  if (facts !== '' && fits) set.push(span(`  ${pen.fit(facts, left - 2)}`, roleOf('dim')));
  else set.push(span(' '.repeat(Math.max(0, left)), roleOf('plain')));
  return pen.line(set, width);
}

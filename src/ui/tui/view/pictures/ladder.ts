/** Draws a conversation as a ladder: the client at the left, the server at the right, a rung for each message. */
import type { Connection } from '../../../../capture/connection.ts';
import { inLanguage } from '../../../../i18n/language.ts';
import type { In } from '../../../../i18n/language.ts';
import { grouped } from '../../../../i18n/number.ts';
import { cellWidth } from '../../../../i18n/width.ts';
import { hitsIn, refusalsIn } from '../../../../presentation/moment.ts';
import { flightsOf, rungsOf } from '../../../../presentation/conversation/rungs.ts';
import { explainRefusal } from '../../../../analysis/outcome/refusal.ts';
import type { MessageState, Rung } from '../../../../presentation/types/ladder.ts';
import { span, spaces } from '../../pen.ts';
import type { Line, Role } from '../../frame.ts';
import type { Pen } from '../../pen.ts';
import type { Selection } from '../../state/selection.ts';
import { sheet } from '../sheet.ts';
import type { Sheet } from '../sheet.ts';

/** How many messages a ladder is made of; a handshake has fewer. */
const mostMessages = 60;

const rungRoles: Readonly<Record<MessageState, Role>> = {
  readable: 'plain',
  leaked: 'leaked',
  sealed: 'sealed',
  opened: 'opened',
  reconstructed: 'dim',
};

/** Facts in fewer cells say nothing. */
const leastFacts = 6;

/** Cells outside of the two posts: the round trip at the right, a margin at the left. */
const leftCells = 2;
const rightCells = 4;

/** @param height the most lines: flights instead of messages where they are too many, and the rest is counted */
export function ladderPicture(look: Selection, pen: Pen, width: number, height: number): Sheet {
  const rows = look.rows
    .slice(0, mostMessages)
    .filter(({ connection }) => connection === look.rows.at(0)?.connection);
  const [first] = rows;
  if (!first) return sheet(width, []);
  const secrets = look.scene.sources.secrets;
  const all = rungsOf(
    rows.map(({ message }) => message),
    (message) => hitsIn(look, message).some(({ secret }) => secrets.has(secret)),
  );
  const wire = look.scene.wire(first.connection.hop);
  const client = look.step?.client ?? wire?.from ?? '';
  const ending = endingOf(look, first.connection, pen, width);
  const room = Math.max(1, height - 1 - ending.length);
  const rungs = (all.length > room ? flightsOf(all) : all).map((rung) => inLanguage(rung, pen.language));
  // The beginning is the handshake.
  const shown = rungs.slice(0, rungs.length > room ? room - 1 : room);
  const left = rungs.length - shown.length;
  return sheet(width, [
    postsLine(pen, client, wire?.to ?? '', width),
    ...shown.map((rung) => rungLine(rung, pen, width)),
    ...(left > 0 ? [gapLine(pen, pen.words.rungsLeftOut(left), width)] : []),
    ...ending,
  ]);
}

function postsLine(pen: Pen, client: string, server: string, width: number): Line {
  const [one, other] = [pen.plain(` ${client}`), pen.plain(server)];
  const gap = width - cellWidth(one) - cellWidth(other) - rightCells;
  return pen.line([span(one, 'strong'), spaces(Math.max(1, gap)), span(other, 'strong')], width);
}

function rungLine(rung: In<Rung>, pen: Pen, width: number): Line {
  const { from, title, length, count, state, facts, trip } = rung;
  const inner = width - leftCells - rightCells - 2;
  const role = rungRoles[state];
  const size = length > 0 ? `  ${grouped(length)} B` : '';
  const most = Math.max(0, inner - 6);
  const name = state === 'sealed' ? `${pen.words.sealedRung}${count > 1 ? ` x${count}` : ''}` : title;
  const plain = pen.plain(name).trimEnd();
  const cut = (cells: number): string =>
    pen.fit(plain, Math.min(pen.width(plain), Math.max(1, cells))).trimEnd();
  // A size stands whole or not at all: a part of a number is another number. What was said comes before how long it was.
  const [beside, alone] = [cut(most - pen.width(size)), cut(most)];
  const hasRoom = beside.split(', ').length === alone.split(', ').length;
  const sized = hasRoom ? `${beside}${size}` : alone;
  const rest = state === 'sealed' || beside !== plain ? '' : pen.plain(facts);
  const room = Math.min(pen.width(rest), most - pen.width(sized) - 2);
  const text = rest !== '' && room >= leastFacts ? `${sized}  ${pen.fit(rest, room).trimEnd()}` : sized;
  const wordCells = pen.width(text);
  const stroke = state === 'sealed' ? '═' : '─';
  const bar = (cells: number): string => pen.plain(stroke).repeat(Math.max(0, cells));
  const spread = inner - wordCells - 4;
  const post = span(pen.plain('│'), 'dim');
  const middle =
    from === null
      ? [span(pen.fit(` ${text}`, inner), role)]
      : from === 'client'
        ? [span(` ${text} `, role), span(`${bar(spread)}> `.padStart(spread + 2), role)]
        : [span(` <${bar(spread)}`, role), span(` ${text} `, role)];
  const mark = trip === undefined ? '' : ` ${trip}`;
  return pen.line([spaces(leftCells), post, ...pen.line(middle, inner), post, span(mark, 'key')], width);
}

function gapLine(pen: Pen, words: string, width: number): Line {
  const inner = width - leftCells - rightCells - 2;
  const post = span(pen.plain('│'), 'dim');
  return pen.line([spaces(leftCells), post, span(pen.fit(`   ${words}`, inner), 'dim'), post], width);
}

/** Where this connection was refused: at the end of the one who refused. A refusal on another wire is no part of its ladder. */
function endingOf(look: Selection, { conn, hop, twin }: Connection, pen: Pen, width: number): Line[] {
  const found = refusalsIn(look).find(({ refusal, reported }) =>
    reported ? reported.conn === conn || reported.conn === twin?.conn : refusal.hop === hop,
  );
  if (!found) return [];
  const { refusal } = found;
  const words = pen.plain(`x ${pen.words.refusedRung(explainRefusal(refusal).name[pen.language])}`);
  const cells = Math.min(cellWidth(words), width - leftCells - rightCells);
  const at = refusal.by === 'client' ? leftCells : Math.max(leftCells, width - rightCells - cells);
  return [pen.line([spaces(at), span(pen.fit(words, cells), 'refused')], width)];
}

/**
 * Draws a lab: its tasks at the left; at the right the learner's own connection, before and behind what stands between, why it was
 * refused, and the connections before it. Where there are no wires it is what has happened. In a narrow window one is above the other.
 */
import type { BoardNote, LabBoard } from '../../../labs/board.ts';
import { hostPort } from '../../../capture/event.ts';
import type { Side } from '../../../capture/event.ts';
import type { Connection } from '../../../capture/connection.ts';
import { grouped } from '../../../i18n/number.ts';
import type { Line, Region } from '../frame.ts';
import { span } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';
import { briefLines, cardLines } from '../view/card.ts';
import { outcomeText } from '../view/lists/connections.ts';
import { wirePane } from '../view/pictures/wires.ts';
import { paragraphs, textOf } from '../view/prose.ts';
import { scrolled, withMore } from '../view/scrolled.ts';
import { beside, sheet, stack, tall } from '../view/sheet.ts';
import type { Scrolled, Sheet } from '../view/sheet.ts';
import { timeOfDay } from './clock.ts';
import { commandsUp } from './pages.ts';
import { labLooks, newestConnections } from './shown.ts';
import { taskLines } from './tasks.ts';
import { labWordsIn } from './words.ts';

/** A narrower window has the tasks above. */
const widestStacked = 72;
/** Cells of the tasks: a third, as far as a line is easy to read. */
const taskCells = (columns: number): number => Math.max(31, Math.min(52, Math.floor(columns * 0.36)));
/** Rows of one wire. */
const leastWire = 3;
/** Cells of one of two wires beside each other. */
const leastBeside = 44;

export function labView(model: Model, board: LabBoard, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  if (columns < widestStacked) {
    const tasks = taskLines(board, pen, columns);
    const above = Math.min(tasks.length, Math.max(3, Math.floor(height * 0.5)));
    const upper = scrolled(pen, sheet(columns, tasks), above, look.place.scroll);
    const rest = Math.max(0, height - above - 1);
    return {
      ...upper,
      sheet: stack(columns, [
        upper.sheet,
        sheet(columns, [pen.rule(columns)]),
        tall(pen, shownView(model, board, look, pen, columns, rest), rest),
      ]),
    };
  }
  const left = taskCells(columns);
  const width = columns - left - 1;
  const tasks = scrolled(pen, sheet(left, taskLines(board, pen, left)), height, look.place.scroll);
  const right = tall(pen, shownView(model, board, look, pen, width, height), height);
  return { ...tasks, sheet: beside(pen, [tasks.sheet, right], height) };
}

function shownView(
  model: Model,
  board: LabBoard,
  look: Selection,
  pen: Pen,
  width: number,
  height: number,
): Sheet {
  if (look.stop?.conn === undefined) return emptyView(board, pen, width, height);
  return connectionView(model, board, look, pen, width, height);
}

/** Before the first connection: how to make one. Where there are no wires: what has happened. */
function emptyView(board: LabBoard, pen: Pen, width: number, height: number): Sheet {
  const words = labWordsIn[pen.language];
  const commands = commandsUp(board);
  const lines = [
    ...paragraphs(pen, board.isCluster ? words.awaitingRequests : words.awaiting, width, { role: 'dim' }),
    pen.blank(width),
    ...(commands.length > 0 ? paragraphs(pen, words.elsewhere, width, { role: 'dim' }) : []),
    ...commands.flatMap(({ typed, line }) => pen.text(typed ?? line, width, { head: '   ', role: 'strong' })),
    ...(commands.length > 0 ? [pen.blank(width)] : []),
    ...refusedRequest(board, pen, width),
  ];
  const own = newestNotes(board, pen, width, height - lines.length - 1);
  return sheet(width, [
    ...lines,
    ...(own.length > 0 ? [pen.rule(width, [{ at: 1, text: words.happened }]), ...own] : []),
  ]);
}

function refusedRequest({ refused }: LabBoard, pen: Pen, width: number): Line[] {
  if (!refused) return [];
  const words = labWordsIn[pen.language];
  const rows = [
    [words.who, refused.user ?? words.nobody],
    [words.asked, `${refused.method} ${refused.path}`],
    [words.because, refused.unauthorized?.words[pen.language] ?? refused.message ?? ''],
  ].filter(([, text]) => text !== '');
  const labels = Math.max(...rows.map(([label = '']) => pen.width(label)));
  return [
    ...pen.text(words.refusedRequest(refused.status), width, { head: ' ', role: 'refused' }),
    ...rows.flatMap(([label = '', text = '']) =>
      pen.text(text, width, { head: ` ${pen.fit(label, labels)}  `, headRole: 'dim' }),
    ),
    pen.blank(width),
  ];
}

/** Lines of a note that is cut in its middle. */
const leastOfNote = 5;

/** As many of the newest as there is room for, the last of them perhaps cut; they are read downwards. */
function newestNotes({ notes }: LabBoard, pen: Pen, width: number, room: number): Line[] {
  const lines: Line[] = [];
  for (const note of notes.toReversed()) {
    const own = noteLines(note, pen, width);
    const left = room - lines.length;
    if (own.length > left) {
      // What is long has its beginning and its end, where the reason stands, rather than nothing.
      if (left >= leastOfNote)
        lines.unshift(own[0]!, pen.text('…', width, { head: '          ' })[0]!, ...own.slice(2 - left));
      break;
    }
    lines.unshift(...own);
  }
  return lines;
}

function noteLines({ at, text, isBad }: BoardNote, pen: Pen, width: number): Line[] {
  return text[pen.language].split('\n').flatMap((line, row) =>
    pen.text(line, width, {
      head: row === 0 ? ` ${timeOfDay(at)} ` : '          ',
      headRole: 'dim',
      role: isBad ? 'refused' : 'plain',
    }),
  );
}

function connectionView(
  model: Model,
  board: LabBoard,
  look: Selection,
  pen: Pen,
  width: number,
  height: number,
): Sheet {
  const words = labWordsIn[pen.language];
  const listed = newestConnections(look, Math.max(1, Math.min(8, Math.floor(height / 5))));
  // What a server said, where there is room for it.
  const notes = newestNotes(board, pen, width, height >= 24 ? 3 : 0);
  const room = Math.max(0, height - 2 - listed.length - notes.length);
  const looks = labLooks(model, look);
  // Readable text leads; hex is one key away.
  const textual: Model = { ...model, layout: model.layout ?? 'text' };
  const brief = briefLines(look, pen, width);
  const least = Math.min(room, looks.length * leastWire);
  const wires = wiresView(textual, looks, pen, width, Math.max(least, room - brief.length));
  // What the wires do not need is for the reason of a refusal: the whole card, or its four lines.
  const left = Math.max(0, room - wires.lines.length);
  const card = brief.length > 0 ? cardLines(look, pen, width) : [];
  const told =
    card.length <= left ? card : brief.length <= left ? brief : withMore(brief.slice(0, left), pen, width);
  const opened = look.scene.connection(look.stop?.conn ?? -1);
  const title = opened ? titleOf(board, look, opened, pen) : '';
  return stack(width, [
    sheet(width, [pen.line([span(` ${title}`, 'heading')], width)]),
    wires,
    tall(pen, sheet(width, left > 0 ? told : []), left),
    sheet(width, [
      pen.rule(width, [{ at: 1, text: isShared(board) ? words.allConnections : words.connections }]),
    ]),
    listView(board, look, listed, pen, width),
    sheet(width, notes),
  ]);
}

/** A client that the lab keeps connected uses the same wires. */
const isShared = ({ heldConnections }: LabBoard): boolean => Object.keys(heldConnections).length > 0;

/** Whose connection it is, where it is not the learner's. */
function clientOf({ heldConnections }: LabBoard, connection: Connection | undefined): string | undefined {
  const from = connection?.opened?.from;
  return from && heldConnections[hostPort(from)];
}

function titleOf(board: LabBoard, look: Selection, connection: Connection, pen: Pen): string {
  const words = labWordsIn[pen.language];
  const time = timeOfDay(openedAt(look, connection.conn));
  const client = clientOf(board, connection);
  return client === undefined ? words.lastConnection(time) : words.connectionOf(client, time);
}

/** The same connection on each wire: beside each other where there is room, with the same share of the rows otherwise. */
function wiresView(
  model: Model,
  looks: readonly Selection[],
  pen: Pen,
  width: number,
  height: number,
): Sheet {
  const words = labWordsIn[pen.language];
  // Behind the first wire, a connection that was only opened carries nothing of the learner's.
  const isQuiet = ({ rows }: Selection): boolean =>
    rows.length === 0 || (rows !== looks[0]?.rows && rows.findIndex(({ from }) => from !== null) < 0);
  const quietPane = (look: Selection, cells: number): Sheet =>
    sheet(
      cells,
      pen.text(words.nothingArrived(look.hop ?? ''), cells, {
        head: ` ${look.hop}  `,
        headRole: 'heading',
        role: 'dim',
      }),
    );
  const paneOf = (look: Selection, cells: number, rows: number): Sheet =>
    isQuiet(look) ? quietPane(look, cells) : wirePane(model, look, pen, cells, rows);
  const isWide = looks.length > 1 && Math.floor((width - looks.length + 1) / looks.length) >= leastBeside;
  if (isWide) {
    const cells = Math.floor((width - looks.length + 1) / looks.length);
    const panes = looks.map((look, index) =>
      paneOf(look, index === looks.length - 1 ? width - (cells + 1) * index : cells, height),
    );
    const needed = Math.min(height, Math.max(...panes.map((one) => withoutRest(one).lines.length)));
    return beside(
      pen,
      panes.map((one) => tall(pen, one, needed)),
      needed,
    );
  }
  const quiet = looks.filter(isQuiet).length;
  const speaking = looks.length - quiet;
  const each = Math.max(1, Math.floor((height - quiet) / Math.max(1, speaking)));
  const panes = looks.map((look) => withoutRest(paneOf(look, width, each)));
  const whole = stack(width, panes);
  return whole.lines.length > height ? tall(pen, whole, height) : whole;
}

/** A pane without the blank rows at its end. */
function withoutRest({ width, lines, regions }: Sheet): Sheet {
  const rows = 1 + lines.findLastIndex((line) => textOf(line).trim() !== '');
  return { width, lines: lines.slice(0, rows), regions: regions.filter(({ row }) => row < rows) };
}

const openedAt = ({ scene }: Selection, conn: number): number => {
  const { opened, began } = scene.connection(conn) ?? {};
  return Date.parse(began?.wallClock ?? '1970-01-01T00:00:00Z') + (opened?.at ?? 0) / 1000;
};

const bytesOf = (connection: Connection, from: Side): string => grouped(connection.lengthOf('wire', from));

/** The newest connections, the shown one marked. */
function listView(
  board: LabBoard,
  look: Selection,
  stops: readonly number[],
  pen: Pen,
  width: number,
): Sheet {
  const { scene, place } = look;
  const regions: Region[] = [];
  const lines = stops.map((stop, row): Line => {
    const conn = scene.stops[stop]?.conn ?? -1;
    const connection = scene.connection(conn);
    const isShown = stop === place.stop;
    regions.push({ row, column: 0, width, message: { type: 'go-to', stop } });
    const summary = scene.listing.summary(conn);
    const head =
      ` ${isShown ? '>' : ' '} ${timeOfDay(openedAt(look, conn))} ${connection?.hop ?? ''} ${clientOf(board, connection) ?? ''}`.trimEnd() +
      ' ';
    const sizes = connection
      ? ` ${pen.plain('→')} ${bytesOf(connection, 'client')} B ${pen.plain('←')} ${bytesOf(connection, 'server')} B`
      : '';
    const room = Math.max(8, width - pen.width(head) - 1);
    const isRoomy = room - pen.width(sizes) >= 24;
    const { text, role } = outcomeText(summary, 1, pen, isRoomy ? room - pen.width(sizes) : room);
    return pen.line(
      [span(head, isShown ? 'key' : 'dim'), span(text, role), span(isRoomy ? sizes : '', 'dim')],
      width,
    );
  });
  return sheet(width, lines, regions);
}

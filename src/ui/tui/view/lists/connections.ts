/**
 * Draws the list of connections: a window of it around the chosen one, a row each, with as many columns as there is room for.
 * `state/show/listing.ts` has its content.
 */
import { isFailed, nameIn } from '../../../../analysis/summary/connection-summary.ts';
import type { ConnectionSummary } from '../../../../analysis/summary/connection-summary.ts';
import { hostPort } from '../../../../capture/event.ts';
import type { Address } from '../../../../capture/event.ts';
import type { Connection } from '../../../../capture/connection.ts';
import { connectionName } from '../../../../capture/stream-number.ts';
import { grouped } from '../../../../i18n/number.ts';
import { endOfSummary, secondsText, wallClockText } from '../../../../presentation/report/statistics.ts';
import type { Line, Region } from '../../frame.ts';
import { span } from '../../pen.ts';
import type { Pen } from '../../pen.ts';
import type { Role } from '../../frame.ts';
import type { Model } from '../../state/model.ts';
import type { RunState } from '../../state/run-state.ts';
import type { Selection } from '../../state/selection.ts';
import { listLength, listWindow, listedStop, listedTitle, listedStops } from '../../state/show/steps-list.ts';
import { sheet, still } from '../sheet.ts';
import type { Scrolled } from '../sheet.ts';

interface Column {
  readonly name: keyof Pen['words']['listHead'];
  /** Cells at 80, 120 and 200 columns; 0 leaves it out. */
  readonly cells: readonly [number, number, number];
}

const timeColumn: Column = { name: 'time', cells: [8, 8, 12] };

/** From left to right, behind the time; what is left over goes to the outcome. */
const columns: readonly Column[] = [
  { name: 'client', cells: [14, 21, 32] },
  { name: 'server', cells: [0, 16, 32] },
  { name: 'name', cells: [9, 15, 32] },
  { name: 'spoke', cells: [6, 9, 14] },
  { name: 'bytes', cells: [11, 12, 17] },
  { name: 'latency', cells: [0, 7, 9] },
];

const widths = [120, 200] as const;

export function connectionsView(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { scene } = look;
  const { words } = pen;
  const width = model.size.columns;
  const size = width >= widths[1] ? 2 : width >= widths[0] ? 1 : 0;
  const count = listLength(model, scene);
  const room = Math.max(1, height - 2);
  const { chosen, first } = listWindow(model, scene, room);
  const digits = Math.max(
    3,
    ...shown(model, scene, first, room).map((conn) => `#${connectionName(conn)}`.length),
  );
  // A head is never cut: its words say what the column is.
  const { sort = 'opened' } = model;
  // What it is sorted by is always shown: in the place of the time where it has no column of its own.
  const leading: Column =
    sort === 'duration' || (sort === 'latency' && size === 0)
      ? { name: sort, cells: [10, 10, 12] }
      : timeColumn;
  const shownColumns = [leading, ...columns].flatMap(({ name, cells }) =>
    cells[size] === 0
      ? []
      : [{ name, cells: Math.max(cells[size], pen.width(pen.plain(words.listHead[name]))) }],
  );
  const lead = 3 + digits;
  const used = shownColumns.reduce((sum, { cells }) => sum + cells + 1, lead + 1);
  const rest = Math.max(4, width - used - 1);
  const head = pen.line(
    [
      span(' '.repeat(lead + 1)),
      ...shownColumns.map(({ name, cells }) => span(`${pen.fit(words.listHead[name], cells)} `, 'dim')),
      span(pen.fit(words.listHead.outcome, rest), 'dim'),
    ],
    width,
  );
  const rows: Line[] = [];
  const regions: Region[] = [];
  for (let at = 0; at < room; at++) {
    const stop = listedStop(model, scene, first + at);
    if (stop === undefined) break;
    const conn = scene.stops[stop]?.conn;
    const isChosen = first + at === chosen;
    const mark = `${isChosen ? '>' : ' '}${stop === look.place.stop ? '*' : ' '}`;
    const connection = conn === undefined ? undefined : scene.connection(conn);
    const number = conn === undefined ? '' : `#${connectionName(conn)}`;
    regions.push({ row: at + 2, column: 0, width, message: { type: 'go-to', stop } });
    if (!connection) {
      const [listed] = listedStops(scene, stop, stop + 1);
      const title = (listed && listedTitle(scene, listed)?.[pen.language]) ?? words.introduction;
      rows.push(
        pen.line(
          [
            span(`${mark} ${number.padStart(digits)} `, isChosen ? 'key' : 'dim'),
            span(pen.fit(pen.plain(title), width - lead - 2), isChosen ? 'selected' : 'plain'),
          ],
          width,
        ),
      );
      continue;
    }
    const summary = scene.listing.summary(connection.conn);
    const cells = cellsOf(scene, connection, summary, size, pen);
    const outcome = outcomeText(summary, size, pen, rest);
    rows.push(
      pen.line(
        [
          span(`${mark} ${number.padStart(digits)} `, isChosen ? 'key' : 'dim'),
          ...shownColumns.map((column) =>
            span(`${cutFit(pen, cells[column.name], column.cells)} `, isChosen ? 'selected' : 'plain'),
          ),
          span(pen.fit(outcome.text, rest), outcome.role),
        ],
        width,
      ),
    );
  }
  const { filter } = model;
  const shownOnly = filter ? titleOf(scene, filter.expression, pen, filter) : words.connections;
  const order = words.sortedBy[sort];
  const title = order === '' ? shownOnly : `${shownOnly}, ${order}`;
  const place = placeOf(model, scene, chosen, count);
  const rule = pen.rule(width, [
    { at: 2, text: pen.short(title, Math.max(10, width - place.length - 10)) },
    ...(place === '' ? [] : [{ at: width - place.length - 3, text: place }]),
  ]);
  return { sheet: sheet(width, [rule, head, ...rows], regions), scrollable: still };
}

/** `3/12`, of connections: the introduction that may stand before them is none. */
function placeOf(model: Model, scene: RunState, chosen: number, count: number): string {
  const first = count > 0 ? listedStop(model, scene, 0) : undefined;
  const before = first !== undefined && scene.stops[first]?.conn === undefined ? 1 : 0;
  const all = count - before;
  if (all <= 0) return '';
  return chosen < before ? grouped(all) : `${grouped(chosen - before + 1)}/${grouped(all)}`;
}

function titleOf(
  scene: RunState,
  expression: string,
  { words }: Pen,
  filter: NonNullable<Model['filter']>,
): string {
  const { stops, tested, count } = scene.listing.matches(filter);
  return words.filtered(expression, grouped(stops.length), grouped(tested), grouped(count));
}

function shown(model: Model, scene: RunState, first: number, room: number): number[] {
  return Array.from({ length: room }, (_, at) => listedStop(model, scene, first + at)).flatMap((stop) => {
    const conn = stop === undefined ? undefined : scene.stops[stop]?.conn;
    return conn === undefined ? [] : [conn];
  });
}

type Cells = Readonly<Record<Column['name'], string>>;

function cellsOf(
  scene: RunState,
  connection: Connection,
  summary: ConnectionSummary | undefined,
  size: number,
  pen: Pen,
): Cells {
  const { opened, began } = connection;
  const at = Date.parse(began?.wallClock ?? '1970-01-01T00:00:00Z') + (opened?.at ?? 0) / 1000;
  const [, time = ''] = wallClockText(at).split(' ');
  const behind = [...connection.led, ...(connection.twin ? [connection.twin] : [])];
  const wires = [...new Set([connection.hop, ...behind.map(({ hop }) => hop)])].join('+');
  const { client, server } = {
    client: connection.lengthOf('wire', 'client'),
    server: connection.lengthOf('wire', 'server'),
  };
  return {
    time: size < 2 ? time.slice(0, 8) : time,
    client: addressText(opened?.from),
    server: addressText(opened?.to),
    // Where the server has no column of its own, its address says at least where it went; a proxy has one address for all.
    name:
      (summary && nameIn(summary)) ??
      (size === 0 && scene.topology.wires.length === 1 ? addressText(opened?.to) : ''),
    spoke: size > 0 && scene.topology.wires.length > 1 ? `${wires} ${spokenOn(summary)}` : spokenOn(summary),
    bytes: `${sizeText(client)}/${sizeText(server)}`,
    latency: summary?.latency ? pen.plain(secondsText(summary.latency.most)) : '',
    duration: opened ? pen.plain(secondsText((connection.closed?.at ?? scene.lastAt) - opened.at)) : '',
    outcome: '',
  };
}

/** What is most worth a word: TLS with its version, else the protocol. */
function spokenOn(summary: ConnectionSummary | undefined): string {
  if (!summary) return '';
  const { version, protocols } = summary;
  const inner = protocols.find((protocol) => protocol !== 'tls');
  return version?.replace('TLS ', 'TLS') ?? inner ?? protocols[0] ?? '';
}

/** Of the ways to say it the longest that fits. How it ended is always said, if only by a mark; what went wrong comes first. */
export function outcomeText(
  summary: ConnectionSummary | undefined,
  size: number,
  pen: Pen,
  room: number,
): { readonly text: string; readonly role: Role } {
  if (!summary) return { text: '…', role: 'dim' };
  const { outcome, secrets, isReadable, latency } = summary;
  const { exposedWord, readableWord, openWord } = pen.words;
  const readable = secrets.length > 0 ? exposedWord : isReadable ? readableWord : '';
  const isBad = isFailed(summary) === true;
  const words = endOfSummary(summary)?.[pen.language] ?? openWord;
  // In little room it has no column of its own.
  const waited = size === 0 && latency ? secondsText(latency.most) : '';
  const ways = isBad
    ? [
        ['✗', words, readable, waited],
        ['✗', words, readable],
        ['✗', words],
      ]
    : [
        [readable, words, waited],
        [readable, words],
        [outcome ? '✓' : '…', readable, waited],
        [outcome ? '✓' : '…', readable],
      ];
  const said = ways.map((parts) => parts.filter((part) => part !== '').join(' '));
  const text = said.find((way) => pen.width(pen.plain(way)) <= room) ?? said.at(-1) ?? '';
  return {
    text,
    role: isBad ? 'refused' : secrets.length > 0 ? 'leaked' : outcome ? 'plain' : 'dim',
  };
}

const addressText = (address: Address | undefined): string =>
  address === undefined ? '' : hostPort(address);

/** `950`, `12.3k`, `4.5M`: in thousands, as `bytes>10k` counts. */
function sizeText(bytes: number): string {
  if (bytes < 1000) return String(bytes);
  for (const [factor, unit] of [
    [1e9, 'G'],
    [1e6, 'M'],
  ] as const)
    if (bytes >= factor) return `${(bytes / factor).toFixed(1)}${unit}`;
  return `${(bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0)}k`;
}

/** Exactly so many cells; what has no words is cut in the middle of one, its end kept: that of an address is its port. */
function cutFit(pen: Pen, text: string, cells: number): string {
  const plain = pen.plain(text);
  if (pen.width(plain) <= cells || plain.includes(' ')) return pen.fit(plain, cells);
  const mark = pen.plain('…');
  let tail = plain;
  while (tail !== '' && pen.width(tail) + pen.width(mark) > cells) tail = tail.slice(1);
  return pen.fit(`${mark}${tail}`, cells);
}

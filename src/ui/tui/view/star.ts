/**
 * Draws a star (`Cluster` of `presentation/wires/star.ts`): the hub with its callers on the left and those that it calls on the
 * right, a wire each, lit while bytes pass.
 *
 * 1. State is a mark and the stroke of the line, never a colour alone: `=====●` lit, `─•` spoke, `─` quiet, `···` unused,
 *    `✗` refused.
 * 2. Counts are on the wire if there is room, else below it. Too narrow a window gets a list.
 */
import type { In } from '../../../i18n/language.ts';
import { cellWidth } from '../../../i18n/width.ts';
import type { Cluster, ClusterWire } from '../../../presentation/types/cluster.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { sheet, stack } from './sheet.ts';
import type { Sheet } from './sheet.ts';

export interface Drawing {
  readonly cluster: In<Cluster>;
  /** The selected wire. */
  readonly hop: string | undefined;
  readonly pen: Pen;
  readonly columns: number;
}

type DrawnWire = In<ClusterWire>;

/** The positions of the parts of the picture. */
interface Measures {
  readonly left: number;
  readonly leftWire: number;
  readonly box: number;
  readonly rightWire: number;
  readonly right: number;
  /** Counts are on the wire. */
  readonly isWide: boolean;
}

/** Cells of a wire with its letter, protocol, mark and head: `─[A]─mTLS─●─>`. */
const leastWire = 13;
/** The same with counts in it. */
const wideWire = 32;
const widestWire = 48;
const leastName = 12;
const widestName = 40;

function measure({ cluster, columns, pen }: Drawing): Measures | undefined {
  const { calledOver, callsOver, hub } = cluster;
  const widest = (names: readonly string[]): number => Math.max(0, ...names.map((name) => pen.width(name)));
  const box = Math.max(Math.min(widestName, pen.width(hub)) + 4, facesCells(cluster, pen));
  const names = {
    left: widest(calledOver.map(({ callers }) => callers)),
    right: widest(callsOver.map(({ to }) => to)),
  };
  const sides = (calledOver.length > 0 ? 1 : 0) + (callsOver.length > 0 ? 1 : 0);
  const most = Math.min(widestName, Math.floor((columns - box - sides * leastWire - 4) / sides));
  // Truncated names would all look alike.
  if (most < Math.min(leastName, Math.max(names.left, names.right))) return undefined;
  // One side may use what the other does not need.
  const least = (name: number, other: number): number =>
    Math.min(name, Math.max(most, Math.min(widestName, 2 * most - other)));
  const left = least(names.left, sides > 1 ? names.right : most);
  const right = least(names.right, sides > 1 ? names.left : most);
  const free = columns - box - left - right - 4;
  const wire = Math.min(widestWire, Math.floor(free / sides));
  if (wire < leastWire) return undefined;
  const isWide = wire >= wideWire;
  return {
    left,
    leftWire: calledOver.length > 0 ? wire : 0,
    box,
    rightWire: callsOver.length > 0 ? Math.min(widestWire, free - (sides > 1 ? wire : 0)) : 0,
    right,
    isWide,
  };
}

/** Cells for the hub's role on either side of it: server or client. */
function facesCells({ calledOver, callsOver, faces }: In<Cluster>, pen: Pen): number {
  return calledOver.length > 0 && callsOver.length > 0
    ? pen.width(faces.server) + pen.width(faces.client) + 6
    : 0;
}

export function starSheet(drawing: Drawing, room: number): Sheet {
  const { cluster, columns, pen } = drawing;
  const measures = measure(drawing);
  const count = Math.max(cluster.calledOver.length, cluster.callsOver.length);
  if (!measures || room < count + 2) return listOf(drawing, cluster.wires, room);
  const isSpaced = room >= 2 * count + 2 + cluster.others.length;
  const rows = Array.from({ length: count }, (_, row) => row);
  const right = spread(cluster.callsOver, count);
  const left = spread(cluster.calledOver, count);
  const face = faceLine(drawing, measures);
  const margin = spaces(measures.left + measures.leftWire + 2);
  const side = span(pen.plain('│'), 'plain');
  const nameRow = Math.floor((rows.length * (isSpaced ? 2 : 1) - 1) / 2);
  const inside = (row: number): Span =>
    span(centred(row === nameRow ? cluster.hub : '', measures.box - 2, pen), 'strong');
  const lines: Line[] = [pen.line([margin, ...face], columns)];
  const regions: Region[] = [];
  for (const row of rows) {
    const [before, after] = [left[row], right[row]];
    const first = wireLine(drawing, measures, before, after, (at) => inside(at), isSpaced ? 2 * row : row);
    for (const at of isSpaced ? [0, 1] : [0]) {
      if (before)
        regions.push({
          row: lines.length + at,
          column: 0,
          width: measures.left + measures.leftWire + 2,
          message: { type: 'choose-wire', hop: before.hop },
        });
      const column = measures.left + measures.leftWire + 2 + measures.box;
      if (after && column < columns)
        regions.push({
          row: lines.length + at,
          column,
          width: columns - column,
          message: { type: 'choose-wire', hop: after.hop },
        });
    }
    lines.push(first);
    if (!isSpaced) continue;
    lines.push(
      pen.line(
        [
          ...countsUnder(drawing, before, measures, 'left'),
          side,
          inside(2 * row + 1),
          side,
          ...countsUnder(drawing, after, measures, 'right'),
        ],
        columns,
      ),
    );
  }
  const bottom = span(pen.plain(`└${'─'.repeat(measures.box - 2)}┘`));
  lines.push(pen.line([margin, bottom], columns));
  const others =
    cluster.others.length > 0
      ? listOf(drawing, cluster.others, Math.max(0, room - lines.length))
      : sheet(columns, []);
  return stack(columns, [sheet(columns, lines, regions), others]);
}

/** The counts below a wire, and below the name at its end if it is long. */
function countsUnder(
  drawing: Drawing,
  wire: DrawnWire | undefined,
  { left, leftWire, box, isWide }: Measures,
  at: 'left' | 'right',
): Span[] {
  const cells = at === 'left' ? left + leftWire + 2 : drawing.columns - left - leftWire - 2 - box;
  const counts = wire && !isWide ? countsOf(wire, drawing.pen, cells - 2) : '';
  const role: Role = wire?.isRefusing ? 'refused' : 'dim';
  const before = at === 'left' ? Math.max(0, Math.min(left + 3, cells - 1 - cellWidth(counts))) : 1;
  return [spaces(before), span(drawing.pen.fit(counts, Math.max(0, cells - before)), role)];
}

/** The row of each part, at even distances. */
function spread(wires: readonly DrawnWire[], count: number): readonly (DrawnWire | undefined)[] {
  const places: (DrawnWire | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const [index, wire] of wires.entries())
    places[Math.floor(((index + 0.5) * count) / wires.length)] = wire;
  return places;
}

function faceLine({ cluster, pen }: Drawing, { box }: Measures): Span[] {
  if (facesCells(cluster, pen) === 0) return [span(pen.plain(`┌${'─'.repeat(box - 2)}┐`))];
  const [server, client] = [pen.plain(cluster.faces.server), pen.plain(cluster.faces.client)];
  const dashes = box - 2 - cellWidth(server) - cellWidth(client) - 4;
  return [
    span(pen.plain('┌')),
    span(` ${server} `, 'dim'),
    span(pen.plain('─'.repeat(Math.max(0, dashes)))),
    span(` ${client} `, 'dim'),
    span(pen.plain('┐')),
  ];
}

function centred(text: string, cells: number, pen: Pen): string {
  const plain = pen.width(text) > cells ? pen.fit(text, cells) : pen.plain(text);
  const before = Math.floor((cells - cellWidth(plain)) / 2);
  return ' '.repeat(before) + plain + ' '.repeat(cells - before - cellWidth(plain));
}

function wireLine(
  drawing: Drawing,
  measures: Measures,
  before: DrawnWire | undefined,
  after: DrawnWire | undefined,
  inside: (row: number) => Span,
  row: number,
): Line {
  const { hop, pen, columns } = drawing;
  const { left, leftWire, right, rightWire } = measures;
  const side = span(pen.plain('│'));
  const counts = (wire: DrawnWire, cells: number): string =>
    measures.isWide ? countsOf(wire, pen, cells - leastWire - 3) : '';
  const isChosen = (wire: DrawnWire | undefined): boolean => wire !== undefined && wire.hop === hop;
  const nameRole = (wire: DrawnWire): Role => (isChosen(wire) ? 'selected' : 'strong');
  const head: Span[] = before
    ? [
        span(isChosen(before) ? '>' : ' ', 'key'),
        span(padded(before.callers, left, pen), nameRole(before)),
        spaces(1),
        ...stroke(drawing, before, leftWire, counts(before, leftWire)),
      ]
    : [spaces(left + 2 + leftWire)];
  const tail: Span[] = after
    ? [
        ...stroke(drawing, after, rightWire, counts(after, rightWire)),
        spaces(1),
        span(pen.fit(after.to, Math.min(right, pen.width(after.to))), nameRole(after)),
        span(isChosen(after) ? '<' : ' ', 'key'),
      ]
    : [];
  return pen.line([...head, side, inside(row), side, ...tail], columns);
}

/** Names end where their wires begin. */
function padded(text: string, cells: number, pen: Pen): string {
  const width = pen.width(text);
  return width > cells ? pen.fit(text, cells) : ' '.repeat(cells - width) + pen.plain(text);
}

const strokes = { lit: '═', spoke: '─', quiet: '─', unused: '·' } as const;
const marks = { lit: '●', spoke: '•', quiet: '', unused: '' } as const;

function roleOf({ light, security, isRefusing }: DrawnWire): Role {
  if (isRefusing) return light === 'lit' ? 'refused-loud' : 'refused';
  if (light === 'unused' || security === undefined) return 'dim';
  const role = security === 'plaintext' ? 'leaked' : security === 'half' ? 'refused' : 'sealed';
  return light === 'lit' ? `${role}-loud` : role;
}

/** A wire in exactly so many cells, from the client to the server. */
function stroke({ hop, pen }: Drawing, wire: DrawnWire, cells: number, counts: string): Span[] {
  const role = roleOf(wire);
  const dash = pen.plain(strokes[wire.light]);
  const name = pen.plain(`[${wire.hop}]`);
  const security = pen.plain(wire.securityName);
  const mark = pen.plain(wire.isRefusing ? '✗' : marks[wire.light]);
  const bare = cells - cellWidth(name) - cellWidth(security) - cellWidth(mark) - 4;
  const inside = counts !== '' && cellWidth(counts) + 3 <= bare ? `${dash} ${counts} ` : '';
  if (bare < 0) return [span(pen.fit(`${name}${security}`, cells - 1), role), span('>', role)];
  return [
    span(dash, role),
    span(name, wire.hop === hop ? 'selected' : role),
    span(dash + security + inside + dash.repeat(bare - cellWidth(inside)) + mark + dash + '>', role),
  ];
}

/** `3 conn, 12 kB`, and the places in the order if there is room: `#2,5`. */
function countsOf({ counts = '', places }: DrawnWire, pen: Pen, cells: number): string {
  const plain = pen.plain(counts);
  const placed = counts === '' || places.length === 0 ? plain : `${plain}  #${places.join(',')}`;
  return cellWidth(placed) <= cells ? placed : plain;
}

/** One line per wire: if the picture does not fit, and for wires that do not touch the hub. */
function listOf({ hop, pen, columns }: Drawing, wires: readonly DrawnWire[], room: number): Sheet {
  const at = Math.max(
    0,
    wires.findIndex((wire) => wire.hop === hop),
  );
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), wires.length - room));
  const shown = wires.slice(top, top + Math.max(0, room));
  const lines = shown.map((wire): Line => {
    const isChosen = wire.hop === hop;
    const role = roleOf(wire);
    const mark = wire.isRefusing ? '✗' : marks[wire.light] || ' ';
    return pen.line(
      [
        span(isChosen ? '>' : ' ', 'key'),
        span(`[${wire.hop}]`, isChosen ? 'selected' : role),
        span(pen.fit(` ${mark}`, 2 + pen.width('●')), role),
        span(`${wire.callers} → ${wire.to}`, 'strong'),
        span(wire.security === undefined ? '' : `  ${wire.securityName}`, role),
        span(`  ${countsOf({ ...wire, places: [] }, pen, columns)}`, 'dim'),
      ],
      columns,
    );
  });
  return sheet(
    columns,
    lines,
    shown.map((wire, row) => ({
      row,
      column: 0,
      width: columns,
      message: { type: 'choose-wire', hop: wire.hop },
    })),
  );
}

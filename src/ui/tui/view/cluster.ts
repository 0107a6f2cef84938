/**
 * The picture of a star: the one in the middle with those who call him on his left and those whom he calls on his right,
 * a wire each, lit while bytes run in it; below it the order in which the wires spoke, and what is known of the chosen one.
 *
 * 1. Nothing but the topology says who stands where.
 * 2. State is a mark and the stroke of the line, never a colour alone: `=====●` lit, `─•` spoke, `─` quiet, `···` unused,
 *    `✗` refused.
 * 3. Counts stand on the wire where there is room, else below it. Too narrow a window gets a list.
 */
import { safeText } from '../../../i18n/safe.ts';
import { explainRefusal } from '../../../analysis/outcome/refusal.ts';
import type { Wire } from '../../../capture/event.ts';
import { grouped } from '../../../i18n/number.ts';
import { cellWidth } from '../../../i18n/width.ts';
import { stepWords } from '../../../presentation/step-words.ts';
import { sideWords } from '../../../presentation/words.ts';
import type { Star } from '../../../presentation/topology.ts';
import { legsOf } from '../../../analysis/call-trace.ts';
import type { Burst, CallTraceStep } from '../../../analysis/call-trace.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import type { Selection } from '../state/selection.ts';
import { maskedIn } from '../state/masking.ts';
import type { Model } from '../state/model.ts';
import { calmOf } from '../state/model.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { sheet, stack, tall } from './sheet.ts';
import type { Sheet } from './sheet.ts';
import { sightOf, storyOf, trailOf } from '../state/wires.ts';
import type { Asked, WireStatus, WireStory } from '../state/wires.ts';
import { clusterWords, screenWords } from '../state/words.ts';

export interface ClusterBody {
  readonly sheet: Sheet;
  readonly scrollable: { readonly height: number; readonly length: number };
}

/** Wires that are listed in the smallest window. */
const leastWires = 3;

/** Requests of the chosen wire that are listed. */
const mostAsked = 60;

/** Lines of the chosen wire that stay in sight. */
const leastPanel = 7;

export function clusterView(
  model: Model,
  look: Selection,
  star: Star,
  pen: Pen,
  height: number,
): ClusterBody {
  const { columns } = model.size;
  const calm = calmOf(model);
  const sights = new Map(look.scene.topology.wires.map((wire) => [wire.hop, sightOf(look, wire, calm)]));
  const burst = trailOf(look);
  const trail = trailLines(look, burst, pen, columns, height >= 30 ? 3 : 2);
  const picture = pictureOf(
    { look, star, sights, places: placesIn(burst), pen, columns },
    Math.max(Math.min(leastWires, sights.size), height - trail.length - leastPanel),
  );
  const chosen = look.hop === undefined ? undefined : look.scene.wire(look.hop);
  const room = Math.max(0, height - picture.lines.length - trail.length - 1);
  const story = chosen && storyOf(look, chosen, calm);
  const lines = story ? panelLines(model, look, story, pen, columns) : [];
  const top = Math.max(0, Math.min(look.place.scroll, lines.length - room));
  const below = lines.length - room - top;
  const panel = tall(pen, sheet(columns, lines), room, top);
  const more =
    below > 0 && room > 0
      ? [...panel.lines.slice(0, -1), moreLine(panel.lines.at(-1) ?? [], pen, columns)]
      : panel.lines;
  const whole = stack(columns, [
    picture,
    sheet(columns, trail),
    sheet(columns, [panelTitle(chosen, pen, columns), ...more]),
  ]);
  return { sheet: tall(pen, whole, height), scrollable: { height: Math.max(1, room), length: lines.length } };
}

/** Which wire it is, and what leads to the conversation on it. */
function panelTitle(chosen: Wire | undefined, pen: Pen, columns: number): Line {
  if (!chosen) return pen.rule(columns);
  const { language } = pen;
  const [title, leads] = [
    clusterWords.wireTitle[language](chosen.hop, callersOf(chosen), chosen.to),
    clusterWords.leads[language],
  ];
  const at = columns - pen.width(leads) - 3;
  return pen.rule(columns, [
    { at: 1, text: title },
    ...(at > pen.width(title) + 6 ? [{ at, text: leads, role: 'key' as const }] : []),
  ]);
}

function moreLine(line: Line, pen: Pen, columns: number): Line {
  const mark = ` ${pen.plain('↓')} ${pen.plain(screenWords.more[pen.language])} `;
  return pen.line(
    [span(pen.fit(textOf(line), columns - pen.width(mark) - 1), 'dim'), span(mark, 'key'), spaces(1)],
    columns,
  );
}

const callersOf = ({ from, alsoFrom = [] }: Wire): string => [from, ...alsoFrom].join(', ');

interface Drawing {
  readonly look: Selection;
  readonly star: Star;
  readonly sights: ReadonlyMap<string, WireStatus>;
  /** Where each stands in the order, from 1. */
  readonly places: ReadonlyMap<string, readonly number[]>;
  readonly pen: Pen;
  readonly columns: number;
}

/** Where the parts of the picture stand. */
interface Measures {
  readonly left: number;
  readonly leftWire: number;
  readonly box: number;
  readonly rightWire: number;
  readonly right: number;
  /** Counts stand in the wire. */
  readonly isWide: boolean;
}

/** Cells of a wire with its letter, protocol, mark and head: `─[A]─mTLS─●─>`. */
const leastWire = 13;
/** The same with counts in it. */
const wideWire = 32;
const widestWire = 48;
const leastName = 12;
const widestName = 40;

function measure({ star, columns, pen }: Drawing): Measures | undefined {
  const { calledOver, callsOver } = star;
  const widest = (names: readonly string[]): number => Math.max(0, ...names.map((name) => pen.width(name)));
  const box = Math.max(Math.min(widestName, pen.width(star.hub)) + 4, facesCells(star, pen));
  const names = { left: widest(calledOver.map(callersOf)), right: widest(callsOver.map(({ to }) => to)) };
  const sides = (calledOver.length > 0 ? 1 : 0) + (callsOver.length > 0 ? 1 : 0);
  const most = Math.min(widestName, Math.floor((columns - box - sides * leastWire - 4) / sides));
  // Names that are cut to their beginnings are all alike.
  if (most < Math.min(leastName, Math.max(names.left, names.right))) return undefined;
  // What one side does not need, the other may have.
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

/** Cells for a word on either side of the middle: there he is the server, here the client. */
function facesCells({ calledOver, callsOver }: Star, pen: Pen): number {
  return calledOver.length > 0 && callsOver.length > 0
    ? pen.width(sideWords.server[pen.language]) + pen.width(sideWords.client[pen.language]) + 6
    : 0;
}

function pictureOf(drawing: Drawing, room: number): Sheet {
  const { star, columns, pen } = drawing;
  const measures = measure(drawing);
  const count = Math.max(star.calledOver.length, star.callsOver.length);
  if (!measures || room < count + 2) return listOf(drawing, drawing.look.scene.topology.wires, room);
  const isSpaced = room >= 2 * count + 2 + star.others.length;
  const rows = Array.from({ length: count }, (_, row) => row);
  const right = spread(star.callsOver, count);
  const left = spread(star.calledOver, count);
  const face = faceLine(drawing, measures);
  const margin = spaces(measures.left + measures.leftWire + 2);
  const side = span(pen.plain('│'), 'plain');
  const nameRow = Math.floor((rows.length * (isSpaced ? 2 : 1) - 1) / 2);
  const inside = (row: number): Span =>
    span(centred(row === nameRow ? star.hub : '', measures.box - 2, pen), 'strong');
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
    star.others.length > 0
      ? listOf(drawing, star.others, Math.max(0, room - lines.length))
      : sheet(columns, []);
  return stack(columns, [sheet(columns, lines, regions), others]);
}

/** Below a wire, and below the name at its end where it is long. */
function countsUnder(
  drawing: Drawing,
  wire: Wire | undefined,
  { left, leftWire, box, isWide }: Measures,
  at: 'left' | 'right',
): Span[] {
  const cells = at === 'left' ? left + leftWire + 2 : drawing.columns - left - leftWire - 2 - box;
  const counts = wire && !isWide ? countsFor(drawing, wire, cells - 2) : '';
  const role: Role = wire && drawing.sights.get(wire.hop)?.traffic.isRefusing ? 'refused' : 'dim';
  const before = at === 'left' ? Math.max(0, Math.min(left + 3, cells - 1 - cellWidth(counts))) : 1;
  return [spaces(before), span(drawing.pen.fit(counts, Math.max(0, cells - before)), role)];
}

function countsFor({ sights, pen, places }: Drawing, { hop }: Wire, cells: number): string {
  const sight = sights.get(hop);
  return sight ? countsOf(sight, pen, cells, places.get(hop)) : '';
}

/** At even distances: what is at which row. */
function spread(wires: readonly Wire[], count: number): readonly (Wire | undefined)[] {
  const places: (Wire | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const [index, wire] of wires.entries())
    places[Math.floor(((index + 0.5) * count) / wires.length)] = wire;
  return places;
}

function faceLine({ star, pen }: Drawing, { box }: Measures): Span[] {
  const { language } = pen;
  if (facesCells(star, pen) === 0) return [span(pen.plain(`┌${'─'.repeat(box - 2)}┐`))];
  const [server, client] = [pen.plain(sideWords.server[language]), pen.plain(sideWords.client[language])];
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
  before: Wire | undefined,
  after: Wire | undefined,
  inside: (row: number) => Span,
  row: number,
): Line {
  const { look, pen, columns } = drawing;
  const { left, leftWire, right, rightWire } = measures;
  const side = span(pen.plain('│'));
  const told = (wire: Wire, cells: number): string =>
    measures.isWide ? countsFor(drawing, wire, cells - leastWire - 3) : '';
  const isChosen = (wire: Wire | undefined): boolean => wire !== undefined && wire.hop === look.hop;
  const nameRole = (wire: Wire): Role => (isChosen(wire) ? 'selected' : 'strong');
  const head: Span[] = before
    ? [
        span(isChosen(before) ? '>' : ' ', 'key'),
        span(padded(callersOf(before), left, pen), nameRole(before)),
        spaces(1),
        ...stroke(drawing, before, leftWire, told(before, leftWire)),
      ]
    : [spaces(left + 2 + leftWire)];
  const tail: Span[] = after
    ? [
        ...stroke(drawing, after, rightWire, told(after, rightWire)),
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

function roleOf({ light, security, traffic }: WireStatus): Role {
  if (traffic.isRefusing) return light === 'lit' ? 'refused-loud' : 'refused';
  if (light === 'unused' || security === undefined) return 'dim';
  const role = security === 'plaintext' ? 'leaked' : 'sealed';
  return light === 'lit' ? `${role}-loud` : role;
}

/** A wire in exactly so many cells, from the one who calls to the one who is called. */
function stroke({ sights, look, pen }: Drawing, { hop }: Wire, cells: number, counts: string): Span[] {
  const sight = sights.get(hop);
  if (!sight) return [spaces(cells)];
  const role = roleOf(sight);
  const dash = pen.plain(strokes[sight.light]);
  const name = pen.plain(`[${hop}]`);
  const security =
    sight.security === undefined ? '' : pen.plain(clusterWords.securities[sight.security][pen.language]);
  const mark = pen.plain(sight.traffic.isRefusing ? '✗' : marks[sight.light]);
  const bare = cells - cellWidth(name) - cellWidth(security) - cellWidth(mark) - 4;
  const told = counts !== '' && cellWidth(counts) + 3 <= bare ? `${dash} ${counts} ` : '';
  if (bare < 0) return [span(pen.fit(`${name}${security}`, cells - 1), role), span('>', role)];
  return [
    span(dash, role),
    span(name, hop === look.hop ? 'selected' : role),
    span(dash + security + told + dash.repeat(bare - cellWidth(told)) + mark + dash + '>', role),
  ];
}

/** `3 conn 12 kB`, and at which places of the order it spoke where there is room for them: `#2,5`. */
function countsOf(
  { traffic, light }: WireStatus,
  pen: Pen,
  cells: number,
  places: readonly number[] = [],
): string {
  if (light === 'unused' && !traffic.isRefusing) return '';
  const bytes = shortBytes(traffic.bytes.client + traffic.bytes.server);
  const { counts, refusedCount } = clusterWords;
  const told = pen.plain(
    traffic.isRefusing
      ? refusedCount[pen.language](grouped(traffic.refused))
      : counts[pen.language](grouped(traffic.connections), bytes),
  );
  const placed = places.length === 0 ? told : `${told}  #${places.join(',')}`;
  return cellWidth(placed) <= cells ? placed : told;
}

/** Four digits at most: `9,999 B`, `12 kB`. */
function shortBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB'];
  let at = 0;
  let rest = bytes;
  for (; rest > 9999 && at < units.length - 1; at++) rest = Math.round(rest / 1000);
  return `${grouped(rest)} ${units[at] ?? ''}`;
}

/** A line a wire: where the picture has no room, and of wires that do not touch the middle. */
function listOf({ look, sights, pen, columns }: Drawing, wires: readonly Wire[], room: number): Sheet {
  const at = Math.max(
    0,
    wires.findIndex(({ hop }) => hop === look.hop),
  );
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), wires.length - room));
  const shown = wires.slice(top, top + Math.max(0, room));
  const lines = shown.map((wire): Line => {
    const sight = sights.get(wire.hop);
    if (!sight) return pen.blank(columns);
    const isChosen = wire.hop === look.hop;
    const mark = sight.traffic.isRefusing
      ? '✗'
      : sight.light === 'lit'
        ? '●'
        : sight.light === 'spoke'
          ? '•'
          : ' ';
    const security =
      sight.security === undefined ? '' : `  ${clusterWords.securities[sight.security][pen.language]}`;
    const counts = `  ${countsOf(sight, pen, columns)}`;
    return pen.line(
      [
        span(isChosen ? '>' : ' ', 'key'),
        span(`[${wire.hop}]`, isChosen ? 'selected' : roleOf(sight)),
        span(pen.fit(` ${mark}`, 2 + pen.width('●')), roleOf(sight)),
        span(`${callersOf(wire)} → ${wire.to}`, 'strong'),
        span(security, roleOf(sight)),
        span(counts, 'dim'),
      ],
      columns,
    );
  });
  return sheet(
    columns,
    lines,
    shown.map(({ hop }, row) => ({ row, column: 0, width: columns, message: { type: 'choose-wire', hop } })),
  );
}

/** In which order the wires spoke; below it what came last, where that is something else. */
function trailLines(
  look: Selection,
  burst: Burst | undefined,
  pen: Pen,
  columns: number,
  most: number,
): Line[] {
  const { language } = pen;
  const { order, noOrder, toldBy } = clusterWords;
  if (!burst)
    return [
      pen.line(
        [span(` ${order[language](undefined)}: `, 'heading'), span(noOrder[language], 'dim')],
        columns,
      ),
    ];
  const later = look.step ? undefined : look.scene.trail.newest(look.last, 1);
  const told = (one: Burst, rows: number): Line[] => {
    const head = ` ${order[language](look.step ? undefined : (one.at / 1e6).toFixed(1))}: `;
    const text = `${trailText(one)}${one.steps.some(({ by }) => by === 'server') ? `   ${toldBy[language]}` : ''}`;
    const lines = pen
      .paragraph(text, columns - 1, { head, headRole: 'heading' })
      .map((line) => pen.line(line, columns));
    const cut = lines[rows - 1];
    return lines.length > rows && cut
      ? [
          ...lines.slice(0, rows - 1),
          pen.line([span(pen.fit(`${textOf(cut).trimEnd().slice(0, -2)} …`, columns - 1))], columns),
        ]
      : lines;
  };
  return [...told(burst, most), ...(later && later.seq !== burst.seq ? told(later, 1) : [])];
}

const textOf = (line: Line): string => line.map(({ text }) => text).join('');

/** `A → B → D← → B`: a wire with `←` behind it is one over which the server called. */
function trailText({ steps, more }: Burst): string {
  const step = ({ hop, by }: CallTraceStep): string => (by === 'server' ? `${hop}←` : hop);
  const legs = legsOf(steps).map(({ steps: own, times }) =>
    times > 1 ? `(${own.map(step).join(' → ')}) ×${times}` : own.map(step).join(' → '),
  );
  return [...legs, ...(more > 0 ? [`… +${grouped(more)}`] : [])].join(' → ');
}

/** Of a short order, at which places each wire stands in it. */
function placesIn(burst: Burst | undefined): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>();
  for (const [index, { hop }] of (burst?.steps ?? []).entries())
    places.set(hop, [...(places.get(hop) ?? []), index + 1]);
  return places;
}

/** What is known of the chosen wire. */
function panelLines(model: Model, look: Selection, story: WireStory, pen: Pen, columns: number): Line[] {
  const { language } = pen;
  const { wire, traffic, security, version, proofs, hasToken, caller, refusal, asked } = story;
  const text = (words: string, role: Role = 'plain', head = ' '): Line[] =>
    pen
      .paragraph(words, Math.min(columns - 1, 140), { head, role, headRole: role })
      .map((line) => pen.line(line, columns));
  if (story.light === 'unused' && traffic.connections === 0)
    return text(stepWords.nothingYet[language], 'dim');
  const lines =
    security === undefined
      ? []
      : text(
          `${clusterWords.secured[security === 'tls' && !proofs.server && !hasToken ? 'unread' : security][language](version ?? '')}; ${clusterWords.exact[language](grouped(traffic.connections), grouped(traffic.open), grouped(traffic.bytes.client), grouped(traffic.bytes.server))}`,
          security === 'plaintext' ? 'leaked' : 'plain',
        );
  const [connection] = story.connections;
  const names = {
    client: (connection && look.scene.speakers.of(connection)?.who) ?? callersOf(wire),
    server: wire.to,
  };
  const cells = Math.max(pen.width(names.client), pen.width(names.server));
  const proof = (who: string, what: string, role: Role): Line[] =>
    text(what, role, ` ${pen.fit(who, Math.min(cells, 30))}  `);
  if (security === 'mtls' || security === 'tls') {
    for (const side of ['client', 'server'] as const) {
      const shown = proofs[side];
      if (shown)
        lines.push(
          ...proof(
            names[side],
            clusterWords.certificate[language](safeText(shown.subject), safeText(shown.issuer)),
            'sealed',
          ),
        );
      else if (side === 'client')
        lines.push(
          ...proof(
            names.client,
            (hasToken
              ? clusterWords.token
              : proofs.server || refusal?.reason === 'certificate_missing'
                ? clusterWords.noCertificate
                : clusterWords.unread)[language],
            'warning',
          ),
        );
      else lines.push(...proof(names.server, clusterWords.unread[language], 'dim'));
    }
  } else if (hasToken) lines.push(...proof(names.client, clusterWords.token[language], 'warning'));
  if (caller)
    lines.push(
      ...text(
        clusterWords.known[language](
          caller.who,
          safeText(caller.request.user ?? ''),
          safeText((caller.request.groups ?? []).filter((group) => group !== everybody).join(', ')),
        ),
      ),
    );
  if (refusal)
    lines.push(
      ...text(
        clusterWords.refusedBy[language](
          refusal.by === 'server' ? wire.to : names.client,
          explainRefusal(refusal).name[language],
          grouped(traffic.refused),
        ),
        'refused',
        pen.plain(' ✗ '),
      ),
    );
  if (asked.length > 0)
    lines.push(
      ...text((security === 'plaintext' ? clusterWords.saidOpenly : clusterWords.said)[language], 'heading'),
      ...asked.slice(0, mostAsked).map((one) => askedLine(model, one, pen, columns)),
    );
  else if (security === 'mtls' || security === 'tls')
    lines.push(...text(clusterWords.onlySealed[language], 'dim'));
  return lines;
}

/** In that group is whoever is known (Kubernetes adds it). */
const everybody = 'system:authenticated';

function askedLine(model: Model, { connection, request, answer }: Asked, pen: Pen, columns: number): Line {
  const { language } = pen;
  const head = ` ${(request.at / 1e6).toFixed(3).padStart(8)} ${String(connection.conn).padStart(4)}  `;
  const told = answer
    ? pen.plain(` → ${answer.title[language]}`)
    : pen.plain(` ${clusterWords.unanswered[language]}`);
  const tail = cellWidth(told) > 24 ? pen.fit(told, 24) : told;
  const room = Math.max(8, columns - 1 - cellWidth(head) - cellWidth(tail));
  const title = maskedIn(model, request, request.title[language]);
  return pen.line(
    [
      span(head, 'dim'),
      span(pen.width(title) > room ? pen.fit(title, room) : title),
      span(tail, answer ? 'plain' : 'dim'),
    ],
    columns,
  );
}

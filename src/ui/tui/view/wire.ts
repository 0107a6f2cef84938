/**
 * The middle of the screen: what the client sent, what stands on the chosen wire, what the server got. The two sides stay
 * in place whatever the wire carries; in the middle the byte under the cursor and its field are marked, and secrets stand
 * in brackets.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/conversation.ts';
import { isSecretName } from '../../../analysis/secrets/credential-shapes.ts';
import type { Field } from '../../../core/field.ts';
import { inLanguage } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { cellWidth } from '../../../i18n/width.ts';
import {
  hexBytesFor,
  hexCells,
  hexRows,
  neighbour,
  rowOf,
  sideColumnCells,
  textRows,
  windowAround,
  wireColumnCells,
} from './bytes.ts';
import type { Glyph, GlyphRow, Stretch } from './bytes.ts';
import type { Line, Region, Role, Span } from '../frame.ts';
import type { EndpointView, Opening } from '../../../presentation/types/values.ts';
import { endsOf } from '../state/login.ts';
import { hitsIn } from '../../../presentation/moment.ts';
import { fieldsAt, pointed } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import { penFor } from '../state/masking.ts';
import type { Layout, Model } from '../state/model.ts';
import { dotsFor, span, spaces, topOf } from '../pen.ts';
import type { Pen } from '../pen.ts';
import type { Row } from '../state/rows.ts';
import { beside, sheet, stack, tall } from './sheet.ts';
import type { Sheet } from './sheet.ts';
import { fieldRows } from './field-words.ts';
import { screenWords } from '../state/words.ts';

/** Client, wire and server side by side, with a row of headings. */
export function columnsView(model: Model, look: Selection, pen: Pen, columns: number, height: number): Sheet {
  const side = sideColumnCells(columns);
  const middle = wireColumnCells(columns);
  const { sent, got } = endsOf(look);
  const { language } = pen;
  const wire = look.hop === undefined ? undefined : look.scene.wire(look.hop);
  const seat = wire?.seat?.[language] ?? '';
  const isOpened = model.opened && look.rows.at(look.chosen)?.message.opened === true;
  // Packets out of a file passed no wire of this run.
  const brought = openingsIn(look).some(({ isFromFile }) => isFromFile);
  const heading =
    look.hop === undefined || brought
      ? ''
      : isOpened
        ? `${screenWords.onWire[language](look.hop, '')}: ${screenWords.openedWith[language]}`
        : screenWords.onWire[language](look.hop, seat);
  const focus: Role = look.place.pane === 'bytes' ? 'selected' : 'heading';
  const head = (text: string, width: number, role: Role = 'heading'): Sheet =>
    sheet(width, [pen.line([span(` ${text}`, role)], width)]);
  const headings = beside(
    pen,
    [
      head(screenWords.clientSent[language], side),
      {
        ...head(heading, middle, isOpened ? 'opened' : focus),
        regions: [{ row: 0, column: 0, width: middle, message: { type: 'choose-pane', pane: 'bytes' } }],
      },
      head(screenWords.serverGot[language], side),
    ],
    1,
  );
  const body = beside(
    pen,
    [
      accountView(model, look, pen, sent, side),
      bytesView(model, look, pen, middle, height - 1),
      accountView(model, look, pen, got, side),
    ],
    height - 1,
  );
  return tall(pen, stack(columns, [headings, body]), height);
}

/** What an endpoint sent or got. */
export function accountView(
  model: Model,
  look: Selection,
  pen: Pen,
  account: EndpointView,
  width: number,
): Sheet {
  const { language } = pen;
  const text = (words: string, role: Role = 'plain'): Line[] =>
    pen.paragraph(words, width - 1, { head: ' ', role }).map((line) => [...line, spaces(1)]);
  switch (account.state) {
    case 'waiting':
      return sheet(width, []);
    case 'none':
      return sheet(width, [
        ...(account.why === 'unknown' ? [] : text(screenWords.nothingSent[language], 'strong')),
        ...text(screenWords.whys[account.why][language], 'dim'),
      ]);
    case 'bytes':
      return sheet(width, text(screenWords.bytes[language](grouped(account.bytes))));
    case 'seen': {
      const secrets = new Set(look.scene.sources.secrets.values());
      const lines = [...text(account.title, 'strong')];
      for (const { name, value } of account.form) {
        const isSecret = secrets.has(value) || isSecretName(name);
        lines.push(
          pen.line([span(` ${name}`, 'dim')], width),
          pen.line(
            [
              span('   '),
              span(
                isSecret && model.masked ? dotsFor(pen.plain(value)) : value,
                isSecret ? 'secret' : 'plain',
              ),
            ],
            width,
          ),
        );
      }
      if (account.thrownAway) lines.push(...text(screenWords.thrownAway[language], 'refused'));
      if (account.answer !== undefined)
        lines.push(...text(screenWords.answers[language](account.answer), 'dim'));
      return sheet(width, lines);
    }
  }
}

/** The bytes around the cursor, as text, hex, or both. */
export function bytesView(model: Model, look: Selection, pen: Pen, width: number, height: number): Sheet {
  const place = pointed(look);
  const opening = place && place.row.message.from !== null ? undefined : openingsIn(look).at(-1);
  if (opening) return openingView(opening, pen, width);
  if (!place) return sheet(width, []);
  const { message } = place.row;
  if (message.from === null)
    return sheet(
      width,
      pen
        .paragraph(screenWords.reconstructedText[pen.language], width - 1, { head: ' ', role: 'dim' })
        .map((line) => [...line, spaces(1)]),
    );
  const layout = model.projector ? (model.layout ?? 'text') : layoutFor(model.layout, width);
  if (layout === 'both') {
    const perRow = hexBytesFor(width - 1 - 24);
    const hexWidth = hexCells(perRow) + 1;
    return beside(
      pen,
      [
        blocks(model, look, pen, { layout: 'hex', width: hexWidth, height, perRow }),
        blocks(model, look, pen, { layout: 'text', width: width - hexWidth - 1, height, isSecond: true }),
      ],
      height,
    );
  }
  return blocks(model, look, pen, { layout, width, height });
}

const openingsIn = ({ scene, first, last }: Selection): Opening[] =>
  scene.reports(first, last).flatMap((report) => scene.shown.of(report).opening?.(report) ?? []);

/** Of the packets of TCP what their senders can do, or why nobody saw them. */
function openingView(opening: Opening, pen: Pen, width: number): Sheet {
  const { seen = '', packets, note = '' } = inLanguage(opening, pen.language);
  const told: readonly (readonly [head: string, text: string])[] = [
    ['', seen],
    ...packets.map(({ head, offers }) => [`${head}: `, offers] as const),
    ['', note],
  ];
  return sheet(
    width,
    told.flatMap(([head, text]) =>
      text === ''
        ? []
        : pen
            .paragraph(`${head}${text}`, width - 1, { head: ' ', role: 'plain' })
            .map((line) => [...line, spaces(1)]),
    ),
  );
}

/** Text leads; hex stands beside it where there is room for both. */
export function layoutFor(chosen: Layout | undefined, width: number): Layout {
  const hasRoom = width >= roomForBoth;
  if (chosen === undefined) return hasRoom ? 'both' : 'text';
  return chosen === 'both' && !hasRoom ? 'hex' : chosen;
}

const roomForBoth = 68;

interface BlockOptions {
  readonly layout: Layout;
  readonly width: number;
  readonly height: number;
  readonly perRow?: number;
  /** Beside another one, which has said what the message is. */
  readonly isSecond?: boolean;
}

/** The chosen message, and behind it what goes on in the same direction, as far as there is room. */
function blocks(model: Model, look: Selection, pen: Pen, options: BlockOptions): Sheet {
  const { width, height } = options;
  const place = pointed(look);
  if (!place) return sheet(width, []);
  const field = fieldsAt(place).at(-1);
  const parts: Sheet[] = [];
  let used = 0;
  for (
    let index = look.chosen, seen = 0;
    used < height && seen < 12 && index < look.rows.length;
    index++, seen++
  ) {
    const row = look.rows.at(index);
    if (!row || row.message.from !== place.row.message.from || row.connection !== place.row.connection)
      continue;
    const isChosen = index === look.chosen;
    // What an opened record carries follows it, and says more.
    if (!isChosen && row.message.opened && row.message.contentType === 23) continue;
    const said = headOf(row, isChosen, pen, width);
    const head = isChosen && options.isSecond ? said.map(() => pen.blank(width)) : said;
    const room = height - used - head.length;
    if (room <= 0 && !isChosen) break;
    const cursor = isChosen ? place.offset : undefined;
    const glyphs = rowsOf(row, cursor ?? row.message.offset, look, pen, options);
    const top = cursor === undefined ? 0 : topOf(rowOf(glyphs, cursor), glyphs.length, Math.max(1, room));
    const drawn = draw(glyphs.slice(top, top + Math.max(0, room)), {
      row,
      cursor,
      field: isChosen && look.place.pointing ? field : undefined,
      model,
      look,
      pen,
      ...options,
    });
    parts.push(stack(width, [sheet(width, head), drawn]));
    used += head.length + drawn.lines.length;
  }
  return stack(width, parts);
}

/** A TLS record's header can be read by everybody: it stands above what is in it. */
function headOf({ message }: Row, isChosen: boolean, pen: Pen, width: number): Line[] {
  if (message.protocol !== 'tls')
    return isChosen
      ? []
      : [pen.line([span(` -- ${message.title[pen.language]}  ${grouped(message.length)} B`, 'dim')], width)];
  const state = message.sealed
    ? screenWords.sealed[pen.language]
    : message.opened
      ? screenWords.opened[pen.language]
      : '';
  const head = [
    span(
      ` ${isChosen ? '' : '-- '}${message.title[pen.language]}  ${grouped(message.length)} B`,
      isChosen ? 'strong' : 'dim',
    ),
    span(state ? `  ${state}` : '', message.sealed ? 'sealed' : 'opened'),
  ];
  const covered = isChosen ? coverageText(message, pen) : '';
  const left = width - head.reduce((cells, { text }) => cells + cellWidth(text), 0);
  return [pen.line([...head, span(cellWidth(covered) <= left ? covered : '', 'dim')], width)];
}

/** Of a handshake message: how many of its bytes are explained, and what the others are. */
function coverageText(message: Row['message'], pen: Pen): string {
  const coverage = message.coverage();
  if (!coverage) return '';
  const parts = coverageKinds
    .filter((kind) => kind === 'named' || coverage[kind] > 0)
    .map((kind) => `${pen.plain(screenWords.coverage[kind][pen.language])} ${grouped(coverage[kind])}`);
  return `  ${parts.join(', ')}`;
}

const coverageKinds = ['named', 'opaque', 'unknown', 'uncovered'] as const;

/** The rows of one message around a byte. */
function rowsOf(
  row: Row,
  offset: number,
  look: Selection,
  pen: Pen,
  { layout, width, perRow }: Pick<BlockOptions, 'layout' | 'width' | 'perRow'>,
): GlyphRow[] {
  const { message } = row;
  const { start, end } = windowAround(offset, message);
  const bytes = message.bytes()?.subarray(start - message.offset, end - message.offset);
  if (!bytes) return [];
  if (layout === 'hex') return hexRows(bytes, start, perRow ?? hexBytesFor(width - 1));
  if (message.protocol === 'tls' && !message.sealed && message.contentType !== 23)
    return fieldRows(message.field(), pen);
  return textRows(bytes, start, {
    cells: width - 2,
    pen,
    marked: secretsIn(row, look),
    noise: message.sealed,
  });
}

/** Where secrets stand in a message, known ones and those that look like one. */
function secretsIn({ message }: Row, look: Selection): Stretch[] {
  const hits = hitsIn(look, message).map(({ offset, length }) => ({ start: offset, end: offset + length }));
  const shapes = message.credentials().map(({ offset, length }) => ({ start: offset, end: offset + length }));
  const all: Stretch[] = [];
  for (const stretch of [...hits, ...shapes].sort((one, other) => one.start - other.start)) {
    if (!all.some(({ start, end }) => stretch.start < end && start < stretch.end)) all.push(stretch);
  }
  return all;
}

interface DrawOptions extends BlockOptions {
  readonly row: Row;
  readonly cursor: number | undefined;
  readonly field: Field | undefined;
  readonly model: Model;
  readonly look: Selection;
  readonly pen: Pen;
}

function draw(rows: readonly GlyphRow[], options: DrawOptions): Sheet {
  const { layout, width, row, look, pen } = options;
  const secrets = secretsIn(row, look);
  const lines: Line[] = [];
  const regions: Region[] = [];
  const boundaries =
    layout === 'hex'
      ? boundariesIn(row.message, rows[0]?.[0]?.start ?? 0, rows.at(-1)?.at(-1)?.end ?? 0)
      : none;
  for (const [at, glyphs] of rows.entries()) {
    const { spans, places } =
      layout === 'hex' ? hexLine(glyphs, secrets, boundaries, options) : textLine(glyphs, secrets, options);
    lines.push(pen.line(spans, width));
    for (const { glyph, column, cells } of places) {
      regions.push({
        row: at,
        column,
        width: cells,
        message: {
          type: 'point',
          cursor: { conn: row.connection.conn, message: row.index, offset: glyph.start },
          pane: 'bytes',
        },
      });
    }
  }
  return sheet(width, lines, regions);
}

interface Placed {
  readonly glyph: Glyph;
  readonly column: number;
  readonly cells: number;
}

function roleOf(glyph: Glyph, secrets: readonly Stretch[], { cursor, field, row, look }: DrawOptions): Role {
  const isUnder = cursor !== undefined && cursor >= glyph.start && cursor < glyph.end;
  if (isUnder && (look.place.pane === 'bytes' || look.place.pointing)) return 'cursor';
  if (
    secrets.some(({ start, end }) => glyph.start < end && glyph.end > start) ||
    (glyph.start === glyph.end &&
      secrets.some(({ start, end }) => glyph.start === start || glyph.start === end))
  )
    return 'secret';
  if (
    field &&
    glyph.start >= field.range[0] &&
    glyph.start < field.range[1] &&
    field.range[1] - field.range[0] < row.message.length
  )
    return 'field';
  if (row.message.opened) return 'opened';
  return row.message.sealed ? 'noise' : 'plain';
}

function glyphText(glyph: Glyph, secrets: readonly Stretch[], { model }: DrawOptions): string {
  if (!model.masked || glyph.start === glyph.end) return glyph.text;
  return secrets.some(({ start, end }) => glyph.start < end && glyph.end > start)
    ? dotsFor(glyph.text)
    : glyph.text;
}

function textLine(
  glyphs: GlyphRow,
  secrets: readonly Stretch[],
  options: DrawOptions,
): { spans: Span[]; places: Placed[] } {
  // The row of the cursor has a mark too, for those who see no colour.
  const isHere = glyphs.some((glyph) => roleOf(glyph, secrets, options) === 'cursor');
  const spans: Span[] = [isHere ? span('>', 'key') : span(' ')];
  const places: Placed[] = [];
  let column = 1;
  for (const glyph of glyphs) {
    const role = roleOf(glyph, secrets, options);
    // A line end under the cursor is seen as a cell of its own.
    const text = glyph.text === '' && role === 'cursor' ? ' ' : glyphText(glyph, secrets, options);
    join(spans, text, role);
    const cells = cellWidth(text);
    if (cells > 0) places.push({ glyph, column, cells });
    column += cells;
  }
  return { spans, places };
}

/**
 * What stands in the cell before a byte, so that nothing depends on colour: `[` `]` around a secret, `<` `>` around the field
 * under the cursor, `*` before the byte under it (the first of a field has `<`), `|` where another field begins.
 */
function markBefore(
  { start }: Glyph,
  row: GlyphRow,
  role: Role,
  secrets: readonly Stretch[],
  boundaries: ReadonlySet<number>,
  options: DrawOptions,
): Span {
  const isFirst = start === row[0]?.start;
  if (secrets.some((stretch) => stretch.start === start)) return span('[', 'secret');
  if (secrets.some((stretch) => stretch.end === start)) return span(']', 'secret');
  const field = chosenField(options);
  if (field?.[0] === start) return span('<', 'key');
  if (role === 'cursor') return span('*', 'key');
  // What ends with a row has its mark there.
  if (field?.[1] === start && !isFirst) return span('>', 'key');
  return boundaries.has(start) && !isFirst ? span('|', 'dim') : span(' ');
}

/** The range of the field under the cursor, where it is less than the whole message. */
function chosenField({ field, row }: DrawOptions): Field['range'] | undefined {
  return field && field.range[1] - field.range[0] < row.message.length ? field.range : undefined;
}

const none: ReadonlySet<number> = new Set();

interface Boundaries {
  readonly from: number;
  readonly to: number;
  readonly starts: ReadonlySet<number>;
}

/** Of the stretch that was drawn last: a long message is not taken to pieces for every key. */
const known = new WeakMap<WireMessage, Boundaries>();

/** Where innermost fields begin in a stretch of a message. */
function boundariesIn(message: WireMessage, from: number, to: number): ReadonlySet<number> {
  const before = known.get(message);
  if (before?.from === from && before.to === to) return before.starts;
  const starts = new Set<number>();
  const visit = ({ range: [start, end], children }: Field): void => {
    if (end <= from || start >= to) return;
    if (children.length === 0) starts.add(start);
    for (const child of children) visit(child);
  };
  const root = message.field();
  if (root) visit(root);
  known.set(message, { from, to, starts });
  return starts;
}

function hexLine(
  glyphs: GlyphRow,
  secrets: readonly Stretch[],
  boundaries: ReadonlySet<number>,
  options: DrawOptions,
): { spans: Span[]; places: Placed[] } {
  const { width, perRow = hexBytesFor(width - 1), row, pen } = options;
  const first = glyphs[0]?.start ?? 0;
  const spans: Span[] = [span(` ${first.toString(16).padStart(4, '0').slice(-6)} `, 'dim')];
  const places: Placed[] = [];
  let column = cellWidth(spans[0]?.text ?? '');
  const bytes = row.message.bytes();
  let letters = '';
  const roles: Role[] = [];
  for (const glyph of glyphs) {
    const role = roleOf(glyph, secrets, options);
    const mark = markBefore(glyph, glyphs, role, secrets, boundaries, options);
    join(spans, mark.text, mark.role);
    const text = glyphText(glyph, secrets, options);
    join(spans, text, role);
    places.push({ glyph, column: column + 1, cells: 2 });
    column += 3;
    const byte = bytes?.[glyph.start - row.message.offset] ?? 0;
    letters +=
      text === glyph.text
        ? byte > 0x20 && byte < 0x7f
          ? String.fromCharCode(byte)
          : pen.plain('·')
        : pen.plain('•').slice(0, 1);
    roles.push(role);
  }
  const last = glyphs.at(-1)?.end;
  const closes = secrets.some(({ end }) => end === last);
  join(spans, closes ? ']' : chosenField(options)?.[1] === last ? '>' : ' ', closes ? 'secret' : 'plain');
  join(spans, '   '.repeat(Math.max(0, perRow - glyphs.length)) + ' ', 'plain');
  const at = spans.reduce((sum, { text }) => sum + cellWidth(text), 0);
  Array.from(letters).forEach((letter, index) => {
    join(spans, letter, roles[index] ?? 'plain');
    const glyph = glyphs[index];
    if (glyph) places.push({ glyph, column: at + index, cells: 1 });
  });
  return { spans, places };
}

/** Neighbours of one role are one span. */
function join(spans: Span[], text: string, role: Role): void {
  const last = spans.at(-1);
  if (last?.role === role) spans[spans.length - 1] = span(last.text + text, role);
  else if (text !== '') spans.push(span(text, role));
}

type ByteMove = 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'first' | 'last';

/** Where the cursor goes from the byte that it is on: by bytes, by the rows that are shown, or to an end of the message. */
export function moveInBytes(model: Model, look: Selection, to: ByteMove): number {
  const place = pointed(look);
  if (!place) return 0;
  const { row, offset } = place;
  const { message } = row;
  const end = message.offset + Math.max(0, message.length - 1);
  const width = wireColumnCells(model.size.columns);
  const layout = layoutFor(model.layout, width) === 'text' ? 'text' : 'hex';
  const rows = rowsOf(row, offset, look, penFor(model), { layout, width });
  const glyphs = rows.flat().filter((glyph) => glyph.end > glyph.start);
  const at = glyphs.findIndex(({ start, end: stop }) => offset >= start && offset < stop);
  switch (to) {
    case 'first':
      return message.offset;
    case 'last':
      return end;
    case 'left':
      return glyphs[at - 1]?.start ?? Math.max(message.offset, offset - 1);
    case 'right':
      return glyphs[at + 1]?.start ?? Math.min(end, offset + 1);
    case 'up':
      return neighbour(rows, offset, -1) ?? offset;
    case 'down':
      return neighbour(rows, offset, 1) ?? offset;
    case 'page-up':
      return neighbour(rows, offset, -8) ?? message.offset;
    case 'page-down':
      return neighbour(rows, offset, 8) ?? end;
  }
}

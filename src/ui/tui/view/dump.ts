/**
 * Draws the bytes around the cursor as text, hex, or both: the selected message, and after it what follows in the same
 * direction. `presentation/conversation/bytes.ts` makes each `ByteDump`; `dump-lines.ts` draws a row.
 */
import { inLanguage } from '../../../i18n/language.ts';
import { grouped } from '../../../i18n/number.ts';
import { cellWidth } from '../../../i18n/width.ts';
import { bytesOf } from '../../../presentation/conversation/bytes.ts';
import { hitsIn } from '../../../presentation/moment.ts';
import type { Opening } from '../../../presentation/types/values.ts';
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import type { ByteDump, ByteRange } from '../../../presentation/types/bytes.ts';
import type { Line, Region } from '../frame.ts';
import { span, topOf } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { penFor } from '../state/masking.ts';
import type { Layout, Model } from '../state/model.ts';
import type { Row } from '../state/rows.ts';
import { fieldsAt, pointed } from '../state/selection.ts';
import type { Selection } from '../state/selection.ts';
import {
  bytesCells,
  fieldRows,
  hexBytesFor,
  hexCells,
  hexRows,
  neighbour,
  rowOf,
  textRows,
} from './bytes.ts';
import type { GlyphRow } from './bytes.ts';
import { hexLine, textLine } from './dump-lines.ts';
import type { LineOptions } from './dump-lines.ts';
import { withDots } from './scrolled.ts';
import { beside, sheet, stack } from './sheet.ts';
import type { Sheet } from './sheet.ts';

/** The bytes around the cursor, as text, hex, or both. */
export function bytesView(model: Model, look: Selection, pen: Pen, width: number, height: number): Sheet {
  const place = pointed(look);
  const opening = place && place.row.message.from !== null ? undefined : openingsIn(look).at(-1);
  if (opening) return openingView(opening, pen, width);
  if (!place) return sheet(width, []);
  const { message } = place.row;
  if (message.from === null) {
    const text = pen.text(pen.words.reconstructedText, width, { head: ' ', role: 'dim' });
    return sheet(width, text.length > height ? withDots(text.slice(0, height), pen, width) : text);
  }
  const { layout, perRow } = shapeFor(model, width);
  if (layout === 'both') {
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

/** How bytes are laid out in so many cells, and how many there are in a row of hex. */
export function shapeFor(
  { layout: chosen, projector }: Pick<Model, 'layout' | 'projector'>,
  width: number,
): { readonly layout: Layout; readonly perRow: number } {
  const layout = projector ? (chosen ?? 'text') : layoutFor(chosen, width);
  // Beside hex the text needs room too.
  return { layout, perRow: hexBytesFor(layout === 'both' ? width - 1 - 24 : width - 1) };
}

/** TCP's packets with the options that their senders offer, or why none were captured. */
export const openingsIn = ({ scene, first, last }: Selection): Opening[] =>
  scene.reports(first, last).flatMap((report) => scene.shown.of(report).opening?.(report) ?? []);

function openingView(opening: Opening, pen: Pen, width: number): Sheet {
  const { seen = '', packets, note = '' } = inLanguage(opening, pen.language);
  const lines: readonly (readonly [head: string, text: string])[] = [
    ['', seen],
    ...packets.map(({ head, offers }) => [`${head}: `, offers] as const),
    ['', note],
  ];
  return sheet(
    width,
    lines.flatMap(([head, text]) => (text === '' ? [] : pen.text(`${head}${text}`, width, { head: ' ' }))),
  );
}

/** By default text, with hex beside it if there is room. */
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
  /** The second of two side by side, without a heading. */
  readonly isSecond?: boolean;
}

/** How many messages are searched for those in the direction of the selected one. */
const mostBehind = 12;

/** The selected message, and after it what follows in the same direction, as far as there is room. */
function blocks(model: Model, look: Selection, pen: Pen, options: BlockOptions): Sheet {
  const { width, height } = options;
  const place = pointed(look);
  if (!place) return sheet(width, []);
  const field = look.place.pointing ? fieldsAt(place).at(-1) : undefined;
  const parts: Sheet[] = [];
  let used = 0;
  const end = Math.min(look.chosen + mostBehind, look.rows.length);
  for (let index = look.chosen; used < height && index < end; index++) {
    const row = look.rows.at(index);
    if (!row || row.message.from !== place.row.message.from || row.connection !== place.row.connection)
      continue;
    const isChosen = index === look.chosen;
    // The contents of a decrypted record follow it, and are more specific.
    if (!isChosen && row.message.opened && row.message.contentType === 23) continue;
    const cursor = isChosen ? place.offset : undefined;
    const dump = dumpOf(row, look, cursor);
    const heading = headingOf(dump, isChosen, pen, width);
    const head = isChosen && options.isSecond ? heading.map(() => pen.blank(width)) : heading;
    const room = height - used - head.length;
    if (room <= 0 && !isChosen) break;
    const glyphs = rowsOf(dump, pen, options);
    const top = cursor === undefined ? 0 : topOf(rowOf(glyphs, cursor), glyphs.length, Math.max(1, room));
    const drawn = draw(glyphs.slice(top, top + Math.max(0, room)), row, {
      dump,
      cursor: look.place.pane === 'bytes' || look.place.pointing ? cursor : undefined,
      field: isChosen ? rangeOf(field, dump) : undefined,
      isMasked: model.masked,
      pen,
      layout: options.layout,
      perRow: options.perRow ?? hexBytesFor(width - 1),
      width,
    });
    parts.push(stack(width, [sheet(width, head), drawn]));
    used += head.length + drawn.lines.length;
  }
  return stack(width, parts);
}

const dumpOf = ({ message }: Row, look: Selection, at: number | undefined): ByteDump =>
  bytesOf(message, hitsIn(look, message), at, redactedIn(look, message));

/** Where bytes of a message were replaced, in a saved run. */
function redactedIn({ scene }: Selection, message: WireMessage): ByteRange[] {
  const { redactions = [] } = scene.sources;
  const end = message.offset + message.length;
  return redactions.flatMap(({ conn, vantage, from, offset, length }) =>
    conn === message.conn &&
    vantage === message.vantage &&
    from === message.from &&
    offset < end &&
    offset + length > message.offset
      ? [{ start: offset, end: offset + length }]
      : [],
  );
}

/** The range of the field under the cursor, unless that is the whole message. */
function rangeOf(
  field: { readonly range: readonly [number, number] } | undefined,
  { range }: ByteDump,
): LineOptions['field'] {
  if (!field) return undefined;
  const [start, end] = field.range;
  return end - start < range.end - range.start ? { start, end } : undefined;
}

/** The heading of a dump, with the header of its TLS record, which is never sealed. */
function headingOf(dump: ByteDump, isChosen: boolean, pen: Pen, width: number): Line[] {
  const { isRecord, state, range } = dump;
  if (!isRecord && isChosen) return [];
  const title = `${dump.title[pen.language]}  ${grouped(range.end - range.start)} B`;
  if (!isRecord) return [pen.line([span(` -- ${title}`, 'dim')], width)];
  const stateName = dump.stateName[pen.language];
  const head = [
    span(` ${isChosen ? '' : '-- '}${title}`, isChosen ? 'strong' : 'dim'),
    span(stateName ? `  ${stateName}` : '', state === 'sealed' ? 'sealed' : 'opened'),
  ];
  const covered = isChosen ? coverageText(dump, pen) : '';
  const left = width - head.reduce((cells, { text }) => cells + cellWidth(text), 0);
  return [pen.line([...head, span(cellWidth(covered) <= left ? covered : '', 'dim')], width)];
}

function coverageText({ coverage }: ByteDump, pen: Pen): string {
  const parts = coverage.map(({ label, count }) => `${pen.plain(label[pen.language])} ${grouped(count)}`);
  return parts.length === 0 ? '' : `  ${parts.join(', ')}`;
}

/** The rows of a dump's window. */
function rowsOf(
  { window, fields, secrets, state }: ByteDump,
  pen: Pen,
  { layout, width, perRow }: Pick<BlockOptions, 'layout' | 'width' | 'perRow'>,
): GlyphRow[] {
  if (!window) return [];
  if (layout === 'hex') return hexRows(window.bytes, window.start, perRow ?? hexBytesFor(width - 1));
  if (fields) return fieldRows(fields, pen);
  return textRows(window.bytes, window.start, {
    cells: width - 2,
    pen,
    marked: secrets,
    noise: state === 'sealed',
  });
}

function draw(
  rows: readonly GlyphRow[],
  row: Row,
  options: LineOptions & { readonly layout: Layout; readonly width: number },
): Sheet {
  const drawn = rows.map((glyphs) => (options.layout === 'hex' ? hexLine : textLine)(glyphs, options));
  return sheet(
    options.width,
    drawn.map(({ spans }) => options.pen.line(spans, options.width)),
    drawn.flatMap(({ places }, at) =>
      places.map(
        ({ glyph, column, cells }): Region => ({
          row: at,
          column,
          width: cells,
          message: {
            type: 'point',
            cursor: { conn: row.connection.conn, message: row.index, offset: glyph.start },
            pane: 'bytes',
          },
        }),
      ),
    ),
  );
}

type ByteMove = 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'first' | 'last';

/** The new position of the cursor: by bytes, by the rows that are shown, or to an end of the message. */
export function moveInBytes(model: Model, look: Selection, to: ByteMove): number {
  const place = pointed(look);
  if (!place) return 0;
  const { row, offset } = place;
  const { message } = row;
  const end = message.offset + Math.max(0, message.length - 1);
  const width = bytesCells(model);
  const { layout, perRow } = shapeFor(model, width);
  const rows = rowsOf(dumpOf(row, look, offset), penFor(model), {
    layout: layout === 'text' ? 'text' : 'hex',
    width,
    perRow,
  });
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

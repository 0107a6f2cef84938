/** Draws one record in three views: without keys, as bytes, with the keys; below them the explanation of the byte under the cursor. */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import { grouped } from '../../../i18n/number.ts';
import { namedFields } from '../../../presentation/conversation/bytes.ts';
import { concludeFrom } from '../../../presentation/conversation/record-views.ts';
import { recordWords } from '../../../presentation/words.ts';
import { fieldRows, hexBytesFor, hexCells, textRows } from './bytes.ts';
import type { Line, Role } from '../frame.ts';
import type { Selection } from '../state/selection.ts';
import { maskedIn } from '../state/masking.ts';
import type { Model } from '../state/model.ts';
import { span, spaces } from '../pen.ts';
import type { Pen } from '../pen.ts';
import { recordViews } from '../state/record.ts';
import type { RecordViews } from '../state/record.ts';
import { beside, sheet, stack, tall } from './sheet.ts';
import type { Scrolled, Sheet } from './sheet.ts';
import { sidesOf } from '../state/sides.ts';
import { explanationLines } from './explanation.ts';
import { bytesView } from './dump.ts';

/** Cells of the three columns; the outer ones share what hex leaves. */
function widthsFor(columns: number): readonly [left: number, middle: number, right: number] {
  const share = Math.floor((columns - 2) / 3);
  const middle = Math.min(share, hexCells(hexBytesFor(share - 1)) + 1);
  const left = Math.floor((columns - 2 - middle) / 2);
  return [left, middle, columns - 2 - middle - left];
}

/** The outer columns scroll together. */
export function recordSheet(model: Model, look: Selection, pen: Pen, height: number): Scrolled {
  const { columns } = model.size;
  const views = recordViews(model, look);
  const explanation = explanationLines(model, look, pen, columns);
  const below = Math.min(
    explanation.lines.length + 1,
    Math.max(0, Math.floor(height * (height < 24 ? 0.36 : 0.45))),
  );
  const columnsHeight = height - below;
  const [left, middle, right] = widthsFor(columns);
  const { views: titles } = recordWords;
  const language = pen.language;
  const focus: Role = look.place.pane === 'bytes' ? 'selected' : 'heading';
  const head = pen.rule(
    columns,
    [
      { at: 1, text: titles.eavesdropper[language] },
      { at: left + 1, text: titles.bytes[language], role: focus },
      { at: left + middle + 2, text: titles.endpoint[language] },
    ],
    { [left]: '┬', [left + middle + 1]: '┬' },
  );
  const room = Math.max(1, columnsHeight - 1);
  const known = views ? withoutKeys(look, views, pen, left, room) : [];
  const read = views ? withKeys(model, views, pen, right) : [];
  const column = (of: readonly Line[], width: number): Sheet =>
    tall(pen, sheet(width, of), room, Math.max(0, Math.min(look.place.scroll, of.length - room)));
  const body = beside(
    pen,
    [
      column(known, left),
      bytesView({ ...model, projector: false, layout: 'hex' }, look, pen, middle, room),
      column(read, right),
    ],
    room,
  );
  const field =
    below > 0
      ? [
          pen.rule(columns, [{ at: 1, text: explanation.title }], { [left]: '┴', [left + middle + 1]: '┴' }),
          ...explanation.lines,
        ]
      : [];
  return {
    sheet: stack(columns, [sheet(columns, [head]), body, tall(pen, sheet(columns, field), below)]),
    scrollable: { height: room, length: Math.max(known.length, read.length) },
  };
}

function lines(pen: Pen, text: string, width: number, role: Role = 'plain', head = ' '): Line[] {
  return pen.text(text, width, { head, role });
}

/** Rows of ciphertext that are shown: enough to see that it is noise. */
const mostNoise = 3;

function withoutKeys(
  look: Selection,
  { connection, sealed }: RecordViews,
  pen: Pen,
  width: number,
  room: number,
): Line[] {
  const { language } = pen;
  const bytes =
    sealed.from === null
      ? undefined
      : (connection.stream('wire', sealed.from).read(sealed.offset, sealed.length) ?? sealed.bytes());
  const side = sidesOf(look).find((one) => one.connection === connection);
  const { header, conclusions } = concludeFrom(
    sealed,
    look.readings.messages(connection),
    bytes,
    side?.visible.reckoning,
    language,
  );
  return [
    ...lines(pen, `${sealed.title[language]}  ${grouped(sealed.length)} B`, width, 'strong'),
    ...header.flatMap((text) => lines(pen, text, width)),
    ...(sealed.sealed ? noise(bytes?.subarray(5), pen, width, room > 14 ? mostNoise : 1) : []),
    ...lines(pen, `${recordWords.concluded[language]}:`, width, 'heading'),
    ...conclusions.flatMap((text) => lines(pen, text, width, 'plain', ' - ')),
  ];
}

function noise(bytes: Uint8Array | undefined, pen: Pen, width: number, most: number): Line[] {
  const rows = textRows((bytes ?? new Uint8Array(0)).subarray(0, most * width), 0, {
    cells: width - 2,
    pen,
    noise: true,
  });
  return rows
    .slice(0, most)
    .map((row) => pen.line([spaces(1), span(row.map(({ text }) => text).join(''), 'noise')], width));
}

/** How many rows of the decrypted content are laid out. */
const mostRows = 60;
const mostText = 4096;

function withKeys(model: Model, { sealed, opened }: RecordViews, pen: Pen, width: number): Line[] {
  const { language } = pen;
  if (!sealed.sealed)
    return [...lines(pen, recordWords.same[language], width, 'dim'), ...inside(model, sealed, pen, width)];
  if (opened.length === 0) return lines(pen, recordWords.noKeys[language], width, 'dim');
  return opened.flatMap((message) => inside(model, message, pen, width)).slice(0, mostRows);
}

function inside(model: Model, message: WireMessage, pen: Pen, width: number): Line[] {
  const title = lines(
    pen,
    `${message.title[pen.language]}  ${grouped(message.length)} B`,
    width,
    message.opened ? 'opened' : 'strong',
  );
  if (message.protocol === 'tls') {
    const rows = fieldRows(namedFields(message), pen).slice(0, mostRows);
    return [
      ...title,
      ...rows.map((row) =>
        pen.line(
          [
            spaces(1),
            span(
              maskedIn(model, message, row.map(({ text }) => text).join('')),
              message.opened ? 'opened' : 'plain',
            ),
          ],
          width,
        ),
      ),
    ];
  }
  const text = Buffer.from(message.bytes()?.subarray(0, mostText) ?? []).toString('utf8');
  const shown = maskedIn(model, message, text);
  return [
    ...title,
    ...shown
      .split(/\r?\n/)
      .flatMap((line) =>
        line === '' ? [pen.blank(width)] : lines(pen, line, width, message.opened ? 'opened' : 'plain'),
      ),
  ].slice(0, mostRows);
}

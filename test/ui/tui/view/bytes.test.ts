/**
 * Bytes as rows of cells, and the cursor in them: every byte has one position, and the cursor, the rows, the field and
 * its explanation speak of the same one.
 */
import test from 'ava';
import * as fc from 'fast-check';
import { findField } from '../../../../src/core/field.ts';
import type { FieldId } from '../../../../src/core/field.ts';
import { cellWidth } from '../../../../src/i18n/width.ts';
import {
  hexBytesFor,
  hexCells,
  hexRows,
  neighbour,
  rowOf,
  sideColumnCells,
  textRows,
  wireColumnCells,
} from '../../../../src/ui/tui/view/bytes.ts';
import type { GlyphRow } from '../../../../src/ui/tui/view/bytes.ts';
import { windowAround } from '../../../../src/presentation/conversation/bytes.ts';
import { fieldsAt, pointed } from '../../../../src/ui/tui/state/selection.ts';
import { Pen } from '../../../../src/ui/tui/pen.ts';
import { explanationLines } from '../../../../src/ui/tui/view/explanation.ts';
import { penFor } from '../../../../src/ui/tui/state/masking.ts';
import { timesOf } from '../../../helpers/at-length.ts';
import { present } from '../../../helpers/capture.ts';
import type { Driver } from '../support/driver.ts';
import { holds } from '../support/holds.ts';
import { hostileText } from '../support/hostile.ts';
import { recorded } from '../support/scenes.ts';

const pen = new Pen({ language: 'en', ascii: false });

/** Every byte from `start` on in exactly one glyph, in order. */
function tiles(rows: readonly GlyphRow[], start: number, length: number): boolean {
  let at = start;
  for (const { start: from, end } of rows.flat().filter((glyph) => glyph.end > glyph.start)) {
    if (from !== at) return false;
    at = end;
  }
  return at === start + length;
}

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 120 }),
  hostileText.map((text) => new Uint8Array(Buffer.from(text))),
  fc
    .array(fc.constantFrom(0x0a, 0x0d, 0x20, 0x41, 0xc3, 0xa9, 0xea, 0xb0, 0x80, 0xff), { maxLength: 80 })
    .map((all) => Uint8Array.from(all)),
);
const stretches = fc.array(fc.tuple(fc.nat(60), fc.integer({ min: 1, max: 12 })), { maxLength: 3 });

test('text and noise hold every byte once, in rows that fit, whatever the bytes are and wherever secrets are', (t) => {
  holds(
    t,
    fc.property(
      bytes,
      fc.nat(5000),
      fc.integer({ min: 4, max: 90 }),
      fc.boolean(),
      fc.boolean(),
      stretches,
      (payload, start, cells, noise, ascii, set) => {
        const marked: { start: number; end: number }[] = [];
        for (const [at, length] of set)
          if (at >= (marked.at(-1)?.end ?? 0) - start)
            marked.push({ start: start + at, end: start + at + length });
        const rows = textRows(payload, start, {
          cells,
          pen: new Pen({ language: 'ko', ascii }),
          marked,
          noise,
        });
        if (!tiles(rows, start, payload.length)) throw new Error('the bytes do not tile');
        for (const row of rows) {
          const width = row.reduce((sum, { text }) => sum + cellWidth(text), 0);
          if (width > cells) throw new Error(`${width} cells in a row of ${cells}`);
        }
      },
    ),
    400,
  );
});

test('hex holds every byte once, a row its number of them, but for the last', (t) => {
  holds(
    t,
    fc.property(
      fc.uint8Array({ maxLength: 100 }),
      fc.nat(5000),
      fc.constantFrom(2, 4, 8, 16),
      (payload, start, perRow) => {
        const rows = hexRows(payload, start, perRow);
        const texts = rows.flat().map(({ text }) => text);
        return (
          tiles(rows, start, payload.length) &&
          texts.join('') === Buffer.from(payload).toString('hex') &&
          rows.every(({ length }, index) => length === perRow || index === rows.length - 1)
        );
      },
    ),
    200,
  );
});

test('a row of hex has as many bytes as fit, and never fewer than two', (t) => {
  for (let cells = 1; cells < 120; cells++) {
    const perRow = hexBytesFor(cells);
    t.true(perRow === 2 || hexCells(perRow) <= cells);
    if (perRow < 16) t.true(hexCells(perRow * 2) > cells || perRow === 2);
  }
});

test('the columns and the separators between them are as wide as the screen', (t) => {
  for (let columns = 40; columns <= 260; columns++)
    t.is(2 * sideColumnCells(columns) + wireColumnCells(columns) + 2, columns);
});

test('a window of a long message begins before the cursor, ends behind it, and stays within the message', (t) => {
  holds(
    t,
    fc.property(
      fc.nat(100_000),
      fc.integer({ min: 1, max: 200_000 }),
      fc.nat(300_000),
      (offset, length, at) => {
        const within = Math.min(at, length - 1);
        const { start, end } = windowAround(offset + within, { offset, length });
        return (
          start >= offset &&
          end <= offset + length &&
          start <= offset + within &&
          end > offset + within &&
          end - start <= 16_384
        );
      },
    ),
    200,
  );
});

test('a carriage return and a line feed take no cells, and the cursor can be on them', (t) => {
  const rows = textRows(Buffer.from('ab\r\n\r\ncd'), 10, { cells: 20, pen });
  t.deepEqual(
    rows.map((row) => row.map(({ text }) => text).join('')),
    ['ab', '', 'cd'],
  );
  t.is(rowOf(rows, 12), 0);
  t.is(rowOf(rows, 14), 1);
  t.is(neighbour(rows, 10, 1), 14);
  t.is(neighbour(rows, 16, -1), 14);
});

test('brackets enclose a secret and are no bytes', (t) => {
  const [row] = textRows(Buffer.from('a=tiger&b'), 0, { cells: 40, pen, marked: [{ start: 2, end: 7 }] });
  t.is(
    present(row)
      .map(({ text }) => text)
      .join(''),
    'a=[tiger]&b',
  );
});

test('Hangul is shown as Hangul, a part of a syllable as a dot', (t) => {
  const whole = Buffer.from('한글');
  t.is(
    present(textRows(whole, 0, { cells: 40, pen })[0])
      .map(({ text }) => text)
      .join(''),
    '한글',
  );
  t.is(
    present(textRows(whole.subarray(1), 0, { cells: 40, pen })[0])
      .map(({ text }) => text)
      .join(''),
    '··글',
  );
});

/** Puts the cursor there, in the bytes. */
function point(driver: Driver, offset: number): void {
  const { connection, index } = present(pointed(driver.look)).row;
  driver.send({ type: 'point', cursor: { conn: connection.conn, message: index, offset }, pane: 'bytes' });
}

/** Rows of the middle column in which the cursor is seen. */
function rowsWithCursor(driver: Driver): number {
  return driver.frame().lines.filter((line) => line.some(({ role }) => role === 'cursor')).length;
}

for (const [title, mode, keys] of [
  ['the login', 'plaintext', []],
  ['its answer', 'plaintext', ['down']],
  ['the ClientHello', 'tls', ['home', 'down']],
  ['the ServerHello', 'tls', ['home', 'down', 'down']],
  ['a ChangeCipherSpec', 'tls', ['home', 'down', 'down', 'down']],
  ['a sealed record', 'tls', []],
  ['the login that the keys opened', 'tls', ['k']],
  [
    'the proxy’s Certificate that the keys opened',
    'tls',
    ['home', 'down', 'down', 'k', 'down', 'down', 'down', 'down'],
  ],
] as const) {
  for (const layout of ['text', 'hex'] as const) {
    test(`${title}: byte, field and explanation speak of the same, and the cursor is seen, on every byte (${layout})`, (t) => {
      const { driver } = recorded(mode, { layout, size: { columns: 100, rows: 30 } });
      driver.press('space', 'space', 'WIRE', ...keys);
      const { message } = present(pointed(driver.look)).row;
      t.true(message.length > 0);
      for (let offset = message.offset; offset < message.offset + message.length; offset += timesOf(1, 3)) {
        point(driver, offset);
        const place = present(pointed(driver.look));
        t.is(place.offset, offset);
        const field = fieldsAt(place).at(-1);
        if (field) {
          t.true(offset >= field.range[0] && offset < field.range[1]);
          const { lines } = explanationLines(driver.model, driver.look, penFor(driver.model), 200);
          const text = lines.map((line) =>
            line
              .map((span) => span.text)
              .join('')
              .trim(),
          );
          const [start, end] = field.range;
          t.true(
            text.includes(
              `${(end - start).toLocaleString('en')} ${end - start === 1 ? 'byte' : 'bytes'} at 0x${start.toString(16).padStart(4, '0')}`,
            ),
            `${offset}: ${text.join('\n')}`,
          );
          const named = present(text.find((line) => /^[a-z][\w.]+$/.test(line)));
          t.true(
            findField(present(message.field()), named as FieldId) !== undefined || field.id.startsWith(named),
            named,
          );
        }
        if ((offset - message.offset) % 7 === 0)
          t.is(rowsWithCursor(driver), 1, `${offset}\n${driver.screen()}`);
      }
    });

    test(`${title}: right leads over every byte to the last, left back to the first, down and up likewise (${layout})`, (t) => {
      const { driver } = recorded(mode, { layout, size: { columns: 100, rows: 30 } });
      driver.press('space', 'space', 'WIRE', ...keys);
      const { message } = present(pointed(driver.look)).row;
      const first = message.offset;
      const last = message.offset + message.length - 1;
      const offset = (): number => present(pointed(driver.look)).offset;
      point(driver, first);
      for (const [forth, back] of [
        ['right', 'left'],
        ['down', 'up'],
      ] as const) {
        driver.press('home');
        t.is(offset(), first);
        const visited = [first];
        for (let before = -1; before !== offset(); ) {
          before = offset();
          driver.press(forth);
          if (offset() !== before) visited.push(offset());
        }
        t.deepEqual(
          visited,
          visited.toSorted((one, other) => one - other),
          'never back',
        );
        if (forth === 'right') t.true(present(driver.press('end') && offset()) === last);
        if (forth === 'right') t.true(visited.length > 1);
        const returned = [visited.at(-1) ?? first];
        point(driver, visited.at(-1) ?? first);
        for (let before = -1; before !== offset(); ) {
          before = offset();
          driver.press(back);
          if (offset() !== before) returned.push(offset());
        }
        t.is(returned.at(-1) ?? -1, forth === 'right' ? first : (visited[0] ?? -1));
        // After the last field there is no next one: right moves by bytes there, and left by fields.
        const isByBytes = layout === 'hex' || message.protocol === 'http';
        if (isByBytes && forth === 'right') t.deepEqual(returned, visited.toReversed());
        if (forth === 'down') t.is(returned.length, visited.length);
      }
    });
  }
}

/**
 * What holds of every frame, whatever was captured, however large the window is and whatever was pressed: its size to
 * the cell, and that nothing in it can move a cursor, ring a bell or shift what follows it.
 */
import test from 'ava';
import * as fc from 'fast-check';
import { languages } from '../../../../src/i18n/language.ts';
import { cellWidth } from '../../../../src/i18n/width.ts';
import { roles } from '../../../../src/ui/tui/frame.ts';
import { keyRows } from '../../../../src/ui/tui/keymap.ts';
import type { Message } from '../../../../src/ui/tui/message.ts';
import { Pen } from '../../../../src/ui/tui/pen.ts';
import type { Driver } from '../support/driver.ts';
import {
  hostileEvents,
  hostileSteps,
  hostileText,
  hostileVerdict,
  hostileWays,
  secrets,
  topologies,
} from '../support/hostile.ts';
import { holds } from '../support/holds.ts';
import { byHand, demonstrations, recorded } from '../support/scenes.ts';

/** Says what is wrong with the frame that would be drawn now; undefined where nothing is. */
function faultIn(driver: Driver): string | undefined {
  const { size, language, ascii } = driver.model;
  const { columns, rows, lines, regions } = driver.frame();
  const pen = new Pen({ language, ascii });
  if (columns !== size.columns || rows !== size.rows || lines.length !== rows)
    return `${lines.length} lines of ${columns}x${rows} on ${size.columns}x${size.rows}`;
  for (const [row, line] of lines.entries()) {
    const text = line.map((span) => span.text).join('');
    const fault = (what: string): string => `${what} in row ${row}: ${JSON.stringify(text)}`;
    if (cellWidth(text) !== columns || line.reduce((sum, span) => sum + cellWidth(span.text), 0) !== columns)
      return fault(`${cellWidth(text)} cells`);
    if (/[\u0000-\u001f\u007f-\u009f\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Mark}]/u.test(text))
      return fault('a control, a mark or half a character');
    if (line.some((span) => pen.plain(span.text) !== span.text)) return fault('what no pen would write');
    if (
      ascii &&
      !(
        language === 'ko' ? /^[\u0020-\u007e\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]*$/ : /^[\u0020-\u007e]*$/
      ).test(text)
    )
      return fault('more than ASCII');
    if (line.some((span) => !roles.includes(span.role))) return fault('an unknown role');
  }
  const outside = regions.find(
    ({ row, column, width }) => row < 0 || row >= rows || column < 0 || width < 1 || column + width > columns,
  );
  return outside && `a region outside of ${columns}x${rows}: ${JSON.stringify(outside)}`;
}

const size = fc.oneof(
  fc.record({ columns: fc.integer({ min: 40, max: 130 }), rows: fc.integer({ min: 12, max: 45 }) }),
  fc.record({ columns: fc.integer({ min: 1, max: 250 }), rows: fc.integer({ min: 1, max: 80 }) }),
  fc.constantFrom(
    { columns: 40, rows: 12 },
    { columns: 39, rows: 12 },
    { columns: 40, rows: 11 },
    { columns: 1, rows: 1 },
    { columns: 150, rows: 36 },
  ),
);

const allKeys = [...new Set(keyRows.flatMap(({ keys }) => keys))].filter(
  (key) => key !== 'Q' && key !== 'ctrl-c',
);
const message: fc.Arbitrary<Message> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...allKeys).map((key): Message => ({ type: 'key', key })) },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(
        ...Array.from('ㅠㅊㄷㄹㅎㅏㅣㅡㅜㅔㅖㅂㄱㅍㅈㅌ'),
        'delete',
        'f12',
        '',
        '한',
        '\u001b',
        'z',
      )
      .map((key): Message => ({ type: 'key', key })),
  },
  { weight: 1, arbitrary: hostileText.map((key): Message => ({ type: 'key', key })) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('clicked' as const),
      column: fc.integer({ min: -1, max: 130 }),
      row: fc.integer({ min: -1, max: 45 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('scrolled' as const),
      column: fc.integer({ min: 0, max: 130 }),
      row: fc.integer({ min: 0, max: 45 }),
      lines: fc.integer({ min: -9, max: 9 }),
    }),
  },
  { weight: 2, arbitrary: size.map((to): Message => ({ type: 'resized', ...to })) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 1, max: 3 }).map((playing): Message => ({ type: 'ticked', playing })),
  },
  { weight: 1, arbitrary: hostileText.map((what): Message => ({ type: 'copied', what })) },
);

const toggles = fc.record({
  language: fc.constantFrom(...languages),
  ascii: fc.boolean(),
  layout: fc.constantFrom('text', 'hex', 'both'),
  opened: fc.boolean(),
  masked: fc.boolean(),
  projector: fc.boolean(),
  zoomed: fc.boolean(),
  notes: fc.boolean(),
  large: fc.boolean(),
  sheet: fc.constantFrom('none', 'sides', 'record', 'steps'),
  size,
});

test('whatever was captured and pressed, every frame is as large as the terminal and holds nothing but harmless cells', (t) => {
  holds(
    t,
    fc.property(
      topologies,
      hostileEvents,
      hostileSteps,
      fc.option(hostileVerdict, { nil: undefined }),
      hostileWays,
      toggles,
      fc.array(message, { maxLength: 12 }),
      hostileEvents,
      (topology, events, plan, verdict, ways, model, messages, visits) => {
        const began = {
          type: 'began',
          version: '0',
          wallClock: '2026-01-01T00:00:00.000Z',
          topology,
        } as const;
        const { driver } = byHand(
          [began, ...events],
          { ...model, secrets, plan, ...(verdict ? { verdict, ways } : {}) },
          verdict ? visits : [],
        );
        const first = faultIn(driver);
        if (first !== undefined) throw new Error(first);
        for (const one of messages) {
          driver.send(one);
          const fault = faultIn(driver);
          if (fault !== undefined) throw new Error(`after ${JSON.stringify(one)}: ${fault}`);
        }
      },
    ),
    150,
  );
});

for (const name of demonstrations) {
  test(`${name}: any keys and clicks lead to whole frames`, (t) => {
    holds(
      t,
      fc.property(
        toggles,
        fc.integer({ min: 0, max: 8 }),
        fc.array(message, { minLength: 4, maxLength: 16 }),
        (model, stops, messages) => {
          const { driver } = recorded(name, model);
          for (let count = 0; count < stops; count++) driver.press('space');
          for (const one of messages) {
            driver.send(one);
            const fault = faultIn(driver);
            if (fault !== undefined) throw new Error(`after ${JSON.stringify(one)}: ${fault}`);
          }
        },
      ),
      25,
    );
  });
}

test('a failed start with hostile words is a whole frame too', (t) => {
  holds(
    t,
    fc.property(fc.array(hostileText, { maxLength: 8 }), toggles, (error, model) => {
      const { driver } = byHand([], model);
      driver.send({ type: 'state', mode: driver.model.mode, state: 'failed', error });
      const fault = faultIn(driver);
      if (fault !== undefined) throw new Error(fault);
    }),
    100,
  );
});

import test from 'ava';
import { roles, type Role } from '../../../src/ui/tui/frame.ts';
import { coloursOf, paint, palette } from '../../../src/ui/tui/palette.ts';

for (const [variables, depth] of [
  [{}, 'none'],
  [{ TERM: 'xterm' }, '16'],
  [{ TERM: 'linux' }, '16'],
  [{ TERM: 'xterm', FORCE_COLOR: '3' }, '256'],
  [{ TERM: 'xterm-256color', FORCE_COLOR: '0' }, 'none'],
  [{ TERM: 'xterm-256color', FORCE_COLOR: '1' }, '256'],
  [{ TERM: 'xterm-256color' }, '256'],
  [{ TERM: 'screen', COLORTERM: 'truecolor' }, '256'],
  [{ TERM: 'xterm', COLORTERM: '' }, '16'],
  [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
  [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
  [{ TERM: 'xterm-256color', NO_COLOR: '0' }, 'none'],
  [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
] as const) {
  test(`${JSON.stringify(variables)} has colours: ${depth}`, (t) => t.is(coloursOf(variables).depth, depth));
}

/** The colours that SGR parameters set, taken out of what else they set. */
function coloursIn(parameters: string): string[] {
  return parameters.match(/38;5;\d+|48;5;\d+|(?<![\d;])(?:3|4|9|10)\d|(?<=;)(?:3|4|9|10)\d(?!;5;)/g) ?? [];
}

test('every role has a look in every depth', (t) =>
  t.deepEqual(Object.keys(palette).toSorted(), [...roles].toSorted()));

test('without colours there are none, and the important roles still differ', (t) => {
  for (const role of roles) t.regex(palette[role].none, /^(?:|[147](?:;[147])*)$/, role);
  for (const role of [
    'strong',
    'bar',
    'secret',
    'cursor',
    'selected',
    'leaked-loud',
    'field',
    'key',
    'leaked',
  ] satisfies Role[])
    t.not(palette[role].none, '', role);
  t.not(palette.cursor.none, palette.field.none);
  t.not(palette.cursor.none, palette.selected.none);
});

test('no row sets a background', (t) => {
  for (const role of roles) {
    for (const parameters of Object.values(palette[role]))
      t.false(
        coloursIn(parameters).some((colour) => /^4|^10/.test(colour)),
        role,
      );
  }
});

test('16 colours are 16, 256 are from the fixed part of the palette', (t) => {
  for (const role of roles) {
    for (const look of ['16', 'contrast'] as const) t.notRegex(palette[role][look], /[34]8;/, role);
    for (const colour of coloursIn(palette[role]['256']))
      t.true(Number(/^38;5;(\d+)$/.exec(colour)?.[1]) >= 16, role);
  }
});

/** Relative luminance (WCAG 2.2) of a colour of the fixed part of the 256. */
function luminanceOf(colour: number): number {
  const level = (at: number): number => (at === 0 ? 0 : 55 + at * 40);
  const at = colour - 16;
  const grey = 8 + (colour - 232) * 10;
  const [red, green, blue] =
    colour < 232
      ? [level(Math.floor(at / 36)), level(Math.floor(at / 6) % 6), level(at % 6)]
      : [grey, grey, grey];
  const linear = (part: number): number =>
    part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

test('the colours of 256 are read on black and on white', (t) => {
  for (const role of roles) {
    for (const colour of coloursIn(palette[role]['256'])) {
      const luminance = luminanceOf(Number(colour.slice('38;5;'.length)));
      t.true((luminance + 0.05) / 0.05 >= 3.9, `${role} on black`);
      t.true(1.05 / (luminance + 0.05) >= 3.9, `${role} on white`);
    }
  }
});

test('a line is painted span by span, and each span ends its own look', (t) => {
  const line = [
    { text: 'Who ', role: 'plain' },
    { text: '누가', role: 'secret' },
    { text: '', role: 'bar' },
  ] as const;
  t.is(paint(line, 'none'), 'Who \x1b[1;4m누가\x1b[m');
  t.is(paint(line, '16'), 'Who \x1b[1;4;31m누가\x1b[m');
  t.is(paint(line, '256'), 'Who \x1b[1;4;38;5;196m누가\x1b[m');
});

test('contrast adds no colour where there is none', (t) => {
  t.is(paint([{ text: 'x', role: 'secret' }], '256', true), '\x1b[1;7;31mx\x1b[m');
  t.is(paint([{ text: 'x', role: 'secret' }], 'none', true), paint([{ text: 'x', role: 'secret' }], 'none'));
});

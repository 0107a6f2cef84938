import test from 'ava';
import { languages } from '../../../src/i18n/language.ts';
import { roles, type Role } from '../../../src/ui/tui/frame.ts';
import { coloursOf, lookFor, paint, palette, type Look } from '../../../src/ui/tui/palette.ts';
import { contrastOf, fixedColour, themes, type Colour } from '../../../src/ui/tui/theme.ts';
import { demonstrations, recorded } from './support/scenes.ts';

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

/** What SGR parameters set: styles, and the colours of text and ground. A parameter that is none of these is a fault. */
interface Parameters {
  readonly styles: readonly number[];
  readonly text?: number;
  readonly ground?: number;
}

function parametersOf(parameters: string): Parameters {
  const left = parameters.split(';').filter(Boolean).map(Number);
  const styles: number[] = [];
  let text: number | undefined;
  let ground: number | undefined;
  for (let one = left.shift(); one !== undefined; one = left.shift()) {
    if (one === 38 || one === 48) {
      const [five, index = -1] = left.splice(0, 2);
      if (five !== 5) throw new Error(`not a colour of 256: ${parameters}`);
      if (one === 38) text = index;
      else ground = index;
    } else if ([1, 4, 7].includes(one)) styles.push(one);
    else if ((one >= 30 && one <= 37) || (one >= 90 && one <= 97)) text = (one % 10) + (one >= 90 ? 8 : 0);
    else throw new Error(`unknown parameter ${one} in ${parameters}`);
  }
  return { styles, ...(text === undefined ? {} : { text }), ...(ground === undefined ? {} : { ground }) };
}

test('every role has a look in every theme', (t) =>
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

test('high contrast in 16 colours uses none of them, since nobody knows what they are', (t) => {
  t.is(lookFor('16', 'contrast'), 'none');
  t.deepEqual(
    themes.flatMap((theme) => [lookFor('none', theme), lookFor('256', theme)]),
    ['none', 'dark', 'none', 'light', 'none', 'contrast'],
  );
});

const colour = (code: string): Colour => {
  const [red = 0, green = 0, blue = 0] = Array.from(
    code.matchAll(/[\da-f]{2}/g),
    ([part]) => Number.parseInt(part, 16) / 255,
  );
  return [red, green, blue];
};

/**
 * Backgrounds of terminals: black, the dark grey of editors' terminals and Nord's blue grey; white, Solarized's paper and a light
 * grey. High contrast sets its own.
 */
const grounds: Readonly<Record<(typeof themes)[number], readonly string[]>> = {
  dark: ['#000000', '#1e1e1e', '#2e3440'],
  light: ['#ffffff', '#fdf6e3', '#f5f5f5'],
  contrast: [],
};

for (const theme of themes) {
  const least = theme === 'contrast' ? 7 : 4.5;
  test(`${theme}: every pair of colours that can be drawn has a contrast of ${least}:1 at least`, (t) => {
    for (const role of roles) {
      const { styles, text, ground } = parametersOf(palette[role][theme]);
      t.false(styles.includes(7), `${role} is inverse: its pair would depend on the terminal`);
      for (const index of [text, ground]) t.true(index === undefined || (index >= 16 && index <= 255), role);
      // The terminal's own text on its own ground; nothing else leaves the text to it.
      if (text === undefined) {
        t.is(ground, undefined, role);
        t.not(theme, 'contrast', role);
        continue;
      }
      const behind = ground === undefined ? grounds[theme].map(colour) : [fixedColour(ground)];
      t.true(behind.length > 0, role);
      for (const one of behind) {
        const ratio = contrastOf(fixedColour(text), one);
        t.true(ratio >= least, `${role} ${ratio.toFixed(2)} on ${one.join(' ')}`);
      }
    }
  });
}

test('the formula and the cube are those of the standard', (t) => {
  t.is(contrastOf([0, 0, 0], [1, 1, 1]), 21);
  t.is(contrastOf([1, 1, 1], [0, 0, 0]), 21);
  t.is(contrastOf(colour('#777777'), [1, 1, 1]).toFixed(2), '4.48');
  t.deepEqual(fixedColour(16), [0, 0, 0]);
  t.deepEqual(fixedColour(231), [1, 1, 1]);
  t.deepEqual(fixedColour(208), colour('#ff8700'));
  t.deepEqual(fixedColour(232), colour('#080808'));
  t.deepEqual(fixedColour(255), colour('#eeeeee'));
});

/** The 16 colours of xterm, the Linux console, Windows Terminal, GNOME Terminal and macOS Terminal. */
const palettes16 = {
  xterm:
    '000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff',
  linux:
    '000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa 555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff',
  windows:
    '0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc 767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2',
  gnome:
    '2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf 555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec',
  macos:
    '000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf 666666 e50000 00d900 e5e500 0000ff e500e5 00e5e5 e5e5e5',
} as const;

for (const [name, listed] of Object.entries(palettes16)) {
  const colours = listed.split(' ').map(colour);
  for (const [look, ground] of [
    ['16-dark', '#000000'],
    ['16-light', '#ffffff'],
  ] as const satisfies readonly (readonly [Look, string])[]) {
    test(`16 colours are readable with those of ${name}: ${look}`, (t) => {
      for (const role of roles) {
        const { text, ground: behind } = parametersOf(palette[role][look]);
        t.is(behind, undefined, role);
        if (text === undefined) continue;
        const ratio = contrastOf(colours[text] ?? [0, 0, 0], colour(ground));
        t.true(ratio >= 4, `${role} ${ratio.toFixed(2)}`);
      }
    });
  }
}

/** Every stop of the recordings, in each language, with keys that change what is shown. */
function* painted(): Generator<(look: Look) => string> {
  for (const name of demonstrations) {
    for (const language of languages) {
      for (const keys of [
        [],
        ['k'],
        ['x'],
        ['m'],
        ['P'],
        ['tab'],
        ['enter', 'right'],
        ['s'],
        ['t'],
        ['w', 'k'],
      ]) {
        const { driver } = recorded(name, { language, size: { columns: 120, rows: 40 } });
        for (let stop = 0; stop < 12; stop++) {
          driver.press('space', ...keys);
          const { lines } = driver.frame();
          yield (look) => lines.map((line) => paint(line, look)).join('\n');
        }
      }
    }
  }
}

test('nothing depends on colour alone: screens that are the same without colours are the same in every theme', (t) => {
  const coloured = new Map<string, Readonly<Partial<Record<Look, string>>>>();
  const looks = ['16-dark', '16-light', ...themes] as const;
  let count = 0;
  for (const screen of painted()) {
    count++;
    const none = screen('none');
    const now = Object.fromEntries(looks.map((look) => [look, screen(look)]));
    const before = coloured.get(none);
    if (before) t.deepEqual(now, before);
    else coloured.set(none, now);
  }
  t.true(coloured.size > 100 && coloured.size < count);
});

test('a line is painted span by span, and each span ends its own look', (t) => {
  const line = [
    { text: 'Who ', role: 'plain' },
    { text: '누가', role: 'secret' },
    { text: '', role: 'bar' },
  ] as const;
  t.is(paint(line, 'none'), 'Who \x1b[1;4m누가\x1b[m');
  t.is(paint(line, '16-dark'), 'Who \x1b[1;4;91m누가\x1b[m');
  t.is(paint(line, 'dark'), 'Who \x1b[1;4;38;5;210m누가\x1b[m');
  t.is(paint(line, 'contrast'), '\x1b[38;5;231;48;5;16mWho \x1b[m\x1b[1;4;38;5;231;48;5;124m누가\x1b[m');
});

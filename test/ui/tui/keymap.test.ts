/**
 * The tables of keys, one for each mode of the screen: in each a key means one thing, help lists every row once, every key does
 * what it says or shows a notice, and Hangul from the same keys means the same.
 */
import test from 'ava';
import { languages } from '../../../src/i18n/language.ts';
import { lettersOf } from '../../../src/ui/tui/keys/hangul.ts';
import { keyModeOf, runModeOf } from '../../../src/ui/tui/keys/mode.ts';
import { actionOf, keyModes, keyRows, rowsOf } from '../../../src/ui/tui/keymap.ts';
import type { Action, KeyMode, RunMode } from '../../../src/ui/tui/keymap.ts';
import { keyNames } from '../../../src/ui/tui/message.ts';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { answered, topology } from '../../presentation/support/captured.ts';
import { Cluster } from './support/cluster.ts';
import type { Driver } from './support/driver.ts';
import { byHand, recorded } from './support/scenes.ts';
import type { RecordedOptions } from './support/scenes.ts';
import { boardOf } from './support/boards.ts';

const began: CaptureDraft = { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology };

function open(driver: Driver): Driver {
  driver.send({ type: 'state', mode: driver.model.mode, state: 'finished' });
  return driver;
}

/** A screen in each kind of run, at a place where much can be done. */
const screens: Readonly<Record<RunMode, (options?: RecordedOptions) => Driver>> = {
  scenario: (options) => recorded('tls', options).driver.press('space', 'space', 'WIRE'),
  proxy: (options) =>
    open(byHand([began, ...answered(1), ...answered(2)], { isVisited: true, ...options }).driver),
  inspect: (options) =>
    open(byHand([began, ...answered(1), ...answered(2)], { isCapture: true, ...options }).driver),
  lab: (options) =>
    open(
      byHand([began, ...answered(1), ...answered(2)], {
        isVisited: true,
        isLab: true,
        lab: boardOf(),
        ...options,
      }).driver,
    ),
  cluster: (options) => {
    const cluster = new Cluster(options);
    for (const hop of ['A', 'D', 'A']) {
      const conn = cluster.open(hop);
      cluster.ask(conn, hop, 'GET', '/api').answer(conn, hop);
    }
    return open(cluster.driver);
  },
};

/** The keys that lead from there into a mode over the run. */
const into: Readonly<Record<Exclude<KeyMode, RunMode>, readonly string[]>> = {
  text: ['e'],
  record: ['t'],
  steps: ['g'],
  list: ['g'],
  search: ['/', 'e'],
  // What is open is closed first.
  ending: ['escape', 'escape', 'q'],
};

const isRunMode = (mode: KeyMode): mode is RunMode => mode in screens;

function screenIn(mode: KeyMode, options?: RecordedOptions): Driver {
  if (isRunMode(mode)) return screens[mode](options);
  if (mode !== 'list') return screens.scenario(options).press(...into[mode]);
  const events = [began, ...answered(1), ...answered(2), ...answered(3)];
  // At the first: what follows goes to the middle.
  return open(byHand(events, { isVisited: true, ...options }).driver).press('b', 'b', ...into.list);
}

test('the screens of these tests are in the modes that they are for', (t) => {
  for (const mode of keyModes) t.is(keyModeOf(screenIn(mode).model), mode);
  for (const mode of Object.keys(screens) as RunMode[]) t.is(runModeOf(screenIn(mode).model), mode);
});

for (const mode of keyModes) {
  test(`${mode}: no key is in two rows of the table, and no words are`, (t) => {
    const rows = keyRows.filter((row) => (row.in ?? Object.keys(screens)).includes(mode));
    t.true(rows.length > 1);
    const keys = rows.flatMap((row) => row.keys);
    t.deepEqual(keys, [...new Set(keys)]);
    for (const language of languages) {
      const words = rows.map(({ help }) => help[language]);
      t.deepEqual(words, [...new Set(words)]);
      t.true(words.every((text) => text.length > 0));
      t.true(rows.every(({ hint }) => hint === undefined || hint[language].length > 0));
    }
    const shown = rows.flatMap((row) => row.shown.split(' '));
    t.deepEqual(shown, [...new Set(shown)]);
  });
}

test('every key is one character, or has a name that the terminal knows', (t) => {
  const named: readonly string[] = [...keyNames, 'ctrl-c', 'ctrl-z', 'f1'];
  for (const key of keyRows.flatMap((row) => row.keys))
    t.true(Array.from(key).length === 1 || named.includes(key), key);
});

const sizes = [
  { columns: 40, rows: 12 },
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
  { columns: 200, rows: 50 },
];

for (const mode of [...(Object.keys(screens) as RunMode[]), 'text', 'record', 'steps'] as const) {
  test(`${mode}: help lists every row exactly once, at every size, in every language, when it is scrolled through`, (t) => {
    for (const language of languages) {
      for (const size of sizes) {
        const driver = screenIn(mode, { language, size });
        const rows = rowsOf(mode, runModeOf(driver.model));
        driver.press('?');
        if (driver.model.help && driver.model.help.page === 'terms') driver.press('?');
        const seen = new Set<string>();
        for (let before = ''; before !== driver.screen(); ) {
          before = driver.screen();
          for (const line of before.split('\n').slice(2, -1)) seen.add(line);
          driver.press('down');
        }
        const listed = [...seen].filter((line) => !/… ↓|↓ (?:more|더 있음)/.test(line)).join('\n');
        for (const { shown, help } of rows) {
          const words = help[language].slice(0, size.columns < 80 ? 8 : undefined);
          t.is(
            listed.split(words).length - 1,
            rows.filter((row) => row.help[language].includes(words)).length,
            `${shown} ${words} at ${size.columns}x${size.rows}\n${listed}`,
          );
        }
      }
    }
  });
}

test('the hint bar names keys that do something here, gives up the last rows first, and always has help', (t) => {
  const driver = screens.scenario();
  const hints = rowsOf('scenario', 'scenario').filter(({ hint }) => hint);
  let shownBefore = 0;
  for (let columns = 40; columns <= 200; columns += 10) {
    const bar = driver.screen({ columns, rows: 24 }).split('\n').at(-1) ?? '';
    const shown = hints.filter(
      ({ action, shown: keys, hint }) =>
        bar.includes(`${keys} ${hint?.en}`) || (action === 'leave' && bar.includes(`${keys} close`)),
    ).length;
    t.true(shown >= shownBefore, bar);
    t.regex(bar, /\? help/);
    shownBefore = shown;
  }
  t.is(shownBefore, hints.length, 'on a sealed wire with two hops every one of them does something');
  driver.press('b');
  t.notRegex(driver.screen({ columns: 200, rows: 24 }).split('\n').at(-1) ?? '', /k keys|w wire/);
});

const barOf = (driver: Driver): string => driver.screen({ columns: 160, rows: 24 }).split('\n').at(-1) ?? '';

test('the hint bar says of q whether it closes something or ends, and never that Escape ends', (t) => {
  const driver = screens.scenario().press('escape', 'escape');
  t.regex(barOf(driver), /q quit/);
  driver.press('v');
  t.regex(barOf(driver), /q close/);
  driver.press('q');
  t.regex(barOf(driver), /q quit/);
  for (const mode of ['text', 'record', 'steps'] as const) t.regex(barOf(screenIn(mode)), /Esc close/);
  t.regex(barOf(screenIn('search')), /\/e {2,}.*Enter find {2}Esc cancel/);
  t.regex(barOf(screenIn('ending')), /q again ends it, any other key stays/);
});

test('the hint bar of a proxy and of a file offers no plaintext, TLS and mutual TLS', (t) => {
  for (const mode of ['proxy', 'inspect', 'cluster'] as const) {
    t.notRegex(barOf(screenIn(mode)), /1 2 3/);
    t.regex(barOf(screenIn(mode)), /g list/);
  }
});

/** What is pressed before, where the key has nothing to do otherwise. */
const before: Readonly<Partial<Record<Action, readonly string[]>>> = {
  later: [','],
  find: ['/', 'e', 'enter'],
  close: ['/', 'e', 'enter'],
  erase: [],
};

const picture = ({ model, effects }: Driver): string =>
  JSON.stringify({ ...model, sessions: Object.keys(model.sessions), effects });

for (const mode of keyModes) {
  for (const { action, keys } of rowsOf(mode, isRunMode(mode) ? mode : 'scenario')) {
    // The rows of the run beneath a text are tried there.
    if (isRunMode(mode) || keyRows.some((row) => row.in?.includes(mode) && row.action === action)) {
      for (const key of keys) {
        test(`${mode}: ${key} does something: ${action}`, (t) => {
          // So small that what can scroll does.
          const driver = screenIn(
            mode,
            mode === 'cluster' || mode === 'text' ? { size: { columns: 60, rows: 16 } } : {},
          );
          // In the middle, so that every direction has somewhere to go.
          if (isRunMode(mode)) driver.press(...(before[action] ?? []));
          if (isRunMode(mode) && mode !== 'scenario' && mode !== 'lab' && key !== 'space')
            driver.press('space');
          const isPicture = mode === 'cluster' || mode === 'lab';
          if (mode === 'steps' || (action === 'move' && !isPicture)) driver.press('down');
          if (action === 'move' && !isPicture && /left|right/.test(key)) driver.press('tab', 'down');
          if (/pageup|home/.test(key)) driver.press('end');
          if (/pagedown|end/.test(key)) driver.press('home');
          const was = picture(driver);
          driver.press(key);
          t.not(picture(driver), was, driver.screen());
        });
      }
    }
  }
}

test('what is bound in one mode only means nothing in another', (t) => {
  for (const [mode, key] of [
    ['proxy', '1'],
    ['inspect', '3'],
    ['scenario', 'l'],
    ['scenario', '0'],
    ['steps', 'x'],
    ['steps', 'p'],
  ] as const) {
    const driver = screenIn(mode);
    const was = picture(driver);
    t.is(picture(driver.press(key)), was, `${mode} ${key}`);
  }
});

/** The Korean layout (Dubeolsik, KS X 5002): the letters on the keys, and those that Shift makes of seven of them. */
const dubeolsik = {
  plain: [
    ['qwertyuiop', 'ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔ'],
    ['asdfghjkl', 'ㅁㄴㅇㄹㅎㅗㅓㅏㅣ'],
    ['zxcvbnm', 'ㅋㅌㅊㅍㅠㅜㅡ'],
  ],
  shifted: [['QWERTOP', 'ㅃㅉㄸㄲㅆㅒㅖ']],
} as const;

const pairs = (rows: readonly (readonly [string, string])[]): (readonly [string, string])[] =>
  rows.flatMap(([latin, hangul]) =>
    Array.from(latin, (key, at) => [key, Array.from(hangul)[at] ?? ''] as const),
  );

for (const [latin, hangul] of [...pairs(dubeolsik.plain), ...pairs(dubeolsik.shifted)]) {
  test(`${hangul} is the key ${latin}, also as it is decomposed or half as wide`, (t) => {
    t.deepEqual(lettersOf(hangul), [latin]);
    t.deepEqual(lettersOf(hangul.normalize('NFKD')), [latin]);
  });
  test(`${hangul} does what ${latin} does, or with Shift where only that means something`, (t) => {
    const bound = (key: string): boolean => actionOf(key, 'scenario', 'scenario') !== undefined;
    const key = bound(latin) ? latin : latin.toUpperCase();
    const [one, other] = [key, hangul].map((pressed) => {
      const { driver } = recorded('mtls');
      driver.press('space', 'space');
      if (latin === 'n') driver.press('/', 'e', 'enter');
      driver.press(pressed);
      return { screen: driver.screen(), effects: driver.effects };
    });
    t.deepEqual(other, one);
  });
}

for (const [text, keys] of [
  ['가', 'rk'],
  ['한', 'gks'],
  ['값', 'rkqt'],
  ['왜', 'dho'],
  ['쀍', 'Qnpfr'],
  ['ㄳ', 'rt'],
  ['ㅢ', 'ml'],
  ['ﾡ', 'r'],
] as const) {
  test(`${text} is the keys ${keys}, composed or not`, (t) => {
    t.deepEqual(lettersOf(text), Array.from(keys));
    t.deepEqual(
      Array.from(text.normalize('NFKD')).flatMap((jamo) => lettersOf(jamo)),
      Array.from(keys),
    );
  });
}

test('every syllable and every letter of Hangul is keys of the layout', (t) => {
  for (let code = 0xac00; code <= 0xd7a3; code++) {
    const keys = lettersOf(String.fromCodePoint(code)) ?? [];
    if (keys.length < 2 || keys.length > 5 || !keys.every((key) => /^[a-zQWERTOP]$/.test(key)))
      t.fail(`${String.fromCodePoint(code)}: ${keys.join('')}`);
  }
  for (let code = 0x3131; code <= 0x3163; code++)
    t.truthy(lettersOf(String.fromCodePoint(code)), String.fromCodePoint(code));
  for (const other of ['a', 'é', '가나', '中', 'あ', '', 'enter', 'ㆍ']) {
    if (other !== '가나') t.is(lettersOf(other), undefined, other);
  }
});

test('a syllable is its keys one after the other', (t) => {
  const typed = screens.scenario().press('티');
  const keys = screens.scenario().press('x', 'L');
  t.is(typed.screen(), keys.screen());
  t.is(typed.model.language, 'ko');
});

test('wires from a Korean keyboard: A, D and E by their letters, every wire by ㅈ and ㅉ', (t) => {
  const driver = screens.scenario();
  t.is(driver.press('ㅈ').look.hop, 'B');
  t.is(driver.press('ㅁ').look.hop, 'A');
  t.is(driver.press('ㅉ').look.hop, 'B');
  t.is(driver.press('ㅇ').notice, 'there is no wire D here');
  t.is(driver.press('ㄸ').notice, 'there is no wire E here');
});

test('while a text is typed Hangul is text, put together where it comes in pieces', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('/', '가', 'ᄒ', 'ᅡ', 'ᆫ', 'ㅋ');
  t.is(driver.model.search.text, '가한ㅋ');
});

test('n and N are one letter on a Korean keyboard: it continues a search, and otherwise shows the notes', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 'ㅜ');
  t.true(driver.model.notes);
  driver.press('/', 'e', 'enter', 'ㅜ');
  t.true(driver.model.notes);
  t.is(driver.model.search.sought, 'e');
});

test('Object’s own names are no keys', (t) => {
  for (const key of ['constructor', 'toString', '__proto__', ''])
    for (const mode of keyModes) t.is(actionOf(key, mode, 'scenario'), undefined);
});

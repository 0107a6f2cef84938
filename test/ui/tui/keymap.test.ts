/**
 * The table of keys: each key means one thing, help lists every row once, every row has an effect, and the letters of a Korean
 * keyboard are equivalent to those on the same keys.
 */
import test from 'ava';
import { languages } from '../../../src/i18n/language.ts';
import { actionOf, keyRows } from '../../../src/ui/tui/keymap.ts';
import type { Action } from '../../../src/ui/tui/keymap.ts';
import { keyNames } from '../../../src/ui/tui/message.ts';
import type { Driver } from './support/driver.ts';
import { recorded } from './support/scenes.ts';

test('no key or action is in two rows, and every row has words in every language', (t) => {
  const keys = keyRows.flatMap((row) => row.keys);
  t.deepEqual(keys, [...new Set(keys)]);
  const actions = keyRows.map(({ action }) => action);
  t.deepEqual(actions, [...new Set(actions)]);
  for (const { shown, help, hint } of keyRows) {
    for (const language of languages) {
      t.true(help[language].length > 0, shown);
      if (hint) t.true(hint[language].length > 0, shown);
    }
  }
});

test('every key is one character, or has a name that the terminal knows', (t) => {
  const named: readonly string[] = [...keyNames, 'ctrl-c', 'f1'];
  for (const key of keyRows.flatMap((row) => row.keys))
    t.true(Array.from(key).length === 1 || named.includes(key), key);
});

test('help lists every row exactly once, at every size, in every language, when it is scrolled through', (t) => {
  for (const language of languages) {
    for (const size of [
      { columns: 40, rows: 12 },
      { columns: 80, rows: 24 },
      { columns: 120, rows: 40 },
      { columns: 200, rows: 50 },
    ]) {
      const { driver } = recorded('plaintext', { language, size });
      driver.press('?');
      const seen = new Set<string>();
      for (let before = ''; before !== driver.screen(); ) {
        before = driver.screen();
        for (const line of before.split('\n').slice(2, -1)) seen.add(line);
        driver.press('down');
      }
      const listed = [...seen].filter((line) => !/… ↓|↓ (?:more|더 있음)/.test(line)).join('\n');
      for (const { shown, help } of keyRows) {
        const words = help[language].slice(0, size.columns < 80 ? 8 : undefined);
        t.is(
          listed.split(words).length - 1,
          keyRows.filter((row) => row.help[language].includes(words)).length,
          `${shown} ${words} at ${size.columns}x${size.rows}\n${listed}`,
        );
      }
    }
  }
});

test('the hint bar names keys that do something here, gives up the last rows first, and always has help', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space');
  const hints = keyRows.filter(({ hint }) => hint);
  let shownBefore = 0;
  for (let columns = 40; columns <= 200; columns += 10) {
    const bar = driver.screen({ columns, rows: 24 }).split('\n').at(-1) ?? '';
    const shown = hints.filter(({ shown: keys, hint }) => bar.includes(`${keys} ${hint?.en}`)).length;
    t.true(shown >= shownBefore, bar);
    t.regex(bar, /\? help/);
    shownBefore = shown;
  }
  t.is(shownBefore, hints.length, 'on a sealed wire with two hops every one of them does something');
  driver.press('b');
  t.notRegex(driver.screen({ columns: 200, rows: 24 }).split('\n').at(-1) ?? '', /k keys|w wire/);
});

/** A place where that action has something to do. */
const places: Readonly<Partial<Record<Action, readonly string[]>>> = {
  leave: ['?'],
  later: ['space', 'space', ','],
  present: ['b'],
  'find-next': ['space', 'space', '/', 'e', 'enter'],
  open: [],
  sides: [],
  up: ['space', 'space'],
  left: ['space', 'space', 'enter'],
  first: ['space', 'space'],
  back: ['space', 'space'],
};

function changes(driver: Driver, key: string): boolean {
  const before = { model: driver.model, effects: driver.effects.length, notice: driver.model.notice };
  driver.press(key);
  return (
    JSON.stringify(withoutScenes(driver)) !== JSON.stringify(withoutScenes({ model: before.model })) ||
    driver.effects.length > before.effects
  );
}

const withoutScenes = ({ model }: Pick<Driver, 'model'>): unknown => ({
  ...model,
  sessions: Object.keys(model.sessions),
});

for (const { action, keys } of keyRows) {
  for (const key of keys) {
    test(`${key} does something: ${action}`, (t) => {
      const { driver } = recorded('plaintext', key === '1' ? { mode: 'tls' } : {});
      driver.press(...(places[action] ?? ['space', 'space']));
      if (action === 'present') driver.press('space', 'space', 'b');
      if (action === 'open' || action === 'sides') driver.press('2');
      if (key === '1') driver.press('2');
      t.true(changes(driver, key), driver.screen());
    });
  }
}

/** The Korean layout (Dubeolsik, KS X 5002): the letters on the keys, and with Shift. */
const dubeolsik: Readonly<Record<string, string>> = {
  b: 'ㅠ',
  c: 'ㅊ',
  e: 'ㄷ',
  f: 'ㄹ',
  g: 'ㅎ',
  k: 'ㅏ',
  l: 'ㅣ',
  L: 'ㅣ',
  m: 'ㅡ',
  n: 'ㅜ',
  p: 'ㅔ',
  P: 'ㅖ',
  q: 'ㅂ',
  r: 'ㄱ',
  s: 'ㄴ',
  t: 'ㅅ',
  v: 'ㅍ',
  w: 'ㅈ',
  x: 'ㅌ',
  z: 'ㅋ',
};

test('every letter has the action of its key on a Korean keyboard', (t) => {
  for (const { action, keys } of keyRows) {
    for (const key of keys.filter((one) => /^[A-Za-z]$/.test(one) && one !== 'N'))
      t.is(actionOf(dubeolsik[key] ?? key), action, key);
  }
});

for (const [latin, hangul] of Object.entries(dubeolsik)) {
  test(`${hangul} does what ${latin} does`, (t) => {
    const [one, other] = [latin, hangul].map((key) => {
      const { driver } = recorded('mtls');
      driver.press('space', 'space');
      if (latin === 'n') driver.press('/', 'e', 'enter');
      driver.press(key);
      return { screen: driver.screen(), effects: driver.effects };
    });
    t.deepEqual(other, one);
  });
}

test('n and N are one letter on a Korean keyboard: it continues a search, and otherwise shows the notes', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 'ㅜ');
  t.true(driver.model.notes);
  driver.press('/', 'e', 'enter', 'ㅜ');
  t.true(driver.model.notes);
  t.is(driver.model.search.sought, 'e');
});

test('Object’s own names are no keys', (t) => {
  for (const key of ['constructor', 'toString', '__proto__', '']) t.is(actionOf(key), undefined);
});

/** One pane alone over the whole body: which, how large, and how one comes back. */
import test from 'ava';
import { textOf } from '../../../../src/ui/tui/view/prose.ts';
import type { Driver } from '../support/driver.ts';
import { recorded } from '../support/scenes.ts';

/** The rows of the body without the rule above it. */
function bodyOf(driver: Driver): string[] {
  const lines = driver.frame().lines.map(textOf);
  const rule = lines.findIndex((line) => line.startsWith('─'));
  return lines.slice(rule + 1, -1);
}

const atTheWire = (keys: readonly string[] = []): Driver =>
  recorded('tls').driver.press('space', 'space', 'WIRE', ...keys);

for (const [pane, keys, title] of [
  ['the conversation', ['down', 'up'], /^─ conversation ─+ z: back ─$/],
  ['the bytes that nobody has moved in', [], /^─ on wire A \(what the café sees\) ─+ z: back ─$/],
  ['the bytes', ['tab'], /^─ on wire A \(what the café sees\) ─+ z: back ─$/],
  ['the explanation', ['tab', 'tab'], /^─ [a-z ]+ ─+ z: back ─$/],
] as const) {
  test(`${pane} takes the whole body, and gives it back`, (t) => {
    const driver = atTheWire(keys);
    const before = driver.screen();
    driver.press('z');
    const zoomed = driver.screen();
    t.true(
      zoomed.split('\n').some((line) => title.test(line)),
      zoomed,
    );
    for (const line of bodyOf(driver)) t.notRegex(line, /│ .* │|server got/);
    driver.press('z');
    t.is(driver.screen(), before);
    driver.press('z', 'escape');
    t.is(driver.screen(), before);
  });
}

test('Tab goes on to the next pane, which is then alone', (t) => {
  const driver = atTheWire(['down', 'z']);
  t.regex(driver.screen(), /─ conversation ─+ z: back/);
  driver.press('tab');
  t.regex(driver.screen(), /─ on wire A .*z: back/);
  driver.press('tab');
  t.regex(driver.screen(), /─ [a-z ]+ ─+ z: back/);
  t.true(driver.model.zoomed);
});

test('more of the conversation is in sight, and the arrows go through it', (t) => {
  const driver = atTheWire(['up']);
  const rows = (): number =>
    driver
      .screen()
      .split('\n')
      .filter((line) => /^[> ] *\d+ .*[→←]/.test(line)).length;
  const before = rows();
  driver.press('z');
  t.true(rows() > 2 * before);
  const { chosen } = driver.look;
  driver.press('down');
  t.is(driver.look.chosen, chosen + 1);
});

test('opened and with the keys of the layout, the bytes stay alone', (t) => {
  const driver = atTheWire(['tab', 'z', 'k']);
  t.regex(driver.screen(), /─ on wire A: opened with the client’s keys ─+ z: back/);
  t.regex(driver.screen(), /password=\[tiger-lily\]/);
  driver.press('x');
  t.true(driver.model.zoomed);
});

for (const keys of [
  ['tab'],
  ['tab', 'z'],
  ['tab', 'x'],
  ['tab', 'z', 'x'],
  ['tab', 'z', 'x', 'x'],
  ['P', 'tab'],
  ['P', 'tab', 'x'],
]) {
  for (const size of [
    { columns: 80, rows: 24 },
    { columns: 120, rows: 40 },
    { columns: 200, rows: 50 },
  ]) {
    test(`down is the next row as it is drawn: ${keys.join(' ')} at ${size.columns}x${size.rows}`, (t) => {
      const { driver } = recorded('tls', { size });
      driver.press('space', 'space', 'WIRE', ...keys);
      const cursorRows = (): number[] =>
        driver
          .frame()
          .lines.flatMap((line, row) => (line.some(({ role }) => role === 'cursor') ? [row] : []));
      driver.press('home');
      const [first] = cursorRows();
      driver.press('down');
      // The first rows do not scroll. Beside hex, which the arrows go through, a row of text is longer.
      t.is(cursorRows().at(-1), (first ?? NaN) + 1, driver.screen());
    });
  }
}

test('of two wires beside each other, the chosen one', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space');
  t.is(driver.look.body, 'wires');
  const before = driver.screen();
  driver.press('z');
  t.regex(driver.screen(), /─ on wire A \(what the café sees\) ─+ z: back/);
  driver.press('w');
  t.regex(driver.screen(), /─ on wire B .*z: back/);
  t.regex(driver.screen(), /password=\[tiger-lily\]/);
  driver.press('w', 'z');
  t.is(driver.screen(), before);
});

test('what has the whole body already says so', (t) => {
  const { driver } = recorded('tls');
  driver.press('z');
  t.is(driver.notice, 'this has the whole screen already');
  t.false(driver.model.zoomed);
});

test('another step, view or sheet is shown as usual', (t) => {
  for (const keys of [['space'], ['v'], ['s'], ['t'], ['e'], ['b']]) {
    const driver = atTheWire(['z', ...keys]);
    t.false(driver.model.zoomed, keys.join(' '));
  }
});

test('a refusal on a wide screen stands alone, without the story beside it', (t) => {
  const { driver } = recorded('mtls', { size: { columns: 130, rows: 40 } });
  for (let stop = 0; driver.look.body !== 'brief' && stop < 20; stop++) driver.press('space');
  for (let view = 0; driver.look.body !== 'card' && view < 9; view++) driver.press('v');
  t.regex(driver.screen(), /what happens/);
  driver.press('z');
  t.notRegex(driver.screen(), /─ what happens/);
});

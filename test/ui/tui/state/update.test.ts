/**
 * What every key does, as scripts: keys, and what is shown after them. The demonstrations are played from recordings, so
 * each script runs at once and comes out the same.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { Effect } from '../../../../src/ui/tui/state/effect.ts';
import { present } from '../../../helpers/capture.ts';
import type { Driver } from '../support/driver.ts';
import { byHand, recorded } from '../support/scenes.ts';
import type { Demonstration, RecordedOptions } from '../support/scenes.ts';

/** After these keys (blank between them), that is shown: a piece of the screen, or what a look at the driver says. */
type Row = readonly [keys: string, shown: string | RegExp | ((driver: Driver) => boolean)];

function script(
  title: string,
  mode: Demonstration | (() => Driver),
  rows: readonly Row[],
  options: RecordedOptions = {},
): void {
  test(title, (t) => {
    const driver = typeof mode === 'string' ? recorded(mode, options).driver : mode();
    follow(t, driver, rows);
  });
}

function follow(t: ExecutionContext, driver: Driver, rows: readonly Row[]): void {
  for (const [index, [keys, shown]] of rows.entries()) {
    driver.press(...keys.split(' ').filter(Boolean));
    const screen = driver.screen();
    const context = `row ${index + 1}, after "${keys}": ${String(shown)}\n${driver.stop}\n${screen}`;
    t.true(
      typeof shown === 'function'
        ? shown(driver)
        : typeof shown === 'string'
          ? screen.includes(shown)
          : shown.test(screen),
      context,
    );
  }
}

const at =
  (stop: string) =>
  (driver: Driver): boolean =>
    driver.stop === stop;
const says =
  (notice: string | undefined) =>
  (driver: Driver): boolean =>
    driver.notice === notice;
const bar =
  (text: string) =>
  (driver: Driver): boolean =>
    present(driver.screen().split('\n')[0]).includes(text);
const effectsOf = (driver: Driver, type: Effect['type']): Effect[] =>
  driver.effects.filter((effect) => effect.type === type);

script('space goes from the introduction to the verdict, and no further', 'plaintext', [
  ['', at('intro')],
  ['', 'press space'],
  ['space', at('question direct')],
  ['', 'step 2/6'],
  ['', 'what do you think?'],
  ['space', at('reveal direct')],
  ['', 'Whoever records the café'],
  ['space', at('question through-a-proxy')],
  ['space', at('reveal through-a-proxy')],
  ['space', at('verdict')],
  ['', 'PASSED'],
  ['space', at('verdict')],
  ['', 'this is the end'],
]);

script(
  'b goes back over what was seen, to the beginning, and space over it again without running anything',
  'plaintext',
  [
    ['space space space space b', at('question through-a-proxy')],
    ['b backspace', at('question direct')],
    ['b', at('intro')],
    ['b', says('this is the beginning')],
    ['b', at('intro')],
    ['space space', at('reveal direct')],
    ['', (driver) => effectsOf(driver, 'advance').length === 2],
  ],
);

test('space that is pressed while a step runs waits for its end, and is no second step', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('space');
  t.is(driver.stop, 'question direct');
  driver.press('space', 'space', 'space');
  t.deepEqual(effectsOf(driver, 'advance'), [{ type: 'advance', mode: 'plaintext' }]);
  runs.feed('plaintext', 4);
  t.is(driver.stop, 'question direct');
  t.true(bar('running …')(driver));
  runs.feed('plaintext');
  t.is(driver.stop, 'reveal direct');
  t.is(driver.model.goal, undefined);
});

test('what goes by while a step runs is shown as it goes by', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('space', 'space');
  const seen: number[] = [];
  while (driver.stop === 'question direct') {
    seen.push(driver.look.rows.length);
    runs.feed('plaintext', 1);
  }
  t.deepEqual([...new Set(seen)], [0, 1, 2, 3, 4, 5, 6]);
});

script('r restarts: the introduction, and a run of its own', 'plaintext', [
  ['space space down r', at('intro')],
  ['', (driver) => driver.scene.stops.length === 2],
  ['', (driver) => effectsOf(driver, 'start').length === 1],
  ['space space', at('reveal direct')],
  ['', 'Whoever records the café'],
  // The cursor of the first run means nothing in the second.
  ['', (driver) => driver.look.place.cursor === undefined],
]);

test('p plays: a tick, a stop, and at the end it stops', (t) => {
  const { driver } = recorded('plaintext', { pace: 4000 });
  driver.press('p');
  t.is(driver.stop, 'question direct');
  t.true(bar('playing')(driver));
  const stops: string[] = [];
  for (let ticks = 0; ticks < 4; ticks++) {
    t.deepEqual(driver.effects.at(-1), { type: 'tick', playing: 1, milliseconds: 4000 });
    driver.send({ type: 'ticked', playing: 1 });
    stops.push(driver.stop);
  }
  t.deepEqual(stops, ['reveal direct', 'question through-a-proxy', 'reveal through-a-proxy', 'verdict']);
  driver.send({ type: 'ticked', playing: 1 });
  t.is(driver.model.playing, undefined);
  t.is(effectsOf(driver, 'tick').length, 5);
});

test('p pauses, and a tick that was on its way then does nothing; nor does it hasten the next play', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('p', 'p');
  t.is(driver.notice, 'paused');
  driver.send({ type: 'ticked', playing: 1 });
  t.is(driver.stop, 'question direct');
  driver.press('p');
  t.is(driver.stop, 'reveal direct');
  driver.send({ type: 'ticked', playing: 1 });
  t.is(driver.stop, 'reveal direct');
  driver.send({ type: 'ticked', playing: 2 });
  t.is(driver.stop, 'question through-a-proxy');
});

for (const key of ['space', 'b', 'r', '2', ',', '.', 'g', 'pagedown', 'left', 'q']) {
  test(`navigating with ${key} stops playback`, (t) => {
    const { driver } = recorded('plaintext');
    driver.press('space', 'p', key);
    t.is(driver.model.playing, undefined);
  });
}

for (const key of ['w', 'x', 'k', 'e', 'v', 'm', 'N', 'P', 'L', 'up', 'tab']) {
  test(`looking around by ${key} does not stop the playing`, (t) => {
    const { driver } = recorded('plaintext');
    driver.press('space', 'p', key);
    t.is(driver.model.playing, 1);
  });
}

script('1 2 3 show the same login another way, and lead back to where one was', 'plaintext', [
  ['space space space space WIRE down down', at('reveal through-a-proxy')],
  ['2', at('reveal sealed-login')],
  ['', bar('tls')],
  ['', 'wire A SEALED'],
  ['WIRE home', /> *1   TCP opened/],
  ['3', at('reveal alice-1.3')],
  ['', bar('mtls')],
  ['', (driver) => driver.look.place.cursor === undefined],
  ['2', at('reveal sealed-login')],
  ['', /> *1   TCP opened/],
  ['1', at('reveal through-a-proxy')],
  ['', />4 → GET \/profile/],
  ['1', at('reveal through-a-proxy')],
  ['', (driver) => effectsOf(driver, 'start').length === 2],
]);

test('what is shown stays until the other way is there', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('space', 'space');
  runs.feed('plaintext');
  driver.press('2');
  const before = driver.screen().split('\n').slice(1);
  t.deepEqual(effectsOf(driver, 'start'), [{ type: 'start', mode: 'tls', through: 'sealed-login' }]);
  for (let events = 0; driver.model.mode === 'plaintext'; events++) {
    t.deepEqual(driver.screen().split('\n').slice(1), before);
    t.true(events < 500);
    runs.feed('tls', 1);
  }
  t.is(driver.stop, 'reveal sealed-login');
  t.is(driver.model.goal, undefined);
});

test('the key of the other way, pressed again while it comes, changes nothing', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('2');
  runs.feed('tls', 20);
  driver.press('2');
  t.is(driver.model.mode, 'plaintext');
  t.is(driver.stop, 'intro');
  runs.feed('tls');
  t.is(driver.model.mode, 'tls');
  t.is(driver.stop, 'reveal sealed-login');
  t.is(effectsOf(driver, 'start').length, 1);
});

test('two ways asked for one after the other: the last one is shown, and the first is at its login when it is asked for again', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('2');
  runs.feed('tls', 20);
  driver.press('3');
  runs.feed('tls');
  t.is(driver.model.mode, 'plaintext');
  runs.feed('mtls');
  t.is(driver.stop, 'reveal alice-1.3');
  driver.press('2');
  t.is(driver.stop, 'reveal sealed-login');
  t.is(effectsOf(driver, 'start').length, 2);
});

test('a cancelled change of mode leaves the place unchanged', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('2');
  runs.feed('tls', 20);
  driver.press('1');
  runs.feed('tls');
  t.is(driver.model.mode, 'plaintext');
  t.is(driver.stop, 'intro');
});

test('space while another mode starts continues here, and the other mode waits', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('space', '2');
  runs.feed('tls', 20);
  driver.press('space');
  runs.feed('plaintext');
  t.is(driver.stop, 'reveal direct');
  runs.feed('tls');
  t.is(driver.stop, 'reveal direct');
  driver.press('2');
  t.is(driver.stop, 'reveal sealed-login');
});

test('a way that cannot be started says so in its place, and can be asked for again', (t) => {
  const { driver, runs } = recorded('plaintext', { slow: true });
  runs.feed('plaintext');
  driver.press('2');
  runs.feed('tls', 1);
  driver.send({
    type: 'state',
    mode: 'tls',
    state: 'failed',
    error: ['wirelab: the port is busy', '  what to do: choose another'],
  });
  t.is(driver.model.mode, 'tls');
  t.regex(driver.screen(), /could not start/);
  t.regex(driver.screen(), /the port is busy\n +what to do: choose another|the port is busy/);
  driver.press('space');
  t.regex(driver.screen(), /the port is busy/);
  driver.press('1');
  t.is(driver.model.mode, 'plaintext');
  driver.press('2');
  t.is(effectsOf(driver, 'start').length, 2);
});

script(
  'a demonstration that no key leads to says so',
  () =>
    recorded('plaintext', {
      modes: [{ name: 'plaintext', title: { en: '', ko: '' }, key: '1', comparable: 'direct' }],
    }).driver,
  [
    ['3', 'this demonstration has no such counterpart'],
    ['', bar('plaintext')],
  ],
);

script(', and . go through the messages of the past, and space comes back', 'plaintext', [
  ['space space', (driver) => driver.look.rows.length === 6],
  [',', bar('in the past, . later')],
  ['', (driver) => driver.look.rows.length === 5],
  [', , ,', (driver) => driver.look.rows.length === 2],
  ['', />2 → POST \/login/],
  ['', '2 secrets LEAKED'],
  [',', (driver) => driver.look.rows.length === 1],
  ['', 'nothing on the wire yet'],
  ['', (driver) => !driver.screen().includes('LEAKED')],
  [',', says('this is the beginning')],
  ['.', (driver) => driver.look.rows.length === 2],
  ['. . .', (driver) => driver.look.rows.length === 5],
  ['.', (driver) => driver.look.rows.length === 6 && driver.look.place.moment === undefined],
  [', ,', bar('in the past')],
  ['space', (driver) => driver.stop === 'reveal direct' && driver.look.place.moment === undefined],
  [', b', (driver) => driver.stop === 'reveal direct' && driver.look.place.moment === undefined],
  // The question of the next step waits, but has not been shown.
  ['.', says('this is the present; , goes back in time')],
  ['', at('reveal direct')],
  ['b b .', at('reveal direct')],
]);

test('each comma goes a moment back, also over messages that were completed together, and later events are not shown there', (t) => {
  const { driver } = recorded('tls', { size: { columns: 120, rows: 40 } });
  driver.press('space', 'space');
  const lengths = [driver.look.rows.length];
  while (lengths.length < 50 && driver.press(',').notice === undefined) {
    lengths.push(driver.look.rows.length);
    const { last } = driver.look;
    t.true(driver.look.rows.slice(0, Infinity).every(({ message }) => message.seq <= last));
    t.true(driver.look.hits.every(({ seq }) => seq <= last));
  }
  t.true(lengths.length > 8);
  t.deepEqual(
    lengths,
    [...new Set(lengths)].sort((one, other) => other - one),
  );
  t.is(lengths.at(-1), 1);
  t.false(driver.screen().includes('LEAKED'));
  t.false(driver.screen().includes('900101'));
  const back = [driver.look.rows.length];
  while (back.length < 50 && driver.look.place.moment !== undefined)
    back.push(driver.press('.').look.rows.length);
  t.deepEqual(back, lengths.toReversed());
});

script('w goes round the wires, and says where there is but one', 'plaintext', [
  ['space space', 'on wire 0 (what the café sees)'],
  ['w', says('there is only one wire here')],
  ['space space WIRE', 'on wire A (what the café sees)'],
  ['w', 'on wire B (what the data centre sees)'],
  ['', 'X-Forwarded-For'],
  ['w', 'on wire A'],
]);

script('the wire that was chosen stays chosen at the next step that has it', 'mtls', [
  ['space space WIRE w', 'on wire B'],
  ['space space WIRE', (driver) => driver.stop === 'reveal alice-1.2' && driver.look.hop === 'B'],
]);

script('Tab goes round the panes, Shift-Tab back, and Enter leaves the bytes', 'plaintext', [
  ['space space', (driver) => driver.look.place.pane === 'conversation'],
  ['tab', (driver) => driver.look.place.pane === 'bytes'],
  ['tab', (driver) => driver.look.place.pane === 'explanation'],
  ['tab', (driver) => driver.look.place.pane === 'conversation'],
  ['shift-tab', (driver) => driver.look.place.pane === 'explanation'],
  ['shift-tab', (driver) => driver.look.place.pane === 'bytes'],
  ['', 'http.request.form.value'],
  ['enter', (driver) => driver.look.place.pane === 'conversation'],
  ['', at('reveal direct')],
  ['enter', at('question through-a-proxy')],
]);

script(
  'up and down choose messages, Home and End the first and last, and no key goes past them',
  'plaintext',
  [
    ['space space up', />1   TCP opened/],
    ['up', />1   TCP opened/],
    ['down down', />3 ← 302 Found/],
    ['', 'http.response.version'],
    ['end', />6   TCP closed/],
    ['down', />6   TCP closed/],
    ['home', />1   TCP opened/],
  ],
);

script('the explanation is scrolled where it is the pane, and only as far as it goes', 'plaintext', [
  ['space space', 'Both secrets stand in the recording'],
  ['shift-tab', '↓ more'],
  ['down down down down', (driver) => !driver.screen().includes('Both secrets stand in')],
  ['end', 'now or years later'],
  ['down', 'now or years later'],
  ['', (driver) => !driver.screen().includes('more')],
  ['home', 'Both secrets stand in the recording'],
]);

script('x goes through text and hex, and where there is room through both', 'plaintext', [
  ['space space', 'password=[tiger-lily]'],
  ['x', '3d[74 69'],
  ['x', 'password=[tiger-lily]'],
  ['', (driver) => !driver.screen({ columns: 120, rows: 40 }).includes('3d[74 69')],
]);

script('e makes the explanation large and small again, of the stop or of what is pointed at', 'plaintext', [
  ['space space e', /── what happens ─+\n One wire, nothing in between/],
  ['e', 'conversation'],
  ['tab e', /── field value ─/],
  ['e', 'conversation'],
]);

script('v goes through the card, the wire and the story of a refusal', 'mtls', [
  ['space space space space space space', at('reveal nobody-1.3')],
  ['', (driver) => driver.look.body === 'ladder'],
  ['v', (driver) => driver.look.body === 'card'],
  ['', 'because'],
  ['v', 'conversation'],
  ['', 'x front turned the client nobody away'],
  ['v', (driver) => driver.look.body === 'story'],
  ['v', (driver) => driver.look.body === 'ladder'],
]);

script('where there is only a story v stays, and at the end it leads to the claims', 'plaintext', [
  ['v', (driver) => driver.look.body === 'story'],
  ['space v', (driver) => driver.look.body === 'story'],
  ['space space space space', (driver) => driver.look.body === 'verdict'],
  ['v', (driver) => driver.look.body === 'claims'],
  ['', '✓ password at 0x00d6 on wire 0'],
  ['v', (driver) => driver.look.body === 'verdict'],
]);

script('k where nothing is sealed says so, and changes nothing', 'plaintext', [
  ['space space k', 'nothing is sealed here'],
  ['', (driver) => !driver.model.opened],
]);

test('k opens and closes, and lands on the same moment, from every message', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space', 'WIRE', 'home');
  const { length } = driver.look.rows;
  t.true(length > 15);
  for (let row = 0; row < length; row++) {
    const chosen = (): { title: string; seq: number; from: unknown } => {
      const { message } = present(driver.look.rows.at(driver.look.chosen));
      return { title: message.title.en, seq: message.seq, from: message.from };
    };
    const before = chosen();
    driver.press('k');
    t.like(chosen(), { seq: before.seq, from: before.from }, `${row} opened`);
    driver.press('k');
    t.deepEqual(chosen(), before, `${row} closed again`);
    driver.press('down');
  }
});

script('k on the login’s record opens the login in its place', 'tls', [
  ['space space WIRE', />11 → ApplicationData/],
  ['k', />12 → POST \/login/],
  ['', 'opened with the client’s keys'],
  ['', 'password=[tiger-lily]'],
  ['k', />11 → ApplicationData    265 B/],
  ['', 'what the café sees'],
]);

script('m masks and unmasks, and says so', 'plaintext', [
  ['space space m', says('secrets are masked on the screen')],
  ['', (driver) => !driver.screen().includes('tiger-lily')],
  ['m', says('secrets are shown')],
  ['', 'tiger-lily'],
]);

script('N shows the speaker’s notes, and keeps them from stop to stop', 'plaintext', [
  ['N', 'speaker’s notes'],
  ['', /6 stops, 2 questions to the audience/],
  ['space', 'speaker’s notes'],
  ['N', (driver) => !driver.screen().includes('speaker’s notes')],
]);

script('P makes large blocks of little, and back', 'plaintext', [
  ['space space P', /[█▀]/],
  ['', (driver) => !driver.screen().includes('server got')],
  ['P', 'server got'],
]);

script('L speaks the other language at once, wherever one is', 'plaintext', [
  ['space space L', '카페의 통신을 기록하면'],
  ['', (driver) => driver.stop === 'reveal direct'],
  ['? ? L', 'next step'],
  ['L ? m', '화면에서 비밀을 가렸습니다'],
  ['l', '카페의 통신을 기록하면'],
  ['L', 'Whoever records the café'],
]);

script('q closes what is open, one after the other, and then ends', 'mtls', [
  ['space space space space space space', at('reveal nobody-1.3')],
  ['WIRE tab / a l e r t enter', (driver) => driver.model.search.sought === 'alert'],
  ['N ㅠ', at('question nobody-1.3')],
  ['space', at('reveal nobody-1.3')],
  ['WIRE tab e ?', (driver) => driver.model.help !== false && driver.model.large],
  ['q', (driver) => !driver.model.help && driver.model.large],
  ['q', (driver) => driver.model.search.sought === '' && driver.model.large],
  ['N q', (driver) => !driver.model.large && driver.model.notes],
  ['q', (driver) => !driver.model.notes && driver.look.body === 'wire'],
  ['q', (driver) => driver.look.body === 'ladder' && driver.look.place.pane !== 'conversation'],
  ['q', (driver) => driver.look.place.pane === 'conversation'],
  ['', (driver) => effectsOf(driver, 'quit').length === 0],
  ['escape escape', (driver) => effectsOf(driver, 'quit').length === 0],
  ['q', (driver) => driver.model.asking && driver.screen().includes('End the show?')],
  ['x', (driver) => !driver.model.asking && effectsOf(driver, 'quit').length === 0],
  ['q q', (driver) => JSON.stringify(effectsOf(driver, 'quit')) === '[{"type":"quit"}]'],
]);

script('Ctrl-C ends at once, whatever is open', 'plaintext', [
  [
    'space ? ctrl-c',
    (driver) => JSON.stringify(driver.effects.at(-1)) === '{"type":"quit","interrupted":true}',
  ],
  ['? / a ctrl-c', (driver) => effectsOf(driver, 'quit').length === 2],
]);

script('f gives the mouse to the terminal, and takes it back', 'plaintext', [
  ['f', says('the mouse is the terminal’s: select as usual; f takes it back')],
  ['', (driver) => JSON.stringify(driver.effects.at(-1)) === '{"type":"mouse","on":false}'],
  ['f', (driver) => JSON.stringify(driver.effects.at(-1)) === '{"type":"mouse","on":true}'],
]);

test('a click means what lies under it: a wire, a message, a byte, a pane', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 'space', 'space', 'WIRE');
  const clickOn = (text: string, from = 0): void => {
    const lines = driver.screen().split('\n');
    const row = lines.findIndex((line, index) => index >= from && line.includes(text));
    driver.click(present(lines[row]).indexOf(text) + 1, row);
  };
  clickOn('[B data');
  t.is(driver.look.hop, 'B');
  clickOn('READABLE');
  t.is(driver.look.hop, 'A');
  clickOn('302 Found', 15);
  t.regex(driver.screen(), />3 ← 302 Found/);
  clickOn('HttpOnly');
  t.is(driver.look.place.pane, 'bytes');
  t.regex(driver.screen(), /http\.response\.header/);
  clickOn('http.response.header');
  t.is(driver.look.place.pane, 'explanation');
  const before = driver.model;
  driver.click(0, 0);
  t.is(driver.model, before);
});

test('every click on every cell is answered, and what it points at is under the cursor then', (t) => {
  const { driver } = recorded('plaintext', { layout: 'both', size: { columns: 120, rows: 30 } });
  driver.press('space', 'space');
  const { regions } = driver.frame();
  t.true(regions.length > 200);
  const start = driver.model;
  for (const { row, column, width, message } of regions.filter((region) => region.message.type === 'point')) {
    driver.model = start;
    driver.click(column + width - 1, row);
    if (message.type === 'point') t.deepEqual(driver.look.place.cursor, message.cursor);
  }
});

test('the wheel moves what lies under it, and leaves the pane alone', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space');
  const row = driver
    .screen()
    .split('\n')
    .findIndex((line) => line.includes('POST /login    243'));
  driver.send({ type: 'scrolled', column: 3, row, lines: 1 });
  t.regex(driver.screen(), />3 ← 302 Found/);
  driver.send({ type: 'scrolled', column: 3, row, lines: -9 });
  t.regex(driver.screen(), />1   TCP opened/);
  t.is(driver.look.place.pane, 'conversation');
});

for (const key of ['y', 'Z', '9', 'l', 'delete', 'f12', '中', '', '\u001b[200~', 'toString', '__proto__']) {
  test(`${JSON.stringify(key)} means nothing and does nothing`, (t) => {
    const { driver } = recorded('plaintext');
    driver.press('space', 'space');
    const before = driver.model;
    driver.press(key);
    t.deepEqual(driver.model, before);
    t.deepEqual(
      driver.effects.filter(({ type }) => type !== 'advance'),
      [],
    );
  });
}

test('late messages, and those of unknown runs, change nothing', (t) => {
  const { driver } = byHand([]);
  const before = driver.model;
  driver.send({ type: 'state', mode: 'mtls', state: 'finished' });
  driver.send({ type: 'ticked', playing: 7 });
  driver.send({ type: 'search-on' });
  t.is(driver.model, before);
});

test('before any run is there every key is harmless', (t) => {
  const { driver } = byHand([]);
  driver.model = { ...driver.model, sessions: {}, places: {} };
  for (const key of [
    'space',
    'b',
    'p',
    'p',
    'w',
    'x',
    'k',
    'e',
    'v',
    'm',
    'N',
    'P',
    ',',
    '.',
    'g',
    '/',
    'a',
    'enter',
    'n',
    'c',
    'f',
    'tab',
    'up',
    'down',
    'left',
    'right',
    'pageup',
    'end',
    '?',
    'q',
  ])
    driver.press(key);
  t.notThrows(() => driver.screen());
});

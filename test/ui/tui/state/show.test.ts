/**
 * The keys of a show: those of a clicker, the list of steps, the way to another demonstration and back, the question before the
 * end, and the offer to go on where it was left.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { CaptureDraft } from '../../../../src/capture/event.ts';
import type { Effect } from '../../../../src/ui/tui/state/effect.ts';
import { leftAt } from '../../../../src/ui/tui/state/show/leaving.ts';
import { presentStop } from '../../../../src/ui/tui/state/show/steps-list.ts';
import { answered, topology } from '../../../presentation/support/captured.ts';
import type { Driver } from '../support/driver.ts';
import { byHand, demonstrations, recorded } from '../support/scenes.ts';

const effectsOf = (driver: Driver, type: Effect['type']): Effect[] =>
  driver.effects.filter((effect) => effect.type === type);

/** Presses keys one after the other, and checks where each leads. */
function leads(
  t: ExecutionContext,
  driver: Driver,
  rows: readonly (readonly [key: string, stop: string])[],
): void {
  for (const [key, stop] of rows) t.is(driver.press(key).stop, stop, `${key}\n${driver.screen()}`);
}

for (const [forth, back] of [
  ['pagedown', 'pageup'],
  ['right', 'left'],
  ['enter', 'pageup'],
] as const) {
  test(`a clicker that sends ${forth} and ${back} goes through the steps, from the question slides too`, (t) => {
    const { driver } = recorded('plaintext');
    leads(t, driver, [
      [forth, 'question direct'],
      [forth, 'reveal direct'],
      [back, 'question direct'],
      [back, 'intro'],
      [back, 'intro'],
    ]);
    t.is(driver.notice, 'this is the beginning');
    for (const name of demonstrations) {
      const all = recorded(name).driver;
      const stops: string[] = [];
      for (let presses = 0; presses < 100 && all.look.stop?.kind !== 'verdict'; presses++)
        stops.push(all.press(forth).stop);
      t.is(stops.length, all.scene.stops.length - 1, name);
    }
  });
}

const began: CaptureDraft = {
  type: 'began',
  version: '0',
  wallClock: '2026-01-01T00:00:00.000Z',
  topology,
};

test('where a pane of bytes has the focus the keys of a clicker move in it, and Enter leaves it', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 'tab');
  const offset = (): number => driver.look.place.cursor?.offset ?? -1;
  driver.press('home');
  const first = offset();
  t.is(driver.press('right') && offset(), first + 1);
  t.is(driver.press('left') && offset(), first);
  t.true(driver.press('pagedown') && offset() > first + 1);
  t.is(driver.press('pageup') && offset(), first);
  t.is(driver.stop, 'reveal direct');
  t.is(driver.press('enter').look.place.pane, 'conversation');
  leads(t, driver, [['pagedown', 'question through-a-proxy']]);
});

test('the focus in the bytes ends with the step: a clicker goes on from the next one', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space', 'tab', 'space');
  leads(t, driver, [
    ['pagedown', 'reveal through-a-proxy'],
    ['pagedown', 'verdict'],
  ]);
});

test('PageDown at the end goes through the verdict page by page, then says that it is the end; PageUp leads back', (t) => {
  const { driver } = recorded('mtls', { size: { columns: 40, rows: 12 } });
  while (driver.stop !== 'verdict') driver.press('space');
  let pages = 0;
  while (driver.press('pagedown').notice === undefined && pages < 50) pages++;
  t.true(pages > 0 && pages < 50);
  t.regex(driver.notice ?? '', /this is the end/);
  t.regex(driver.press('pageup').stop, /^reveal /);
});

test('in a long text PageDown turns pages, and after the last one goes on', (t) => {
  const { driver } = recorded('tls', { size: { columns: 60, rows: 14 } });
  driver.press('space', 'space', 'e');
  const scrolls: number[] = [];
  while (driver.model.large && scrolls.length < 50) {
    scrolls.push(driver.look.place.scroll);
    driver.press('pagedown');
  }
  t.true(scrolls.length > 2 && scrolls.length < 50);
  t.is(driver.look.stop?.kind, 'question');
});

test('space, Enter and a clicker close help first, and change nothing else', (t) => {
  for (const key of ['space', 'right']) {
    const { driver } = recorded('plaintext');
    driver.press('space', '?', key);
    t.false(driver.model.help);
    t.is(driver.stop, 'question direct');
  }
});

test('any other key closes help and does what help says; those for how the screen looks leave it open', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space', '?', 'w');
  t.false(driver.model.help);
  t.is(driver.look.hop, 'B');
  driver.press('?', 'L', 'P', 'm');
  t.truthy(driver.model.help);
  t.deepEqual([driver.model.language, driver.model.projector, driver.model.masked], ['ko', true, true]);
});

test('g lists every stop with its number, and which were not run yet; it goes nowhere by itself', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space', 'g');
  t.is(driver.stop, 'reveal sealed-login');
  const screen = driver.screen();
  t.regex(screen, /^── steps ─/m);
  t.regex(screen, /^ > 3 .* here$/m);
  t.is([...screen.matchAll(/^ [ >] (\d) /gm)].map(([, number]) => number).join(''), '12345678');
  t.is(screen.match(/not run yet/g)?.length, 4);
  t.is(effectsOf(driver, 'advance').length, 1);
  for (const key of ['escape', 'q', 'g']) {
    t.is(driver.model.sheet, 'steps');
    t.is(driver.press(key).model.sheet, 'none', key);
    driver.press('g');
  }
});

test('a step has its title once in the list: below its question stands the lesson once it was shown, and no spoiler', (t) => {
  const { driver } = recorded('tls', { language: 'ko' });
  driver.press('space', 'space', 'g');
  const rows = driver
    .screen()
    .split('\n')
    .filter((line) => /^ [ >] +\d+ {2}/.test(line));
  const titles = rows.map((row) =>
    row
      .replace(/^ [ >] +\d+ +(?:\? )?/, '')
      .replace(/ {2,}\S.*$/, '')
      .trim(),
  );
  const results = titles.filter((title) => title.startsWith('└'));
  t.is(results.length, rows.filter((row) => / \? /.test(row)).length);
  const named = titles.filter((title) => !title.startsWith('└'));
  t.deepEqual(named, [...new Set(named)]);
  const lesson = driver.scene.narrationOf(driver.look.stop?.step).headline?.ko ?? '';
  t.is(results[0], `└ ${lesson}`);
  t.true(results.slice(1).every((title) => title === '└ 결과'));
});

test('only a chosen line is reversed: not the title of the list, and no wire where there is one', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'space');
  const reversed = (): string[] => driver.inRole('selected');
  t.false(reversed().some((text) => /conversation|\[0 café\]/.test(text)));
  driver.press('tab', 'tab');
  t.is(driver.look.place.pane, 'explanation');
  t.true(reversed().length > 1);
});

test('answers are lettered, and a line says that the letters are no keys', (t) => {
  const { driver } = recorded('tls');
  driver.press('space');
  t.is(driver.look.stop?.kind, 'question');
  t.regex(driver.screen(), /^ {4}a\) \S/m);
  t.regex(driver.screen(), /The letters are not keys\./);
  t.regex(driver.screen({}, 'ko'), /a, b, c는 단축키가 아닙니다/);
  t.false(driver.inRole('key').some((text) => /^[abc]\)?$/.test(text)));
});

test('Enter in the list goes back to a stop that was seen, without running anything', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', 'space', 'space', 'g', 'up', 'up', 'enter');
  t.is(driver.stop, 'question sealed-login');
  t.is(effectsOf(driver, 'advance').length, 1);
  t.is(driver.press('g', 'home', 'enter').stop, 'intro');
});

test('a stop ahead is reached by running the steps before it, one after the other', (t) => {
  const { driver } = recorded('tls');
  driver.press('g', '7', 'enter');
  t.is(driver.stop, 'reveal unknown-ca');
  t.is(driver.look.place.stop, 6);
  t.is(effectsOf(driver, 'advance').length, 3);
  t.is(driver.press('g', 'end', 'enter').stop, 'verdict');
});

test('while it runs ahead the place stays, a notice says so, and Escape or b gives it up', (t) => {
  for (const key of ['escape', 'b']) {
    const { driver, runs } = recorded('tls', { slow: true });
    runs.feed('tls');
    driver.press('g', '8', 'enter');
    t.is(driver.notice, 'running to step 8 …');
    t.is(driver.stop, 'intro');
    runs.feed('tls', 20);
    t.is(driver.stop, 'intro');
    driver.press(key);
    runs.feed('tls');
    t.is(driver.stop, 'intro');
    t.is(driver.model.goal, undefined);
    t.is(effectsOf(driver, 'advance').length, 1);
  }
});

test('each demonstration is reached whole from the list: every stop by its number', (t) => {
  for (const name of demonstrations) {
    const count = recorded(name).driver.scene.planned;
    for (let number = 1; number <= count; number++) {
      const { driver } = recorded(name);
      driver.press('g', ...Array.from(String(number)), 'enter');
      t.is(driver.look.place.stop, number - 1, `${name} ${number}`);
      t.is(driver.model.sheet, 'none');
    }
    // As many stops as were listed.
    t.is(recorded(name).driver.press('g', 'end', 'enter').stop, 'verdict');
  }
});

test('digits that follow each other are one number; one that leads nowhere says so', (t) => {
  const { driver } = recorded('mtls');
  driver.press('g', '1', '2');
  t.is(driver.model.chosen, 11);
  driver.press('up', '3');
  t.is(driver.model.chosen, 2);
  driver.press('up', '0');
  t.regex(driver.notice ?? '', /^there is no 0 in this list of \d+$/);
  t.is(driver.model.chosen, 1);
});

test('a long list is shown around the chosen row, and a click goes to a row', (t) => {
  const { driver } = recorded('mtls', { size: { columns: 80, rows: 14 } });
  driver.press('g', 'end');
  t.regex(driver.screen(), /^ > \d+ +verdict/m);
  driver.press('home');
  t.regex(driver.screen(), /^ > +1 /m);
  const row = driver
    .screen()
    .split('\n')
    .findIndex((line) => /^ {3}\s*2 /.test(line));
  t.is(driver.click(5, row).look.place.stop, 1);
});

test('. leads to the furthest stop that was shown, and no further', (t) => {
  const { driver } = recorded('tls');
  driver.press('.');
  t.is(driver.notice, 'this is the present; , goes back in time');
  driver.press('space', 'space');
  t.is(driver.scene.stops.length, 4);
  t.is(presentStop(driver.model), 2);
  t.is(driver.press('.').stop, 'reveal sealed-login');
  driver.press('g', '1', 'enter');
  t.is(driver.press('.').stop, 'reveal sealed-login');
});

test('q in the middle asks; q again ends, any other key stays where it was', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space');
  for (const key of ['x', 'space', 'escape', 'up', '?', 'b']) {
    const { stop } = driver;
    driver.press('q');
    t.is(driver.model.asking, 'end');
    t.regex(driver.screen().split('\n').at(-1) ?? '', /^ End the show\? q again ends it/);
    t.true((driver.screen().split('\n').at(-1) ?? '').endsWith('.'), 'it fits');
    t.regex(driver.screen({}, 'ko').split('\n').at(-1) ?? '', /^ 시연을 끝낼까요\?.*\.$/);
    driver.press(key);
    t.is(driver.model.asking, false);
    t.deepEqual([driver.stop, driver.model.help, effectsOf(driver, 'quit').length], [stop, false, 0], key);
  }
  t.deepEqual(driver.press('q', 'q').effects.at(-1), { type: 'quit' });
});

for (const keys of [['Q'], ['ctrl-c'], ['q', 'Q'], ['q', 'ctrl-c'], ['q', 'ㅂ']] as const) {
  test(`${keys.join(' ')} ends in the middle of a show`, (t) => {
    const { driver } = recorded('plaintext');
    driver.press('space', ...keys);
    t.is(effectsOf(driver, 'quit').length, 1);
  });
}

test('before the first step and at the end q ends at once; Escape ends nothing anywhere', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('escape', 'escape');
  t.deepEqual(driver.effects, []);
  t.is(effectsOf(driver.press('q'), 'quit').length, 1);
  driver.press('g', 'end', 'enter');
  t.is(driver.stop, 'verdict');
  driver.press('escape', 'escape');
  t.is(effectsOf(driver, 'quit').length, 1);
  t.is(effectsOf(driver.press('q'), 'quit').length, 2);
  // Going back over what was seen is not the middle.
  t.is(effectsOf(driver.press('b', 'q'), 'quit').length, 3);
});

test('a proxy and a file are no show: q ends at once', (t) => {
  for (const kind of [{ isCapture: true }, { isVisited: true }]) {
    const { driver } = byHand([began, ...answered(1), ...answered(2)], kind);
    driver.press('space', 'q');
    t.is(effectsOf(driver, 'quit').length, 1);
  }
});

test('b at the place where 1 2 3 led comes back to the demonstration and the place, and the notice says so', (t) => {
  // A demonstration that has no key itself.
  const { driver } = recorded('mtls', {
    modes: [
      { name: 'plaintext', title: { en: '', ko: '' }, key: '1', comparable: 'through-a-proxy' },
      { name: 'tls', title: { en: '', ko: '' }, key: '2', comparable: 'sealed-login' },
      { name: 'mtls', title: { en: '', ko: '' }, comparable: '' },
    ],
  });
  driver.press('space', 'space', 'space', 'space', 'down');
  const { stop, look } = driver;
  driver.press('1');
  t.is(driver.model.mode, 'plaintext');
  t.is(driver.notice, 'plaintext: the same login; b comes back to mtls');
  driver.press('b');
  t.is(driver.model.mode, 'mtls');
  t.deepEqual([driver.stop, driver.look.place], [stop, look.place]);
  // One after the other, and each way back.
  driver.press('1', '2', '1');
  t.is(driver.model.mode, 'plaintext');
  driver.press('b');
  t.is(driver.model.mode, 'mtls');
  driver.press('1', '2', 'b', 'b');
  t.is(driver.model.mode, 'mtls');
  t.is(driver.stop, stop);
});

test('b goes back a step there once another place is shown, and comes back from the place of arrival', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', '1');
  t.is(driver.stop, 'reveal through-a-proxy');
  driver.press('space', 'b');
  t.is(driver.stop, 'reveal through-a-proxy');
  driver.press('b');
  t.deepEqual([driver.model.mode, driver.stop], ['tls', 'question sealed-login']);
  driver.press('b');
  t.is(driver.stop, 'intro');
});

test('q asks where the demonstration that one came from is in the middle', (t) => {
  const { driver } = recorded('tls');
  driver.press('space', '1', 'g', 'end', 'enter');
  t.is(driver.stop, 'verdict');
  t.is(driver.press('q').model.asking, 'end');
});

test('where it was left is offered at the introduction, and the list opens there', (t) => {
  const { driver } = recorded('tls', { resume: { mode: 'tls', stop: 4 } });
  t.regex(driver.screen(), /^ Last time you were at step 5: g, then Enter, goes there\.$/m);
  t.regex(driver.screen({}, 'ko'), /^ 지난번에는 5단계까지 왔습니다\./m);
  driver.press('L', 'L', 'g', 'enter');
  t.is(driver.look.place.stop, 4);
  t.notRegex(driver.screen(), /Last time/);
  t.notRegex(driver.press('g').screen(), /Last time/);
});

test('the stop at which a show is left: the shown one, none before it began, none of its own at the end', (t) => {
  const { driver } = recorded('tls');
  t.is(leftAt(driver.model, 'tls'), undefined);
  t.is(leftAt(driver.press('space', 'space', 'space').model, 'tls'), 3);
  t.is(leftAt(driver.press('b').model, 'tls'), 2);
  t.is(leftAt(driver.press('g', '1', 'enter').model, 'tls'), 3, 'the introduction is no place to go back to');
  t.is(leftAt(driver.press('g', 'end', 'enter').model, 'tls'), 'over');
  t.is(leftAt(driver.press('b').model, 'tls'), 'over');
  t.is(leftAt(driver.model, 'plaintext'), undefined);
});

test('e shows text wherever it opens something, and says so where there is nothing', (t) => {
  for (const name of demonstrations) {
    const { driver } = recorded(name);
    for (;;) {
      driver.press('e');
      const body = driver.screen().split('\n').slice(1, -1);
      if (driver.model.large)
        t.true(body.filter((line) => /\p{L}{3}/u.test(line)).length > 2, driver.screen());
      else t.is(driver.notice, 'there is no longer explanation here');
      driver.press('escape');
      if (driver.look.stop?.kind === 'verdict') break;
      driver.press('space');
    }
  }
});

test('e without anything to explain: a verdict, a proxy that nobody has called', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('g', 'end', 'enter', 'e');
  t.false(driver.model.large);
  t.is(driver.notice, 'there is no longer explanation here');
  t.notRegex(driver.press('x').screen(), /e explain/);
  const empty = byHand([], { isVisited: true }).driver.press('e');
  t.false(empty.model.large);
});

test('a step whose text is empty is explained by the bytes that are chosen', (t) => {
  const { driver } = byHand([began, ...answered(1)], { isVisited: true });
  driver.press('e');
  t.true(driver.model.large);
  t.regex(driver.screen(), /http\.request\.method/);
});

test('at the last connection of a file space says that it is one', (t) => {
  const { driver } = byHand([began, ...answered(1), ...answered(2)], { isCapture: true });
  driver.send({ type: 'state', mode: 'plaintext', state: 'reading' });
  t.regex(driver.press('space', 'space').notice ?? '', /the file is still being read/);
  driver.send({ type: 'state', mode: 'plaintext', state: 'finished' });
  t.is(driver.press('space').notice, 'this is the last connection of the file');
});

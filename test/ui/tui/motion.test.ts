/**
 * What moves: a packet along the wires of a step, and noise that turns into text. Each frame follows from the model and the
 * progress; the clock at the rim ends it in time, and skips it at a key or over a slow output.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { mock } from 'node:test';
import { languages } from '../../../src/i18n/language.ts';
import type { Frame } from '../../../src/ui/tui/frame.ts';
import { startLoop } from '../../../src/ui/tui/loop.ts';
import type { Loop, LoopOptions } from '../../../src/ui/tui/loop.ts';
import type { Message } from '../../../src/ui/tui/message.ts';
import { Motions, movingFrame } from '../../../src/ui/tui/motion.ts';
import type { Motion } from '../../../src/ui/tui/motion.ts';
import { lineWidth } from '../../../src/ui/tui/pen.ts';
import { view } from '../../../src/ui/tui/view.ts';
import { present } from '../../helpers/capture.ts';
import { textOf } from './support/driver.ts';
import type { Driver } from './support/driver.ts';
import { demonstrations, recorded } from './support/scenes.ts';

/** Presses keys and draws after each; the motion that the last one began. */
function pressed(driver: Driver, motions: Motions, ...keys: readonly string[]): Motion | undefined {
  let motion: Motion | undefined;
  for (const key of keys) {
    const before = driver.model;
    driver.press(key);
    driver.frame();
    motion = motions.between(before, driver.model);
  }
  return motion;
}

const rowsOf = (frame: Frame): string[] => textOf(frame).split('\n');
const pathRow = (frame: Frame): string => rowsOf(frame)[present(frame.path).row] ?? '';

/** The rows that are not as in the still frame. */
function changed(frame: Frame, still: Frame): number[] {
  return still.lines.flatMap((line, row) =>
    JSON.stringify(line) === JSON.stringify(frame.lines[row]) ? [] : [row],
  );
}

test('a packet crosses each wire of the path once, from the client to the server', (t) => {
  const { driver } = recorded('tls');
  const motion = present(pressed(driver, new Motions(), 'space', 'space'));
  t.is(motion.type, 'packet');
  const still = view(driver.model);
  t.is(movingFrame(driver.model, motion, 1), still);
  const { row, wires } = present(still.path);
  t.deepEqual(
    wires.map(({ hop }) => hop),
    ['A', 'B'],
  );
  const places: number[] = [];
  for (let progress = 0; progress < 1; progress += 0.01) {
    const frame = movingFrame(driver.model, motion, progress);
    t.deepEqual(changed(frame, still), [row]);
    const at = pathRow(frame).indexOf('●');
    t.is(pathRow(frame).replace('●', pathRow(still)[at] ?? ''), pathRow(still), 'nothing else changes');
    places.push(at);
  }
  t.is(
    pathRow(movingFrame(driver.model, motion, 0)),
    ' customer●──https──[A café]──> front: tls ──http──[B data centre]──> shop',
  );
  t.is(
    pathRow(movingFrame(driver.model, motion, 0.5)),
    ' customer ──https──[A café]──> front: tls ──●ttp──[B data centre]──> shop',
  );
  t.deepEqual(
    places,
    places.toSorted((one, other) => one - other),
  );
  const all = wires.flatMap(({ column, width }) =>
    Array.from({ length: width }, (_, index) => column + index),
  );
  t.deepEqual([...new Set(places)], all);
});

/** The first stop at which a wire was refused by that side. */
function refusedBy(
  side: 'client' | 'server',
  language: 'en' | 'ko' = 'en',
): { driver: Driver; motion: Motion } {
  const { driver } = recorded('mtls', { language, size: { columns: 120, rows: 40 } });
  const motions = new Motions();
  for (let stop = 0; stop < 30; stop++) {
    const motion = pressed(driver, motions, 'space');
    const { first, last, scene } = driver.look;
    const [refused] = scene.sources.flows.refusalsBetween(first, last);
    if (motion && refused?.refusal.by === side) return { driver, motion };
  }
  throw new Error(`nobody was refused by the ${side}`);
}

for (const language of languages) {
  test(`it stops at the server that refused it, and what lies behind is not reached (${language})`, (t) => {
    const { driver, motion } = refusedBy('server', language);
    const still = view(driver.model);
    const [first] = present(still.path).wires;
    const end = present(first).column + present(first).width;
    for (let progress = 0; progress < 0.7; progress += 0.05) {
      const row = present(movingFrame(driver.model, motion, progress).lines[present(still.path).row]);
      const text = row.map((span) => span.text).join('');
      t.regex(text, /^[^✗]*●[^✗]*$/);
    }
    for (const progress of [0.71, 0.99]) {
      const frame = movingFrame(driver.model, motion, progress);
      const line = present(frame.lines[present(still.path).row]);
      const before = line.slice(
        0,
        line.findIndex(({ role }) => role === 'refused-loud'),
      );
      t.is(lineWidth(before), end - 1);
      t.is(line.find(({ role }) => role === 'refused-loud')?.text, '✗');
      t.notRegex(pathRow(frame), /●/);
    }
    t.is(movingFrame(driver.model, motion, 1), still);
  });
}

test('a client that refuses stops it where it comes back', (t) => {
  const { driver, motion } = refusedBy('client');
  const [wire] = present(view(driver.model).path).wires;
  const { column, width } = present(wire);
  const at = (progress: number): number =>
    pathRow(movingFrame(driver.model, motion, progress)).search(/[●✗]/);
  t.is(at(0), column);
  t.is(at(0.349), column + width - 1);
  t.is(at(0.71), column);
});

test('with k the noise is text from the left on, and nothing else moves', (t) => {
  const { driver } = recorded('tls', { size: { columns: 120, rows: 40 } });
  const motions = new Motions();
  pressed(driver, motions, 'space', 'space');
  const sealed = driver.frame();
  const motion = present(pressed(driver, motions, 'k'));
  t.is(motion.type, 'opening');
  const still = view(driver.model);
  t.is(movingFrame(driver.model, motion, 1), still);
  const noisy = sealed.lines.flatMap((line, row) => (line.some(({ role }) => role === 'noise') ? [row] : []));
  const [top = 0, bottom = 0] = [noisy[0], noisy.at(-1)];
  for (const progress of [0, 0.25, 0.5, 0.75, 0.99]) {
    const frame = movingFrame(driver.model, motion, progress);
    for (const row of changed(frame, still)) t.true(row >= top && row <= bottom, `${progress}: ${row}`);
    for (let row = top; row <= bottom; row++) {
      const [now = '', then = '', before = ''] = [frame, still, sealed].map((one) =>
        rowsOf(one)[row]?.padEnd(120),
      );
      // Every cell is that of the one or the other, and what has turned stays.
      Array.from(now).forEach((cell, column) => t.true(cell === then[column] || cell === before[column]));
    }
  }
  const half = movingFrame(driver.model, motion, 0.5);
  t.true(half.lines.flat().some(({ role }) => role === 'noise'));
  t.true(half.lines.flat().some(({ role }) => role === 'opened'));
  const noise = (progress: number): number =>
    movingFrame(driver.model, motion, progress)
      .lines.flat()
      .filter(({ role }) => role === 'noise')
      .reduce((sum, { text }) => sum + text.length, 0);
  const amounts = [0, 0.2, 0.4, 0.6, 0.8, 1].map(noise);
  t.deepEqual(
    amounts,
    amounts.toSorted((one, other) => other - one),
  );
  t.is(movingFrame(driver.model, motion, 0).lines.length, 40);
});

test('a stop is reached for the first time once; only opening moves, closing does not', (t) => {
  const { driver } = recorded('tls');
  const motions = new Motions();
  t.is(pressed(driver, motions, 'space'), undefined);
  t.is(pressed(driver, motions, 'space')?.type, 'packet');
  t.is(pressed(driver, motions, 'b', 'space'), undefined);
  t.is(pressed(driver, motions, 'k')?.type, 'opening');
  t.is(pressed(driver, motions, 'k'), undefined);
  for (const key of ['x', 'm', 'P', 'P', 'v', 'N', 'L', '?'])
    t.is(pressed(driver, motions, key), undefined, key);
});

test('where there is nothing sealed, or no path is drawn, nothing moves', (t) => {
  const { driver } = recorded('plaintext');
  const motions = new Motions();
  pressed(driver, motions, 'space', 'space');
  t.is(pressed(driver, motions, 'k'), undefined);
  const narrow = recorded('plaintext', { size: { columns: 30, rows: 10 } }).driver;
  t.is(pressed(narrow, new Motions(), 'space', 'space'), undefined);
});

test('at another stop, closed again or in another size, it is the still frame', (t) => {
  const { driver } = recorded('tls');
  const motions = new Motions();
  const packet = present(pressed(driver, motions, 'space', 'space'));
  const opening = present(pressed(driver, motions, 'k'));
  const still = ({ model }: Driver): boolean => movingFrame(model, opening, 0.5) === view(model);
  t.false(still(driver));
  driver.send({ type: 'resized', columns: 100, rows: 30 });
  driver.frame();
  t.true(still(driver));
  driver.send({ type: 'resized', columns: 80, rows: 24 });
  driver.press('k');
  driver.frame();
  t.true(still(driver));
  driver.press('b');
  driver.frame();
  t.is(movingFrame(driver.model, packet, 0.5), view(driver.model));
});

for (const name of demonstrations) {
  test(`${name}: whatever moves, every frame is whole`, (t) => {
    for (const language of languages)
      for (const ascii of [false, true])
        for (const size of [
          { columns: 80, rows: 24 },
          { columns: 43, rows: 30 },
          { columns: 160, rows: 40 },
        ]) {
          const { driver } = recorded(name, { language, ascii, size });
          const motions = new Motions();
          for (let stop = 0; stop < 12; stop++)
            for (const key of ['space', 'k', 'k']) {
              const motion = pressed(driver, motions, key);
              if (!motion) continue;
              for (const progress of [0, 0.33, 0.5, 0.8, 1]) {
                const { lines } = movingFrame(driver.model, motion, progress);
                t.is(lines.length, size.rows);
                for (const line of lines) t.is(lineWidth(line), size.columns);
              }
            }
        }
  });
}

interface Shown {
  readonly loop: Loop;
  readonly frames: Frame[];
  /** Lets so much time pass. */
  readonly wait: (milliseconds: number) => void;
}

/** A loop at the question of the login, with a clock of its own. */
function loopOf(
  t: ExecutionContext,
  options: Partial<LoopOptions> & { readonly isBehind?: () => boolean; readonly drawMs?: number } = {},
): Shown {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.teardown(() => mock.timers.reset());
  const { driver } = recorded('tls');
  driver.press('space', 'space', 'b');
  const frames: Frame[] = [];
  let now = 1000;
  const { isBehind, drawMs = 0, ...rest } = options;
  const loop = startLoop({
    surface: {
      draw(frame) {
        frames.push(frame);
        now += drawMs;
      },
      onMessage: () => {},
      setMouse: () => {},
      ...(isBehind ? { isBehind } : {}),
    },
    model: driver.model,
    outside: () => {},
    motionClock: () => now,
    onError: (error) => t.fail(String(error)),
    ...rest,
  });
  t.teardown(() => loop.stop());
  const wait = (milliseconds: number): void => {
    for (let passed = 0; passed < milliseconds; passed += 10) {
      now += 10;
      mock.timers.tick(10);
    }
  };
  wait(100);
  frames.length = 0;
  return { loop, frames, wait };
}

const key = (name: string): Message => ({ type: 'key', key: name });
const moves = (frame: Frame | undefined): boolean => /●/.test(frame ? textOf(frame) : '');

test.serial(
  'it is over within 400 ms and 20 frames, the last is the still one, and then nothing is drawn',
  (t) => {
    const { loop, frames, wait } = loopOf(t);
    loop.send(key('space'));
    wait(400);
    t.true(frames.length > 4 && frames.length <= 20, String(frames.length));
    t.true(frames.slice(0, -1).every(moves));
    t.is(frames.at(-1), view(loop.model));
    const { length } = frames;
    wait(60_000);
    t.is(frames.length, length);
  },
);

test.serial('any key ends it, and is acted on at once', (t) => {
  const { loop, frames, wait } = loopOf(t);
  loop.send(key('space'));
  wait(100);
  t.true(moves(frames.at(-1)));
  loop.send(key('?'));
  t.truthy(loop.model.help);
  wait(50);
  t.is(frames.at(-1), view(loop.model));
  const { length } = frames;
  wait(1000);
  t.is(frames.length, length);
});

test.serial('a key may begin the next motion', (t) => {
  const { loop, frames, wait } = loopOf(t);
  loop.send(key('space'));
  wait(100);
  loop.send(key('k'));
  wait(100);
  t.false(moves(frames.at(-1)));
  t.true(loop.model.opened);
  t.not(frames.at(-1), view(loop.model), 'the noise turns into text');
  wait(400);
  t.is(frames.at(-1), view(loop.model));
});

test.serial('without a clock nothing moves', (t) => {
  const { loop, frames, wait } = loopOf(t, { motionClock: undefined });
  loop.send(key('space'));
  wait(1000);
  t.is(frames.length, 1);
  t.is(frames[0], view(loop.model));
});

test.serial('over an output that lags behind nothing moves', (t) => {
  let isBehind = false;
  const { loop, frames, wait } = loopOf(t, { isBehind: () => isBehind });
  loop.send(key('space'));
  wait(100);
  t.true(moves(frames.at(-1)));
  isBehind = true;
  wait(100);
  t.is(frames.at(-1), view(loop.model));
  const { length } = frames;
  wait(1000);
  t.is(frames.length, length);
});

test.serial('where drawing a frame takes long, one is enough', (t) => {
  const { loop, frames, wait } = loopOf(t, { drawMs: 80 });
  loop.send(key('space'));
  wait(1000);
  t.deepEqual(frames.map(moves), [true, false]);
  t.is(frames.at(-1), view(loop.model));
});

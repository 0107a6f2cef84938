/** Playback: how long stops are shown, the end, and a loop with its rounds; timers are fired by the test. */
import test from 'ava';
import type { Effect } from '../../../../src/ui/tui/state/effect.ts';
import { idleMs, shownMs } from '../../../../src/ui/tui/state/playback.ts';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { lookMs, readingMsOf } from '../../../../src/presentation/reading-time.ts';
import { present } from '../../../helpers/capture.ts';
import type { Driver } from '../support/driver.ts';
import { live, recorded } from '../support/scenes.ts';

type Tick = Extract<Effect, { type: 'tick' }>;

const ticksOf = ({ effects }: Driver): Tick[] => effects.filter((effect) => effect.type === 'tick');

/** The timer that was set last goes off. */
function elapse(driver: Driver): Tick {
  const tick = present(ticksOf(driver).at(-1));
  driver.send({ type: 'ticked', playing: tick.playing });
  return tick;
}

const fromTheStart = { goal: { mode: 'plaintext', stop: 0 }, playing: 1, plays: 1 } as const;

test('a show that plays from the start gives the introduction its time, and stays at the end', (t) => {
  const { driver } = recorded('plaintext', fromTheStart);
  t.is(driver.stop, 'intro');
  const stops: string[] = [];
  while (driver.model.playing !== undefined) {
    stops.push(driver.stop);
    t.is(ticksOf(driver).length, stops.length, 'one timer for each stop');
    elapse(driver);
  }
  t.deepEqual(stops, [
    'intro',
    'question direct',
    'reveal direct',
    'question through-a-proxy',
    'reveal through-a-proxy',
    'verdict',
  ]);
  t.is(driver.stop, 'verdict');
  t.regex(driver.notice ?? '', /this is the end/);
});

for (const language of ['en', 'ko'] as const)
  test(`every stop is shown as long as it takes to read, questions longer (${language})`, (t) => {
    const { driver } = recorded('plaintext', { ...fromTheStart, language });
    while (driver.model.playing !== undefined) {
      const { stop, scene, look } = driver;
      const { milliseconds } = elapse(driver);
      const { text } = scene.step(look.stop?.step) ?? {};
      // All of the text, though a step's notes follow the event that makes its stop.
      if (stop.startsWith('question'))
        t.is(
          milliseconds,
          lookMs.around +
            lookMs.question +
            readingMsOf(language, text?.title, text?.before, text?.question, text?.choices),
        );
      if (stop.startsWith('reveal'))
        t.is(
          milliseconds,
          lookMs.around +
            lookMs.bytes +
            readingMsOf(language, text?.title, text?.headline, text?.answer, text?.after),
        );
      t.true(milliseconds >= lookMs.around + (stop.startsWith('question') ? lookMs.question : 0), stop);
      t.true(milliseconds >= 4000 && milliseconds <= 60_000, `${stop}: ${milliseconds}`);
    }
  });

test('a pace in milliseconds is the same for every stop, and goes through questions', (t) => {
  const { driver } = recorded('plaintext', { ...fromTheStart, pace: 3000 });
  while (driver.model.playing !== undefined) t.is(elapse(driver).milliseconds, 3000);
  t.is(driver.stop, 'verdict');
});

test('what a notice or help says on the way does not end playback', (t) => {
  const { driver } = recorded('plaintext', fromTheStart);
  driver.send({ type: 'notice', text: { en: 'copied', ko: '복사함' } });
  elapse(driver);
  t.is(driver.stop, 'question direct');
  driver.press('?');
  elapse(driver);
  t.false(driver.model.help);
  t.is(driver.stop, 'question direct');
  elapse(driver);
  t.is(driver.stop, 'reveal direct');
});

test('the time of a step that takes long begins when its result is shown', (t) => {
  const { driver, runs } = recorded('plaintext', { ...fromTheStart, slow: true });
  t.is(ticksOf(driver).length, 0);
  runs.feed('plaintext');
  t.is(ticksOf(driver).length, 1);
  elapse(driver);
  elapse(driver);
  t.is(driver.stop, 'question direct');
  t.is(ticksOf(driver).length, 2);
  runs.feed('plaintext');
  t.is(driver.stop, 'reveal direct');
  t.is(ticksOf(driver).length, 3);
});

test('a loop begins anew after the verdict, with the scenarios in turn', (t) => {
  const { driver } = recorded('plaintext', { ...fromTheStart, loop: ['plaintext', 'tls'] });
  const round = (mode: string): void => {
    t.is(driver.model.mode, mode);
    t.is(driver.stop, 'intro');
    while (driver.stop !== 'verdict') elapse(driver);
    t.is(driver.scene.verdict?.status, 'passed');
    elapse(driver);
  };
  for (const mode of ['plaintext', 'tls', 'plaintext', 'tls', 'plaintext']) round(mode);
  t.deepEqual(
    driver.effects.filter(({ type }) => type === 'start').map((effect) => 'alone' in effect && effect.alone),
    [true, true, true, true, true],
  );
  t.true(Object.keys(driver.model.sessions).length <= 2);
});

test('in a loop any key takes over, and after a time without one the loop begins with its first scenario', (t) => {
  const { driver } = recorded('plaintext', { ...fromTheStart, loop: ['plaintext'] });
  elapse(driver);
  driver.press('N');
  t.true(driver.model.notes);
  t.is(driver.model.playing, undefined);
  const [shown, idle] = ticksOf(driver).slice(-2);
  t.is(idle?.milliseconds, idleMs);
  driver.send({ type: 'ticked', playing: present(shown).playing });
  t.is(driver.stop, 'question direct', 'the time of the stop counts no longer');
  driver.press('space', 'w', 'L');
  driver.send({ type: 'ticked', playing: present(idle).playing });
  t.is(driver.stop, 'reveal direct', 'every key begins the pause anew');
  t.is(elapse(driver).milliseconds, idleMs);
  t.is(driver.stop, 'intro');
  t.false(driver.model.notes);
  t.true(driver.model.playing !== undefined);
  elapse(driver);
  t.is(driver.stop, 'question direct');
});

test('a loop of one scenario that opens at a step does so in every round', (t) => {
  const { driver } = recorded('plaintext', {
    goal: { mode: 'plaintext', stop: 2 },
    playing: 1,
    plays: 1,
    loop: ['plaintext'],
    opens: { stop: 2, through: 'direct' },
  });
  t.is(driver.stop, 'reveal direct');
  while (driver.stop !== 'verdict') elapse(driver);
  elapse(driver);
  t.deepEqual(
    driver.effects.filter(({ type }) => type === 'start'),
    [{ type: 'start', mode: 'plaintext', alone: true, through: 'direct' }],
  );
  t.is(driver.stop, 'reveal direct');
});

test('p gives a loop back to itself', (t) => {
  const { driver } = recorded('plaintext', { ...fromTheStart, loop: ['plaintext'] });
  driver.press('space', 'p');
  t.true(driver.model.playing !== undefined);
  t.is(driver.model.idle, undefined);
  while (driver.stop !== 'verdict') elapse(driver);
  elapse(driver);
  t.is(driver.stop, 'intro');
});

test('without a loop nothing begins by itself', (t) => {
  const { driver } = recorded('plaintext');
  driver.press('space', 'w', 'b');
  t.deepEqual(ticksOf(driver), []);
});

test('for hours: each round on real sockets gives back its sockets, its log and its runs', async (t) => {
  const { driver, stage, log } = live('plaintext', {
    ...fromTheStart,
    loop: ['plaintext', 'tls'],
    loops: true,
  });
  t.teardown(async () => stage.close());
  const rounds = 12;
  const kept: number[] = [];
  let elapsed = 0;
  for (let round = 0; round < rounds; round++) {
    await driver.until(({ model }) => model.goal === undefined && model.playing !== undefined);
    t.is(driver.stop, 'intro');
    while (driver.stop !== 'verdict') {
      const { plays } = driver.model;
      elapsed += elapse(driver).milliseconds;
      await driver.until(({ model }) => model.goal === undefined && model.plays === plays);
    }
    t.is(driver.scene.verdict?.status, 'passed');
    await driver.settled();
    kept.push(process.getActiveResourcesInfo().filter((name) => /TCP|Pipe|TLS/.test(name)).length);
    t.true(Object.keys(driver.model.sessions).length <= 2);
    elapsed += elapse(driver).milliseconds;
  }
  t.true(elapsed > rounds * 60_000, 'more than a minute a round');
  t.is(log.length, 0, 'each round has a log of its own');
  // The first two rounds load what the later ones use.
  t.true(Math.max(...kept.slice(2)) <= Math.max(...kept.slice(0, 2)), kept.join(' '));
});

test('an error in one round is shown, and the next round begins', async (t) => {
  let fails = 0;
  const { driver, stage } = live('plaintext', {
    ...fromTheStart,
    loop: ['plaintext', 'tls'],
    loops: true,
    breaks: (mode) => {
      if (mode !== 'tls') return;
      if (fails++ === 0) throw new UserError({ what: { en: 'the port is busy', ko: '포트가 사용 중' } });
      throw new TypeError('a fault of our own');
    },
  });
  t.teardown(async () => stage.close());
  for (const why of [/the port is busy/, /a fault of our own/]) {
    await driver.until(({ model }) => model.goal === undefined && model.playing !== undefined);
    t.is(driver.model.mode, 'plaintext');
    while (driver.stop !== 'verdict') {
      elapse(driver);
      await driver.until(({ model }) => model.goal === undefined);
    }
    await driver.settled();
    elapse(driver);
    await driver.until(({ model }) => model.mode === 'tls' && model.sessions['tls']?.state === 'failed');
    t.regex(driver.screen(), why);
    t.true(shownMs(driver.model) >= 5000);
    elapse(driver);
  }
  await driver.until(({ model, stop }) => model.mode === 'plaintext' && stop === 'intro');
});

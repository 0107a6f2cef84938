/**
 * A screen over a log of a million events, in a process of its own: screen-subject.js LOG COLUMNS ROWS [EVENTS], told as JSON on
 * standard output. What it counts:
 *
 * 1. A frame is what one key costs: `update`, `view` and a terminal (blessed) that draws into an output that forgets.
 * 2. A turn is one round of the event loop under the real loop, at the first look and while it searches, with the
 *    slices of reading and with collections of garbage as they come.
 */
import { PassThrough, Writable } from 'node:stream';
import { loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { SecretHunt } from '../../src/analysis/secrets/secret-hunt.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import { Flows } from '../../src/capture/flows.ts';
import { Steps } from '../../src/capture/steps.ts';
import { loadExplanations } from '../../src/presentation/conversation/explain.ts';
import { openTerminal } from '../../src/ui/tui/blessed.ts';
import type { Terminal } from '../../src/ui/tui/blessed.ts';
import type { Size } from '../../src/ui/tui/frame.ts';
import { startLoop } from '../../src/ui/tui/loop.ts';
import { sceneOf, startModel } from '../../src/ui/tui/state/model.ts';
import type { Model } from '../../src/ui/tui/state/model.ts';
import { RunState } from '../../src/ui/tui/state/run-state.ts';
import { goToStop, presentStop } from '../../src/ui/tui/state/show/steps-list.ts';
import { updated } from '../../src/ui/tui/state/effect.ts';
import { update } from '../../src/ui/tui/state/update.ts';
import { view } from '../../src/ui/tui/view.ts';
import { millions, needle, password } from './million.ts';
import type { Million } from './million.ts';
import { describeTimes } from './screen-figures.ts';
import type { ScreenFigures } from './screen-figures.ts';

const framesCounted = 500;
const mode = 'bench';

/** Lengths of the rounds of the event loop, in milliseconds; it spins, so that no round waits. */
class Turns {
  longest = 0;
  #last = performance.now();
  #isOver = false;

  constructor() {
    const turn = (): void => {
      const now = performance.now();
      this.longest = Math.max(this.longest, now - this.#last);
      this.#last = now;
      if (!this.#isOver) setImmediate(turn);
    };
    setImmediate(turn);
  }

  stop(): number {
    this.#isOver = true;
    return this.longest;
  }
}

function openScreen({ columns, rows }: Size): Terminal {
  const forgets = Object.assign(new Writable({ write: (_bytes, _encoding, done) => done() }), {
    columns,
    rows,
  });
  return openTerminal({ input: new PassThrough(), output: forgets, depth: '256', mouse: false });
}

interface Folded {
  readonly flows: Flows;
  readonly hunt: SecretHunt;
  readonly steps: Steps;
}

function fold(log: CaptureLog): Folded {
  const folded: Folded = {
    flows: new Flows(log),
    hunt: new SecretHunt([{ id: 'password', value: password }]),
    steps: new Steps(),
  };
  for (const event of log.events) {
    folded.flows.fold(event);
    folded.hunt.fold(event);
    folded.steps.fold(event);
  }
  return folded;
}

function sceneFor(log: CaptureLog, { flows, hunt, steps }: Folded, { isVisited }: Million): RunState {
  const scene = new RunState({
    flows,
    hunt,
    steps,
    findingsOf: () => [],
    plan: [],
    secrets: new Map([['password', password]]),
    typed: () => [],
  });
  for (const [index, event] of log.events.entries()) {
    scene.fold(event);
    if (index === 0 && isVisited)
      scene.finish({ scenario: mode, status: 'passed', findings: [] }, [
        { hop: 'A', to: 'proxy', client: 'client', curl: 'curl' },
      ]);
  }
  return scene;
}

/** Scrolling in every way there is, over and over. */
function* keys(isVisited: boolean): Generator<string, never, undefined> {
  const times = (count: number, key: string): string[] => Array.from({ length: count }, () => key);
  const round = [
    ...times(15, 'down'),
    ...times(8, 'pagedown'),
    ...times(4, 'up'),
    ...times(4, 'pageup'),
    'end',
    ...times(6, 'pageup'),
    ...times(6, 'up'),
    'x',
    ...times(4, 'down'),
    'home',
    ...times(3, 'pagedown'),
    'enter',
    ...times(8, 'right'),
    ...times(4, 'down'),
    ...times(2, 'pagedown'),
    'end',
    ...times(3, 'up'),
    'home',
    'enter',
    'w',
    ...times(3, 'pagedown'),
    'end',
    'home',
    'w',
    ...(isVisited ? [...times(3, 'b'), ...times(2, 'space'), 'g', 'escape', ...times(2, 'b')] : []),
    'tab',
    'tab',
    'tab',
  ];
  for (;;) yield* round;
}

const turn = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Frames as fast as they come, with the loop's slices between them. */
async function scrolled(
  model: Model,
  terminal: Terminal,
  isVisited: boolean,
): Promise<{ readonly model: Model; readonly times: number[]; readonly slowest: string }> {
  let now = model;
  const times: number[] = [];
  let slowest = '';
  for (const key of keys(isVisited)) {
    if (times.length >= framesCounted) break;
    const began = performance.now();
    [now] = update(now, { type: 'key', key });
    terminal.draw(view(now), now.projector);
    const spent = performance.now() - began;
    if (times.every((time) => time < spent)) slowest = `${key} (frame ${times.length})`;
    times.push(spent);
    await turn();
    const scene = sceneOf(now);
    if (scene?.isReading) scene.readOn();
  }
  return { model: now, times, slowest };
}

/** Under the real loop: keys go in, and turns are measured until it stands still again. */
async function looped(
  first: Model,
  terminal: Terminal,
  typed: readonly string[],
): Promise<{
  readonly model: Model;
  readonly longest: number;
  readonly spent: number;
  readonly draws: number;
}> {
  let draws = 0;
  const loop = startLoop({
    surface: {
      draw: (frame, contrast) => {
        draws++;
        terminal.draw(frame, contrast);
      },
      onMessage: () => {},
      setMouse: () => {},
    },
    model: first,
    outside: () => {},
    onError: (error) => {
      throw error;
    },
  });
  const turns = new Turns();
  const began = performance.now();
  for (const key of typed) loop.send({ type: 'key', key });
  const isBusy = (): boolean =>
    draws === 0 || loop.model.search.going !== undefined || (sceneOf(loop.model)?.isReading ?? false);
  while (isBusy()) await turn();
  const spent = performance.now() - began;
  const settled = draws;
  await new Promise((resolve) => setTimeout(resolve, 120));
  const longest = turns.stop();
  loop.stop();
  return { model: loop.model, longest, spent, draws: settled };
}

function heapMegabytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** At the newest stop. */
const atPresent = (model: Model): Model => updated(goToStop(model, presentStop(model)))[0];

async function measure(
  size: Size,
  scene: RunState,
  { isVisited }: Million,
): Promise<Omit<ScreenFigures, 'events' | 'heapBefore' | 'heapAfter'>> {
  const terminal = openScreen(size);
  const bare = startModel({ size, language: 'en', ascii: false, modes: [], mode });
  let [model] = update(bare, { type: 'session', mode, scene });
  // Whoever looks on stands at the newest stop.
  if (isVisited) model = atPresent(model);
  const first = await looped(model, terminal, []);
  const seen = await scrolled(first.model, terminal, isVisited);
  const search = (text: string): string[] => ['/', ...Array.from(text), 'enter'];
  const [atA] = update(seen.model, { type: 'choose-wire', hop: 'A' });
  const [home] = update(atA, { type: 'key', key: 'home' });
  const found = await looped(isVisited ? atPresent(home) : home, terminal, search(needle));
  if (
    found.model.notice !== undefined &&
    !('en' in found.model.notice && found.model.notice.en === 'search wrapped')
  )
    throw new Error(`the needle: ${JSON.stringify(found.model.notice)}`);
  const missing = await looped(found.model, terminal, search('no such words anywhere'));
  if (missing.model.notice === undefined) throw new Error('something was found that is not there');
  terminal.close();
  return {
    frames: describeTimes(seen.times),
    slowest: seen.slowest,
    first: { spent: first.spent, longest: first.longest },
    found: { spent: found.spent, longest: found.longest },
    missing: { spent: missing.spent, longest: missing.longest },
  };
}

await Promise.all([loadReadings(), loadExplanations()]);
const [, , name = '', columns, rows, events = '1000000'] = process.argv;
const million = millions[name];
if (!million) throw new Error(`no log is called ${name}`);
const log = million.make(Number(events));
const folded = fold(log);
const heapBefore = heapMegabytes();
const scene = sceneFor(log, folded, million);
const measured = await measure({ columns: Number(columns), rows: Number(rows) }, scene, million);
const figures: ScreenFigures = {
  events: log.events.length,
  heapBefore,
  heapAfter: heapMegabytes(),
  ...measured,
};
console.log(JSON.stringify(figures));
process.exit(0);

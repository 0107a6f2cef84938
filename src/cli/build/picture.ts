/**
 * Draws the picture of the screen for the README from real runs: the demonstrations use local sockets and their own
 * certificates, key presses go through the screen's own event loop, and the rendered frames are kept. This file selects
 * the keys and frames; `ui/tui/svg.ts` draws them.
 *
 * Ports, times and noise differ from run to run.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { CaptureLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { features } from '../../features/registry.ts';
import { loadScenario } from '../../engine/load.ts';
import { planScenario } from '../../engine/planning.ts';
import { loadExplanations } from '../../presentation/conversation/explain.ts';
import { loadWireReading } from '../../presentation/refusals.ts';
import type { Frame } from '../../ui/tui/frame.ts';
import { lookAt } from '../../ui/tui/state/selection.ts';
import type { Selection } from '../../ui/tui/state/selection.ts';
import { startLoop } from '../../ui/tui/loop.ts';
import { startModel } from '../../ui/tui/state/model.ts';
import type { Model } from '../../ui/tui/state/model.ts';
import { pictureOf } from '../../ui/tui/svg.ts';
import { view } from '../../ui/tui/view.ts';
import type { Environment } from '../command.ts';
import { findPlaces, scenarioPlaces } from '../places.ts';
import { modesOf, playables } from '../run/scenario-screen.ts';
import { Stage } from '../run/stage.ts';

interface Chapter {
  /** Pressed once each; the last one repeatedly, until the screen shows what the chapter needs. */
  readonly keys: readonly string[];
  readonly shows: (look: Selection, model: Model) => boolean;
  readonly caption: string;
}

/** Shown at the end of this step; without it, at the step whose login is the same in every mode. */
const after =
  (mode: string, step?: string) =>
  (look: Selection, model: Model): boolean =>
    model.mode === mode &&
    look.stop?.kind === 'reveal' &&
    look.step?.id === (step ?? model.modes.find(({ name }) => name === mode)?.comparable);

const chapters: readonly Chapter[] = [
  {
    keys: ['space'],
    shows: after('plaintext'),
    caption: 'A login in plaintext: everyone on the wire can read it.',
  },
  {
    keys: ['2'],
    shows: after('tls'),
    caption: 'The same login over TLS: noise on wire A, readable again where TLS ends.',
  },
  {
    keys: ['k'],
    shows: (_, model) => model.opened,
    caption: 'The same bytes, opened with the client’s keys.',
  },
  {
    keys: ['3', 'space'],
    shows: after('mtls', 'nobody-1.3'),
    caption: 'Mutual TLS: a client without a certificate is refused.',
  },
];

const size = { columns: 104, rows: 32 } as const;
/** Upper bound for the key presses to a chapter; a run that exceeds it hangs. */
const mostKeys = 40;
const mostMs = 60_000;

async function framesOf(environment: Environment): Promise<Frame[]> {
  const [compiled] = await Promise.all([
    loadScenario('plaintext', scenarioPlaces(environment.places)),
    loadReadings(),
    loadWireReading(),
    loadExplanations(),
  ]);
  const plan = planScenario(features, compiled);
  const playable = await playables({ compiled, plan, environment });
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  let onDrawn = (): void => {};
  const log = new CaptureLog({ clock: systemClock });
  const stage = new Stage({
    log,
    playable,
    environment,
    hold: false,
    send: (message) => loop.send(message),
    fail,
  });
  const loop = startLoop({
    surface: { draw: () => onDrawn(), onMessage: () => {}, setMouse: () => {} },
    model: startModel({
      size,
      language: environment.language,
      ascii: false,
      modes: modesOf(playable),
      mode: plan.scenario,
    }),
    onError: fail,
    outside(effect) {
      if (effect.type === 'advance') stage.advance(effect.mode);
      else if (effect.type === 'start') stage.start(effect.mode, effect.through);
      else fail(new Error(`unexpected effect of a key press: ${effect.type}`));
    },
  });
  const timer = setTimeout(() => fail(new Error(`the demonstrations took longer than ${mostMs} ms`)), mostMs);
  /** Resolves when everything that the last key press started has finished. */
  const settled = (): Promise<void> =>
    Promise.race([
      failed,
      new Promise<void>((done) => {
        onDrawn = (): void => {
          if (isSettled(loop.model)) done();
        };
        onDrawn();
      }),
    ]);
  try {
    stage.start(plan.scenario);
    await settled();
    const frames: Frame[] = [];
    for (const { keys, shows } of chapters) {
      let pressed = 0;
      do {
        if (pressed >= mostKeys)
          throw new Error(`the screen never showed the chapter after: ${keys.join(', ')}`);
        loop.send({ type: 'key', key: keys[Math.min(pressed, keys.length - 1)] ?? '' });
        pressed++;
        await settled();
      } while (!isShown(loop.model, shows));
      frames.push(view(loop.model));
    }
    return frames;
  } finally {
    clearTimeout(timer);
    loop.stop();
    await stage.close();
  }
}

function isShown(model: Model, shows: Chapter['shows']): boolean {
  const look = lookAt(model);
  return look !== undefined && shows(look, model);
}

function isSettled({ goal, mode, sessions }: Model): boolean {
  const session = sessions[mode];
  if (session?.state === 'failed') throw new Error(session.error?.join('\n'));
  return (
    goal === undefined &&
    (session?.state === 'waiting' || session?.state === 'finished') &&
    !session.scene.isReading
  );
}

async function makePicture(file: string): Promise<void> {
  const certificates = mkdtempSync(join(tmpdir(), 'wirelab-picture-'));
  try {
    const { stdin, stdout, stderr, env: variables } = process;
    const places = { ...findPlaces(variables), certificates };
    const frames = await framesOf({ variables, places, language: 'en', stdin, stdout, stderr });
    const svg = pictureOf({
      title:
        'wirelab in a terminal: a login readable in plaintext, sealed by TLS, opened with the keys; and a client refused by mutual TLS',
      command: 'make scenario-plaintext',
      scenes: frames.map((frame, index) => ({
        frame,
        keys: chapters[index]?.keys ?? [],
        caption: chapters[index]?.caption ?? '',
      })),
      secondsEach: 6,
    });
    // The picture is published: it must not contain local paths.
    for (const place of [certificates, places.root, homedir()]) {
      if (svg.includes(`${resolve(place)}/`)) throw new Error(`the picture names ${place}`);
    }
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, svg);
  } finally {
    rmSync(certificates, { recursive: true, force: true });
  }
}

await makePicture(resolve(process.argv[2] ?? join(findPlaces(process.env).root, 'docs', 'screen.svg')));

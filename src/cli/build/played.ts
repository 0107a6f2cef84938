/**
 * Plays scenarios for a picture: real runs behind the screen's own event loop, with keys that are pressed when the run has
 * answered the last one. The callers choose keys and moments; nothing is drawn on a terminal.
 */
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import { CaptureLog } from '../../capture/log.ts';
import { systemClock } from '../../core/clock.ts';
import { features } from '../../features/registry.ts';
import { loadScenario } from '../../engine/load.ts';
import { planScenario } from '../../engine/planning.ts';
import { loadExplanations } from '../../presentation/conversation/explain.ts';
import { loadWireReading } from '../../presentation/refusals.ts';
import type { Frame, Size } from '../../ui/tui/frame.ts';
import { lookAt } from '../../ui/tui/state/selection.ts';
import type { Selection } from '../../ui/tui/state/selection.ts';
import { startLoop } from '../../ui/tui/loop.ts';
import { startModel } from '../../ui/tui/state/model.ts';
import type { Model } from '../../ui/tui/state/model.ts';
import { view } from '../../ui/tui/view.ts';
import type { Environment } from '../command.ts';
import { scenarioPlaces } from '../places.ts';
import { modesOf, playables } from '../run/scenario-screen.ts';
import { Stage } from '../run/stage.ts';

export interface Played {
  /** The keys once each, the last one again and again until the screen shows it; resolves with the frame. */
  press(keys: readonly string[], shows: (look: Selection, model: Model) => boolean): Promise<Frame>;
  close(): Promise<void>;
}

/** Upper bound for the key presses to a frame; a run that exceeds it hangs. */
const mostKeys = 200;
/** For everything that is played, in milliseconds. */
const mostMs = 180_000;

export async function playScenario(name: string, size: Size, environment: Environment): Promise<Played> {
  const [compiled] = await Promise.all([
    loadScenario(name, scenarioPlaces(environment.places)),
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
  // It may fail while nobody waits for it.
  failed.catch(() => {});
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
  const timer = setTimeout(() => fail(new Error(`${name} took longer than ${mostMs} ms`)), mostMs);
  const close = async (): Promise<void> => {
    clearTimeout(timer);
    loop.stop();
    await stage.close();
  };
  /** Resolves when everything that the last key press started has finished. */
  const settled = (): Promise<void> =>
    Promise.race([
      failed,
      new Promise<void>((done, reject) => {
        onDrawn = (): void => {
          try {
            if (isSettled(loop.model)) done();
          } catch (error) {
            reject(error);
          }
        };
        onDrawn();
      }),
    ]);
  try {
    stage.start(plan.scenario);
    await settled();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async press(keys, shows) {
      let pressed = 0;
      do {
        if (pressed >= mostKeys) throw new Error(`${name} never showed what comes after: ${keys.join(', ')}`);
        loop.send({ type: 'key', key: keys[Math.min(pressed, keys.length - 1)] ?? '' });
        pressed++;
        await settled();
      } while (!isShown(loop.model, shows));
      return view(loop.model);
    },
    close,
  };
}

function isShown(model: Model, shows: (look: Selection, model: Model) => boolean): boolean {
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

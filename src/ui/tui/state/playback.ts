/**
 * Playback: how long each stop is shown, what follows the last one, and when a screen that nobody uses begins anew.
 * `update.ts` goes from stop to stop; `loop.ts` has the timers.
 *
 * 1. A stop's time begins when it is shown: what a run takes to get there does not count.
 * 2. In a loop any key or click ends playback. After a time without any, the loop begins with its first mode.
 * 3. Each round begins with runs of its own, and the screen as it was at first: nothing of the round before is kept.
 */
import type { StepText } from '../../../engine/plan.ts';
import type { Localized } from '../../../i18n/language.ts';
import { lookMs, mostVerdictMs, readingMsOf } from '../../../presentation/reading-time.ts';
import type { Answer, Updated } from './effect.ts';
import type { Message } from '../message.ts';
import { closed, placeOf, sceneOf, without, withNotice } from './model.ts';
import type { Model } from './model.ts';

/** How long an error is shown before the next round, in milliseconds. */
const failedMs = 15_000;
/** After how long without a key a loop begins anew, in milliseconds. */
export const idleMs = 120_000;

/** How long what is shown stays during playback, in milliseconds. */
export function shownMs(model: Model): number {
  const { pace, language } = model;
  if (model.sessions[model.mode]?.state === 'failed')
    return pace === 'read' ? failedMs : Math.max(pace, failedMs);
  if (pace !== 'read') return pace;
  const scene = sceneOf(model);
  const stop = scene?.stops[placeOf(model).stop];
  if (!scene || !stop) return lookMs.around;
  const { narration } = scene;
  // From the plan: the notes of a step follow the event that makes its stop.
  const text: Partial<StepText> = scene.step(stop.step)?.text ?? {};
  const read = (...texts: readonly (Localized | undefined)[]): number =>
    lookMs.around + readingMsOf(language, ...texts);
  switch (stop.kind) {
    case 'intro':
      return read(narration.title, narration.intro);
    case 'question':
      return read(text.title, text.before, text.question, text.choices) + lookMs.question;
    case 'reveal':
      return read(text.title, text.headline, text.answer, text.after ?? text.before) + lookMs.bytes;
    case 'verdict':
      return (
        Math.min(
          mostVerdictMs,
          read(narration.takeaway, narration['does-not-prove'], narration['often-told']),
        ) + lookMs.verdict
      );
    case 'visitor':
      return lookMs.bytes + lookMs.around;
  }
}

/** Whether nothing follows what is shown. */
export function isAtTheEnd(model: Model): boolean {
  const session = model.sessions[model.mode];
  const { stop, moment } = placeOf(model);
  if (session?.state === 'failed') return true;
  return (
    session?.state === 'finished' &&
    moment === undefined &&
    !model.help &&
    stop >= session.scene.stops.length - 1
  );
}

/** The end has been shown for its time: a loop continues with its next mode, anything else stays there. */
export function afterTheEnd(model: Model): Answer {
  const { loop } = model;
  if (loop) return startRound(model, loop[(loop.indexOf(model.mode) + 1) % loop.length]);
  const still = without(model, 'playing');
  if (model.sessions[model.mode]?.state === 'failed') return still;
  return withNotice(
    still,
    sceneOf(model)?.sources.isVisited ? 'newest' : model.modes.length > 1 ? 'theEnd' : 'theEndOfOne',
  );
}

/** Begins a round of the loop. */
function startRound(model: Model, mode = model.mode): Answer {
  const { sessions, places, opens } = model;
  const plays = model.plays + 1;
  const shown = sessions[model.mode];
  const place = places[model.mode];
  return [
    {
      ...without(model, 'goal', 'idle', 'notice', 'layout', 'resume', 'chosen', 'digits'),
      ...closed,
      trail: [],
      asking: false,
      help: false,
      opened: false,
      notes: false,
      search: { text: '', editing: false, sought: '' },
      // What is shown stays until the next run has something to show.
      sessions: shown ? { [model.mode]: shown } : {},
      places: place ? { [model.mode]: place } : {},
      goal: { mode, stop: opens?.stop ?? 0 },
      playing: plays,
      plays,
    },
    [
      {
        type: 'start',
        mode,
        alone: true,
        ...(opens?.through === undefined ? {} : { through: opens.through }),
      },
    ],
  ];
}

/** Time is up: for what is shown, or for whoever took over. */
export function onTicked(model: Model, playing: number, next: (model: Model) => Answer): Answer {
  if (model.idle === playing) return startRound(model, model.loop?.[0]);
  if (model.playing !== playing) return model;
  return isAtTheEnd(model) ? afterTheEnd(model) : next(model);
}

/** Schedules what a message made necessary: the time of a new stop, or the end of a loop's pause. */
export function timed(before: Model, message: Message, [given, effects]: Updated): Updated {
  const model = takenOver(message, given);
  const { playing, idle, goal } = model;
  if (idle !== undefined && idle !== before.idle)
    return [model, [...effects, { type: 'tick', playing: idle, milliseconds: idleMs }]];
  const isDue =
    before.playing !== playing ||
    before.goal !== undefined ||
    (message.type === 'ticked' && message.playing === playing);
  if (playing === undefined || goal || !isDue) return [model, effects];
  return [model, [...effects, { type: 'tick', playing, milliseconds: shownMs(model) }]];
}

/** In a loop, whoever presses a key takes over, until there has been none for a time. */
function takenOver(message: Message, model: Model): Model {
  const isByHand = message.type === 'key' || message.type === 'clicked' || message.type === 'scrolled';
  if (!model.loop || !isByHand) return model;
  const began = message.type === 'key' && model.playing !== undefined && model.idle !== undefined;
  if (began) return without(model, 'idle');
  const plays = model.plays + 1;
  return { ...without(model, 'playing'), plays, idle: plays };
}

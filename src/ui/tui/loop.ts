/**
 * The event loop: it passes messages to `update`, performs the effects, and draws frames. It decides when to draw; the view
 * decides what is shown, and `Outside` what an effect does.
 *
 * 1. At most twenty frames a second, four while a step runs (its result is what there is to see), and none while nothing has
 *    changed or moves.
 * 2. However fast the log grows, it costs one message a frame.
 * 3. A motion takes less than 400 ms. A key or a click ends it and is acted on at once, and so does an output that lags behind.
 */
import type { Frame } from './frame.ts';
import type { Message } from './message.ts';
import { sceneOf } from './state/model.ts';
import type { Model } from './state/model.ts';
import { lookAt } from './state/selection.ts';
import { update } from './state/update.ts';
import type { Effect } from './state/effect.ts';
import { Motions, movingFrame } from './motion.ts';
import type { Motion } from './motion.ts';
import { view } from './view.ts';

/** What the loop draws on: a terminal, or a test's substitute. */
export interface Surface {
  draw(frame: Frame, contrast?: boolean): void;
  onMessage(listener: (message: Message) => void): void;
  setMouse(on: boolean): void;
  /** Whether what was drawn is still on its way. */
  isBehind?(): boolean;
}

/** Performs effects: on runs, the clipboard, the recording, the process. */
export type Outside = (
  effect: Extract<Effect, { type: 'advance' | 'start' | 'copy' | 'lab' | 'read-back' | 'suspend' | 'quit' }>,
) => void;

export interface Loop {
  readonly model: Model;
  send(message: Message): void;
  /** Nothing is drawn after this. */
  stop(): void;
}

const frameMs = 50;
/** Between frames of a step that is running: most are over by then, and a slow line carries one frame for each step. */
const runningMs = 250;
/** With the last frame, and a timer that is late. */
const motionMs = 300;
/** How long a long conversation is read at once. */
const sliceMs = 8;

export interface LoopOptions {
  readonly surface: Surface;
  readonly model: Model;
  readonly outside: Outside;
  /** Milliseconds, for what moves; without it nothing does. */
  readonly motionClock?: (() => number) | undefined;
  /** A bug of ours in a timer, where no caller would see it. */
  readonly onError: (error: unknown) => void;
}

const endsMotion: ReadonlySet<Message['type']> = new Set(['key', 'clicked', 'scrolled', 'resized']);

export function startLoop({ surface, model: first, outside, motionClock, onError }: LoopOptions): Loop {
  let model = first;
  let drawnModel = first;
  let moving: { readonly motion: Motion; readonly since: number } | undefined;
  const motions = new Motions();
  let isDirty = true;
  let due: { readonly timer: NodeJS.Timeout; readonly at: number } | undefined;
  let isStopped = false;
  let isReadingOn = false;
  let lastDrawn = -Infinity;
  const timers = new Set<NodeJS.Timeout>();

  const after = (milliseconds: number, act: () => void): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      try {
        act();
      } catch (error) {
        onError(error);
      }
    }, milliseconds);
    timers.add(timer);
    return timer;
  };
  /** The next frame of what moves, or the still one; another follows as long as something moves. */
  const drawFrame = (): void => {
    const before = drawnModel;
    drawnModel = model;
    if (!motionClock) return surface.draw(view(model), model.projector);
    const now = motionClock();
    const motion = motions.between(before, model);
    if (motion) moving = { motion, since: now };
    const progress = moving ? (now - moving.since) / motionMs : 1;
    if (progress >= 1 || surface.isBehind?.()) moving = undefined;
    const frame = moving ? movingFrame(model, moving.motion, progress) : view(model);
    const began = motionClock();
    surface.draw(frame, model.projector);
    // Where drawing blocks, a slow output shows in the time that it takes.
    if (moving && motionClock() - began > frameMs) moving = undefined;
    else if (!moving) return;
    isDirty = true;
  };
  const draw = (): void => {
    due = undefined;
    if (isStopped || !isDirty) return;
    isDirty = false;
    const [read, effects] = update(model, { type: 'frame' });
    model = read;
    drawFrame();
    // Measured from the end of drawing: after an expensive frame there is as much time for other work.
    lastDrawn = performance.now();
    if (isDirty) drawSoon();
    for (const effect of effects) perform(effect);
  };
  /** Soon, but not sooner than so many milliseconds after the last frame. */
  const drawSoon = (wait = frameMs): void => {
    isDirty = true;
    if (isStopped) return;
    const now = performance.now();
    const at = Math.max(now, lastDrawn + wait);
    if (due && due.at <= at) return;
    if (due) {
      clearTimeout(due.timer);
      timers.delete(due.timer);
    }
    due = { timer: after(at - now, draw), at };
  };
  /** A long conversation is read between frames, one slice a turn however often it was asked for. */
  const readOn = (): void => {
    if (isReadingOn) return;
    isReadingOn = true;
    setImmediate(() => {
      isReadingOn = false;
      if (isStopped) return;
      const until = performance.now() + sliceMs;
      let effects: readonly Effect[] = [];
      do [model, effects] = update(model, { type: 'read-on' });
      while (effects.length > 0 && performance.now() < until);
      drawSoon();
      for (const effect of effects) perform(effect);
    });
  };
  const perform = (effect: Effect): void => {
    switch (effect.type) {
      case 'tick':
        after(effect.milliseconds, () => send({ type: 'ticked', playing: effect.playing }));
        break;
      case 'calm':
        after(effect.milliseconds, () => send({ type: 'calmed', mode: effect.mode, seq: effect.seq }));
        break;
      case 'search-on':
        after(0, () => send({ type: 'search-on' }));
        break;
      case 'read-on':
        readOn();
        break;
      case 'mouse':
        surface.setMouse(effect.on);
        break;
      case 'advance':
      case 'start':
      case 'copy':
      case 'lab':
      case 'read-back':
      case 'suspend':
      case 'quit':
        outside(effect);
    }
  };
  const send = (message: Message): void => {
    if (isStopped) return;
    if (endsMotion.has(message.type)) moving = undefined;
    const [next, effects] = update(model, message);
    // Turning off lights that are not shown changes nothing.
    const isChanged =
      message.type === 'calmed'
        ? lookAt(next)?.body === 'cluster'
        : next !== model || message.type === 'captured';
    model = next;
    const isOfStep = message.type === 'captured' && sceneOf(model)?.running !== undefined;
    if (isChanged) drawSoon(isOfStep ? runningMs : frameMs);
    for (const effect of effects) perform(effect);
  };
  surface.onMessage(send);
  drawSoon();
  return {
    get model() {
      return model;
    },
    send,
    stop() {
      isStopped = true;
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

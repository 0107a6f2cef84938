/**
 * Updates the model when the log has grown: which stop is shown, and which wires are lit. Keys that go to a stop (`update.ts`)
 * use the same functions.
 */
import { updated } from './effect.ts';
import type { Answer } from './effect.ts';
import { closed, placeOf, sceneOf, showsList, startPlace, without, withPlace, withSession } from './model.ts';
import type { Model, Place } from './model.ts';
import type { RunState } from './run-state.ts';
import { arrived } from './show/trail.ts';

/** The initial place at a stop. */
function placeAt(model: Model, stop: number): Place {
  const { hop, stop: before, reached = 0 } = placeOf(model);
  return {
    ...startPlace,
    stop,
    ...(hop === undefined ? {} : { hop }),
    reached: Math.max(stop, before, reached),
  };
}

export function goTo(model: Model, stop: number): Model {
  // What one step's keys opened says nothing of the next one's wires.
  const opened = model.opened && (sceneOf(model)?.sources.plan.length ?? 0) === 0;
  return { ...model, ...closed, opened, places: { ...model.places, [model.mode]: placeAt(model, stop) } };
}

/** After the log or a run's state has changed: a viewer who asked to continue, or watches the present, sees what is new. */
export function follow(model: Model): Answer {
  if (model.goal) {
    const { goal, ...rest } = model;
    const session = model.sessions[goal.mode];
    const { stop } = model.places[goal.mode] ?? startPlace;
    const stops = session?.scene.stops ?? [];
    const to =
      goal.stop ??
      (goal.step === undefined
        ? stop + 1
        : stops.findIndex(({ kind, step }) => kind === 'reveal' && step === goal.step));
    const isThere = to >= 0 && to < stops.length;
    if (!isThere && session?.state !== 'failed' && session?.state !== 'finished') return model;
    // The notice that it is on its way is over.
    const there: Model = { ...(goal.stop === undefined ? rest : without(rest, 'notice')), mode: goal.mode };
    return arrived(isThere ? goTo(there, to) : there, goal.from ?? goal.mode);
  }
  const session = model.sessions[model.mode];
  const stops = session?.scene.stops ?? [];
  const { gone = 0 } = session?.scene ?? {};
  const moved = gone - (session?.gone ?? 0);
  const seen = Math.max(0, (session?.seen ?? 0) - moved);
  if (!session || (stops.length === seen && moved === 0)) return model;
  // What a learner reads stays until it is closed; then the newest is shown, if it was before.
  if (moved === 0 && readsInLab(model)) return model;
  const looked: Model = withoutStops(
    withSession(model, model.mode, { seen: stops.length, gone }),
    session.scene.firstVisit,
    moved,
  );
  const { stop, moment } = placeOf(looked);
  // A new visitor is shown where the present is watched.
  const watches =
    !showsList(looked) &&
    !session.scene.sources.isCapture &&
    stops.at(-1)?.kind === 'visitor' &&
    moment === undefined &&
    !readsInLab(looked) &&
    watchesAt(session.scene, placeOf(looked), stop === Math.max(0, seen - 1));
  return watches ? goTo(looked, stops.length - 1) : looked;
}

/** Whether something lies over a lab's own screen. */
export function readsInLab(model: Model): boolean {
  if (sceneOf(model)?.sources.isLab !== true) return false;
  const { body = 'lab', moment } = placeOf(model);
  return body !== 'lab' || moment !== undefined || model.sheet !== 'none' || model.large || model.zoomed;
}

/** The same place after so many stops were released from a first one on; the oldest one left if its own was released. */
function withoutStops(model: Model, first: number, count: number): Model {
  const { stop } = placeOf(model);
  if (count === 0 || stop < first) return model;
  return stop - count >= first ? withPlace(model, { stop: stop - count }) : goTo(model, first);
}

/**
 * Whether the newest connection is awaited. Where many wires meet, connections arrive all the time: a view chosen by hand
 * stays, and so does the introduction until a client uses the first wire.
 */
function watchesAt(scene: RunState, { body, stop }: Place, isNewest: boolean): boolean {
  const { star, stops, topology } = scene;
  if (!star) return isNewest;
  if (body !== undefined && body !== 'cluster') return false;
  const { conn } = stops.at(-1) ?? {};
  return stops[stop]?.kind === 'intro'
    ? conn !== undefined && scene.connection(conn)?.hop === topology.wires[0]?.hop
    : isNewest;
}

/** How long the wires of a screen stay lit when nothing follows, in milliseconds. */
const glowMs = 1000;

/** In the picture of many wires, schedules turning their lights off. */
export function lighted(given: Answer): Answer {
  const [model, effects] = updated(given);
  const session = model.sessions[model.mode];
  const seq = session?.scene.star ? session.scene.traffic.spokeSeq : -1;
  if (!session || session.calming !== undefined || seq <= (session.calm ?? -1)) return given;
  return [
    withSession(model, model.mode, { calming: seq }),
    [...effects, { type: 'calm', mode: model.mode, seq, milliseconds: glowMs }],
  ];
}

/** The time has passed since that event; scheduled once more if there were later events. */
export function calmed(model: Model, mode: string, seq: number): Answer {
  const session = model.sessions[mode];
  if (session?.calming !== seq) return model;
  const next: Model = {
    ...model,
    sessions: { ...model.sessions, [mode]: { ...without(session, 'calming'), calm: seq } },
  };
  return mode === model.mode ? lighted(next) : next;
}

/**
 * Closes what is open, one thing at a time, and ends the program. In the middle of a show `q` asks first; Escape never ends
 * anything.
 */
import type { Answer } from '../effect.ts';
import { closed, placeOf, startPlace, unzoomed, without, withPlace, withPlaceWithout } from '../model.ts';
import type { Model } from '../model.ts';

/** The same without what was opened last; undefined if nothing is open. */
function withoutNewest(model: Model): Model | undefined {
  if (model.help) return { ...model, help: false };
  if (model.search.sought !== '') return { ...model, search: { text: '', editing: false, sought: '' } };
  if (model.zoomed) return unzoomed(model);
  if (model.large || model.sheet !== 'none') return withPlace({ ...model, ...closed }, { scroll: 0 });
  if (model.notes) return { ...model, notes: false };
  const { body, pane } = placeOf(model);
  if (body !== undefined) return withPlaceWithout(model, 'body', 'isPart');
  return pane === 'conversation' ? undefined : withPlace(model, { pane: 'conversation' });
}

/** Whether Escape and `q` close something. */
export function isOpen(model: Model): boolean {
  return withoutNewest(model) !== undefined;
}

/** Escape: it also gives up a goal that is still ahead. */
export function close(model: Model): Model {
  return withoutNewest(model) ?? (model.goal?.stop === undefined ? model : without(model, 'goal'));
}

/** `q`: closes what is open; with nothing open, ends the program, or asks whether to. */
export function leave(model: Model): Answer {
  const rest = withoutNewest(model);
  if (rest) return rest;
  if (isInTheMiddle(model) || runsLab(model)) return { ...without(model, 'playing'), asking: 'end' };
  return [model, [{ type: 'quit' }]];
}

/** Whether a lab is shown that is up: its servers end with the screen. */
export function runsLab(model: Model): boolean {
  const { scene, state } = model.sessions[model.mode] ?? {};
  return model.lab !== undefined && scene?.sources.isLab === true && state !== 'failed';
}

/** Whether the shown demonstration, or one that it was reached from, has begun and is not at its end. */
function isInTheMiddle(model: Model): boolean {
  const modes = [model.mode, ...model.trail.map(({ from }) => from)];
  return modes.some((mode) => typeof leftAt(model, mode) === 'number');
}

/**
 * The stop at which a demonstration would be left now, never the introduction; `over` if its end was reached, undefined if it has not begun, could not
 * start, or is no demonstration.
 */
export function leftAt(model: Model, mode: string): number | 'over' | undefined {
  const session = model.sessions[mode];
  const { stop, reached = 0 } = model.places[mode] ?? startPlace;
  const furthest = Math.max(stop, reached);
  if (!session || session.state === 'failed' || session.scene.sources.isVisited || furthest === 0)
    return undefined;
  const end = session.scene.stops.findIndex(({ kind }) => kind === 'verdict');
  if (end >= 0 && furthest >= end) return 'over';
  return stop === 0 ? furthest : stop;
}

/** Decides what the keys act on now. `keymap.ts` has the table of each mode. */
import { rowsOf } from '../keymap.ts';
import type { KeyMode, KeyRow, RunMode } from '../keymap.ts';
import { sceneOf } from '../state/model.ts';
import type { Model } from '../state/model.ts';
import type { Selection } from '../state/selection.ts';

/** The kind of the run that is shown. */
export function runModeOf(model: Model): RunMode {
  const scene = sceneOf(model);
  if (!scene?.sources.isVisited) return 'scenario';
  if (scene.sources.isLab) return 'lab';
  if (scene.sources.isCapture) return 'inspect';
  return scene.star ? 'cluster' : 'proxy';
}

/** What the keys act on beneath help: help lists the keys of this mode. */
export function modeUnderHelp(model: Model): KeyMode {
  if (model.asking !== false) return 'ending';
  if (model.search.editing) return 'search';
  if (model.sheet === 'steps') return sceneOf(model)?.sources.isVisited ? 'list' : 'steps';
  if (model.sheet === 'record') return 'record';
  return model.large || model.sheet !== 'none' ? 'text' : runModeOf(model);
}

export function keyModeOf(model: Model): KeyMode {
  const mode = modeUnderHelp(model);
  return model.help && mode !== 'ending' && mode !== 'search' ? 'text' : mode;
}

/** The rows that help lists. */
export function helpRowsOf(model: Model): readonly KeyRow[] {
  return rowsOf(modeUnderHelp(model), runModeOf(model));
}

/** Whether the keys act on the picture of all wires. */
export function showsAll(model: Model, { body }: Selection): boolean {
  return body === 'cluster' && model.sheet === 'none' && !model.large && !model.help;
}

/** Whether Enter leads into the selected wire of the picture: in a scenario, of a picture or a wire that was chosen by hand. */
export function entersWire(model: Model, look: Selection): boolean {
  const { body, isWireChosen } = look.place;
  return (
    showsAll(model, look) && (runModeOf(model) !== 'scenario' || body === 'cluster' || isWireChosen === true)
  );
}

/** Whether the messages and the bytes of one wire are shown. */
export function showsOneWire(model: Model, { body }: Selection): boolean {
  const isOne = body === 'wire' || (body === 'wires' && model.zoomed);
  return model.sheet === 'record' || (isOne && model.sheet === 'none');
}

/** Whether a pane of bytes has the focus. */
export function movesInBytes(model: Model, look: Selection): boolean {
  const { place, rows } = look;
  return (
    showsOneWire(model, look) && place.pane === 'bytes' && !model.large && !model.help && rows.length > 0
  );
}

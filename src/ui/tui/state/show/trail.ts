/**
 * The way through demonstrations: `1 2 3` lead to the same login in another one, and `b` at the place of arrival leads back to
 * the demonstration and the place where the key was pressed.
 */
import { placeOf, without } from '../model.ts';
import type { Model } from '../model.ts';
import { screenWords } from '../words.ts';

const { cameFrom } = screenWords.notices;

/** The model shows the place that a key led to. A demonstration that was left before is returned to: what followed is dropped. */
export function arrived(model: Model, from: string): Model {
  const { mode, trail } = model;
  if (mode === from) return model;
  const before = trail.findIndex((one) => one.from === mode);
  if (before >= 0) return { ...model, trail: trail.slice(0, before) };
  return {
    ...model,
    trail: [...trail, { from, mode, stop: placeOf(model).stop }],
    notice: { en: cameFrom.en(mode, from), ko: cameFrom.ko(mode, from) },
  };
}

/** Back to where the key was pressed; undefined anywhere but at the place of arrival. */
export function broughtBack(model: Model): Model | undefined {
  const last = model.trail.at(-1);
  if (!last || last.mode !== model.mode || last.stop !== placeOf(model).stop) return undefined;
  return { ...without(model, 'goal'), mode: last.from, trail: model.trail.slice(0, -1) };
}

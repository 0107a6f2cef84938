/**
 * Secrets on the screen, shown or masked. Masking is for the eyes in the room: what was captured, written or judged is
 * not touched.
 */
import type { Model } from './model.ts';
import { sceneOf } from './model.ts';
import { cellWidth } from '../i18n/width.ts';

const dot = '•';

/** As many dots as the text has cells. */
export function dotsFor(text: string): string {
  return dot.repeat(cellWidth(text));
}

/** Every secret that the scene knows, replaced in a text of the screen. */
export function masked(model: Model, text: string): string {
  if (!model.masked) return text;
  let result = text;
  for (const value of sceneOf(model)?.sources.secrets.values() ?? []) result = result.replaceAll(value, dotsFor(value));
  return result;
}

/** How a value that is a secret is written. */
export function showing({ masked: isMasked }: Model): (value: string) => string {
  return (value) => (isMasked ? dotsFor(value) : value);
}

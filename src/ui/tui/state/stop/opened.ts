/** Whether keys have opened what is shown of a wire: only then its readable bytes are nothing that an eavesdropper sees. */
import type { Model } from '../model.ts';
import type { Selection } from '../selection.ts';

export function isOpenedOn({ opened }: Pick<Model, 'opened'>, { rows }: Selection): boolean {
  return opened && rows.findIndex((message) => message.opened) >= 0;
}

/** Whether there may be keys: where people connect, and in a file, there may be none at all. */
export function hasKeys({ scene }: Pick<Selection, 'scene'>): boolean {
  const { isCapture, isVisited, flows } = scene.sources;
  return !(isCapture || isVisited) || flows.keylogLength > 0;
}

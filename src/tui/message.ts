/** Everything that can happen to the screen. `update.ts` answers to each; `loop.ts` and the rooms below send them. */

/** A key as a person pressed it: one character as it was typed, or a name from the list. */
export const keyNames = ['space', 'enter', 'tab', 'shift-tab', 'escape', 'backspace', 'delete', 'up', 'down', 'left', 'right', 'pageup', 'pagedown', 'home', 'end'] as const;
export type KeyName = (typeof keyNames)[number];

export type Message =
  | { readonly type: 'key'; readonly key: string }
  | { readonly type: 'resized'; readonly columns: number; readonly rows: number }
  /** A click of the first button; cells count from 0 at the top left. */
  | { readonly type: 'clicked'; readonly column: number; readonly row: number }
  /** The wheel; `lines` is positive downwards. */
  | { readonly type: 'scrolled'; readonly column: number; readonly row: number; readonly lines: number };

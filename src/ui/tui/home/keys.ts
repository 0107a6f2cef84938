/**
 * What keys mean on the first screen: a row each. Where a key is on the other screens too (`../keymap.ts`), it means the same
 * here; letters of the Korean layout mean what their keys mean.
 */
import { lettersOf } from '../keys/hangul.ts';

const rows = {
  open: ['enter', 'space', 'right'],
  'open-short': ['S'],
  up: ['up'],
  down: ['down'],
  'page-up': ['pageup'],
  'page-down': ['pagedown'],
  first: ['home'],
  last: ['end'],
  'next-group': ['tab'],
  'previous-group': ['shift-tab'],
  filter: ['/'],
  language: ['L'],
  leave: ['q', 'escape'],
  suspend: ['ctrl-z'],
  quit: ['Q'],
} as const satisfies Record<string, readonly string[]>;

export type HomeAction = keyof typeof rows;

const byKey = new Map(
  (Object.entries(rows) as [HomeAction, readonly string[]][]).flatMap(([action, keys]) =>
    keys.map((key) => [key, action] as const),
  ),
);

export function homeActionOf(key: string): HomeAction | undefined {
  const [letter, ...more] = lettersOf(key) ?? [];
  if (letter === undefined) return byKey.get(key);
  // A syllable is several keys: none is meant more than another.
  return more.length > 0 ? undefined : (byKey.get(letter) ?? byKey.get(letter.toUpperCase()));
}

/** Handles typing, starting and continuing a search. `search.ts` finds the matches. */
import type { Action } from '../keymap.ts';
import type { Answer } from './effect.ts';
import type { Going } from './going.ts';
import { closed, without, withNotice, withPlace } from './model.ts';
import type { Model } from './model.ts';
import { cursorOn, gapAt } from './read-back.ts';
import { readAt } from './reading.ts';
import { searchOn } from './search.ts';
import type { Selection } from './selection.ts';

/** @param action what the key means while a text is typed, beside itself */
export function typeSearch(model: Model, action: Action | undefined, key: string): Answer {
  const { search } = model;
  switch (action) {
    case 'find':
      return startSearch(
        { ...model, search: { text: search.text, editing: false, sought: search.text } },
        1,
        true,
      );
    case 'close':
      return { ...model, search: { text: '', editing: false, sought: '' } };
    case 'quit':
      return [model, [{ type: 'quit', interrupted: true }]];
    case 'suspend':
      return [model, [{ type: 'suspend' }]];
    case 'erase':
      return { ...model, search: { ...search, text: Array.from(search.text).slice(0, -1).join('') } };
    default: {
      const typed = key === 'space' ? ' ' : key;
      // Letters of a decomposed syllable (NFD) arrive one by one.
      return Array.from(typed).length === 1 && search.text.length < 200
        ? { ...model, search: { ...search, text: (search.text + typed).normalize('NFC') } }
        : model;
    }
  }
}

/** @param here whether the selected message itself may match. */
export function startSearch(model: Model, step: 1 | -1, here = false): Answer {
  if (model.search.sought === '') return withNotice(model, 'nothingSought');
  return searchGoesOn({ ...model, search: { ...model.search, going: { step, looked: here ? -1 : 0 } } });
}

export function searchGoesOn(model: Model): Answer {
  const { going, ...rest } = model.search;
  const look = readAt(model);
  if (!going || !look) return model;
  const result = searchOn(model, look, going);
  if ('gap' in result) return searchInGap(model, look, going, result);
  if ('going' in result)
    return [{ ...model, search: { ...rest, going: result.going } }, [{ type: 'search-on' }]];
  const found: Model = { ...model, search: rest };
  if (!result.cursor) return withNotice(found, 'notFound');
  const shown = withPlace(
    { ...found, ...closed },
    { body: 'wire', cursor: result.cursor, pointing: true, scroll: 0 },
  );
  return result.wrapped ? withNotice(shown, 'wrapped') : shown;
}

/** The search waits until the missing messages have been read back. */
function searchInGap(
  model: Model,
  look: Selection,
  going: Going,
  { gap: index, isRound }: { readonly gap: number; readonly isRound: boolean },
): Answer {
  const row = look.rows.at(index);
  const gap = gapAt(look, index, going.step);
  const from = look.rows.at(look.chosen);
  const { begun } = going;
  // A page that makes no progress would be read forever.
  if (!row || !gap || !from || begun?.wantedAt === gap.wanted.at)
    return withNotice({ ...model, search: without(model.search, 'going') }, 'notFound');
  const cursor = cursorOn(row);
  const { conn, at } = begun ?? { conn: from.connection.conn, at: from.message.at };
  const search = {
    ...model.search,
    going: { step: going.step, looked: -1, begun: { conn, at, isRound, wantedAt: gap.wanted.at } },
  };
  return [
    withPlace(
      { ...model, ...closed, search },
      { body: 'wire', cursor, pointing: true, scroll: 0, wanted: { ...gap.wanted, cursor } },
    ),
    [],
  ];
}

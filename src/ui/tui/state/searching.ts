/** Handles typing, starting and continuing a search. `search.ts` finds the matches. */
import { isFault, parseFilter } from '../../../analysis/summary/filter.ts';
import type { Action } from '../keymap.ts';
import type { Answer } from './effect.ts';
import type { Going } from './going.ts';
import { closed, placeOf, without, withNotice, withPlace } from './model.ts';
import type { Model } from './model.ts';
import { cursorOn, gapAt } from './read-back.ts';
import { readAt } from './reading.ts';
import { searchOn } from './search.ts';
import type { Selection } from './selection.ts';
import { screenWords } from './words.ts';

/** @param action what the key means while a text is typed, beside itself */
export function typeSearch(model: Model, action: Action | undefined, key: string): Answer {
  const { search } = model;
  switch (action) {
    case 'find':
      if (search.isFilter) return setFilter(model);
      return startSearch(
        { ...model, search: { text: search.text, editing: false, sought: search.text } },
        1,
        true,
      );
    case 'close':
      return { ...model, search: { ...unsought, ...(search.isFilter ? { sought: search.sought } : {}) } };
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

const unsought = { text: '', editing: false, sought: '' } as const;

/** The list shows what the typed expression lets through; a mistake in it is shown, and can be mended. */
function setFilter(model: Model): Answer {
  const { text, sought } = model.search;
  const filter = parseFilter(text);
  if (filter && isFault(filter)) {
    const { badFilter } = screenWords.notices;
    const place = String(filter.at + 1);
    return {
      ...model,
      notice: {
        en: badFilter.en(filter.what.en, place, filter.expected.en),
        ko: badFilter.ko(filter.what.ko, place, filter.expected.ko),
      },
    };
  }
  const search = { ...unsought, sought };
  return filter
    ? { ...model, search, filter, chosen: 0, digits: '' }
    : { ...without(model, 'filter'), search, chosen: placeOf(model).stop, digits: '' };
}

/** @param here whether the selected message itself may match. */
export function startSearch(model: Model, step: 1 | -1, here = false): Answer {
  if (model.search.sought === '') return withNotice(model, 'nothingSought');
  return searchGoesOn({
    ...model,
    search: { ...model.search, going: { step, looked: here ? -1 : 0, began: here ? -1 : 0 } },
  });
}

export function searchGoesOn(model: Model): Answer {
  const { going: begun, ...rest } = model.search;
  const look = readAt(model);
  if (!begun || !look) return model;
  const { isReading } = look.scene;
  // What is still being read may hold it.
  if (begun.waits && isReading) return [model, [{ type: 'search-on' }]];
  const { waits: from, ...looking } = begun;
  const going = from === undefined ? begun : { ...looking, looked: from.looked };
  const result = searchOn(model, look, going);
  const isHere = 'cursor' in result && result.cursor !== undefined && result.wrapped !== true;
  if (isReading && !isHere && !('gap' in result) && !('going' in result))
    return [
      { ...model, search: { ...rest, going: { ...going, waits: { looked: going.began ?? going.looked } } } },
      [{ type: 'search-on' }],
    ];
  if ('gap' in result) return searchInGap(model, look, going, result);
  if ('going' in result)
    return [{ ...model, search: { ...rest, going: result.going } }, [{ type: 'search-on' }]];
  const found: Model = { ...model, search: rest };
  if (!result.cursor)
    return withNotice(
      found,
      look.scene.sources.isVisited && look.scene.stops.length > 1 ? 'notFoundHere' : 'notFound',
    );
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

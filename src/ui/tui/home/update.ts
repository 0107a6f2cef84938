/**
 * What keys and clicks do on the first screen. Pure: what is to be opened is an effect, for the command line.
 */
import type { Message } from '../message.ts';
import { homeActionOf } from './keys.ts';
import type { HomeAction } from './keys.ts';
import { homeLayout } from './layout.ts';
import { chosenEntry, listed } from './model.ts';
import type { HomeEffect, HomeModel } from './model.ts';

type Changed = readonly [HomeModel, readonly HomeEffect[]];
const only = (model: HomeModel): Changed => [model, []];

export function updateHome(model: HomeModel, message: Message): Changed {
  switch (message.type) {
    case 'resized':
      return only({ ...model, size: { columns: message.columns, rows: message.rows } });
    case 'scrolled':
      return only(model.typing === 'answer' || model.failure ? model : moved(model, message.lines));
    case 'clicked':
      return onClick(model, message.column, message.row);
    case 'key':
      return onKey(model, message.key);
    default:
      return only(model);
  }
}

function onClick(model: HomeModel, column: number, row: number): Changed {
  if (model.failure) return only({ ...model, failure: undefined });
  if (model.typing === 'answer') return only(model);
  const index = homeLayout(model).entryAt(column, row);
  if (index === undefined) return only(model);
  return index === model.chosen ? opened(model) : only({ ...model, chosen: index });
}

function onKey(model: HomeModel, key: string): Changed {
  if (key === 'ctrl-c') return [model, [{ type: 'quit', interrupted: true }]];
  if (model.failure) return only({ ...model, failure: undefined });
  if (model.typing) return onTyped(model, model.typing, key);
  const action = homeActionOf(key);
  return action ? onAction(model, action) : only(model);
}

function onAction(model: HomeModel, action: HomeAction): Changed {
  switch (action) {
    case 'up':
      return only(moved(model, -1));
    case 'down':
      return only(moved(model, 1));
    case 'page-up':
      return only(moved(model, -homeLayout(model).height));
    case 'page-down':
      return only(moved(model, homeLayout(model).height));
    case 'first':
      return only(moved(model, -Infinity));
    case 'last':
      return only(moved(model, Infinity));
    case 'next-group':
      return only(toGroup(model, 1));
    case 'previous-group':
      return only(toGroup(model, -1));
    case 'open':
      return opened(model);
    case 'open-short':
      return openedShort(model);
    case 'filter':
      return only({ ...model, typing: 'filter' });
    case 'language':
      return only(refiltered({ ...model, language: model.language === 'en' ? 'ko' : 'en' }, model));
    case 'leave':
      // A filter is closed first: Escape is what one presses to be rid of it.
      return model.filter === ''
        ? [model, [{ type: 'quit', interrupted: false }]]
        : only(refiltered({ ...model, filter: '' }, model));
    case 'suspend':
      return [model, [{ type: 'suspend' }]];
    case 'quit':
      return [model, [{ type: 'quit', interrupted: false }]];
  }
}

/** The most characters of a filter or an answer. */
const longest = 1000;

function onTyped(model: HomeModel, typing: 'filter' | 'answer', key: string): Changed {
  const text = typing === 'filter' ? model.filter : model.answer;
  const typed = (changed: string): Changed =>
    only(
      typing === 'filter' ? refiltered({ ...model, filter: changed }, model) : { ...model, answer: changed },
    );
  switch (key) {
    case 'enter':
      if (typing === 'filter') return opened({ ...model, typing: undefined });
      return text.trim() === '' ? only(model) : opened(model);
    case 'escape':
      return typing === 'filter'
        ? only(refiltered({ ...model, typing: undefined, filter: '' }, model))
        : only({ ...model, typing: undefined });
    case 'backspace':
      return text === ''
        ? only({ ...model, typing: undefined })
        : typed(Array.from(text).slice(0, -1).join(''));
    case 'up':
      return only(typing === 'filter' ? moved(model, -1) : model);
    case 'down':
      return only(typing === 'filter' ? moved(model, 1) : model);
    case 'space':
      return typed(`${text} `.slice(0, longest));
    default:
      return Array.from(key).length === 1 ? typed((text + key).slice(0, longest)) : only(model);
  }
}

function moved(model: HomeModel, by: number): HomeModel {
  const last = listed(model).length - 1;
  return { ...model, chosen: Math.max(0, Math.min(last, model.chosen + by)) };
}

/** To the first entry of the next group, around the end; backwards to the first of its own, then to the one before. */
function toGroup(model: HomeModel, by: 1 | -1): HomeModel {
  const all = listed(model);
  const starts = all.flatMap(({ group }, index) =>
    index > 0 && all[index - 1]?.group === group ? [] : [index],
  );
  const next =
    by > 0
      ? (starts.find((start) => start > model.chosen) ?? starts[0])
      : (starts.findLast((start) => start < model.chosen) ?? starts.at(-1));
  return { ...model, chosen: next ?? 0 };
}

/** The same entry stays chosen if it is still listed. */
function refiltered(model: HomeModel, before: HomeModel): HomeModel {
  const entry = chosenEntry(before);
  const index = entry ? listed(model).indexOf(entry) : -1;
  return { ...model, chosen: Math.max(0, index) };
}

function opened(model: HomeModel): Changed {
  const entry = chosenEntry(model);
  if (!entry) return only(model);
  const answer = model.answer.trim();
  if (entry.ask && model.typing !== 'answer') return only({ ...model, typing: 'answer', answer: '' });
  const words = entry.ask ? [...entry.words, answer] : entry.words;
  return [{ ...model, typing: undefined, answer: '' }, [{ type: 'open', entry, words }]];
}

function openedShort(model: HomeModel): Changed {
  const entry = chosenEntry(model);
  return entry?.short ? [model, [{ type: 'open', entry, words: entry.short.words }]] : only(model);
}

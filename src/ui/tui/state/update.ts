/**
 * Handles every message: returns the new model, updates the run states in it, and returns the effects. Run states change here
 * and nowhere else, so that drawing only queries them. `loop.ts` performs the effects.
 *
 * 1. A key without effect here shows a notice, or does nothing; it never ends the program by surprise.
 * 2. `space` goes to the next stop; at the newest one it advances the run, and the new stop is shown when it exists.
 */
import { languages } from '../../../i18n/language.ts';
import { copyOf } from '../copy.ts';
import { actionOf } from '../keymap.ts';
import type { Action } from '../keymap.ts';
import { readAt, readFrame } from './reading.ts';
import { pointed } from './selection.ts';
import { updated } from './effect.ts';
import type { Answer, Effect, Updated } from './effect.ts';
import type { Message } from '../message.ts';
import {
  closed,
  placeOf,
  sceneOf,
  startPlace,
  without,
  withNotice,
  withPlace,
  withPlaceWithout,
  withSession,
} from './model.ts';
import type { Model, SheetName } from './model.ts';
import {
  changePane,
  changeView,
  chooseNamed,
  chooseWire,
  enterWire,
  move,
  moveInTime,
  nextLayout,
  nextWire,
  open,
  showsAll,
} from './moves.ts';
import { wantHere, withResult } from './read-back.ts';
import { calmed, follow, goTo, lighted } from './following.ts';
import { searchGoesOn, startSearch, typeSearch } from './searching.ts';
import { sidesOf } from './sides.ts';
import { regionAt } from '../view.ts';
import { screenWords } from './words.ts';

const { notices } = screenWords;

export function update(model: Model, message: Message): Updated {
  const [next, effects] = updated(answer(model, message));
  const { wanted } = placeOf(next);
  return wanted && wanted !== placeOf(model).wanted
    ? [next, [...effects, { type: 'read-back', mode: next.mode, wanted }]]
    : [next, effects];
}

function answer(model: Model, message: Message): Answer {
  switch (message.type) {
    case 'key':
      return onKey(without(model, 'notice'), message.key);
    case 'resized':
      return { ...model, size: { columns: message.columns, rows: message.rows } };
    case 'clicked':
    case 'scrolled':
      return onMouse(model, message);
    case 'captured':
      for (const event of message.events) message.scene.fold(event);
      return lighted(follow(model));
    case 'judged':
      message.scene.finish(message.verdict, message.ways, message.scripts);
      return model;
    case 'frame':
      readFrame(model);
      return [model, readsOn(model)];
    case 'read-on':
      sceneOf(model)?.readOn();
      return [model, readsOn(model)];
    case 'calmed':
      return calmed(model, message.mode, message.seq);
    case 'session':
      return onSession(model, message.mode, message.scene);
    case 'state': {
      if (!model.sessions[message.mode]) return model;
      const { state, error } = message;
      const [followed, effects] = updated(
        follow(withSession(model, message.mode, { state, ...(error ? { error } : {}) })),
      );
      // The viewer asked to continue before the run was waiting.
      const isAsked =
        state === 'waiting' && followed.goal?.mode === message.mode && followed.goal.step === undefined;
      return [followed, isAsked ? [...effects, { type: 'advance', mode: message.mode }] : effects];
    }
    case 'progress':
      return withSession(model, message.mode, { progress: message.done });
    case 'ticked':
      return model.playing === message.playing ? onTick(model) : model;
    case 'search-on':
      return searchGoesOn(model);
    case 'copied':
      return {
        ...model,
        notice: { en: notices.copied.en(message.what), ko: notices.copied.ko(message.what) },
      };
    case 'notice':
      return { ...model, notice: message.text };
    case 'choose-pane':
      return withPlace(model, { pane: message.pane });
    case 'choose-wire':
      return chooseWire(model, message.hop);
    case 'read-back':
      return readBack(model, message);
    case 'point':
      return wantHere(
        withPlace(model, { cursor: message.cursor, pane: message.pane, pointing: true, scroll: 0 }),
      );
  }
}

const readsOn = (model: Model): readonly Effect[] => (sceneOf(model)?.isReading ? [{ type: 'read-on' }] : []);

function onSession(model: Model, mode: string, scene: Model['sessions'][string]['scene']): Answer {
  const sessions = {
    ...model.sessions,
    [mode]: { scene, state: 'starting' as const, seen: scene.stops.length },
  };
  // A session that was never shown has no place yet; it opens at its login.
  if (mode !== model.mode) return { ...model, sessions, places: without(model.places, mode) };
  const { pane } = placeOf(model);
  return { ...model, sessions, places: { ...model.places, [mode]: { ...startPlace, pane } } };
}

function onKey(model: Model, key: string): Answer {
  if (model.search.editing) return typeSearch(model, key);
  const action = actionOf(key);
  return action ? act(model, action, key) : model;
}

function act(model: Model, action: Action, key: string): Answer {
  switch (action) {
    case 'quit':
      return [model, [{ type: 'quit', ...(key === 'Q' ? {} : { interrupted: true }) }]];
    case 'leave':
      return leave(model, key);
    case 'help':
      return { ...model, help: !model.help };
    case 'language': {
      const next = languages[(languages.indexOf(model.language) + 1) % languages.length] ?? 'en';
      return { ...model, language: next };
    }
    case 'next':
      return next(standing(model));
    case 'back':
      return back(standing(model));
    case 'play':
      return model.playing === undefined
        ? onTick({ ...model, plays: model.plays + 1, playing: model.plays + 1 })
        : withNotice(standing(model), 'paused');
    case 'restart':
      return [
        { ...standing(without(model, 'goal')), help: false, ...closed },
        [{ type: 'start', mode: model.mode }],
      ];
    case 'mode':
      return changeMode(standing(model), key);
    case 'wire':
      return nextWire(model, 1);
    case 'hop':
      return chooseNamed(model, key);
    case 'layout':
      return { ...model, layout: nextLayout(model) };
    case 'open':
      return open(model);
    case 'explain':
      return withPlace({ ...model, ...closed, large: !model.large }, { scroll: 0 });
    case 'sides':
    case 'record':
      return openSheet(model, action);
    case 'view':
      return changeView(model);
    case 'mask':
      return [
        { ...model, masked: !model.masked, notice: model.masked ? notices.unmasked : notices.masked },
        [],
      ];
    case 'notes':
      if (model.search.sought !== '') return startSearch(model, -1);
      return { ...model, notes: !model.notes };
    case 'projector':
      return { ...model, projector: !model.projector };
    case 'earlier':
      return moveInTime(standing(model), -1);
    case 'later':
      return moveInTime(standing(model), 1);
    case 'present': {
      const scene = sceneOf(model);
      return scene ? goTo(standing(model), Math.max(0, scene.stops.length - 1)) : model;
    }
    case 'search':
      return { ...model, search: { ...model.search, text: '', editing: true } };
    case 'find-next':
      // On a Korean keyboard n and N are one letter.
      if (key === 'ㅜ' && model.search.sought === '') return act(model, 'notes', key);
      return startSearch(model, 1);
    case 'copy': {
      const copy = copyOf(model);
      return copy ? [model, [{ type: 'copy', ...copy }]] : withNotice(model, 'nothingToCopy');
    }
    case 'mouse':
      return [
        withNotice({ ...model, mouse: !model.mouse }, model.mouse ? 'mouseFree' : 'mouseHere'),
        [{ type: 'mouse', on: !model.mouse }],
      ];
    case 'pane':
    case 'pane-back': {
      const by = action === 'pane' ? 1 : -1;
      const look = readAt(model);
      return look && showsAll(model, look) ? nextWire(model, by) : changePane(model, by);
    }
    case 'enter': {
      const look = readAt(model);
      if (look && showsAll(model, look)) return enterWire(model, look);
      return [
        withPlace(model, {
          pane: placeOf(model).pane === 'bytes' ? 'conversation' : 'bytes',
          pointing: true,
        }),
        [],
      ];
    }
    case 'up':
    case 'down':
    case 'left':
    case 'right':
    case 'page-up':
    case 'page-down':
    case 'first':
    case 'last':
      return move(model, action);
  }
}

/** Opens a sheet over the body, or closes it. If it would be empty a notice says why. */
function openSheet(model: Model, sheet: Exclude<SheetName, 'none'>): Answer {
  if (model.sheet === sheet) return withPlace({ ...model, ...closed }, { scroll: 0 });
  const look = readAt({ ...model, sheet });
  if (!look) return model;
  if (sheet === 'sides' && sidesOf(look).length === 0) return withNotice(model, 'noTls');
  if (sheet === 'record' && !pointed(look)) return withNotice(model, 'noMessage');
  return withPlace({ ...model, ...closed, sheet, help: false }, { scroll: 0 });
}

/** Closes what is open; with nothing open, the program ends. */
function leave(model: Model, key: string): Answer {
  if (model.help) return { ...model, help: false };
  if (model.search.sought !== '') return { ...model, search: { text: '', editing: false, sought: '' } };
  if (model.large || model.sheet !== 'none') return withPlace({ ...model, ...closed }, { scroll: 0 });
  if (model.notes) return { ...model, notes: false };
  const { body, pane } = placeOf(model);
  if (body !== undefined) return withPlaceWithout(model, 'body');
  if (pane !== 'conversation') return withPlace(model, { pane: 'conversation' });
  // Escape alone is pressed by habit, and sent by terminals for unknown keys.
  return key === 'escape' ? model : [model, [{ type: 'quit' }]];
}

/** Stops playback. */
function standing(model: Model): Model {
  return without(model, 'playing');
}

function next(model: Model): Answer {
  const scene = sceneOf(model);
  const session = model.sessions[model.mode];
  // Typed ahead of the start.
  if (!scene || !session) return { ...model, goal: { mode: model.mode } };
  const { stop, moment } = placeOf(model);
  if (moment !== undefined) return withPlaceWithout(model, 'moment');
  if (model.help) return { ...model, help: false };
  if (stop < scene.stops.length - 1) return goTo(model, stop + 1);
  if (session.state === 'waiting')
    return [
      { ...model, goal: { mode: model.mode }, ...closed },
      model.goal?.mode === model.mode ? [] : [{ type: 'advance', mode: model.mode }],
    ];
  if (session.state === 'finished') return withNotice(model, scene.sources.isVisited ? 'newest' : 'theEnd');
  return session.state === 'failed' ? model : { ...model, goal: { mode: model.mode } };
}

function back(model: Model): Answer {
  const { stop, moment } = placeOf(model);
  if (moment !== undefined) return goTo(model, stop);
  return stop > 0 ? goTo(model, stop - 1) : withNotice(model, 'theStart');
}

function onTick(model: Model): Answer {
  const { playing } = model;
  if (playing === undefined) return model;
  const [went, effects] = updated(next(model));
  const isOver = went.notice !== undefined;
  if (isOver) return [standing(went), effects];
  return [went, [...effects, { type: 'tick', playing, milliseconds: model.playMs }]];
}

/** The same login in another mode: the previous place in it, else a run up to the comparable step. */
function changeMode(model: Model, key: string): Answer {
  const mode = model.modes.find((one) => one.key === key);
  if (!mode) return withNotice(model, 'noMode');
  const calm: Model = { ...without(model, 'goal'), help: false, ...closed };
  const session = model.sessions[mode.name];
  if (mode.name === model.mode) return calm;
  const isThere = session !== undefined && session.state !== 'failed';
  if (isThere && model.places[mode.name] !== undefined) return { ...calm, mode: mode.name };
  // The old place stays on the screen until the other mode is ready, so that only the wire changes.
  const going: Model = { ...calm, goal: { mode: mode.name, step: mode.comparable } };
  if (isThere) return follow(going);
  return model.goal?.mode === mode.name
    ? going
    : [going, [{ type: 'start', mode: mode.name, through: mode.comparable }]];
}

function onMouse(model: Model, message: Extract<Message, { type: 'clicked' | 'scrolled' }>): Answer {
  if (message.type === 'clicked') {
    const meant = regionAt(model, message.column, message.row);
    return meant ? answer(model, meant) : model;
  }
  const meant = regionAt(model, message.column, message.row);
  const pane = meant?.type === 'choose-pane' || meant?.type === 'point' ? meant.pane : placeOf(model).pane;
  const before = placeOf(model).pane;
  let moved = withPlace(model, { pane });
  for (let count = 0; count < Math.min(5, Math.abs(message.lines)); count++)
    moved = move(moved, message.lines > 0 ? 'down' : 'up');
  return withPlace(moved, { pane: before });
}

/** The requested messages have arrived: a search that waited for them continues. */
function readBack(model: Model, message: Extract<Message, { type: 'read-back' }>): Answer {
  const { wanted, cursor } = model.places[message.mode] ?? startPlace;
  const came = withResult(model, message);
  if (came === model || !came.search.going) return came;
  const waits = message.mode === model.mode && 'page' in message.result && cursor === wanted?.cursor;
  return waits ? searchGoesOn(came) : { ...came, search: without(came.search, 'going') };
}

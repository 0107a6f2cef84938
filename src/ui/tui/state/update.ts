/**
 * What every message does to the model and to the runs in it, and what is to be done about it outside. A run is folded and
 * read further here and nowhere else, so that drawing only asks. What an effect is carried out by is `loop.ts`'s part.
 *
 * 1. A key that does nothing here says why in a notice, or does nothing; it never ends the program by surprise.
 * 2. `space` goes one stop on; where the run has not come so far, it goes on, and the new stop is shown when it
 *    is there.
 */
import { languages } from '../../../i18n/language.ts';
import { copyOf } from '../copy.ts';
import { actionOf } from '../keymap.ts';
import type { Action } from '../keymap.ts';
import { readAt, readFrame } from './reading.ts';
import { pointed } from './selection.ts';
import type { Selection } from './selection.ts';
import type { Message, PageWanted } from '../message.ts';
import {
  closed,
  placeOf,
  sceneOf,
  startPlace,
  without,
  withPlace,
  withPlaceWithout,
  withSession,
} from './model.ts';
import type { Model, Place, SheetName } from './model.ts';
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
import { cursorOn, gapAt, wantHere, withResult } from './read-back.ts';
import type { RunState } from './run-state.ts';
import { searchOn } from './search.ts';
import type { Going } from './going.ts';
import { sidesOf } from './sides.ts';
import { regionAt } from '../view.ts';
import { screenWords } from './words.ts';

export type Effect =
  /** The waiting run of a mode goes on. */
  | { readonly type: 'advance'; readonly mode: string }
  /** A run of that mode begins anew; up to the end of step `through` it does not wait. */
  | { readonly type: 'start'; readonly mode: string; readonly through?: string }
  | { readonly type: 'tick'; readonly playing: number; readonly milliseconds: number }
  /** The lights of that mode's wires go out. */
  | { readonly type: 'calm'; readonly mode: string; readonly seq: number; readonly milliseconds: number }
  | { readonly type: 'search-on' }
  /** What is shown has more to read than was read at once. */
  | { readonly type: 'read-on' }
  /** Messages of the shown mode that are no longer in memory are read back from the recording. */
  | { readonly type: 'read-back'; readonly mode: string; readonly wanted: PageWanted }
  | { readonly type: 'copy'; readonly text: string; readonly what: string }
  | { readonly type: 'mouse'; readonly on: boolean }
  /** Interrupted: by Ctrl-C. */
  | { readonly type: 'quit'; readonly interrupted?: boolean };

export type Updated = readonly [Model, readonly Effect[]];

/** A model alone: nothing is to be done outside. */
type Answer = Model | Updated;

const updated = (given: Answer): Updated => ('size' in given ? [given, []] : given);

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
      message.scene.finish(message.verdict, message.ways);
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
      // The viewer asked to go on before the run was waiting.
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

/** The place at a stop as one comes to it. */
function placeAt(model: Model, stop: number): Place {
  const { hop, pane } = placeOf(model);
  return {
    ...startPlace,
    stop,
    ...(hop === undefined ? {} : { hop }),
    pane: pane === 'explanation' ? 'conversation' : pane,
  };
}

function goTo(model: Model, stop: number): Model {
  return { ...model, ...closed, places: { ...model.places, [model.mode]: placeAt(model, stop) } };
}

/** After the log or a run's state has changed: a viewer who asked to go on, or watches the present, sees what is new. */
function follow(model: Model): Answer {
  if (model.goal) {
    const { goal, ...rest } = model;
    const session = model.sessions[goal.mode];
    const { stop } = model.places[goal.mode] ?? startPlace;
    const stops = session?.scene.stops ?? [];
    const to =
      goal.step === undefined
        ? stop + 1
        : stops.findIndex(({ kind, step }) => kind === 'reveal' && step === goal.step);
    if (to >= 0 && to < stops.length) return goTo({ ...rest, mode: goal.mode }, to);
    if (session?.state === 'failed' || session?.state === 'finished') return { ...rest, mode: goal.mode };
    return model;
  }
  const session = model.sessions[model.mode];
  const stops = session?.scene.stops ?? [];
  const { gone = 0 } = session?.scene ?? {};
  const moved = gone - (session?.gone ?? 0);
  const seen = Math.max(0, (session?.seen ?? 0) - moved);
  if (!session || (stops.length === seen && moved === 0)) return model;
  const looked: Model = withoutStops(
    withSession(model, model.mode, { seen: stops.length, gone }),
    session.scene.firstVisit,
    moved,
  );
  const { stop, moment } = placeOf(looked);
  // A new visitor is shown where the present is watched.
  const watches =
    !session.scene.sources.isCapture &&
    stops.at(-1)?.kind === 'visitor' &&
    moment === undefined &&
    watchesAt(session.scene, placeOf(looked), stop === Math.max(0, seen - 1));
  return watches ? goTo(looked, stops.length - 1) : looked;
}

/** The same place where so many stops were let go from a first one on; the oldest that is left, where its own went. */
function withoutStops(model: Model, first: number, count: number): Model {
  const { stop } = placeOf(model);
  if (count === 0 || stop < first) return model;
  return stop - count >= first ? withPlace(model, { stop: stop - count }) : goTo(model, first);
}

/**
 * Whether the newest connection is awaited. Where many wires meet, connections arrive all the time: a view chosen by hand
 * stays, and so does the introduction until a client uses the first wire.
 */
function watchesAt(scene: RunState, { body, stop }: Place, isNewest: boolean): boolean {
  const { star, stops, topology } = scene;
  if (!star) return isNewest;
  if (body !== undefined && body !== 'cluster') return false;
  const { conn } = stops.at(-1) ?? {};
  return stops[stop]?.kind === 'intro'
    ? conn !== undefined && scene.connection(conn)?.hop === topology.wires[0]?.hop
    : isNewest;
}

/** How long the wires of a screen stay lit when nothing follows, in milliseconds. */
const glowMs = 1000;

/** Where many wires are watched, their lights go out when the time has passed. */
function lighted(given: Answer): Answer {
  const [model, effects] = updated(given);
  const session = model.sessions[model.mode];
  const seq = session?.scene.star ? session.scene.traffic.spokeSeq : -1;
  if (!session || session.calming !== undefined || seq <= (session.calm ?? -1)) return given;
  return [
    withSession(model, model.mode, { calming: seq }),
    [...effects, { type: 'calm', mode: model.mode, seq, milliseconds: glowMs }],
  ];
}

/** The time has passed since that event: once more where there were others meanwhile, then never again. */
function calmed(model: Model, mode: string, seq: number): Answer {
  const session = model.sessions[mode];
  if (session?.calming !== seq) return model;
  const next: Model = {
    ...model,
    sessions: { ...model.sessions, [mode]: { ...without(session, 'calming'), calm: seq } },
  };
  return mode === model.mode ? lighted(next) : next;
}

function onSession(model: Model, mode: string, scene: Model['sessions'][string]['scene']): Answer {
  const sessions = {
    ...model.sessions,
    [mode]: { scene, state: 'starting' as const, seen: scene.stops.length },
  };
  // A session that was never shown has no place yet: it will be shown at its login.
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
        : { ...standing(model), notice: notices.paused };
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
      return copy ? [model, [{ type: 'copy', ...copy }]] : { ...model, notice: notices.nothingToCopy };
    }
    case 'mouse':
      return [
        { ...model, mouse: !model.mouse, notice: model.mouse ? notices.mouseFree : notices.mouseHere },
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

/** A sheet over the body, or the body again. Where it would be empty a notice says why. */
function openSheet(model: Model, sheet: Exclude<SheetName, 'none'>): Answer {
  if (model.sheet === sheet) return withPlace({ ...model, ...closed }, { scroll: 0 });
  const look = readAt({ ...model, sheet });
  if (!look) return model;
  if (sheet === 'sides' && sidesOf(look).length === 0) return { ...model, notice: notices.noTls };
  if (sheet === 'record' && !pointed(look)) return { ...model, notice: notices.noMessage };
  return withPlace({ ...model, ...closed, sheet, help: false }, { scroll: 0 });
}

/** What is open is closed first; then the program ends. */
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

/** Not playing any more. */
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
  if (session.state === 'finished')
    return { ...model, notice: scene.sources.isVisited ? notices.newest : notices.theEnd };
  return session.state === 'failed' ? model : { ...model, goal: { mode: model.mode } };
}

function back(model: Model): Answer {
  const { stop, moment } = placeOf(model);
  if (moment !== undefined) return goTo(model, stop);
  return stop > 0 ? goTo(model, stop - 1) : { ...model, notice: notices.theStart };
}

function onTick(model: Model): Answer {
  const { playing } = model;
  if (playing === undefined) return model;
  const [went, effects] = updated(next(model));
  const isOver = went.notice !== undefined;
  if (isOver) return [standing(went), effects];
  return [went, [...effects, { type: 'tick', playing, milliseconds: model.playMs }]];
}

/** The same login another way: where one has been there, back to that place; else a run up to the comparable step. */
function changeMode(model: Model, key: string): Answer {
  const mode = model.modes.find((one) => one.key === key);
  if (!mode) return { ...model, notice: notices.noMode };
  const calm: Model = { ...without(model, 'goal'), help: false, ...closed };
  const session = model.sessions[mode.name];
  if (mode.name === model.mode) return calm;
  const isThere = session !== undefined && session.state !== 'failed';
  if (isThere && model.places[mode.name] !== undefined) return { ...calm, mode: mode.name };
  // What is shown stays until the other way is there: the room sees only the wire change.
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

function typeSearch(model: Model, key: string): Answer {
  const { search } = model;
  switch (key) {
    case 'enter':
      return startSearch(
        { ...model, search: { text: search.text, editing: false, sought: search.text } },
        1,
        true,
      );
    case 'escape':
      return { ...model, search: { text: '', editing: false, sought: '' } };
    case 'ctrl-c':
      return [model, [{ type: 'quit', interrupted: true }]];
    case 'backspace':
      return { ...model, search: { ...search, text: Array.from(search.text).slice(0, -1).join('') } };
    case 'space':
      return { ...model, search: { ...search, text: `${search.text} ` } };
    default:
      return Array.from(key).length === 1 && search.text.length < 200
        ? { ...model, search: { ...search, text: search.text + key } }
        : model;
  }
}

/** @param here whether the chosen message itself may be what is looked for. */
function startSearch(model: Model, step: 1 | -1, here = false): Answer {
  if (model.search.sought === '') return model;
  return searchGoesOn({ ...model, search: { ...model.search, going: { step, looked: here ? -1 : 0 } } });
}

function searchGoesOn(model: Model): Answer {
  const { going, ...rest } = model.search;
  const look = readAt(model);
  if (!going || !look) return model;
  const result = searchOn(model, look, going);
  if ('gap' in result) return searchInGap(model, look, going, result);
  if ('going' in result)
    return [{ ...model, search: { ...rest, going: result.going } }, [{ type: 'search-on' }]];
  const found: Model = { ...model, search: rest };
  if (!result.cursor) return { ...found, notice: notices.notFound };
  const shown = withPlace(
    { ...found, ...closed },
    { body: 'wire', cursor: result.cursor, pointing: true, scroll: 0 },
  );
  return result.wrapped ? { ...shown, notice: notices.wrapped } : shown;
}

/** The search waits until what is not in memory has been read back. */
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
  // A page that does not lead on would be read for ever.
  if (!row || !gap || !from || begun?.wantedAt === gap.wanted.at)
    return { ...model, search: without(model.search, 'going'), notice: notices.notFound };
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

/** What was wanted is there: a search that waited for it goes on in it. */
function readBack(model: Model, message: Extract<Message, { type: 'read-back' }>): Answer {
  const { wanted, cursor } = model.places[message.mode] ?? startPlace;
  const came = withResult(model, message);
  if (came === model || !came.search.going) return came;
  const waits = message.mode === model.mode && 'page' in message.result && cursor === wanted?.cursor;
  return waits ? searchGoesOn(came) : { ...came, search: without(came.search, 'going') };
}

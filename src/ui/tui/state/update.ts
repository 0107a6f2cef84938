/**
 * Handles every message: returns the new model, updates the run states in it, and returns the effects. Run states change here
 * and nowhere else, so that drawing only queries them. `loop.ts` performs the effects.
 *
 * 1. A key without effect here shows a notice, or does nothing; it never ends the program by surprise.
 * 2. `space` goes to the next stop; at the newest one it advances the run, and the new stop is shown when it exists.
 */
import { languages } from '../../../i18n/language.ts';
import { copyOf } from '../copy.ts';
import { lettersOf } from '../keys/hangul.ts';
import { entersWire, keyModeOf, movesInBytes, runModeOf, showsAll } from '../keys/mode.ts';
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
import type { Model, Session, SheetName } from './model.ts';
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
  zoom,
} from './moves.ts';
import type { Move } from './moves.ts';
import { close, leave, runsLab } from './show/leaving.ts';
import {
  chooseBy,
  chooseDigit,
  goToRow,
  goToStop,
  neighbourStop,
  sortNext,
  openSteps,
  presentStop,
} from './show/steps-list.ts';
import { arrived, broughtBack } from './show/trail.ts';
import { penFor } from './masking.ts';
import { wantHere, withResult } from './read-back.ts';
import { askHint, nextLab, standsOnLab, toggleSheet } from '../lab/update.ts';
import { calmed, follow, goTo, lighted, readsInLab } from './following.ts';
import { onTicked, timed } from './playback.ts';
import { searchGoesOn, startSearch, typeSearch } from './searching.ts';
import { sidesOf } from './sides.ts';
import { hasLegend, regionAt } from '../view.ts';
import { largeText } from '../view/explanation.ts';
import { screenWords } from './words.ts';

const { notices } = screenWords;

export function update(model: Model, message: Message): Updated {
  const [next, effects] = timed(model, message, updated(caughtUp(model, answer(model, message))));
  const { wanted } = placeOf(next);
  return wanted && wanted !== placeOf(model).wanted
    ? [next, [...effects, { type: 'read-back', mode: next.mode, wanted }]]
    : [next, effects];
}

/** What came while something lay over a lab is shown once that is closed. */
function caughtUp(before: Model, given: Answer): Answer {
  const [model, effects] = updated(given);
  if (!readsInLab(before) || readsInLab(model)) return given;
  const [followed, more] = updated(follow(model));
  return [followed, [...effects, ...more]];
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
      return onTicked(model, message.playing, next);
    case 'search-on':
      return searchGoesOn(model);
    case 'copied':
      return {
        ...model,
        notice: { en: notices.copied.en(message.what), ko: notices.copied.ko(message.what) },
      };
    case 'notice':
      return { ...model, notice: message.text };
    case 'lab':
      return { ...model, lab: message.board };
    case 'choose-pane':
      return withPlace(model, { pane: message.pane });
    case 'choose-wire':
      return chooseWire(model, message.hop);
    case 'go-to':
      return goToStop(model, message.stop);
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

/** Actions that leave help open: they change how the screen looks, not what it shows. */
const besideHelp: ReadonlySet<Action> = new Set([
  'language',
  'mask',
  'projector',
  'mouse',
  'suspend',
  'quit',
]);

function onKey(model: Model, key: string): Answer {
  // While a text is typed, Hangul is text.
  const letters = model.search.editing ? undefined : lettersOf(key);
  if (!letters) return onPlainKey(model, key);
  let answered: Updated = [model, []];
  for (const letter of letters) {
    const [before, effects] = answered;
    const [after, more] = updated(onPlainKey(before, withShift(before, letter)));
    answered = [after, [...effects, ...more]];
  }
  return answered;
}

/** The small letter or the capital, whichever means something, for a key of a Korean keyboard. */
function withShift(model: Model, letter: string): string {
  const [mode, under] = [keyModeOf(model), runModeOf(model)];
  const capital = letter.toUpperCase();
  const meant = actionOf(letter, mode, under);
  const isFree = meant === undefined || (letter === 'n' && meant === 'find' && model.search.sought === '');
  return isFree && actionOf(capital, mode, under) !== undefined ? capital : letter;
}

function onPlainKey(model: Model, key: string): Answer {
  const mode = keyModeOf(model);
  const action = actionOf(key, mode, runModeOf(model));
  if (mode === 'ending') return onEnding(model, action);
  if (mode === 'search') return typeSearch(model, action, key);
  if (action === undefined) return model;
  if (!model.help || besideHelp.has(action) || isOfText(action)) return act(model, action, key);
  if (action === 'next' || action === 'clicker') return { ...model, help: false };
  // Any other key closes help first, and means what help says it does.
  return onPlainKey({ ...model, help: false }, key);
}

/** What the keys of a text do with help, which is one. */
const isOfText = (action: Action): boolean => action === 'move' || action === 'close' || action === 'help';

/** Answers the question whether to end the show. */
function onEnding(model: Model, action: Action | undefined): Answer {
  const staying: Model = { ...model, asking: false };
  if (model.asking === 'restart') {
    if (action === 'restart') return restart(staying);
  } else if (action === 'leave') return [staying, [{ type: 'quit' }]];
  return action === 'quit' || action === 'suspend' ? act(model, action, '') : staying;
}

function act(model: Model, action: Action, key: string): Answer {
  switch (action) {
    case 'quit':
      return [model, [{ type: 'quit', ...(key === 'Q' ? {} : { interrupted: true }) }]];
    case 'leave':
      return leave(standing(model));
    case 'close':
    case 'stay':
      return close(model);
    case 'suspend':
      return [model, [{ type: 'suspend' }]];
    case 'help':
      return { ...model, help: nextHelp(model) };
    case 'language': {
      const next = languages[(languages.indexOf(model.language) + 1) % languages.length] ?? 'en';
      return { ...model, language: next };
    }
    case 'next':
      return next(standing(model));
    case 'back':
      return back(standing(model));
    case 'clicker':
      return onClicker(model, key);
    case 'play':
      return model.playing === undefined
        ? onTicked(
            { ...without(model, 'notice'), plays: model.plays + 1, playing: model.plays + 1 },
            model.plays + 1,
            next,
          )
        : withNotice(standing(model), 'paused');
    case 'restart':
      return runsLab(model) ? { ...standing(model), asking: 'restart' } : restart(model);
    case 'mode':
      return changeMode(standing(model), key);
    case 'steps':
      return openSteps(standing(model));
    case 'digit':
      return chooseDigit(model, key);
    case 'go':
      return goToRow(model);
    case 'filter':
      return {
        ...model,
        search: { ...model.search, text: model.filter?.expression ?? '', editing: true, isFilter: true },
      };
    case 'sort':
      return sortNext(model);
    case 'wire':
      return nextWire(model, key === 'W' ? -1 : 1);
    case 'hop':
      return chooseNamed(model, key);
    case 'layout':
      return { ...model, layout: nextLayout(model) };
    case 'open':
      return open(model);
    case 'explain':
      return standsOnLab(model) ? toggleSheet(model, 'task') : explain(model);
    case 'hint':
      return askHint(model);
    case 'commands':
      return standsOnLab(model) && model.sheet !== 'commands'
        ? toggleSheet(model, 'commands')
        : act(model, 'copy', key);
    case 'next-lab':
      return model.search.sought === '' ? nextLab(model) : startSearch(model, 1);
    case 'sides':
    case 'record':
      return openSheet(model, action);
    case 'share':
      if (!model.shared) return withNotice(model, 'notShared');
      return withPlace(
        { ...model, ...closed, help: false, sheet: model.sheet === 'shared' ? 'none' : 'shared' },
        { scroll: 0 },
      );
    case 'view':
      return changeView(model);
    case 'zoom':
      return zoom(model);
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
      return later(standing(model));
    case 'search':
      return { ...model, search: { ...model.search, text: '', editing: true } };
    case 'find':
      return startSearch(model, key === 'N' ? -1 : 1);
    case 'erase':
      return model;
    case 'copy':
    case 'copy-hex':
    case 'copy-curl': {
      const copy = copyOf(model, action === 'copy' ? 'text' : action === 'copy-hex' ? 'hex' : 'curl');
      return copy
        ? [model, [{ type: 'copy', ...copy }]]
        : withNotice(model, action === 'copy-curl' ? 'noRequest' : 'nothingToCopy');
    }
    case 'mouse':
      return [
        withNotice({ ...model, mouse: !model.mouse }, model.mouse ? 'mouseFree' : 'mouseHere'),
        [{ type: 'mouse', on: !model.mouse }],
      ];
    case 'pane': {
      const by = key === 'tab' ? 1 : -1;
      const look = readAt(model);
      if (look?.body === 'lab' && look.rows.length > 0 && model.sheet === 'none')
        return withPlace(model, { body: 'wire', pane: 'conversation', pointing: true });
      return look && showsAll(model, look) ? nextWire(model, by) : changePane(model, by);
    }
    case 'enter':
      return enter(model);
    case 'move': {
      const to = moveOf[key];
      return to ? moveBy(model, to) : model;
    }
  }
}

function restart(model: Model): Answer {
  return [
    { ...standing(without(model, 'goal')), help: false, ...closed },
    [{ type: 'start', mode: model.mode }],
  ];
}

const moveOf: Readonly<Partial<Record<string, Move>>> = {
  up: 'up',
  down: 'down',
  left: 'left',
  right: 'right',
  pageup: 'page-up',
  pagedown: 'page-down',
  home: 'first',
  end: 'last',
};

const scrollOf = (model: Model): number => (model.help ? model.help : placeOf(model)).scroll;

/** First what stands on the screen, where something does, then the keys, then the screen again. */
function nextHelp(model: Model): Model['help'] {
  if (model.help) return model.help.page === 'terms' && { page: 'keys', scroll: 0 };
  return { page: hasLegend(model) ? 'terms' : 'keys', scroll: 0 };
}

/** Pages of a long text follow each other; after the last one, the next step follows. */
function moveBy(model: Model, to: Move): Answer {
  if (model.sheet === 'steps' && !model.help) return moveInSteps(model, to);
  if (model.sheet === 'none' && !model.help && standsOnLab(model)) return moveOnLab(model, to);
  const moved = move(model, to);
  const isPage = to === 'page-up' || to === 'page-down';
  // Pages of a lab have no step behind them.
  if (
    !isPage ||
    (model.lab && !model.help) ||
    keyModeOf(model) !== 'text' ||
    scrollOf(moved) !== scrollOf(model)
  )
    return moved;
  if (model.help) return to === 'page-down' ? { ...model, help: false } : model;
  return to === 'page-down' ? next(standing(model)) : back(standing(model));
}

/** Through the connections of a lab; pages are those of the tasks, where they are longer than the screen. */
function moveOnLab(model: Model, to: Move): Answer {
  const scene = sceneOf(model);
  // Without wires there is only text.
  if (model.lab?.isCluster && scene?.stops.length === 0) return move(model, to);
  if (to === 'page-up' || to === 'page-down') {
    const moved = move(model, to);
    if (scrollOf(moved) !== scrollOf(model)) return moved;
  }
  if (scene && (to === 'first' || to === 'last') && scene.stops.length > 0)
    return goTo(model, to === 'first' ? 0 : scene.stops.length - 1);
  return to === 'up' || to === 'left' || to === 'page-up' || to === 'first' ? back(model) : next(model);
}

function moveInSteps(model: Model, to: Move): Model {
  const page = Math.max(1, model.size.rows - 6);
  const by = {
    up: -1,
    down: 1,
    left: 0,
    right: 0,
    'page-up': -page,
    'page-down': page,
    first: -Infinity,
    last: Infinity,
  } as const;
  return chooseBy(model, by[to]);
}

/** The keys of a clicker change the step, unless they move in bytes. */
function onClicker(model: Model, key: string): Answer {
  const isForth = key === 'pagedown' || key === 'right';
  const look = readAt(model);
  const to = moveOf[key];
  if (to && look && movesInBytes(model, look)) return move(model, to);
  if (!isForth) return back(standing(model));
  // At the end, a page of the verdict is all that is left to go to.
  if (key === 'pagedown' && isAtTheEnd(model)) {
    const moved = move(model, 'page-down');
    if (placeOf(moved).scroll !== placeOf(model).scroll) return moved;
  }
  return next(standing(model));
}

function isAtTheEnd(model: Model): boolean {
  const session = model.sessions[model.mode];
  return session?.state === 'finished' && placeOf(model).stop === session.scene.stops.length - 1;
}

/** Into what is chosen and out of the bytes; where nothing is, a clicker's key for the next step. */
function enter(model: Model): Answer {
  const look = readAt(model);
  if (model.sheet === 'next') return nextLab(model);
  if (model.sheet === 'commands') return act(model, 'copy', '');
  if (look?.body === 'lab' && model.sheet === 'none' && pointed(look))
    return withPlace(model, { body: 'wire', pane: 'bytes', pointing: true });
  if (look && entersWire(model, look)) return enterWire(model, look);
  const { pane } = placeOf(model);
  const isScenario = runModeOf(model) === 'scenario' && model.sheet !== 'record';
  if (isScenario && !(look && movesInBytes(model, look))) return next(standing(model));
  if (!look || !pointed(look)) return withNotice(model, 'noMessage');
  return withPlace(model, { pane: pane === 'bytes' ? 'conversation' : 'bytes', pointing: true });
}

/** The explanation over the whole body, or as before; a notice where there is none. */
function explain(model: Model): Answer {
  const to = withPlace({ ...model, ...closed, large: !model.large }, { scroll: 0 });
  const look = readAt(to);
  return model.large || !look || largeText(to, look, penFor(to), to.size.columns)
    ? to
    : withNotice(model, 'nothingToExplain');
}

/** A message later; after the last one the stop as a whole, then the newest stop, and its newest messages. */
function later(model: Model): Answer {
  const { stop, moment, page } = placeOf(model);
  if (moment !== undefined) return moveInTime(model, 1);
  const present = presentStop(model);
  return stop < present || page !== undefined ? goTo(model, present) : withNotice(model, 'thePresent');
}

/** Opens a sheet over the body, or closes it. If it would be empty a notice says why. */
function openSheet(model: Model, sheet: Extract<SheetName, 'sides' | 'record'>): Answer {
  if (model.sheet === sheet) return withPlace({ ...model, ...closed }, { scroll: 0 });
  const look = readAt({ ...model, sheet });
  if (!look) return model;
  if (look.rows.length === 0) return withNotice(model, 'nothingYet');
  if (sheet === 'sides' && sidesOf(look).length === 0) return withNotice(model, 'noTls');
  if (sheet === 'record' && !pointed(look)) return withNotice(model, 'noMessage');
  return withPlace({ ...model, ...closed, sheet, help: false }, { scroll: 0 });
}

/** Stops playback. */
function standing(model: Model): Model {
  return without(model, 'playing');
}

function next(model: Model): Answer {
  // On the way to the stop where the show opens.
  if (model.goal?.stop !== undefined) return model;
  const scene = sceneOf(model);
  const session = model.sessions[model.mode];
  // Typed ahead of the start.
  if (!scene || !session) return { ...model, goal: { mode: model.mode } };
  const { stop, moment } = placeOf(model);
  if (moment !== undefined) return withPlaceWithout(model, 'moment');
  if (model.help) return { ...model, help: false };
  const behind = neighbourStop(model, scene, stop, 1);
  if (behind !== undefined) return goTo(model, behind);
  if (model.filter && scene.sources.isVisited) return withNotice(model, 'lastListed');
  if (session.state === 'waiting')
    return [
      { ...model, goal: { mode: model.mode }, ...closed },
      model.goal?.mode === model.mode ? [] : [{ type: 'advance', mode: model.mode }],
    ];
  if (session.state === 'finished' || (session.state === 'reading' && scene.sources.isCapture))
    return withNotice(model, theLast(session, model));
  return session.state === 'failed' ? model : { ...model, goal: { mode: model.mode } };
}

/** What is said at the last stop. */
function theLast(
  { scene: { sources }, state }: Session,
  { modes }: Model,
): 'lastOfFile' | 'stillReading' | 'newest' | 'theEnd' | 'theEndOfOne' {
  if (sources.isCapture) return state === 'reading' ? 'stillReading' : 'lastOfFile';
  return sources.isVisited ? 'newest' : modes.length > 1 ? 'theEnd' : 'theEndOfOne';
}

function back(given: Model): Answer {
  const model = without(given, 'goal');
  const { stop, moment } = placeOf(model);
  if (moment !== undefined) return goTo(model, stop);
  const brought = broughtBack(model);
  if (brought) return brought;
  const scene = sceneOf(model);
  const before = scene && neighbourStop(model, scene, stop, -1);
  return before === undefined ? withNotice(model, 'theStart') : goTo(model, before);
}

/** The same login in another mode: the previous place in it, else a run up to the comparable step. */
function changeMode(model: Model, key: string): Answer {
  const mode = model.modes.find((one) => one.key === key);
  if (!mode) return withNotice(model, 'noMode');
  const calm: Model = { ...without(model, 'goal'), help: false, ...closed };
  const session = model.sessions[mode.name];
  if (mode.name === model.mode) {
    const isCalm = model.goal === undefined && !model.help && !model.large && model.sheet === 'none';
    return isCalm ? withNotice(model, 'shownAlready') : calm;
  }
  const isThere = session !== undefined && session.state !== 'failed';
  if (isThere && model.places[mode.name] !== undefined)
    return arrived({ ...calm, mode: mode.name }, model.mode);
  // The old place stays on the screen until the other mode is ready, so that only the wire changes.
  const going: Model = { ...calm, goal: { mode: mode.name, step: mode.comparable, from: model.mode } };
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

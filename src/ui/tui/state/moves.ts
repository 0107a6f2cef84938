/**
 * Navigation within a run, without advancing it: another wire, reading, pane or moment, the cursor, scrolling. It reads what it
 * moves in first; `update.ts` maps the keys.
 */
import { bytesCells } from '../view/bytes.ts';
import { hitsIn } from '../../../presentation/moment.ts';
import { readAt } from './reading.ts';
import { viewsOf } from './stop/views.ts';
import { pointed, underOtherReading } from './selection.ts';
import type { Selection } from './selection.ts';
import { commandsPage } from '../lab/pages.ts';
import { penFor } from './masking.ts';
import { showsAll, showsOneWire } from '../keys/mode.ts';
import type { Pane } from '../message.ts';
import { closed, placeOf, sceneOf, unzoomed, withNotice, withPlace, withPlaceWithout } from './model.ts';
import type { Layout, Model } from './model.ts';
import { cursorOn, gapAtTheBeginning, gapOnTheWay } from './read-back.ts';
import { scrollableLines } from '../view.ts';
import { waysLines } from '../view/verdict.ts';
import { layoutFor, moveInBytes, shapeFor } from '../view/dump.ts';
import { canZoom } from '../view/zoom.ts';
import { screenWords } from './words.ts';

const { notices } = screenWords;

/** Cycles through text, hex, and both if there is room. */
export function nextLayout(model: Model): Layout {
  const width = bytesCells(model);
  const shown = shapeFor(model, width).layout;
  if (shown === 'text') return 'hex';
  return shown === 'hex' && layoutFor('both', width) === 'both' ? 'both' : 'text';
}

export function chooseWire(model: Model, hop: string): Model {
  return withPlace(withPlaceWithout(model, 'cursor'), { hop, scroll: 0, isWireChosen: true });
}

/** Selects the wire with that letter: here if possible, else in the picture of all wires. */
export function chooseNamed(model: Model, hop: string): Model {
  const look = readAt(model);
  const showsWires = look?.body === 'wire' || look?.body === 'cluster';
  if (look?.choice.includes(hop) && (showsWires || !look.scene.star)) return chooseWire(model, hop);
  if (look?.scene.star && look.scene.wire(hop))
    return chooseWire(withPlace({ ...model, ...closed, help: false }, { body: 'cluster' }), hop);
  return { ...model, notice: { en: notices.noSuchWire.en(hop), ko: notices.noSuchWire.ko(hop) } };
}

/** Selects the next or the previous wire. */
export function nextWire(model: Model, by: 1 | -1): Model {
  const look = readAt(model);
  if (!look || look.hop === undefined) return model;
  if (isUnasked(look) && look.body === 'story') return withNotice(model, 'nothingYet');
  const { choice, hop } = look;
  if (choice.length < 2) return withNotice(model, 'onlyOneWire');
  return chooseWire(model, choice[(choice.indexOf(hop) + by + choice.length) % choice.length] ?? hop);
}

/**
 * From the picture of all wires to the conversation on the selected one: the newest connection of a visitor; for system
 * traffic, all messages.
 */
export function enterWire(model: Model, look: Selection): Model {
  const { scene, hop, stop, last } = look;
  if (hop === undefined || scene.traffic.of(hop, last).connections === 0)
    return withNotice(model, 'nothingHere');
  const isOfStep = stop?.step !== undefined;
  const visit = isOfStep
    ? -1
    : scene.stops.findLastIndex(
        ({ conn, from }) => conn !== undefined && from <= last && scene.connection(conn)?.hop === hop,
      );
  // System traffic is shown beside the introduction.
  const own = visit < 0 && !isOfStep ? scene.stops.findIndex(({ kind }) => kind === 'intro') : visit;
  if (own < 0 && !isOfStep) return withNotice(model, 'nothingHere');
  return withPlace(withPlaceWithout(model, 'cursor', 'moment'), {
    ...(own < 0 ? {} : { stop: own }),
    hop,
    body: 'wire',
    pane: 'conversation',
    scroll: 0,
  });
}

/** A question that waits: its step has not run. */
const isUnasked = ({ stop, scene }: Selection): boolean =>
  stop?.kind === 'question' && scene.running === undefined;

/** Decrypts the ciphertext in place, or shows it sealed again. */
export function open(model: Model): Model {
  const look = readAt(model);
  if (!look) return model;
  // Nothing that keys would open is on the screen: it would only show later, where nobody expects it.
  const showsBytes = ['wire', 'wires', 'ladder', 'lab'].includes(look.body);
  if (!showsBytes || isUnasked(look)) return withNotice(model, 'noBytesHere');
  const opened = !model.opened;
  const changed = { ...model, opened };
  const place = pointed(look);
  if (!place) return changed;
  const isTls = look.rows.findIndex(({ protocol }) => protocol === 'tls') >= 0;
  if (!isTls) return withNotice(model, 'nothingSealed');
  const other = readAt(withPlaceWithout(changed, 'cursor'));
  if (opened && other && other.rows.findIndex((message) => message.opened) < 0)
    return withNotice(model, 'noKeys');
  const row = other && underOtherReading(look, other, place.row);
  if (!row) return withPlaceWithout(changed, 'cursor');
  // A secret in it is what there is to see.
  const [hit] = hitsIn(other, row.message);
  return withPlace(changed, {
    cursor: {
      conn: row.connection.conn,
      message: row.index,
      offset: hit?.offset ?? row.message.offset,
    },
  });
}

export function changeView(model: Model): Model {
  const look = readAt(model);
  if (!look) return model;
  const views = viewsOf(look);
  if (views.length < 2 && look.body === views[0]) return withNotice(model, 'onlyThisView');
  const at = views.indexOf(look.body);
  // Out of a conversation that Enter led into, back to the picture.
  const out = views.find((one) => one === 'cluster') ?? views.at(-1);
  const body = (at < 0 ? out : views[(at + 1) % views.length]) ?? look.body;
  // A running system is shown as of now: a picture of the past would look like the present.
  const present =
    body === 'cluster' && look.scene.sources.isVisited && !look.scene.sources.isCapture
      ? { stop: look.scene.stops.length - 1 }
      : {};
  return withPlace(
    withPlaceWithout(
      { ...model, ...closed },
      'isPart',
      ...('stop' in present ? (['moment', 'cursor'] as const) : []),
    ),
    { ...present, body, scroll: 0 },
  );
}

/** Gives the pane that the arrow keys move in the whole body, or shows the others again. */
export function zoom(model: Model): Model {
  if (model.zoomed) return unzoomed(model);
  const look = readAt(model);
  if (!look || !canZoom(look, model))
    return withNotice(model, look?.body === 'lab' ? 'nothingYet' : 'nothingToZoom');
  // Until somebody moves in a list, what is looked at is the bytes.
  const pane =
    look.body === 'lab'
      ? ({ pane: 'bytes', body: 'wire', isPart: true } as const)
      : look.body === 'wire' && !look.place.pointing
        ? ({ pane: 'bytes' } as const)
        : {};
  return withPlace({ ...model, ...closed, help: false, zoomed: true }, { scroll: 0, ...pane });
}

const panes: readonly Pane[] = ['conversation', 'bytes', 'explanation'];

export function changePane(model: Model, by: 1 | -1): Model {
  const at = panes.indexOf(placeOf(model).pane);
  const pane = panes[(at + by + panes.length) % panes.length] ?? 'conversation';
  return withPlace(model, { pane, ...(pane === 'bytes' ? { pointing: true } : {}) });
}

/** Moves to the moment of an earlier or later message of the selected wire. */
export function moveInTime(model: Model, by: 1 | -1): Model {
  const look = readAt(model);
  const scene = sceneOf(model);
  if (!look || !scene) return model;
  const present = withPlaceWithout(model, 'moment', 'cursor');
  const whole = readAt(present);
  const rows = whole?.rows;
  if (!rows || rows.length === 0) return withNotice(model, by < 0 ? 'theStart' : 'theEnd');
  const shown = look.rows.length;
  const newest = rows.at(shown - 1)?.message.seq;
  let to = shown + by;
  // Messages that one event completed appear and disappear together.
  while (to < shown && to > 0 && rows.at(to - 1)?.message.seq === newest) to--;
  if (to >= rows.length) return present;
  if (to < 1) return withNotice(model, 'theStart');
  const row = rows.at(to - 1);
  if (!row) return model;
  return withPlace(model, {
    moment: row.message.seq,
    cursor: { conn: row.connection.conn, message: row.index, offset: row.message.offset },
    pointing: true,
    scroll: 0,
  });
}

export type Move = 'up' | 'down' | 'left' | 'right' | 'page-up' | 'page-down' | 'first' | 'last';

export function move(model: Model, to: Move): Model {
  const look = readAt(model);
  if (!look) return model;
  const { pane } = look.place;
  if (
    look.body === 'verdict' &&
    look.scene.ways.length > 0 &&
    model.sheet === 'none' &&
    !model.large &&
    !model.help &&
    (to === 'up' || to === 'down')
  )
    return chooseCommand(model, look, to);
  if (model.lab && model.sheet === 'commands' && !model.help && (to === 'up' || to === 'down'))
    return choosePrinted(
      model,
      look,
      commandsPage(model.lab, 0, penFor(model), model.size.columns).starts,
      to,
    );
  const isAll = showsAll(model, look);
  if (isAll && (to === 'up' || to === 'left')) return nextWire(model, -1);
  if (isAll && (to === 'down' || to === 'right')) return nextWire(model, 1);
  const listed = showsOneWire(model, look) && !model.large && !model.help && look.rows.length > 0;
  if (!listed || pane === 'explanation') return scroll(model, to);
  if (pane === 'bytes' || to === 'left' || to === 'right') return moveBytes(model, look, to);
  const page = Math.max(1, Math.floor(model.size.rows / 3));
  const steps = {
    up: -1,
    down: 1,
    'page-up': -page,
    'page-down': page,
    first: -Infinity,
    last: Infinity,
    left: 0,
    right: 0,
  } as const;
  return pointAt(model, look, Math.max(0, Math.min(look.rows.length - 1, look.chosen + steps[to])), to);
}

/** Stops before messages that are only in the recording until they are read back. */
function pointAt(model: Model, look: Selection, index: number, to: Move): Model {
  const { cursor: at, wanted } = look.place;
  // A held key does not move past the messages it waits for.
  if (
    wanted &&
    wanted.cursor === at &&
    (wanted.direction === 'before'
      ? index < look.chosen && to !== 'first'
      : index > look.chosen && to !== 'last')
  )
    return model;
  // The newest is in memory.
  const gap =
    model.recording === undefined || to === 'last'
      ? undefined
      : to === 'first'
        ? gapAtTheBeginning(look, model)
        : gapOnTheWay(look, index);
  const row = look.rows.at(gap?.stopAt ?? index);
  if (!row) return model;
  const cursor = cursorOn(row);
  return withPlace(model, {
    cursor,
    pointing: true,
    scroll: 0,
    ...(gap ? { wanted: { ...gap.wanted, cursor } } : {}),
  });
}

function moveBytes(model: Model, look: Selection, to: Move): Model {
  const place = pointed(look);
  if (!place) return model;
  const { connection, index } = place.row;
  const offset = moveInBytes(model, look, to);
  return withPlace(model, {
    cursor: { conn: connection.conn, message: index, offset },
    pointing: true,
    scroll: 0,
  });
}

/** Selects the next or the previous command, and scrolls to it. */
function chooseCommand(model: Model, look: Selection, to: 'up' | 'down'): Model {
  return choosePrinted(model, look, waysLines(look, penFor(model), model.size.columns).starts, to);
}

/** @param starts the first line of each command */
function choosePrinted(model: Model, look: Selection, starts: readonly number[], to: 'up' | 'down'): Model {
  const by = to === 'up' ? -1 : 1;
  const command = Math.max(0, Math.min(starts.length - 1, (look.place.command ?? 0) + by));
  const { height, length } = scrollableLines(model);
  // What is said above the first command stays as long as there is room.
  const at = starts[command] ?? 0;
  const top = Math.min(look.place.scroll, at - 2);
  return withPlace(model, {
    command,
    scroll: Math.max(0, Math.min(Math.max(top, at - height + 3), length - height)),
  });
}

function scroll(model: Model, to: Move): Model {
  const { help } = model;
  const { scroll: at } = help || placeOf(model);
  const { height, length } = scrollableLines(model);
  const steps = {
    up: -1,
    down: 1,
    'page-up': -(height - 1),
    'page-down': height - 1,
    first: -Infinity,
    last: Infinity,
    left: 0,
    right: 0,
  } as const;
  const most = Math.max(0, length - height);
  const scrolledTo = Math.max(0, Math.min(most, at + steps[to]));
  return help
    ? { ...model, help: { ...help, scroll: scrolledTo } }
    : withPlace(model, { scroll: scrolledTo });
}

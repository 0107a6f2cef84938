/**
 * The selection: the selected moment of the selected run, as data for the views. Pure: everything follows from the model, the
 * run state and what has been read of the conversations; `reading.ts` reads.
 */
import type { Message as WireMessage } from '../../../analysis/conversation/message.ts';
import type { Hit } from '../../../analysis/secrets/secret-hunt.ts';
import type { Connection } from '../../../capture/connection.ts';
import { fieldPathAt } from '../../../core/field.ts';
import type { Field } from '../../../core/field.ts';
import type { PlannedStep } from '../../../engine/plan.ts';
import { connectionsOn, hitsIn, hitsOf } from '../../../presentation/moment.ts';
import type { Stop } from '../../../presentation/moment.ts';
import type { Page } from '../message.ts';
import { placeOf, sceneOf, without } from './model.ts';
import type { Body, Model, Place } from './model.ts';
import { choiceOf, hopsOf, watchedBehind } from './hops.ts';
import { isFromPage, withPage } from './page.ts';
import type { Conversations } from './readings.ts';
import { Rows } from './rows.ts';
import type { Row } from './rows.ts';
import { bodyOf, shownWires } from './stop/views.ts';
import type { RunState } from './run-state.ts';

export interface Selection {
  readonly scene: RunState;
  readonly place: Place;
  readonly stop: Stop | undefined;
  readonly step: PlannedStep | undefined;
  /** Events from `first` to `last` are shown; `last` is infinite in the present. */
  readonly first: number;
  readonly last: number;
  /** The wires of the path that is shown, from the client on. */
  readonly hops: readonly string[];
  /** The selectable wires: in a star all of them, unless one connection is shown. */
  readonly choice: readonly string[];
  /** The selected wire; undefined before the topology is known. */
  readonly hop: string | undefined;
  /** The messages on the selected wire during the stop. */
  readonly rows: Rows;
  /** Index of the chosen row; -1 where there is none. */
  readonly chosen: number;
  readonly hits: readonly Hit[];
  readonly body: Body;
  readonly isPast: boolean;
  /** The conversations, as far as they were read. */
  readonly readings: Conversations;
  /** The recording that messages are read back from, if there is one; and whether the selected one was. */
  readonly recording: string | undefined;
  readonly isReadBack: boolean;
}

/** A selection is cached until something changes. */
interface Remembered {
  readonly scene: RunState;
  readonly version: number;
  readonly opened: boolean;
  readonly look: Selection;
}

const remembered = new WeakMap<Place, Remembered>();

export function lookAt(model: Model): Selection | undefined {
  const scene = sceneOf(model);
  if (!scene) return undefined;
  const place = placeOf(model);
  const known = remembered.get(place);
  if (known?.scene === scene && known.version === scene.version && known.opened === model.opened)
    return known.look;
  const look = lookFrom(scene, model, scene.readings);
  remembered.set(place, { scene, version: scene.version, opened: model.opened, look });
  return look;
}

/** The same moment on each wire of a view of several wires. */
export function besideEachOther(model: Model, look: Selection): readonly Selection[] {
  return shownWires(look.step, look.hops).flatMap((hop) => {
    const other = lookAt(onHop(model, look, hop));
    return other ? [other] : [];
  });
}

/** The same with another wire chosen; the cursor stays only on its own wire. */
export function onHop(model: Model, look: Selection, hop: string): Model {
  if (hop === look.hop) return model;
  const known = onHops.get(look.place) ?? new Map<string, Place>();
  onHops.set(look.place, known);
  const place = known.get(hop) ?? { ...without(look.place, 'cursor'), hop };
  known.set(hop, place);
  return { ...model, places: { ...model.places, [model.mode]: place } };
}

/** One place for each, so that what was selected there is remembered. */
const onHops = new WeakMap<Place, Map<string, Place>>();

/** Caches a selection that was computed while reading. */
export function rememberLook({ opened }: Model, look: Selection): void {
  const { scene, place } = look;
  remembered.set(place, { scene, version: scene.version, opened, look });
}

/** @param readings of the run state, or of a look at it. */
export function lookFrom(scene: RunState, model: Model, readings: Conversations): Selection {
  const place = placeOf(model);
  const { opened, recording } = model;
  const stop = scene.stops[place.stop];
  // Beside the introduction the present is shown.
  const isBeside = stop?.kind === 'intro' && scene.star !== undefined && scene.sources.isVisited === true;
  const next = isBeside ? undefined : scene.stops[place.stop + 1];
  const first = stop?.from ?? 0;
  // Connections of a capture run beside each other: each is shown to its end.
  const last = Math.min(
    place.moment ?? Infinity,
    next && !scene.sources.isCapture ? next.from - 1 : Infinity,
  );
  const step = scene.step(stop?.step);
  const hops = hopsOf(scene, stop, step);
  const body = bodyOf({ scene, stop, step, first, last, hops }, place);
  const isShown = shows(stop, scene) || (isBeside && body === 'wire');
  const choice = choiceOf({ scene, place, stop, hops, body });
  const hop =
    place.hop !== undefined && choice.includes(place.hop)
      ? place.hop
      : (wantedHop(step, stop, hops) ??
        watchedBehind({ scene, step, hops, first, last }) ??
        hops[0] ??
        choice[0]);
  const rows =
    hop === undefined || !isShown
      ? new Rows()
      : rowsOf(scene, { hop, first, last, stop, opened, page: place.page }, readings);
  const hits = isShown ? hitsOf({ scene, stop, first, last }, scene.hits(first, last)) : [];
  const chosen = chosenRow(
    scene,
    readings,
    rows,
    place,
    (message) => hitsIn({ scene, first, last }, message).length > 0,
  );
  return {
    scene,
    place,
    stop,
    step,
    first,
    last,
    hops,
    hop,
    rows,
    chosen,
    hits,
    choice,
    body,
    readings,
    isPast: place.moment !== undefined || next !== undefined,
    recording,
    isReadBack: isFromPage(rows.at(chosen), place.page, opened),
  };
}

/** The wire that the step wants to be looked at, once it has run. */
function wantedHop(
  step: PlannedStep | undefined,
  stop: Stop | undefined,
  hops: readonly string[],
): string | undefined {
  return stop?.kind === 'reveal' ? step?.show?.wires?.find((hop) => hops.includes(hop)) : undefined;
}

/** Whether a stop is about the traffic. */
function shows(stop: Stop | undefined, scene: RunState): boolean {
  if (!stop) return true;
  return stop.kind === 'reveal' || stop.kind === 'visitor' || scene.running !== undefined;
}

interface RowsWanted {
  readonly hop: string;
  readonly first: number;
  readonly last: number;
  readonly stop: Stop | undefined;
  readonly opened: boolean;
  readonly page: Page | undefined;
}

/** The newest of a scene: one step through time looks at two moments, a view of two wires at both. */
const knownRows = new WeakMap<RunState, (RowsWanted & { readonly version: number; readonly rows: Rows })[]>();

function rowsOf(scene: RunState, wanted: RowsWanted, readings: Conversations): Rows {
  if (readings !== scene.readings) return rowsIn(scene, wanted, readings);
  const { version } = scene;
  const known = knownRows.get(scene) ?? [];
  const { hop, first, last, stop, opened, page } = wanted;
  const same = known.find(
    (one) =>
      one.version === version &&
      one.hop === hop &&
      one.first === first &&
      one.last === last &&
      one.stop === stop &&
      one.opened === opened &&
      one.page === page,
  );
  if (same) return same.rows;
  const rows = rowsIn(scene, wanted, readings);
  knownRows.set(scene, [{ ...wanted, version, rows }, ...known.slice(0, 3)]);
  return rows;
}

function rowsIn(
  scene: RunState,
  { hop, first, last, stop, opened, page }: RowsWanted,
  readings: Conversations,
): Rows {
  const rows = new Rows();
  for (const connection of connectionsOn({ scene, stop, first, last }, hop))
    rows.add(
      connection,
      withPage(readings.messages(connection, { keys: opened }), connection.conn, page, opened),
      first,
      last,
    );
  return rows;
}

function chosenRow(
  scene: RunState,
  readings: Conversations,
  rows: Rows,
  place: Place,
  leaks: (message: WireMessage) => boolean,
): number {
  const { cursor } = place;
  const found = cursor ? rows.indexOf(cursor.conn, cursor.message) : -1;
  return found >= 0 ? found : defaultRow(scene, readings, rows, leaks);
}

/** The message to select first: one that leaks, else the sealed record that carries the client's request. */
function defaultRow(
  scene: RunState,
  readings: Conversations,
  rows: Rows,
  leaks: (message: WireMessage) => boolean,
): number {
  const leak = rows.findIndex(leaks);
  if (leak >= 0) return leak;
  const hop = rows.at(0)?.connection.hop ?? '';
  const said = isApiServer(scene, hop)
    ? lastAsked(Array.from({ length: rows.length }, (_, at) => rows.at(at)?.message))
    : rows.findIndex(({ protocol, from }) => protocol === 'http' && from === 'client');
  if (said >= 0) return said;
  const first = rows.at(0);
  const place = first && sealedRequest(scene, readings, first.connection);
  const record =
    place === undefined
      ? -1
      : rows.findIndex(
          ({ from, offset, protocol }) => protocol === 'tls' && from === 'client' && offset === place,
        );
  if (record >= 0) return record;
  // Without the keys one can only guess: under TLS 1.3 the client's Finished comes first, and is shorter than any login.
  const guessed = rows.findIndex(
    ({ from, contentType, length }) => from === 'client' && contentType === 23 && length > 150,
  );
  if (guessed >= 0) return guessed;
  const speaking = rows.findIndex(({ from }) => from !== null);
  return speaking >= 0 ? speaking : rows.length - 1;
}

/** Whether that wire leads to an API server. */
export function isApiServer(scene: RunState, hop: string): boolean {
  return (
    scene.topology.participants.find(({ name }) => name === scene.wire(hop)?.to)?.kind === 'kube-apiserver'
  );
}

/** Of kubectl's requests to an API server, the last that writes, else the last: discovery requests precede it. -1 if there is none. */
function lastAsked(messages: readonly (WireMessage | undefined)[]): number {
  const isRequest = (message: WireMessage | undefined): boolean =>
    message?.protocol === 'http' && message.from === 'client';
  const writing = messages.findLastIndex(
    (message) => isRequest(message) && !message?.title.en.startsWith('GET '),
  );
  return writing >= 0 ? writing : messages.findLastIndex(isRequest);
}

/** How many messages are searched for a request: it comes early, or not at all. */
const lookedThrough = 200;

/** The index of the record that carries the client's first request: only the keys distinguish it from the others. */
function sealedRequest(scene: RunState, readings: Conversations, connection: Connection): number | undefined {
  if (!connection.carriesTls) return undefined;
  const opened = readings.messages(connection, { keys: true }).slice(0, lookedThrough);
  const request = isApiServer(scene, connection.hop)
    ? lastAsked(opened)
    : opened.findIndex(({ protocol, from }) => protocol === 'http' && from === 'client');
  return opened
    .slice(0, Math.max(0, request))
    .findLast(({ protocol, from }) => protocol === 'tls' && from === 'client')?.offset;
}

/** The selected message, and the byte under the cursor in it. */
export function pointed(look: Selection): { readonly row: Row; readonly offset: number } | undefined {
  const row = look.rows.at(look.chosen);
  if (!row) return undefined;
  const { message, connection, index } = row;
  const { cursor } = look.place;
  if (cursor && cursor.conn === connection.conn && cursor.message === index) {
    const end = message.offset + Math.max(0, message.length - 1);
    return { row, offset: Math.max(message.offset, Math.min(cursor.offset, end)) };
  }
  const [hit] = hitsIn(look, message);
  // Nobody knows what a learner will send: what can be read of it is what there is to see.
  const [read] = hit || look.scene.sources.isLab !== true ? [] : message.credentials();
  return { row, offset: hit?.offset ?? read?.offset ?? message.offset };
}

/** The fields around a byte, from the message down to the innermost. */
export function fieldsAt({ row, offset }: { readonly row: Row; readonly offset: number }): Field[] {
  const root = row.message.field();
  return root ? fieldPathAt(root, offset) : [];
}

/** The same position with keys, or without: the record at that offset of the wire, or its decrypted content. */
export function underOtherReading(
  look: Selection,
  other: Selection,
  { connection, message }: Row,
): Row | undefined {
  const isBeside = (row: Row | undefined): row is Row =>
    row?.connection === connection && row.message.from === message.from;
  let carrier = message;
  for (let at = look.chosen; carrier.vantage !== 'wire' && at >= 0; at--) {
    const row = look.rows.at(at);
    if (isBeside(row)) carrier = row.message;
  }
  const { from, offset, seq } = carrier;
  const index = other.rows.findIndex(
    (one) =>
      one.conn === connection.conn &&
      one.from === from &&
      (from === null
        ? one.seq === seq
        : one.vantage === 'wire' && offset >= one.offset && offset < one.offset + one.length),
  );
  const inside = other.rows.at(index + 1);
  return index >= 0 && isBeside(inside) && inside.message.vantage !== 'wire' ? inside : other.rows.at(index);
}

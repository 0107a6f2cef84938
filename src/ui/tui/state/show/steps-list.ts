/**
 * The list of steps, a sheet over the body: which stops there are and will be, choosing one, and going there. A stop that the
 * run has not come to is reached by running ahead, step by step.
 */
import { indexFrom } from '../../../../capture/flow-stream.ts';
import { streamOf } from '../../../../capture/stream-number.ts';
import { grouped } from '../../../../i18n/number.ts';
import type { Localized } from '../../../../i18n/language.ts';
import type { Stop } from '../../../../presentation/moment.ts';
import type { Answer } from '../effect.ts';
import { goTo } from '../following.ts';
import { closed, placeOf, sceneOf, showsList, startPlace, without, withNotice } from '../model.ts';
import type { Model } from '../model.ts';
import type { RunState } from '../run-state.ts';
import { screenWords } from '../words.ts';
import { nextOrder } from '../../../../presentation/report/list-orders.ts';
import type { Arranged } from './listing.ts';

export interface ListedStop {
  readonly kind: Stop['kind'];
  readonly step?: string;
  readonly conn?: number;
  /** The run has not come to it. */
  readonly isAhead: boolean;
  /** Of a result: its question is the stop before it. */
  readonly hasQuestion: boolean;
}

/** A window of the list; `first` and `end` count from 0. */
export function listedStops(scene: RunState, first: number, end: number): readonly ListedStop[] {
  return Array.from({ length: Math.max(0, Math.min(end, stopCount(scene)) - first) }, (_, index) => {
    const stop = stopAt(scene, first + index);
    const before = stopAt(scene, first + index - 1);
    const hasQuestion = before.kind === 'question' && before.step === stop.step;
    return { ...stop, isAhead: scene.stops[first + index] === undefined, hasQuestion };
  });
}

/** The rows of a list of connections that is filtered or sorted; undefined where a row is a stop. */
function arrangedRows(model: Model, scene: RunState): Arranged | undefined {
  const { filter, sort = 'opened' } = model;
  return scene.sources.isVisited && (filter || sort !== 'opened')
    ? scene.listing.arranged(sort, filter)
    : undefined;
}

/** How many rows the list has: with a filter those that it lets through, as far as it has come. */
export function listLength(model: Model, scene: RunState): number {
  return arrangedRows(model, scene)?.stops.length ?? stopCount(scene);
}

/** The stop of a row of the list; undefined beyond its end. */
export function listedStop(model: Model, scene: RunState, row: number): number | undefined {
  const arranged = arrangedRows(model, scene);
  if (arranged) return arranged.stops[row];
  return row < stopCount(scene) ? row : undefined;
}

/** The row of a stop, or the one before which it would stand. */
export function rowOfStop(model: Model, scene: RunState, stop: number): number {
  const arranged = arrangedRows(model, scene);
  if (!arranged) return stop;
  const { stops, rows } = arranged;
  return rows.get(stop) ?? indexFrom(stops.length, (index) => stops[index] ?? 0, stop);
}

/** The stop behind or before one, of those that the list shows; undefined beyond the ends. */
export function neighbourStop(model: Model, scene: RunState, stop: number, by: 1 | -1): number | undefined {
  const arranged = arrangedRows(model, scene);
  if (!arranged) return scene.stops[stop + by] && stop + by;
  const row = rowOfStop(model, scene, stop);
  return arranged.stops[by === 1 && !arranged.rows.has(stop) ? row : row + by];
}

/** The next order of the list, from its first row on: that is what one sorts for. In the order of opening the chosen row stays. */
export function sortNext(model: Model): Model {
  const scene = sceneOf(model);
  if (!scene) return model;
  const stop = listedStop(model, scene, listWindow(model, scene, 1).chosen);
  const sort = nextOrder(model.sort ?? 'opened');
  const sorted: Model = { ...model, sort, digits: '' };
  return { ...sorted, chosen: stop === undefined || sort !== 'opened' ? 0 : rowOfStop(sorted, scene, stop) };
}

/** The first row that is shown, and how many there is room for. */
export function listWindow(
  model: Model,
  scene: RunState,
  room: number,
): { readonly chosen: number; readonly first: number } {
  const count = listLength(model, scene);
  const chosen = Math.max(0, Math.min(model.chosen ?? 0, count - 1));
  return { chosen, first: Math.max(0, Math.min(chosen - Math.floor(room / 2), count - room)) };
}

/** The connections of the rows that are shown. */
export function listedConnections(model: Model, scene: RunState): readonly number[] {
  const room = model.size.rows;
  const { first } = listWindow(model, scene, room);
  return Array.from({ length: room }, (_, at) => listedStop(model, scene, first + at)).flatMap((stop) => {
    const conn = stop === undefined ? undefined : scene.stops[stop]?.conn;
    return conn === undefined ? [] : [conn];
  });
}

const stopAt = (scene: RunState, index: number): Pick<Stop, 'kind' | 'step' | 'conn'> =>
  scene.stops[index] ?? plannedStop(scene, index);

export function stopCount(scene: RunState): number {
  const { stops, sources, planned } = scene;
  return sources.isVisited ? stops.length : Math.max(stops.length, planned);
}

/** In the order in which a run makes its stops: the introduction, the question and the result of each step, the verdict. */
function plannedStop({ sources }: RunState, index: number): Pick<ListedStop, 'kind' | 'step'> {
  if (index === 0) return { kind: 'intro' };
  const stops = sources.plan.flatMap(({ id, goesOn }): Pick<ListedStop, 'kind' | 'step'>[] => [
    ...(goesOn ? [] : [{ kind: 'question' as const, step: id }]),
    { kind: 'reveal', step: id },
  ]);
  return stops[index - 1] ?? { kind: 'verdict' };
}

/** The title of a listed stop; undefined where it has none of its own. */
export function listedTitle(scene: RunState, { kind, step }: ListedStop): Localized | undefined {
  if (kind === 'intro') return scene.narration.title;
  return scene.step(step)?.text.title;
}

/** Opens the list at the shown stop; at the beginning, at the place where the show was left last time. */
export function openSteps(model: Model): Model {
  const scene = sceneOf(model);
  if (!scene || scene.stops.length === 0) return withNotice(model, 'noSteps');
  const { stop } = placeOf(model);
  const left = offered(model);
  return {
    ...model,
    ...closed,
    sheet: 'steps',
    help: false,
    chosen: rowOfStop(model, scene, left ?? stop),
    digits: '',
  };
}

/** The stop that is offered at the introduction: where the show was ended in the middle last time. */
export function offered(model: Model): number | undefined {
  const { resume, mode } = model;
  const { stop } = placeOf(model);
  return resume?.mode === mode && stop === 0 ? resume.stop : undefined;
}

export function chooseBy(model: Model, by: number): Model {
  const scene = sceneOf(model);
  if (!scene) return model;
  const last = Math.max(0, listLength(model, scene) - 1);
  // At its end the list follows what is new.
  if (by === Infinity && showsList(model)) return { ...model, chosen: Infinity, digits: '' };
  const chosen = Math.max(0, Math.min(last, Math.min(last, model.chosen ?? 0) + by));
  return { ...model, chosen, digits: '' };
}

/** Digits that follow each other are one number, as far as there are such steps. */
export function chooseDigit(model: Model, digit: string): Model {
  const scene = sceneOf(model);
  if (!scene) return model;
  if (scene.sources.isVisited) return chooseConnection(model, scene, digit);
  for (const typed of [`${model.digits ?? ''}${digit}`, digit]) {
    const number = Number(typed);
    if (number >= 1 && number <= stopCount(scene)) return { ...model, chosen: number - 1, digits: typed };
  }
  const count = grouped(stopCount(scene));
  return {
    ...model,
    digits: '',
    notice: {
      en: screenWords.notices.noSuchStep.en(digit, count),
      ko: screenWords.notices.noSuchStep.ko(digit, count),
    },
  };
}

/** The connection of that number, which is the one in its row. */
function chooseConnection(model: Model, scene: RunState, digit: string): Model {
  const count = listLength(model, scene);
  const connOf = (row: number): number | undefined => {
    const stop = listedStop(model, scene, row);
    return stop === undefined ? undefined : scene.stops[stop]?.conn;
  };
  for (const typed of [`${model.digits ?? ''}${digit}`, digit]) {
    let begins = false;
    for (let row = 0; row < count; row++) {
      const conn = connOf(row);
      const number = conn === undefined ? undefined : streamOf(conn).stream;
      if (number === Number(typed)) return { ...model, chosen: row, digits: typed };
      begins ||= number !== undefined && String(number).startsWith(typed);
    }
    if (begins) return { ...model, digits: typed };
  }
  const { noSuchConnection } = screenWords.notices;
  const typed = `${model.digits ?? ''}${digit}`;
  return { ...model, digits: '', notice: { en: noSuchConnection.en(typed), ko: noSuchConnection.ko(typed) } };
}

/** Goes to the chosen row. */
export function goToRow(model: Model): Answer {
  const scene = sceneOf(model);
  if (!scene || !showsList(model)) return goToStop(model, model.chosen ?? 0);
  const stop = listedStop(model, scene, listWindow(model, scene, 1).chosen);
  return stop === undefined ? withNotice(model, 'nothingListed') : goToStop(model, stop);
}

/** Goes to a stop of the shown run; where there is none yet, the run continues until there is. */
export function goToStop(model: Model, stop: number): Answer {
  const session = model.sessions[model.mode];
  if (!session) return model;
  const ready: Model = { ...without(model, 'goal', 'playing'), ...closed, help: false };
  if (stop < session.scene.stops.length) return goTo(ready, stop);
  if (session.state === 'failed' || session.state === 'finished') return withNotice(ready, 'theEnd');
  const { goingTo } = screenWords.notices;
  const number = grouped(stop + 1);
  const going: Model = {
    ...ready,
    goal: { mode: model.mode, stop },
    notice: { en: goingTo.en(number), ko: goingTo.ko(number) },
  };
  const isAsked = model.goal?.mode === model.mode;
  return session.state === 'waiting' && !isAsked ? [going, [{ type: 'advance', mode: model.mode }]] : going;
}

/** The newest stop that was shown; where people connect, the newest there is. */
export function presentStop(model: Model): number {
  const { stops, sources } = sceneOf(model) ?? {};
  if (stops === undefined) return 0;
  const { stop, reached = 0 } = model.places[model.mode] ?? startPlace;
  const isOpenToVisitors = sources?.isVisited === true || stops.at(-1)?.kind === 'visitor';
  return Math.max(0, Math.min(stops.length - 1, isOpenToVisitors ? Infinity : Math.max(stop, reached)));
}

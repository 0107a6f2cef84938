/**
 * The list of steps, a sheet over the body: which stops there are and will be, choosing one, and going there. A stop that the
 * run has not come to is reached by running ahead, step by step.
 */
import { grouped } from '../../../../i18n/number.ts';
import type { Localized } from '../../../../i18n/language.ts';
import type { Stop } from '../../../../presentation/moment.ts';
import type { Answer } from '../effect.ts';
import { goTo } from '../following.ts';
import { closed, placeOf, sceneOf, startPlace, without, withNotice } from '../model.ts';
import type { Model } from '../model.ts';
import type { RunState } from '../run-state.ts';
import { screenWords } from '../words.ts';

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
  return { ...model, ...closed, sheet: 'steps', help: false, chosen: left ?? stop, digits: '' };
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
  const chosen = Math.max(0, Math.min(stopCount(scene) - 1, (model.chosen ?? 0) + by));
  return { ...model, chosen, digits: '' };
}

/** Digits that follow each other are one number, as far as there are such steps. */
export function chooseDigit(model: Model, digit: string): Model {
  const scene = sceneOf(model);
  if (!scene) return model;
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

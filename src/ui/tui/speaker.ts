/**
 * What a speaker sees in a second terminal: the notes of what the screen shows, and what comes next. Made from the model;
 * `cli/notes` carries it there, so that notes never stand on the projected screen.
 */
import { plannedStops } from '../../engine/plan.ts';
import type { PlannedStop } from '../../engine/plan.ts';
import { inEach } from '../../i18n/language.ts';
import type { Language, Localized } from '../../i18n/language.ts';
import { speakerNotes } from '../../presentation/speaker-notes.ts';
import { placeOf, sceneOf } from './state/model.ts';
import type { Model } from './state/model.ts';

export const stopKinds = ['intro', 'question', 'reveal', 'verdict', 'visitor'] as const;

export interface SpeakerPage {
  /** The name of the scenario, and its title. */
  readonly show: string;
  readonly title: Localized;
  /** Which stop of how many, from 1. */
  readonly stop: number;
  readonly stops: number;
  readonly kind: (typeof stopKinds)[number];
  /** The title of the step. */
  readonly step?: Localized;
  readonly notes?: Localized;
  /** The title of the next stop. */
  readonly next?: Localized;
}

/** Where the screen is in its run. */
export interface ShownStop {
  /** From 1. */
  readonly stop: number;
  readonly stops: number;
  readonly kind: (typeof stopKinds)[number];
  /** The id of the step. */
  readonly step?: string;
}

/** Undefined before there is anything to show. */
export function shownStop(model: Model): ShownStop | undefined {
  const scene = sceneOf(model);
  const at = placeOf(model).stop;
  const stop = scene?.stops[at];
  if (!scene || !stop) return undefined;
  return {
    stop: at + 1,
    stops: Math.max(scene.planned, at + 1),
    kind: stop.kind,
    ...(stop.step === undefined ? {} : { step: stop.step }),
  };
}

/** Undefined before there is anything to show. */
export function speakerPage(model: Model): SpeakerPage | undefined {
  const scene = sceneOf(model);
  const shown = shownStop(model);
  const at = placeOf(model).stop;
  const stop = scene?.stops[at];
  if (!scene || !stop || !shown) return undefined;
  const { 'step-title': step, speaker } = scene.narrationOf(stop.step);
  const notes = speakerNotes(stop.kind, {
    plan: scene.sources.plan,
    speaker,
    narration: scene.narration,
  });
  const next = plannedStops(scene.sources.plan)[at + 1];
  return {
    show: model.mode,
    title: scene.narration.title ?? inEach(() => model.mode),
    stop: shown.stop,
    stops: shown.stops,
    kind: shown.kind,
    ...(step ? { step } : {}),
    ...(notes ? { notes } : {}),
    ...(next ? { next: inEach((language) => nextWords(next, language)) } : {}),
  };
}

function nextWords({ kind, step }: PlannedStop, language: Language): string {
  const title = step?.text.title[language];
  if (title === undefined) return verdict[language];
  return kind === 'reveal' ? resultOf[language](title) : title;
}

const verdict: Localized = { en: 'the verdict', ko: '판정' };
const resultOf: Readonly<Record<Language, (title: string) => string>> = {
  en: (title) => `the result of: ${title}`,
  ko: (title) => `결과: ${title}`,
};

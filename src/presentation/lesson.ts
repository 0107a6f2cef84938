/**
 * The lesson of a step: its headline, which stands only if every claim of the step holds, and the answers of its question.
 * What was captured decides; the scenario's text only words it.
 */
import { choicesIn } from '../engine/file/lesson.ts';
import type { HeadlineTone } from '../engine/file/lesson.ts';
import type { Finding } from '../engine/verdict.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import type { Moment, Stop } from './moment.ts';
import { lessonWords as words } from './words.ts';
import type { Choice } from './types/report.ts';
import type { Headline } from './types/values.ts';

export interface LessonSources {
  readonly headline: Localized | undefined;
  readonly tone: HeadlineTone | undefined;
  /** Of the step, once it is done. */
  readonly findings: readonly Finding[];
}

/**
 * Undefined for a step without a headline, and where nothing was claimed: a step for which a program is missing proves
 * nothing. One claim that does not hold takes the headline back.
 */
export function lessonOf({ headline, tone, findings }: LessonSources): Headline | undefined {
  if (!headline || findings.length === 0) return undefined;
  if (findings.every(({ status }) => status === 'met')) return { text: headline, tone: tone ?? 'strong' };
  return { text: inEach((language) => words.notShown[language](headline[language])), tone: 'warning' };
}

/** The lesson of a step that has run to its end, or of the run at its verdict; undefined where there is none. */
export function lessonIn({
  scene,
  stop,
  step,
}: Pick<Moment, 'scene' | 'step'> & {
  readonly stop: Pick<Stop, 'kind' | 'step'> | undefined;
}): Headline | undefined {
  if (stop?.kind === 'verdict') return takeawayIn(scene);
  if (stop?.kind !== 'reveal' || stop.step === undefined) return undefined;
  return lessonOf({
    headline: scene.narrationOf(stop.step).headline,
    tone: step?.text.headlineTone,
    findings: scene.findings(stop.step),
  });
}

/** What a run teaches as a whole: taken back where its verdict is not that every claim holds. */
function takeawayIn({ narration: { takeaway }, verdict }: Moment['scene']): Headline | undefined {
  if (!takeaway || !verdict) return undefined;
  if (verdict.status === 'passed') return { text: takeaway, tone: 'strong' };
  return { text: inEach((language) => words.notShown[language](takeaway[language])), tone: 'warning' };
}

/** The answers of a question, as its list is written; empty without one. */
export function lettered(choices: Localized | undefined): readonly Choice[] {
  if (!choices) return [];
  const each = { en: choicesIn(choices.en) ?? [], ko: choicesIn(choices.ko) ?? [] };
  return each.en.map(({ isRight }, index) => ({
    letter: String.fromCharCode('a'.charCodeAt(0) + index),
    text: inEach((language) => each[language][index]?.text ?? ''),
    isRight,
  }));
}

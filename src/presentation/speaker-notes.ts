/**
 * What a speaker reads at a stop: the notes of its step. At the introduction they are the way to the end, by the headlines of
 * the results; at the verdict what to say last, and what is asked then.
 */
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { plannedStops } from '../engine/plan.ts';
import type { PlannedStep } from '../engine/plan.ts';
import type { Stop } from './moment.ts';
import { lessonWords, speakerWords as words, verdictWords } from './words.ts';

export interface SpeakerSources {
  readonly plan: readonly PlannedStep[];
  /** Of the step. */
  readonly speaker: Localized | undefined;
  /** Of the whole run; its last parts come with the verdict. */
  readonly narration: Readonly<Partial<Record<'takeaway' | 'does-not-prove' | 'often-told', Localized>>>;
}

/** Undefined where there is nothing to say. */
export function speakerNotes(
  kind: Stop['kind'],
  { plan, speaker, narration }: SpeakerSources,
): Localized | undefined {
  if (speaker) return speaker;
  if (kind === 'intro') return wayThrough(plan);
  if (kind !== 'verdict') return undefined;
  const parts = [
    { title: lessonWords.takeaway, text: narration.takeaway },
    { title: verdictWords.oftenTold, text: narration['often-told'] },
    { title: verdictWords.doesNotProve, text: narration['does-not-prove'] },
  ].flatMap(({ title, text }) =>
    text ? [inEach((language) => `${title[language]}:\n\n${text[language]}`)] : [],
  );
  return parts.length > 0
    ? inEach((language) => parts.map((part) => part[language]).join('\n\n'))
    : undefined;
}

function wayThrough(plan: readonly PlannedStep[]): Localized | undefined {
  if (plan.length === 0) return undefined;
  const stops = plannedStops(plan);
  const asked = stops.filter(({ kind, step }) => kind === 'question' && step?.text.question).length;
  return inEach((language) => {
    const headlines = plan.flatMap(({ text: { headline } }) => headline?.[language] ?? []);
    const way = [...new Set(headlines)].map((headline) => `- ${headline}`);
    return [words.way[language](stops.length, asked), ...(way.length > 0 ? [way.join('\n')] : [])].join(
      '\n\n',
    );
  });
}

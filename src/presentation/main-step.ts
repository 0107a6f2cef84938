/**
 * The step whose outcome stands for a scenario where there is room for one: the one that the author names, else the first of
 * those whose headline and view say most.
 */
import type { HeadlineTone, StepView } from '../engine/file/lesson.ts';
import type { CompiledScenario } from '../engine/scenario.ts';

/** A leak is remembered before a refusal, and both before nothing happened. */
const tones: Readonly<Record<HeadlineTone, number>> = { leaked: 3, refused: 2, sealed: 1 };
/** What is drawn is understood from afar; text is to be read. */
const drawn = 2;
const views: Readonly<Partial<Record<StepView, number>>> = { text: 0 };
/** A refusal or the bytes, as a step without a view shows. */
const usual = 1;

/** Its id in the file: the step may run several times. */
export function mainStep({
  file,
  narration,
}: Pick<CompiledScenario, 'file' | 'narration'>): string | undefined {
  if (file.picture !== undefined) return file.picture;
  const rated = file.steps.map(({ id, show }) => {
    const { headline, headlineTone } = narration.en.steps[id] ?? {};
    const view = show === undefined ? usual : (views[show.view] ?? drawn);
    return { id, rate: view + (headline && headlineTone ? tones[headlineTone] : 0) };
  });
  const most = Math.max(...rated.map(({ rate }) => rate));
  return rated.find(({ rate }) => rate === most)?.id;
}

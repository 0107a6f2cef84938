/** What a step tells, as a scenario's text writes it: the tones of a headline, the views, the answers to choose from. */

/** What a headline says of the secrets: an outsider has them, nobody outside has, somebody was turned away. */
export const headlineTones = ['leaked', 'sealed', 'refused'] as const;
export type HeadlineTone = (typeof headlineTones)[number];

/** What a step wants to be looked at. */
export const stepViews = [
  'bytes',
  'wires',
  'ladder',
  'chain',
  'sizes',
  'matrix',
  'card',
  'cluster',
  'text',
] as const;
export type StepView = (typeof stepViews)[number];

export interface Choice {
  readonly text: string;
  readonly isRight: boolean;
}

/** More do not fit beside their question. */
export const mostChoices = 4;

/** The answers of a task list in which the right one is checked: `- [ ] TEXT` or `- [x] TEXT` a line; undefined if a line is something else, or if not exactly one is right. */
export function choicesIn(text: string): readonly Choice[] | undefined {
  const choices: Choice[] = [];
  for (const line of text.split('\n')) {
    const [, mark, words] = /^- \[([ x])\]\s+(\S.*)$/.exec(line) ?? [];
    if (mark === undefined || words === undefined) return undefined;
    choices.push({ text: words, isRight: mark === 'x' });
  }
  return choices.filter(({ isRight }) => isRight).length === 1 ? choices : undefined;
}

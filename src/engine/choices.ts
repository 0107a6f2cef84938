/** The answers that a question offers, as a scenario's text writes them: a task list in which the right one is checked. */

export interface Choice {
  readonly text: string;
  readonly isRight: boolean;
}

/** More do not fit beside their question. */
export const mostChoices = 4;

/** `- [ ] TEXT` or `- [x] TEXT` a line; undefined if a line is something else, or if not exactly one is right. */
export function choicesIn(text: string): readonly Choice[] | undefined {
  const choices: Choice[] = [];
  for (const line of text.split('\n')) {
    const [, mark, words] = /^- \[([ x])\]\s+(\S.*)$/.exec(line) ?? [];
    if (mark === undefined || words === undefined) return undefined;
    choices.push({ text: words, isRight: mark === 'x' });
  }
  return choices.filter(({ isRight }) => isRight).length === 1 ? choices : undefined;
}

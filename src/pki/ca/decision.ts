/** Defines the kinds of decisions that a CA makes on a request, and the mark of each for those who see no colour. */
export type DecisionKind = 'checked' | 'granted' | 'cut' | 'refused';

export const decisionMarks = {
  checked: '✓',
  granted: '✓',
  cut: '!',
  refused: '✗',
} as const satisfies Readonly<Record<DecisionKind, string>>;

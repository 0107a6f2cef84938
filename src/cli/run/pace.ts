/** The pace of a run: the next step at once, at a key, or after so many milliseconds. */
export type Pace = 'auto' | 'step' | number;

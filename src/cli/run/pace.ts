/** How a run goes on from step to step: at once, at a key, or by itself, each step after so many milliseconds. */
export type Pace = 'auto' | 'step' | number;

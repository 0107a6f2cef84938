import type { Field, Step } from '../../../src/core/field.ts';

/** What a reader got; anything else ends the test with what the reader said. */
export function got<T>(step: Step<T>): { readonly value: T; readonly field: Field } {
  if ('got' in step) return { value: step.got, field: step.field };
  throw new Error(JSON.stringify(step));
}

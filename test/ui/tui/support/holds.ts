/** A property as an assertion that says first what is wrong, and then for what. */
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';

/** `RUNS` in the environment asks for more runs than a suite has time for. */
export function holds<Ts>(t: ExecutionContext, property: fc.IProperty<Ts>, numRuns: number): void {
  const result = fc.check(property, { numRuns: Number(process.env['RUNS'] ?? numRuns) });
  if (!result.failed) {
    t.pass();
    return;
  }
  const { errorInstance, counterexample, seed, counterexamplePath } = result;
  const fault =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  t.fail(`${fault}\nfor ${fc.stringify(counterexample)}\nseed ${seed}, path ${counterexamplePath}`);
}

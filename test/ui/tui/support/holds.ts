/** A property as an assertion that says first what is wrong, and then for what. */
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { timesOf } from '../../../helpers/at-length.ts';

/** @param numRuns in `make test-peers`; `make test` has a third. `RUNS` in the environment asks for more than either has time for. */
export function holds<Ts>(t: ExecutionContext, property: fc.IProperty<Ts>, numRuns: number): void {
  const result = fc.check(property, {
    numRuns: Number(process.env['RUNS'] ?? timesOf(numRuns, Math.ceil(numRuns / 3))),
  });
  if (!result.failed) {
    t.pass();
    return;
  }
  const { errorInstance, counterexample, seed, counterexamplePath } = result;
  const fault =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : String(errorInstance);
  t.fail(`${fault}\nfor ${fc.stringify(counterexample)}\nseed ${seed}, path ${counterexamplePath}`);
}

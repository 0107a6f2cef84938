/** The tables of a run up to a moment of it: who was turned away, and what features compare. */
import { refusalsIn } from '../../../../presentation/moment.ts';
import { matrixTable, refusalMatrix } from '../../../../presentation/refusal-matrix.ts';
import type { Table } from '../../../../presentation/types/values.ts';
import type { RunState } from '../run-state.ts';

export interface RunTables {
  readonly refusals: readonly Table[];
  readonly compared: readonly Table[];
}

/** @param step as of its end; the whole run without one */
export function tablesOf(scene: RunState, last = Infinity, step?: string): RunTables {
  const { steps } = scene.sources;
  const stories = refusalsIn({ scene, first: 0, last }).filter(
    // A component that tries again and again would be all of the table, as in the report of a run.
    ({ refusal, wire }) => steps.at(refusal.seq) !== undefined && wire?.standing !== true,
  );
  const refusals = refusalMatrix(stories);
  const row =
    step === undefined ? -1 : stories.findLastIndex(({ refusal }) => steps.at(refusal.seq)?.id === step);
  const table = refusals && matrixTable(refusals, row);
  return { refusals: table ? [table] : [], compared: scene.compared(step) };
}

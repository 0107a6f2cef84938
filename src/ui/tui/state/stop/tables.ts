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
  const refusals = refusalMatrix(
    refusalsIn({ scene, first: 0, last }).filter(
      ({ refusal }) => scene.sources.steps.at(refusal.seq) !== undefined,
    ),
  );
  return { refusals: refusals ? [matrixTable(refusals)] : [], compared: scene.compared(step) };
}

/** The tables of a run up to a moment of it: who was turned away, and what features compare. */
import { verbatim } from '../../../../i18n/language.ts';
import type { Localized } from '../../../../i18n/language.ts';
import { refusalsIn } from '../../../../presentation/moment.ts';
import { matrixTable, refusalMatrix } from '../../../../presentation/refusal-matrix.ts';
import type { Table } from '../../../../presentation/types/values.ts';
import type { RunState } from '../run-state.ts';

export interface RunTables {
  readonly refusals: readonly Table[];
  readonly compared: readonly Table[];
}

export function tablesOf(scene: RunState, last = Infinity): RunTables {
  const refusals = refusalMatrix(
    refusalsIn({ scene, first: 0, last }).filter(
      ({ refusal }) => scene.sources.steps.at(refusal.seq) !== undefined,
    ),
  );
  const findings = scene.verdict?.findings ?? scene.sources.plan.flatMap(({ id }) => scene.findings(id));
  const titleOf = (step: string): Localized => scene.narrationOf(step)['step-title'] ?? verbatim(step);
  return {
    refusals: refusals ? [matrixTable(refusals)] : [],
    compared: scene.tables.flatMap((one) => one.table({ findings, titleOf }) ?? []),
  };
}

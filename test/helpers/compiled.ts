/** The bundled scenarios as the build has compiled them. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CompiledScenario } from '../../src/engine/scenario.ts';
import { scenarioNames } from './wirelab.ts';

const folder = resolve(import.meta.dirname, '../../../dist/data/scenarios');

export function compiledScenarios(): CompiledScenario[] {
  return scenarioNames.map(
    (name) => JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as CompiledScenario,
  );
}

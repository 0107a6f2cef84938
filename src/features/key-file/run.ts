/** Runs the `keyFile` step: writes the file, checks it and deletes it. Its counterpart is step.ts. */
import { keepKey } from './key-keeper.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions } from '../../engine/run-context.ts';

export async function runKeyFile(
  { id, client, keyFile }: PlannedStep,
  { log, world }: RunOptions,
): Promise<void> {
  if (!keyFile || !world) throw new Error(`incomplete plan for step ${id}`);
  const { key: name, mode } = keyFile;
  log.append({
    type: 'observed',
    who: client,
    result: keepKey({ name, key: world.identity(name).key }, Number.parseInt(mode, 8)),
  });
}

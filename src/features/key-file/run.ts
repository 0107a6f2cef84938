/** Does what `keyFile` planned: the file is written, looked at and removed. Its counterpart is key-file.ts. */
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

/** Runs the `theft` step: tries the stolen key on every recorded connection. Its counterpart is step.ts. */
import { openRecorded } from '../../analysis/secrets/stolen-key.ts';
import { loadReadings } from '../../analysis/conversation/conversation.ts';
import type { Observation } from '../../capture/event.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { recordedIn } from '../../engine/recorded.ts';
import type { RunOptions } from '../../engine/run-context.ts';
import { stepsRecorded, stolenTicketKeys } from './step.ts';

/** Maximum characters reported of the plaintext. */
const longestRead = 400;

export async function runTheft(
  { id, client, theft }: PlannedStep,
  { plan, log, world }: RunOptions,
): Promise<void> {
  if (!theft) throw new Error(`incomplete plan for step ${id}`);
  if (theft.key === undefined) {
    log.append({ type: 'observed', who: client, result: { kind: 'theft', tries: [] } });
    return;
  }
  if (!world) throw new Error(`incomplete plan for step ${id}`);
  await loadReadings();
  const { key } = world.identity(theft.key);
  const ticketKeys = stolenTicketKeys(theft);
  const tries: Extract<Observation, { kind: 'theft' }>['tries'] = stepsRecorded(theft, plan).flatMap(
    ({ id: recorded, path: [hop = ''] }) =>
      recordedIn(log, recorded, hop).map((connection) => {
        const { tried, opened, said } = openRecorded(connection, key, ticketKeys);
        const read = Buffer.from(said.client).toString('utf8').slice(0, longestRead);
        return {
          attempt: ticketKeys ? ('stolen_server_keys' as const) : ('stolen_private_key' as const),
          conn: connection.conn,
          hop,
          tried,
          opened,
          ...(read === '' ? {} : { read }),
        };
      }),
  );
  log.append({ type: 'observed', who: client, result: { kind: 'theft', key: theft.key, tries } });
}

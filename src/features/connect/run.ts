/** Runs the `connect` step, or reports the supplied opening. Its counterpart is step.ts. */
import { endConnection } from '../../peers/client/end-connection.ts';
import type { Observation } from '../../capture/event.ts';
import { dial } from '../../wire/dial.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';

type Report = Extract<Observation, { kind: 'tcp-opening' }>;

export async function runConnect(
  { id, client, connect }: PlannedStep,
  { plan, log, clock }: RunOptions,
  { addresses }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const to = connect && addresses.get(connect.to);
  if (!connect || !to) throw new Error(`incomplete plan for step ${id}`);
  const report = (result: Report): void => void log.append({ type: 'observed', who: client, result });
  if (plan.opening) return report({ kind: 'tcp-opening', ...plan.opening });
  const dialed = await dial({
    security: 'plain',
    to,
    clock,
    timeout: plan.stepTimeoutMs,
    tap: { log, hop: connect.wire },
  });
  if (dialed.outcome === 'failed') {
    const { code, message } = dialed.failure;
    return report({ kind: 'tcp-opening', origin: 'none', error: { code, message } });
  }
  await endConnection(dialed.stream, signal.aborted);
  // A connected socket implies these three packets (RFC 9293 section 3.5), but not their numbers.
  const packets = [
    { from: 'client', flags: ['SYN'] },
    { from: 'server', flags: ['SYN', 'ACK'] },
    { from: 'client', flags: ['ACK'] },
  ] as const;
  report({
    kind: 'tcp-opening',
    origin: 'reconstructed',
    from: dialed.local,
    client: dialed.local,
    server: { ...to },
    packets,
  });
}

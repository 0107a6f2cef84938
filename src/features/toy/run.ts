/**
 * Runs the `toyLogin` step: the login, then the eavesdropper's attempts on its closed connection. Both reports go to the
 * log. Its counterpart is step.ts.
 */
import { logInToy } from './client.ts';
import { overhearConnection } from './overhear-connection.ts';
import { wasOver } from '../../engine/recorded.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';

export async function runToyLogin(
  step: PlannedStep,
  options: RunOptions,
  { addresses }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, clock, random } = options;
  const { toyLogin } = step;
  const account = plan.accounts.find(({ name }) => name === toyLogin?.account);
  const to = toyLogin && addresses.get(toyLogin.to);
  if (!toyLogin || !account || !to) throw new Error(`incomplete plan for step ${step.id}`);
  const { user: username, password, rrn } = account;
  const from = log.events.length;
  const result = await logInToy({
    dial: { security: 'plain', to, clock, timeout: plan.stepTimeoutMs, tap: { log, hop: toyLogin.wire } },
    lock: toyLogin.lock,
    form: { username, password, rrn },
    random,
    signal,
    timeout: plan.stepTimeoutMs,
  });
  for (const connection of await wasOver(log, toyLogin.wire, from, signal)) {
    const tries = overhearConnection(connection, toyLogin.guesses);
    log.append({
      type: 'observed',
      who: toyLogin.eavesdropper,
      result: {
        kind: 'theft',
        tries: tries.map(({ attempt, tried, texts: [read, ...more] }) => ({
          attempt,
          conn: connection.conn,
          hop: connection.hop,
          tried,
          opened: read === undefined ? 0 : 1 + more.length,
          ...(read === undefined ? {} : { read }),
        })),
      },
    });
  }
  // This report ends the step: the eavesdropper must have reported by then.
  log.append({ type: 'observed', who: step.client, result });
}

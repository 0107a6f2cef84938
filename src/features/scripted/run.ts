/** Runs the step `script`: one connection of a scripted client, whose report goes to the log. Its counterpart is step.ts. */
import type { Observation } from '../../capture/event.ts';
import { agreementOf, trusting } from '../../engine/credentials.ts';
import { secretValues } from '../../engine/plan.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import type { RunContext, RunOptions } from '../../engine/run-context.ts';
import { endConnection } from '../../peers/client/end-connection.ts';
import { outcomeOfError, outcomeOfFailure } from '../../peers/client/log-in.ts';
import { dial } from '../../wire/dial.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import { Exchange } from '../../wire/starttls/exchange.ts';
import { breakOff } from '../../wire/tap/relay.ts';
import { turnsToTls } from './lines.ts';
import { ScriptRun } from './script-run.ts';
import type { Halt } from './script-run.ts';
import { accountValues } from './values.ts';

type Login = Extract<Observation, { kind: 'login' }>;
type Outcome = Pick<Login, 'outcome' | 'user' | 'error'>;

export async function runScript(
  step: PlannedStep,
  { plan, log, clock, world }: RunOptions,
  { addresses }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { script, tls } = step;
  const client = plan.clients.find(({ name }) => name === step.client);
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === script?.to);
  const account = plan.accounts.find(({ name }) => name === script?.account);
  const to = script && addresses.get(script.to);
  const wire = plan.wires.find(({ hop }) => hop === step.path[0]);
  if (!script || !client?.script || !target || !to || !wire)
    throw new Error(`incomplete plan for step ${step.id}`);
  let reported: Outcome | undefined;
  const run = new ScriptRun({
    lines: client.script,
    sends: client.framing,
    candidates: [accountValues(account, secretValues(plan))],
    onLogin(outcome, user) {
      const outcomes = { denied: { outcome: 'denied' }, declined: { outcome: 'refusing' } } as const;
      reported = outcome === 'admitted' ? { outcome, user } : outcomes[outcome];
    },
    of: `clients.${client.name}`,
    onMismatch: (mismatch) =>
      log.append({ type: 'observed', who: step.client, result: { kind: 'script-mismatch', ...mismatch } }),
    timeout: plan.stepTimeoutMs,
    signal,
  });
  let halt: Halt = 'tls';
  const isUpgraded = turnsToTls(client.script) && wire.security === 'plain';
  const upgraded = client.certificate === undefined ? 'tls' : 'mtls';
  const security = isUpgraded ? upgraded : wire.security;
  const options: DialOptions = {
    security,
    to,
    clock,
    timeout: plan.stepTimeoutMs,
    ...(script.wire === undefined ? { reportTo: log } : { tap: { log, hop: script.wire } }),
    ...(security === 'plain' ? {} : { serverName: target.host, ...trusting(client, world) }),
    ...(isUpgraded
      ? {
          dialogue: async (exchange) => {
            halt = await run.go(exchange);
            return halt === 'tls' ? 'tls' : 'plain';
          },
        }
      : {}),
    ...(client.tamper === undefined ? {} : { tamper: client.tamper }),
    tls: {
      ...(tls === undefined ? {} : { minVersion: `TLSv${tls}`, maxVersion: `TLSv${tls}` }),
      ...(client.securityLevel === undefined ? {} : { securityLevel: client.securityLevel }),
      ...agreementOf(client),
    },
  };
  const dialed = await dial(options);
  const report = (outcome: Outcome, rest: Pick<Login, 'from' | 'believedConnected'>): void => {
    run.stop();
    const result: Login = { kind: 'login', ...outcome, ...rest, sentBytes: run.sentBytes };
    log.append({ type: 'observed', who: step.client, result });
  };
  if (dialed.outcome === 'failed') {
    const { local, failure } = dialed;
    return report(outcomeOfFailure(failure), { ...(local ? { from: local } : {}), believedConnected: false });
  }
  const { stream, local, secured } = dialed;
  stream.on('error', () => {});
  const heardBefore = run.heard;
  // Asked again: the dialogue that sets it has run meanwhile.
  const halted = (): Halt => halt;
  if (halted() === 'tls') {
    const exchange = new Exchange(stream);
    halt = await run.go(exchange);
    exchange.stop();
  }
  const outcome = reported ?? outcomeOf(run, stream.errored, secured !== undefined, run.heard > heardBefore);
  if (halted() === 'reset') breakOff(stream);
  await endConnection(stream, outcome.outcome === 'failed');
  report(outcome, { from: local, believedConnected: true });
}

/** Of a script that has reported none. @param wasAnswered over this connection, since it was secured */
function outcomeOf(
  { failure }: ScriptRun,
  broken: Error | null,
  isSecured: boolean,
  wasAnswered: boolean,
): Outcome {
  if (broken) return outcomeOfError(broken, isSecured);
  if (!failure)
    return { outcome: 'failed', error: { code: 'NO_LOGIN', message: 'the script has not logged in' } };
  return { outcome: failure.code === 'ECONNRESET' && !wasAnswered ? 'refused' : 'failed', error: failure };
}

/**
 * Runs the `lookUp` step: sets the resolver's answers, sends the client's query, and logs in where it was directed. Its
 * counterpart is look-up.ts.
 */
import { logIn } from '../../peers/client/log-in.ts';
import { locate } from '../../peers/resolver/resolver-client.ts';
import { serviceName } from '../../peers/resolver/service-name.ts';
import type { NameTable } from './resolver.ts';
import type { Address } from '../../capture/event.ts';
import type { Plan, PlannedStep } from '../../engine/plan.ts';
import { trusting } from '../../engine/credentials.ts';
import type { RunningServer, RunOptions, RunContext } from '../../engine/run-context.ts';
import type { PlannedLookUp } from './step.ts';

/** The resolver's answers about a site: the service at that port, and its host at that address, whether true or not. */
export function answersOf({ scheme }: PlannedLookUp, host: string, answer: Address): NameTable {
  return new Map([
    [serviceName(scheme, host), [{ host, port: answer.port }]],
    [host, [{ address: answer.host }]],
  ]);
}

/** Resolves when the login is over, or failed to start. */
export async function runLookUp(
  step: PlannedStep,
  options: RunOptions,
  { addresses, servers }: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, clock, world, random, hosts } = options;
  const { lookUp } = step;
  const client = plan.clients.find(({ name }) => name === step.client);
  const account = plan.accounts.find(({ name }) => name === lookUp?.account);
  const site = plan.servers.find(({ name }) => name === lookUp?.meant);
  const resolver = lookUp && addresses.get(lookUp.resolver);
  const answer = lookUp && addresses.get(lookUp.to);
  if (!lookUp || !client || !account || !site || !resolver || !answer)
    throw new Error(`incomplete plan for step ${step.id}`);
  const service = serviceName(lookUp.scheme, site.host);
  servers.get(lookUp.resolver)?.answerFrom?.(answersOf(lookUp, site.host, answer));

  const timeout = plan.stepTimeoutMs;
  const found = await locate({
    resolver,
    host: hosts?.get(client.name),
    name: service,
    clock,
    random,
    timeout,
    signal,
    tap: { log, hop: lookUp.askedOver },
  });
  log.append({
    type: 'observed',
    who: client.name,
    result: { kind: 'resolved', name: service, type: 'SRV', ...found },
  });
  if (!found.to) {
    const error = { code: found.error, message: `the resolver did not say where ${service} is` };
    log.append({
      type: 'observed',
      who: client.name,
      result: { kind: 'login', outcome: 'failed', believedConnected: false, sentBytes: 0, error },
    });
    return;
  }
  const { user, password, rrn } = account;
  const secured = lookUp.scheme === 'https';
  await logIn({
    who: client.name,
    dial: {
      security: secured ? 'tls' : 'plain',
      to: found.to,
      host: hosts?.get(client.name),
      clock,
      timeout,
      tap: { log, hop: lookUp.wire },
      ...(secured ? { serverName: site.host, ...trusting(client, world) } : {}),
    },
    host: `${site.host}:${found.to.port}`,
    user,
    password,
    rrn,
    log,
    signal,
    timeout,
  });
}

/** Directs manual clients where the last of the scenario's own clients was directed, to the tapped listener. */
export async function pointToTappedListeners(
  plan: Plan,
  servers: ReadonlyMap<string, RunningServer>,
  tappedAddresses: ReadonlyMap<string, Address>,
): Promise<void> {
  const lookUps = plan.steps.flatMap(({ lookUp }) => lookUp ?? []);
  for (const name of new Set(lookUps.map(({ resolver }) => resolver))) {
    const answers = lookUps.flatMap((lookUp) => {
      const address = lookUp.resolver === name ? tappedAddresses.get(lookUp.wire) : undefined;
      const host = plan.servers.find((server) => server.name === lookUp.meant)?.host;
      return address && host !== undefined ? [...answersOf(lookUp, host, address)] : [];
    });
    servers.get(name)?.answerFrom?.(new Map(answers));
  }
  await Promise.resolve();
}

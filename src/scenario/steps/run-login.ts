/**
 * Does what `login` planned: one login of one client, whose account of it goes to the log. Its counterpart is login.ts.
 */
import { logIn } from '../../actors/login-client.ts';
import type { Address } from '../../capture/event.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import type { PlannedStep } from '../plan.ts';
import { trusting } from '../run.ts';
import type { RunOptions } from '../run.ts';

/** Resolves when the login is over, however it ended. */
export async function runLogin(
  step: PlannedStep,
  options: RunOptions,
  addresses: ReadonlyMap<string, Address>,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, clock, world } = options;
  const { login, tls } = step;
  const client = plan.clients.find(({ name }) => name === login.client);
  const account = plan.accounts.find(({ name }) => name === login.account);
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === login.to);
  const to = addresses.get(login.to);
  const wire = plan.wires.find(({ hop }) => hop === step.path[0]);
  if (!client || !account || !target || !to || !wire) throw new Error(`the plan of step ${step.id} has a hole`);
  const dial: DialOptions = {
    security: wire.security,
    to,
    clock,
    timeout: plan.stepTimeoutMs,
    ...(login.wire === undefined ? { reportTo: log } : { tap: { log, hop: login.wire } }),
    ...(wire.security === 'plain' ? {} : { serverName: target.host, ...trusting(client, world) }),
    ...(client.tamper === undefined ? {} : { tamper: client.tamper }),
    tls: {
      ...(tls === undefined ? {} : { minVersion: `TLSv${tls}`, maxVersion: `TLSv${tls}` }),
      ...(client.securityLevel === undefined ? {} : { securityLevel: client.securityLevel }),
    },
  };
  const { user, password, rrn } = account;
  await logIn({ who: client.name, dial, host: `${target.host}:${to.port}`, user, password, rrn, log, signal, timeout: plan.stepTimeoutMs });
}

/** How a client of a plan connects for a login: with its certificate, and whom it trusts. */
import type { Address } from '../../capture/event.ts';
import { agreementOf, trusting } from '../../engine/credentials.ts';
import type { Plan, PlannedAccount, PlannedClient, PlannedStep } from '../../engine/plan.ts';
import type { RunOptions } from '../../engine/run-context.ts';
import { addressFor, hostOf } from '../site/address.ts';
import type { DialOptions } from '../../wire/endpoint.ts';

export interface LoginDial {
  readonly client: PlannedClient;
  readonly account: PlannedAccount;
  /** As in `Host`, without the port. */
  readonly host: string;
  readonly to: Address;
  readonly dial: DialOptions;
}

/** Whose login, and where. */
export interface DialedLogin {
  readonly client: string;
  readonly account: string;
  /** A proxy or a server. */
  readonly to: string;
  readonly site?: string;
  /** Tapped at the client's end under this name. */
  readonly wire?: string;
}

export function loginDial(
  step: Pick<PlannedStep, 'id' | 'tls' | 'path'>,
  login: DialedLogin,
  { plan, log, clock, world, hosts }: Pick<RunOptions, 'plan' | 'log' | 'clock' | 'world' | 'hosts'>,
  addresses: ReadonlyMap<string, Address>,
): LoginDial {
  const { tls } = step;
  const client = plan.clients.find(({ name }) => name === login.client);
  const account = plan.accounts.find(({ name }) => name === login.account);
  const target = targetOf(plan, login.to);
  const to = addressFor(addresses, login);
  const wire = plan.wires.find(({ hop }) => hop === step.path[0]);
  if (!client || !account || !target || !to || !wire) throw new Error(`incomplete plan for step ${step.id}`);
  const host = hostOf(target, login);
  const dial: DialOptions = {
    security: wire.security,
    to,
    host: hosts?.get(client.name),
    clock,
    timeout: plan.stepTimeoutMs,
    ...(login.wire === undefined ? { reportTo: log } : { tap: { log, hop: login.wire } }),
    ...(wire.security === 'plain' ? {} : { serverName: host, ...trusting(client, world) }),
    ...(client.tamper === undefined ? {} : { tamper: client.tamper }),
    tls: {
      ...(tls === undefined ? {} : { minVersion: `TLSv${tls}`, maxVersion: `TLSv${tls}` }),
      ...(client.securityLevel === undefined ? {} : { securityLevel: client.securityLevel }),
      ...agreementOf(client),
    },
  };
  return { client, account, host, to, dial };
}

const targetOf = (plan: Plan, to: string) =>
  [...plan.proxies, ...plan.servers].find(({ name }) => name === to);

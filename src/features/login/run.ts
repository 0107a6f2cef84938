/**
 * Runs the `login` step: one login of one client, whose report goes to the log. Its counterpart is step.ts.
 */
import { logIn } from '../../peers/client/log-in.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import type { PlannedStep } from '../../engine/plan.ts';
import { agreementOf, trusting } from '../../engine/credentials.ts';
import { perRun } from '../../engine/run-context.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { addressFor, hostOf } from '../../peers/site/address.ts';
import { loginOf } from './step.ts';

/** TLS sessions of clients, by client, entry point and version. */
const sessionsOf = perRun(() => new Map<string, Buffer>());

/** Resolves when the login is over, however it ended. */
export async function runLogin(
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, clock, world } = options;
  const { addresses } = context;
  const sessions = sessionsOf(context);
  const login = loginOf(step);
  const { tls } = step;
  const client = plan.clients.find(({ name }) => name === login.client);
  const account = plan.accounts.find(({ name }) => name === login.account);
  const target = [...plan.proxies, ...plan.servers].find(({ name }) => name === login.to);
  const to = addressFor(addresses, login);
  const wire = plan.wires.find(({ hop }) => hop === step.path[0]);
  if (!client || !account || !target || !to || !wire) throw new Error(`incomplete plan for step ${step.id}`);
  const host = hostOf(target, login);
  const key = [login.client, login.to, login.site, tls].join(' ');
  const offered = login.resume ? sessions.get(key) : undefined;
  const { certificate } = client;
  const reportChain = login.chain
    ? (await import('../../peers/client/chain-report.ts')).reporting({
        who: client.name,
        log,
        clock,
        host,
        ...trusting(client, world),
      })
    : undefined;
  const dial: DialOptions = {
    security: wire.security,
    to,
    host: options.hosts?.get(client.name),
    clock,
    timeout: plan.stepTimeoutMs,
    ...(login.wire === undefined ? { reportTo: log } : { tap: { log, hop: login.wire } }),
    ...(wire.security === 'plain' ? {} : { serverName: host, ...trusting(client, world) }),
    ...(offered ? { session: offered } : {}),
    onSession: (session) => sessions.set(key, session),
    ...(reportChain ? { onPresented: reportChain } : {}),
    ...(client.tamper === undefined ? {} : { tamper: client.tamper }),
    tls: {
      ...(tls === undefined ? {} : { minVersion: `TLSv${tls}`, maxVersion: `TLSv${tls}` }),
      ...(client.securityLevel === undefined ? {} : { securityLevel: client.securityLevel }),
      ...agreementOf(client),
    },
  };
  const { user, password, rrn } = account;
  await logIn({
    who: client.name,
    dial,
    host: `${host}:${to.port}`,
    user,
    password,
    rrn,
    log,
    ...(login.revokedMeanwhile && certificate !== undefined
      ? { betweenRequests: async () => (await import('./withdraw.ts')).revoke(certificate, options, context) }
      : {}),
    signal,
    timeout: plan.stepTimeoutMs,
  });
}

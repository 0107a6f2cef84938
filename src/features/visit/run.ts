/**
 * Runs the `visit` step: one visit of one browser, whose report goes to the log. The browser's memory lasts as long as the
 * run. Its counterpart is step.ts.
 */
import { browse, newMemory } from './browser.ts';
import type { BrowserMemory } from './browser.ts';
import type { DialOptions } from '../../wire/endpoint.ts';
import type { EntryPoint } from '../../engine/kinds.ts';
import type { PlannedClient, PlannedStep } from '../../engine/plan.ts';
import { trusting } from '../../engine/credentials.ts';
import type { RunOptions, RunContext } from '../../engine/run-context.ts';
import { visitOf } from './step.ts';

/** By run, then by client. */
const memories = new WeakMap<RunContext, Map<string, BrowserMemory>>();

/** Resolves when the visit is over, however it ended. */
export async function runVisit(
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  signal: AbortSignal,
): Promise<void> {
  const { plan, log, clock } = options;
  const { types, http, https, account, lookAtMs, restarted } = visitOf(step);
  const client = plan.clients.find(({ name }) => name === step.client);
  const login = plan.accounts.find(({ name }) => name === account);
  const host = [...plan.proxies, ...plan.servers].find(({ name }) => name === https.to)?.host;
  if (!client || host === undefined || (account !== undefined && !login))
    throw new Error(`incomplete plan for step ${step.id}`);
  const memory = memoryOf(client, context);
  if (restarted) memory.cookies.endSession();
  await browse({
    who: client.name,
    memory,
    host,
    ports: {
      ...(http ? { http: dialing(http, 'plain', host, client, step, options, context) } : {}),
      https: dialing(https, 'tls', host, client, step, options, context),
    },
    typed: types,
    ...(lookAtMs ? { lookAtMs } : {}),
    ...(login ? { login: { username: login.user, password: login.password, rrn: login.rrn } } : {}),
    log,
    clock,
    signal,
    timeout: plan.stepTimeoutMs,
  });
}

function memoryOf({ name, preloaded }: PlannedClient, context: RunContext): BrowserMemory {
  const ofRun = memories.get(context) ?? new Map<string, BrowserMemory>();
  memories.set(context, ofRun);
  const memory = ofRun.get(name) ?? newMemory(preloaded);
  ofRun.set(name, memory);
  return memory;
}

/** The URL's scheme decides: plain HTTP at port 80, TLS at 443, whichever server is there. */
function dialing(
  { to, wire }: EntryPoint,
  security: 'plain' | 'tls',
  host: string,
  client: PlannedClient,
  { id, tls }: PlannedStep,
  { plan, log, clock, world, hosts }: RunOptions,
  { addresses }: RunContext,
): DialOptions {
  const address = addresses.get(to);
  if (!address) throw new Error(`incomplete plan for step ${id}`);
  return {
    security,
    to: address,
    host: hosts?.get(client.name),
    clock,
    timeout: plan.stepTimeoutMs,
    ...(wire === undefined ? { reportTo: log } : { tap: { log, hop: wire } }),
    ...(security === 'plain' ? {} : { serverName: host, ...trusting(client, world) }),
    tls: tls === undefined ? {} : { minVersion: `TLSv${tls}`, maxVersion: `TLSv${tls}` },
  };
}

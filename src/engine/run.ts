/**
 * Executes a plan on real sockets: starts the participants, runs the steps in order and appends everything to the log.
 * `verdict.ts` judges the log; features implement their steps and servers.
 *
 * 1. Ports are free ones unless the file fixes them; `began` records the started topology.
 * 2. A step ends when its client has reported and its connections on the first wires are closed, or on timeout; then each
 *    server reports what reached it. Nothing hangs: what did not arrive in time is missing in the log.
 * 3. TLS code is loaded only for a plan that uses TLS.
 */
import { defined } from '../core/defined.ts';
import type { CaptureEvent, Address, NotePart, Observation } from '../capture/event.ts';
import type { RunLog } from '../capture/log.ts';
import { inEach } from '../i18n/language.ts';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import { isThrough } from '../proxy/kinds.ts';
import type { RunningProxy } from '../proxy/proxy.ts';
import type { AcceptOptions, DialOptions, Refused, Tap } from '../wire/endpoint.ts';
import { noConnection } from '../wire/tap/connection-record.ts';
import { admissionPolicy, listenerOptions, trusting } from './credentials.ts';
import { topologyOf } from './plan.ts';
import type { Plan, PlannedProxy, PlannedServer, PlannedStep } from './plan.ts';
import type { Features } from './features.ts';
import type { Companion } from './feature.ts';
import type { ManualCommand } from './manual-commands.ts';
import type { RunningServer, RunOptions, RunContext } from './run-context.ts';
import { originOf } from './view.ts';
import { collectManualCommands } from './collect-manual-commands.ts';

export interface RunningScenario {
  readonly plan: Plan;
  /** Where each server and proxy listens. */
  readonly addresses: ReadonlyMap<string, Address>;
  /** Runs all steps; resolves when the last is done or the run is aborted. */
  runSteps(): Promise<void>;
  /**
   * Accepts manual connections and returns the commands for each wire. A wire that ends at a server gets its own listener
   * there, tapped at the server's end: what a person sends straight to it is captured like the rest.
   * @param shownPlan the same plan with other secrets, for commands that must not reveal them.
   * @param ports of earlier listeners, by wire: reused if they are free. Updated with the new ones.
   */
  openForManualUse(shownPlan?: Plan, ports?: Map<string, number>): Promise<ManualCommand[]>;
  /** Appends what reached each server since the last report. */
  report(): void;
  close(): Promise<void>;
}

/** How long open connections may take to end when the run closes. */
const graceMs = 250;
/** How long an aborted login may take to report. */
const callOffMs = 2000;

/**
 * Starts every participant and appends `began`.
 * @throws UserError when a port is busy or a participant is misconfigured; everything started is closed again.
 */
export async function startScenario(features: Features, options: RunOptions): Promise<RunningScenario> {
  const { plan, log } = options;
  const servers = new Map<string, RunningServer>();
  const proxies = new Map<string, RunningProxy>();
  const addresses = new Map<string, Address>();
  const after = (server: PlannedServer): string | undefined => features.server(server.kind).after?.(server);
  const isFirst = (server: PlannedServer): boolean => after(server) === undefined;
  const isLater = (server: PlannedServer): boolean => !isFirst(server);
  const close = async (): Promise<void> => {
    // From the clients' side inwards, so that no proxy loses its target first.
    for (const proxy of [...proxies.values()].toReversed()) await proxy.close(graceMs);
    // A server closes before the one it depends on.
    for (const wave of [isLater, isFirst])
      await Promise.all(plan.servers.filter(wave).map(async ({ name }) => servers.get(name)?.close(graceMs)));
  };
  try {
    for (const feature of features.all) await feature.prepare?.(options);
    const loading = plan.proxies.length > 0 ? import('../proxy/proxy.ts') : { startProxy: undefined };
    const starting = new Map<string, Promise<void>>();
    const start = async (server: PlannedServer): Promise<void> => {
      await starting.get(after(server) ?? '');
      const started = await startServer(features, server, options, addresses);
      servers.set(server.name, started);
      addresses.set(server.name, started.address);
      for (const [key, address] of started.otherAddresses ?? []) addresses.set(key, address);
    };
    for (const wave of [isFirst, isLater])
      for (const server of plan.servers.filter(wave)) starting.set(server.name, start(server));
    // If one fails, wait for the others, so that close() finds them all.
    for (const result of await Promise.allSettled(starting.values()))
      if (result.status === 'rejected') throw result.reason;
    const { startProxy } = await loading;
    for (const proxy of plan.proxies) {
      if (!startProxy) break;
      const started = await startProxy(proxyOptions(features, proxy, addresses, options));
      proxies.set(proxy.name, started);
      addresses.set(proxy.name, started.address);
    }
  } catch (error) {
    await close();
    throw error;
  }
  log.append({
    type: 'began',
    version: options.version,
    wallClock: new Date(options.clock.now()).toISOString(),
    topology: topologyOf(plan, addresses, options.hosts),
    scenario: plan.scenario,
  });
  return {
    plan,
    addresses,
    runSteps: async () =>
      runSteps(features, options, { addresses, servers, proxies, tappedAddresses: new Map() }),
    report: () => reportServed(options, servers),
    async openForManualUse(shownPlan = plan, ports = new Map<string, number>()) {
      const tappedAddresses = new Map<string, Address>();
      const through = new Map(addresses);
      for (const { to, wire } of plan.steps.flatMap((step) => step.entryPoints)) {
        const server = servers.get(to);
        if (wire === undefined || !server?.openListeners || tappedAddresses.has(wire)) continue;
        const opened = await server.openListeners({ log, hop: wire });
        for (const [key, address] of opened) through.set(key, address);
        tappedAddresses.set(wire, opened.get(to) ?? server.address);
      }
      const { world } = options;
      for (const { hop, to } of await collectManualCommands(features, {
        plan,
        addresses,
        world,
        tappedAddresses: new Map(),
      })) {
        const opened = tappedAddresses.has(hop)
          ? undefined
          : await openListenerAt(servers.get(to), { log, hop }, ports.get(hop));
        if (!opened) continue;
        tappedAddresses.set(hop, opened);
        ports.set(hop, opened.port);
      }
      for (const feature of features.all) await feature.onOpened?.(plan, servers, tappedAddresses);
      return collectManualCommands(features, { plan: shownPlan, addresses: through, world, tappedAddresses });
    },
    close,
  };
}

/** A listener at the earlier port, or at another if that one is taken; undefined where the server supports none. */
async function openListenerAt(
  server: RunningServer | undefined,
  tap: Tap,
  before: number | undefined,
): Promise<Address | undefined> {
  try {
    return await server?.openListener?.(tap, before);
  } catch (error) {
    if (!(error instanceof UserError) || before === undefined) throw error;
    return server?.openListener?.(tap);
  }
}

async function runSteps(features: Features, options: RunOptions, context: RunContext): Promise<void> {
  const { plan, log, signal } = options;
  const note = (part: NotePart, text: Localized | undefined, step?: string): void => {
    if (text) log.append({ type: 'note', text, part, ...(step === undefined ? {} : { step }) });
  };
  note('title', plan.title);
  const { alsoSaid } = options;
  note('intro', joined(plan.intro, alsoSaid?.intro));
  const companions: Companion[] = [];
  for (const feature of features.all) {
    const companion = await feature.accompany?.(options, features);
    if (companion) companions.push(companion);
  }
  for (const step of plan.steps) {
    if (signal?.aborted) return;
    if (!step.goesOn) log.append({ type: 'step', id: step.id, state: 'asked' });
    note('step-title', step.text.title, step.id);
    note('before', step.text.before, step.id);
    note('question', step.text.question, step.id);
    note('choices', step.text.choices, step.id);
    note('speaker', step.text.notes, step.id);
    if (!step.goesOn) await options.beforeStep?.(step);
    if (signal?.aborted) return;
    log.append({ type: 'step', id: step.id, state: 'started' });
    await runStep(features, step, options, context, companions);
    for (const companion of companions) await companion.afterStep?.(step, context.addresses);
    reportServed(options, context.servers);
    log.append({ type: 'step', id: step.id, state: 'done' });
    note('headline', step.text.headline, step.id);
    note('answer', step.text.answer, step.id);
    note('after', step.text.after, step.id);
  }
  note('takeaway', plan.takeaway);
  note('does-not-prove', joined(plan.doesNotProve, alsoSaid?.doesNotProve));
  note('often-told', plan.misconceptions);
}

/** Two paragraphs, where there is a second. */
const joined = (one: Localized, other: Localized | undefined): Localized =>
  other ? inEach((language) => `${one[language]}\n\n${other[language]}`) : one;

function reportServed({ plan, log }: RunOptions, servers: ReadonlyMap<string, RunningServer>): void {
  for (const { name } of plan.servers) {
    const result = servers.get(name)?.report();
    if (result) log.append({ type: 'observed', who: name, result });
  }
}

async function runStep(
  features: Features,
  step: PlannedStep,
  options: RunOptions,
  context: RunContext,
  companions: readonly Companion[],
): Promise<void> {
  const { plan, log, signal } = options;
  const firsts = firstWires(step, plan);
  const open = new Set<number>();
  let report: Observation | undefined;
  const unsubscribe = subscribeToNew(log, (event) => {
    if (event.type === 'opened' && firsts.has(event.hop)) open.add(event.conn);
    if (event.type === 'closed') open.delete(event.conn);
    if (event.type === 'observed' && event.who === step.client && event.result.kind === step.reports)
      report = event.result;
  });
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  signal?.addEventListener('abort', abort);
  try {
    const run = await features.stepKind(step.kind).run();
    // The outcome is in the log; the promise rejects only on an internal error.
    // The far end of a connection may see it close after the client has reported.
    const isSettled = (): boolean => {
      if (report === undefined || open.size > 0) return false;
      const from = originOf(report);
      return from === undefined || log.connectionFrom(from) !== undefined;
    };
    const settled = log.until(isSettled, plan.stepTimeoutMs, signal);
    const over = run(step, options, context, controller.signal);
    const inTime = await Promise.race([settled, over.then(async () => settled)]);
    if (inTime) {
      for (const companion of companions) companion.settled?.(step);
      return;
    }
    // Aborted; its report must not fall into the next step's window.
    controller.abort();
    await Promise.race([over, log.until(isSettled, callOffMs)]);
  } finally {
    signal?.removeEventListener('abort', abort);
    controller.abort();
    unsubscribe();
  }
}

/** The wires at a step's entry points, and those on which a proxy only carries on what came in: they end with the first. */
function firstWires({ entryPoints }: PlannedStep, plan: Plan): ReadonlySet<string> {
  const behind = (to: string): string[] => {
    const proxy = plan.proxies.find(({ name }) => name === to);
    if (!proxy) return [];
    const { incoming, outgoing } = proxy.wires;
    return isThrough(proxy.kind) ? [incoming, outgoing, ...behind(proxy.target)] : [incoming];
  };
  return new Set(entryPoints.flatMap(({ to, wire }) => wire ?? behind(to)));
}

/** Events from now on only. */
function subscribeToNew(log: RunLog, fold: (event: CaptureEvent) => void): () => void {
  const from = log.events.length;
  return log.subscribe((event) => {
    if (event.seq >= from) fold(event);
  });
}

async function startServer(
  features: Features,
  server: PlannedServer,
  options: RunOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<RunningServer> {
  return features.server(server.kind).start(
    server,
    options,
    {
      security: server.security,
      clock: options.clock,
      ...admittingAll(server),
      ...listenerOptions(server, options),
      onRefused: (refused) => reportRefusal(refused, options),
    },
    addresses,
  );
}

/** A server has no tap: where the wire to it is tapped at the client's end, its refusal is joined to that connection. */
function reportRefusal({ remote, ...refused }: Refused, { plan, log }: RunOptions): void {
  const connection =
    refused.conn === noConnection && refused.by === 'server' ? log.connectionFrom(remote) : undefined;
  const isDirect = plan.steps.some(({ entryPoints }) =>
    entryPoints.some(({ wire }) => wire !== undefined && wire === connection?.hop),
  );
  if (connection && isDirect) log.append({ type: 'refused', ...refused, ...connection });
}

/** A site with mTLS admits every certificate from its trusted CAs; its accounts decide authorization. */
function admittingAll({ security }: PlannedServer): Pick<AcceptOptions, 'policy'> {
  return security === 'mtls' ? { policy: { allowAll: true } } : {};
}

function proxyOptions(
  features: Features,
  proxy: PlannedProxy,
  addresses: ReadonlyMap<string, Address>,
  options: RunOptions,
) {
  const { plan, log, clock, world } = options;
  const to = addresses.get(proxy.target);
  if (!to) throw new Error(`${proxy.target} was not started before ${proxy.name}`);
  const target = [...plan.servers, ...plan.proxies].find(({ name }) => name === proxy.target);
  const server = plan.servers.find(({ name }) => name === proxy.target);
  const isNamed = !(server && features.server(server.kind).isKnownByAddress);
  const hop = proxy.towardsTarget;
  const security = hop?.security ?? 'plain';
  const policy = admissionPolicy(proxy);
  const dial: Omit<DialOptions, 'clock' | 'tap' | 'reportTo' | 'timeout'> = {
    security,
    to,
    host: options.hosts?.get(proxy.name),
    ...(security === 'plain' ? {} : trusting(hop, world)),
    ...(target && security !== 'plain' && isNamed ? { serverName: target.host } : {}),
  };
  return {
    kind: proxy.kind,
    pump: proxy.pump,
    ...(proxy.tamper === undefined ? {} : { tamper: proxy.tamper }),
    ...defined({ between: features.betweenOf(proxy, plan) }),
    ...(proxy.remoteUser === undefined ? {} : { remoteUser: proxy.remoteUser }),
    accept: { ...listenerOptions(proxy, options), ...(policy ? { policy } : {}) },
    dial,
    wires: proxy.wires,
    isTappedByTarget: plan.proxies.some(
      ({ name, wires }) => name === proxy.target && wires.incoming === proxy.wires.outgoing,
    ),
    log,
    clock,
    timeouts: { connect: plan.stepTimeoutMs, handshake: plan.stepTimeoutMs, response: plan.stepTimeoutMs },
  };
}

/**
 * Carries a plan out on real sockets: starts the participants, runs the steps in order and appends everything to the log.
 * It decides nothing about truth: `verdict.ts` judges the log. What a step does is in `steps/`.
 *
 * 1. Ports are free ones unless the file fixes them; the started topology stands in `began`.
 * 2. A step ends when its client has reported and its connections on the first wire are closed, or when its time is up;
 *    then each server says what reached it. Nothing hangs: what did not come in time is missing in the log.
 * 3. Whatever only TLS needs is loaded only for a plan that has TLS.
 */
import type { CaptureEvent, Address, NotePart, Observation } from '../capture/event.ts';
import type { RunLog } from '../capture/log.ts';
import type { Localized } from '../i18n/language.ts';
import { UserError } from '../i18n/user-error.ts';
import type { World } from '../pki/keystore/world.ts';
import type { RunningProxy } from '../proxy/proxy.ts';
import type { AcceptOptions, DialOptions, Tap } from '../wire/endpoint.ts';
import { admissionPolicy, agreementOf, door, trusting } from './credentials.ts';
import { topologyOf } from './plan.ts';
import type { Plan, PlannedProxy, PlannedServer, PlannedStep } from './plan.ts';
import { isPredicted, otherVersionWords, predictedFor } from '../features/programs/predictions.ts';
import type { Build } from '../features/programs/predictions.ts';
import { manualCommandsOf } from './manual-commands.ts';
import { starters } from './servers.ts';
import type { RunningServer, RunOptions, RunContext } from './run-context.ts';
import { runners } from '../features/runners.ts';
import { siteKey } from '../features/login/step.ts';
import { rowOf } from '../features/steps.ts';
import type { ManualCommand } from './manual-commands.ts';

export interface RunningScenario {
  readonly plan: Plan;
  /** Where each server and proxy listens. */
  readonly addresses: ReadonlyMap<string, Address>;
  /** Runs all steps; resolves when the last is done or the run is aborted. */
  runSteps(): Promise<void>;
  /**
   * Opens the scenario to visitors and says how each wire is reached by hand. A wire that ends at a server gets a door of
   * its own there, tapped at the server's end: what a visitor sends straight to it is captured like the rest.
   * @param told the same plan with other secrets, for commands that must not tell them.
   * @param ports where such doors were opened before, by wire: taken again if they are free. What is opened now is put in.
   */
  openWays(told?: Plan, ports?: Map<string, number>): Promise<ManualCommand[]>;
  /** Appends what reached each server since that was last said. */
  report(): void;
  close(): Promise<void>;
}

/** Its objects lie in another server; or it needs none. */
const isKept = ({ controlPlane }: PlannedServer): boolean => controlPlane?.etcd !== undefined;
const isKeeper = (server: PlannedServer): boolean => !isKept(server);

/** How long open connections may take to end when the run closes. */
const graceMs = 250;
/** How long a login that was called off may take to say so. */
const callOffMs = 2000;

/**
 * Starts every participant and appends `began`.
 * @throws UserError when a port is busy or a part does not fit; what was started is closed again.
 */
export async function startScenario(options: RunOptions): Promise<RunningScenario> {
  const { plan, log } = options;
  const servers = new Map<string, RunningServer>();
  const proxies = new Map<string, RunningProxy>();
  const addresses = new Map<string, Address>();
  const close = async (): Promise<void> => {
    // From the clients' side inwards, so that no proxy meets a target that is gone.
    for (const proxy of [...proxies.values()].toReversed()) await proxy.close(graceMs);
    // Who keeps objects in another goes before it.
    for (const wave of [isKept, isKeeper])
      await Promise.all(plan.servers.filter(wave).map(async ({ name }) => servers.get(name)?.close(graceMs)));
  };
  let withdraw: RunContext['withdraw'];
  try {
    withdraw = await withdrawing(options, proxies);
    const loading = plan.proxies.length > 0 ? import('../proxy/proxy.ts') : { startProxy: undefined };
    const starting = new Map<string, Promise<void>>();
    const start = async (server: PlannedServer): Promise<void> => {
      await starting.get(server.controlPlane?.etcd?.server ?? '');
      const started = await startServer(server, options, addresses);
      servers.set(server.name, started);
      addresses.set(server.name, started.address);
      for (const [site, address] of started.sites ?? []) addresses.set(siteKey(server.name, site), address);
    };
    for (const wave of [isKeeper, isKept])
      for (const server of plan.servers.filter(wave)) starting.set(server.name, start(server));
    // One that fails leaves none behind that comes up later.
    for (const result of await Promise.allSettled(starting.values()))
      if (result.status === 'rejected') throw result.reason;
    const { startProxy } = await loading;
    for (const proxy of plan.proxies) {
      if (!startProxy) break;
      const started = await startProxy(proxyOptions(proxy, addresses, options));
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
    topology: topologyOf(plan, addresses),
    scenario: plan.scenario,
  });
  return {
    plan,
    addresses,
    runSteps: async () =>
      runSteps(options, servers, {
        addresses,
        servers,
        sessions: new Map(),
        doors: new Map(),
        credentials: new Map(),
        files: new Map(),
        kubectl: {},
        etcdctl: {},
        withdraw,
      }),
    report: () => reportServed(options, servers),
    async openWays(told = plan, ports = new Map<string, number>()) {
      const doors = new Map<string, Address>();
      const through = new Map(addresses);
      for (const { to, wire } of plan.steps.flatMap((step) => step.doors)) {
        const server = servers.get(to);
        if (wire === undefined || !server?.openSites || doors.has(wire)) continue;
        const sites = await server.openSites({ log, hop: wire });
        for (const [key, address] of sites) through.set(key, address);
        doors.set(wire, sites.get(to) ?? server.address);
      }
      for (const { hop, to } of manualCommandsOf(plan, addresses, options.world)) {
        const door = doors.has(hop)
          ? undefined
          : await openDoorAt(servers.get(to), { log, hop }, ports.get(hop));
        if (!door) continue;
        doors.set(hop, door);
        ports.set(hop, door.port);
      }
      await leadToDoors(plan, servers, doors);
      return manualCommandsOf(told, through, options.world, doors);
    },
    close,
  };
}

/** A door at the port of before, or at another if somebody else has taken it meanwhile; undefined where there is none. */
async function openDoorAt(
  server: RunningServer | undefined,
  tap: Tap,
  before: number | undefined,
): Promise<Address | undefined> {
  try {
    return await server?.openDoor?.(tap, before);
  } catch (error) {
    if (!(error instanceof UserError) || before === undefined) throw error;
    return server?.openDoor?.(tap);
  }
}

/** A visitor who asks a resolver is sent where the last of the scenario's own clients was, to the door that is tapped. */
async function leadToDoors(
  plan: Plan,
  servers: ReadonlyMap<string, RunningServer>,
  doors: ReadonlyMap<string, Address>,
): Promise<void> {
  const lookUps = plan.steps.flatMap(({ lookUp }) => lookUp ?? []);
  if (lookUps.length === 0) return;
  const { answersOf } = await import('../features/look-up/run.ts');
  for (const name of new Set(lookUps.map(({ resolver }) => resolver))) {
    const answers = lookUps.flatMap((lookUp) => {
      const told = lookUp.resolver === name ? doors.get(lookUp.wire) : undefined;
      const host = plan.servers.find((server) => server.name === lookUp.meant)?.host;
      return told && host !== undefined ? [...answersOf(lookUp, host, told)] : [];
    });
    servers.get(name)?.answerFrom?.(new Map(answers));
  }
}

/** How a CA takes a certificate back while the run goes on. What signs is loaded only for a plan that asks for it. */
async function withdrawing(
  { plan, log, clock, world }: RunOptions,
  proxies: ReadonlyMap<string, RunningProxy>,
): Promise<RunContext['withdraw']> {
  if (!world || !plan.steps.some(({ login }) => login?.revokedMeanwhile)) {
    return async (certificate) => {
      throw new Error(`the plan does not say that ${certificate} is taken back`);
    };
  }
  const { withdraw } = await import('../pki/ca/withdraw.ts');
  const authorities = new Map(
    plan.steps.flatMap(({ login }) => {
      const certificate = login?.revokedMeanwhile
        ? plan.clients.find(({ name }) => name === login.client)?.certificate
        : undefined;
      return certificate === undefined ? [] : [[certificate, issuerOf(certificate, world)] as const];
    }),
  );
  const inForce = new Map<string, string>();
  const listOf = (authority: string): string | undefined => inForce.get(authority) ?? world.crl(authority);
  return async (certificate) => {
    const authority = authorities.get(certificate);
    if (authority === undefined) throw new Error(`the plan does not say that ${certificate} is taken back`);
    const { pem, number } = withdraw(world, {
      authority,
      certificates: [certificate],
      before: listOf(authority),
      clock,
    });
    inForce.set(authority, pem);
    const { subject, serial, issuer } = world.summary(certificate);
    for (const proxy of plan.proxies) {
      if (!proxy.revocations?.includes(authority)) continue;
      const clientRevocations = proxy.revocations.flatMap((name) => listOf(name) ?? []);
      const { listen: _same, ...listener } = door(proxy, world);
      await proxies.get(proxy.name)?.renew({
        listener: { ...listener, clientRevocations },
        dialer: trusting(proxy.towardsTarget, world),
      });
      log.append({
        type: 'observed',
        who: proxy.name,
        result: { kind: 'revocation', authority: issuer, number, certificates: [{ subject, serial }] },
      });
    }
  };
}

/** The row of the CA that issued a certificate: by name and key, since two may bear one name. */
function issuerOf(certificate: string, world: World): string {
  const { issuer, authorityKeyId } = world.summary(certificate);
  const found = world.names.find((name) => {
    const { isCa, subject, keyId } = world.summary(name);
    return isCa && subject === issuer && keyId === authorityKeyId && world.crl(name) !== undefined;
  });
  if (found !== undefined) return found;
  throw new UserError({
    what: {
      en: 'the CA of a certificate that is to be taken back keeps no revocation list',
      ko: '폐기할 인증서를 발급한 CA에 인증서 폐기 목록이 없습니다',
    },
    where: certificate,
    expected: { en: 'a row under revocations in the recipe', ko: '레시피의 revocations에 그 CA의 행' },
    received: issuer,
  });
}

async function runSteps(
  options: RunOptions,
  servers: ReadonlyMap<string, RunningServer>,
  surroundings: RunContext,
): Promise<void> {
  const { plan, log, signal } = options;
  const note = (part: NotePart, text: Localized | undefined, step?: string): void => {
    if (text) log.append({ type: 'note', text, part, ...(step === undefined ? {} : { step }) });
  };
  note('title', plan.title);
  note('intro', plan.intro);
  if (plan.predictions.node && !predictedFor(plan.predictions, 'node', ownBuild))
    note('programs', otherVersionWords(plan.predictions, 'node', ownBuild));
  const bringsPeers = ({ login }: PlannedStep): boolean =>
    login !== undefined && (options.peers === true || login.peers === true);
  const programs =
    options.variables && plan.steps.some(bringsPeers)
      ? await import('../features/programs/run.ts')
      : undefined;
  const installed = await programs?.findPrograms(options);
  for (const step of plan.steps) {
    if (signal?.aborted) return;
    if (!step.goesOn) log.append({ type: 'step', id: step.id, state: 'asked' });
    note('step-title', step.text.title, step.id);
    note('before', step.text.before, step.id);
    note('question', step.text.question, step.id);
    note('speaker', step.text.notes, step.id);
    if (!step.goesOn) await options.beforeStep?.(step);
    if (signal?.aborted) return;
    log.append({ type: 'step', id: step.id, state: 'started' });
    await runStep(step, options, surroundings);
    if (programs && installed && bringsPeers(step))
      await programs.runPrograms(step, installed, options, surroundings.addresses);
    reportServed(options, servers);
    log.append({ type: 'step', id: step.id, state: 'done' });
    note('after', step.text.after, step.id);
  }
  note('does-not-prove', plan.doesNotProve);
  note('often-told', plan.oftenTold);
}

function reportServed({ plan, log }: RunOptions, servers: ReadonlyMap<string, RunningServer>): void {
  for (const { name } of plan.servers) {
    const result = servers.get(name)?.report();
    if (result) log.append({ type: 'observed', who: name, result });
  }
}

async function runStep(step: PlannedStep, options: RunOptions, surroundings: RunContext): Promise<void> {
  const { plan, log, signal } = options;
  const { reports } = rowOf(step.kind);
  const firsts = firstWires(step, plan);
  const open = new Set<number>();
  let report: Observation | undefined;
  const unsubscribe = subscribeToNew(log, (event) => {
    if (event.type === 'opened' && firsts.has(event.hop)) open.add(event.conn);
    if (event.type === 'closed') open.delete(event.conn);
    if (event.type === 'observed' && event.who === step.client && event.result.kind === reports)
      report = event.result;
  });
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  signal?.addEventListener('abort', abort);
  try {
    const run = await runners[step.kind]();
    // What it comes to is in the log. Its promise speaks up only where something of ours broke.
    // The far end of a connection may hear of it after the client has told its story.
    const isSettled = (): boolean =>
      report !== undefined &&
      open.size === 0 &&
      (!('from' in report) || !report.from || log.connectionFrom(report.from) !== undefined);
    const settled = log.until(isSettled, plan.stepTimeoutMs, signal);
    const over = run(step, options, surroundings, controller.signal);
    const inTime = await Promise.race([settled, over.then(async () => settled)]);
    if (inTime) {
      if (isPredicted(plan.predictions, 'node', step)) tellOfNode(step, log);
      return;
    }
    // Called off; its report must not land in the next step's window.
    controller.abort();
    await Promise.race([over, log.until(isSettled, callOffMs)]);
  } finally {
    signal?.removeEventListener('abort', abort);
    controller.abort();
    unsubscribe();
  }
}

const ownBuild: Build = { version: process.versions.node };

/** What the demonstration's own client met, as the program that it is. */
function tellOfNode(step: PlannedStep, log: RunLog): void {
  const report = log.events.findLast(
    (event) => event.type === 'observed' && event.who === step.client && event.result.kind === 'login',
  );
  if (report?.type !== 'observed' || report.result.kind !== 'login') return;
  const { error, outcome } = report.result;
  const words = error?.code ?? outcome;
  log.append({
    type: 'observed',
    who: 'node',
    result: { kind: 'program', program: 'node', ...ownBuild, exitCode: null, words },
  });
}

/** The wires at the doors of a step. */
function firstWires({ doors }: PlannedStep, plan: Plan): ReadonlySet<string> {
  return new Set(
    doors.flatMap(
      ({ to, wire }) => wire ?? plan.proxies.find(({ name }) => name === to)?.wires.incoming ?? [],
    ),
  );
}

/** Only what comes from now on. */
function subscribeToNew(log: RunLog, fold: (event: CaptureEvent) => void): () => void {
  const from = log.events.length;
  return log.subscribe((event) => {
    if (event.seq >= from) fold(event);
  });
}

async function startServer(
  server: PlannedServer,
  options: RunOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<RunningServer> {
  return starters[server.kind](
    server,
    options,
    {
      security: server.security,
      clock: options.clock,
      tls: agreementOf(server),
      ...admittingAll(server),
      ...door(server, options.world),
    },
    addresses,
  );
}

/** A site that asks for certificates admits everybody whose CA it trusts: who may do what is for its accounts. */
function admittingAll({ security }: PlannedServer): Pick<AcceptOptions, 'policy'> {
  return security === 'mtls' ? { policy: { allowAll: true } } : {};
}

function proxyOptions(proxy: PlannedProxy, addresses: ReadonlyMap<string, Address>, options: RunOptions) {
  const { plan, log, clock, world } = options;
  const to = addresses.get(proxy.target);
  if (!to) throw new Error(`${proxy.target} was not started before ${proxy.name}`);
  const target = [...plan.servers, ...plan.proxies].find(({ name }) => name === proxy.target);
  const hop = proxy.towardsTarget;
  const security = hop?.security ?? 'plain';
  const policy = admissionPolicy(proxy);
  const dial: Omit<DialOptions, 'clock' | 'tap' | 'reportTo' | 'timeout'> = {
    security,
    to,
    ...(security === 'plain' ? {} : trusting(hop, world)),
    // An API server is known by its address: kubeadm's certificates have no name under .localhost.
    ...(target && security !== 'plain' && target.kind !== 'kube-apiserver'
      ? { serverName: target.host }
      : {}),
  };
  return {
    kind: proxy.kind,
    pump: proxy.pump,
    ...(proxy.tamper === undefined ? {} : { tamper: proxy.tamper }),
    ...(proxy.remoteUser === undefined ? {} : { remoteUser: proxy.remoteUser }),
    accept: { ...door(proxy, world), ...(policy ? { policy } : {}) },
    dial,
    wires: proxy.wires,
    log,
    clock,
    timeouts: { connect: plan.stepTimeoutMs, handshake: plan.stepTimeoutMs, response: plan.stepTimeoutMs },
  };
}

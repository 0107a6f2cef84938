/**
 * Runs a lab while a learner works on it: it makes captures, and starts servers and proxies with the files of the folder, again
 * whenever one of them changes. `check.ts` judges it.
 *
 * 1. Ports stay the same unless another program uses them, over restarts too.
 * 2. A failed start is reported, and retried with the next change.
 * 3. Only a change of a file that is used closes connections: a note in the folder does not. Nor does a change of nothing but
 *    certificates, CAs, lists and ages at the proxies: it applies from the next handshake on, as in a server that is reloaded.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { existsSync, readFileSync, rmSync, watch } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CaptureLog } from '../../capture/log.ts';
import type { RunLog } from '../../capture/log.ts';
import type { Localized } from '../../i18n/language.ts';
import { UserError } from '../../i18n/user-error.ts';
import { features } from '../../features/registry.ts';
import { renewedCredentials } from '../../engine/credentials.ts';
import type { Plan } from '../../engine/plan.ts';
import type { World } from '../../pki/keystore/world.ts';
import { startScenario } from '../../engine/run.ts';
import type { ManualCommand } from '../../engine/manual-commands.ts';
import type { RunningScenario } from '../../engine/run.ts';
import type { CompiledScenario } from '../../engine/scenario.ts';
import { AutoCheck } from '../checks/auto-check.ts';
import type { AutoChecked } from '../checks/auto-check.ts';
import { settingsOf } from '../checks/check.ts';
import type { SwitchingRelay } from '../checks/switching-relay.ts';
import { claimFolder } from './claim.ts';
import type { UpAnswer } from './claim.ts';
import { drawSecret, withSecrets } from './drawn.ts';
import { appendSeen, keepSeen, readLabFolder, readSeen, remember, startFiles } from '../folder.ts';
import type { SeenLogin } from '../folder.ts';
import { loginDial } from '../../peers/client/login-dial.ts';
import { fixedParts, groupsOf, openedSteps } from './groups.ts';
import type { Group } from './groups.ts';
import { HeldClient } from './held-client.ts';
import type { HeldNews } from './held-client.ts';
import { ended } from './holding.ts';
import { atPorts } from './ports.ts';
import type { HoldOptions, LabEvent } from './holding.ts';
import { LabWires } from './lab-wires.ts';
import { LiveWire, liveUrl } from './live-wire.ts';
import { OwnClientWays } from './own-client-ways.ts';
import { isAboutFile, recordSteps } from './recording.ts';
import { settingsFile } from '../lab.ts';
import { idOf, stateOf } from '../state.ts';
import type { CompiledLab, TaskFile } from '../lab.ts';
import { cutTo, learnersScenario, needsSettings, planCut, scenarioWith, usedNames } from '../learner.ts';
import { missingGiven } from '../given-files.ts';
import { FileError, withOwnFiles } from '../own-files.ts';
import { takenIn } from '../step-parts.ts';
import type { VisitingStep } from '../step-parts.ts';
import { remediesCalledAs } from '../wirelab-command.ts';
import { attemptIn, placeholder, wrongPasswordOf } from '../checks/wrong-password.ts';
import type { Attempt } from '../checks/wrong-password.ts';

/** How long an editor may take to write a file, in milliseconds. */
const settleMs = 300;
/** Milliseconds between two checks for logins. */
const lookMs = 250;

/** The most bytes of the listeners' traffic and its events that are kept: no check reads them. */
const keptBytes = 1024 * 1024;

/** Logins of which not only the newest half is kept. */
const mostSeen = 1000;

/** Milliseconds between two looks whether the folder is still there. */
const placeMs = 1000;

/**
 * Resolves when the signal was aborted and everything is closed.
 * @throws UserError if a lab already runs in that folder, the folder cannot be written to, or is moved or deleted meanwhile.
 */
export async function holdLab(options: HoldOptions): Promise<void> {
  const { folder, signal } = options;
  const id = idOf(folder);
  const isGone = (): boolean => id !== undefined && idOf(folder) !== id;
  const left = new AbortController();
  const timer = setInterval(() => {
    if (isGone()) left.abort();
  }, placeMs);
  try {
    await holdThere({ ...options, signal: AbortSignal.any([signal, left.signal]) });
    if (left.signal.aborted) throw movedAway(folder);
  } catch (error) {
    throw isGone() ? movedAway(folder, error) : error;
  } finally {
    clearInterval(timer);
  }
}

function movedAway(folder: string, cause?: unknown): UserError {
  if (cause instanceof UserError && cause.facts.what === folderGone) return cause;
  return new UserError(
    {
      what: folderGone,
      where: folder,
      remedy: {
        en: 'Start the lab again with --folder and where the folder is now: what was done is kept. If it was deleted, it starts anew.',
        ko: '폴더가 지금 있는 곳을 --folder로 지정해 실습을 다시 시작하세요. 한 일은 남아 있습니다. 삭제했다면 처음부터 시작합니다.',
      },
    },
    { cause },
  );
}

const folderGone: Localized = {
  en: 'the lab’s folder was moved or deleted while the lab was running',
  ko: '실습이 실행되는 동안 실습 폴더가 이동했거나 삭제되었습니다',
};

async function holdThere(options: HoldOptions): Promise<void> {
  const { lab, signal, folder } = options;
  if (lab.tasks.cluster) return (await import('./hold-cluster.ts')).holdCluster(options, lab.tasks.cluster);
  if (lab.tasks.controlPlane)
    return (await import('./hold-control-plane.ts')).holdControlPlane(options, lab.tasks.controlPlane);
  const drawn = new Map((lab.tasks.drawn ?? []).map((id) => [id, drawSecret(options.random)]));
  const own = new AbortController();
  const end = (): void => own.abort();
  let onLogin = (): void => {};
  const holding = new Holding({ ...options, signal: own.signal, onLogin: () => onLogin() }, drawn);
  const release = await claimFolder(folder, () => holding.answer);
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const checks = new AutoCheck({ ...options, signal: own.signal });
  const checking = new Set<Promise<void>>();
  /** While it checks, the next change is noticed: what it has found by then is out of date. */
  const check = (look: () => Promise<LabEvent | undefined>): void => {
    const looking = look()
      .then((event) => (event && !own.signal.aborted ? options.onEvent(event) : undefined))
      .catch(holding.fail)
      .finally(() => checking.delete(looking));
    checking.add(looking);
  };
  const checkedBy = async (found: Promise<AutoChecked | undefined>): Promise<LabEvent | undefined> => {
    const checked = await found;
    return checked && { kind: 'checked', ...checked };
  };
  onLogin = () => check(async () => checkedBy(checks.loggedIn()));
  const begun = holding.record().then(async () => holding.open());
  let going: Promise<unknown>[] = [begun];
  try {
    const concerns = (name: string): boolean => name === lab.tasks.recorded?.file || isRead(name, lab);
    // Watched from the start: a file saved while listeners are being opened is not missed.
    const watching = watchFolder(folder, { concerns, signal: own.signal, after: begun }, async (names) => {
      // Moved aside, or deleted.
      if (lab.tasks.recorded && !existsSync(join(folder, lab.tasks.recorded.file))) await holding.record();
      const read = names.filter((name) => isRead(name, lab));
      if (names.some((name) => isServed(name, lab))) {
        options.onEvent({ kind: 'changed', files: names });
        await holding.open();
      } else if (read.length === 0) return;
      check(async () => checkedBy(checks.changed(names)));
    });
    const follow = async (): Promise<LabEvent | undefined> => {
      await begun;
      const results = await checks.current();
      return results.length > 0 ? { kind: 'found', results } : undefined;
    };
    if (options.follows) check(follow);
    holding.onHeld = () => check(async () => checkedBy(checks.heldChanged()));
    going = [
      watching,
      begun.then(async () => Promise.all([holding.repeat(), holding.keepConnected()])),
      ended(own.signal),
    ];
    await Promise.race([Promise.all(going), holding.failure]);
  } finally {
    own.abort();
    signal.removeEventListener('abort', end);
    // Pending starts and captures end first: nothing is left behind.
    await Promise.allSettled(going);
    await Promise.all(checking);
    await holding.close();
    release();
  }
}

/** Records logins: `look` records those since the last time. */
interface LoginWatch {
  look(): void;
  stop(): void;
}

interface HoldingOptions extends HoldOptions {
  /** Called once a login is recorded. */
  readonly onLogin: () => void;
}

class Holding {
  readonly #options: HoldingOptions;
  readonly #wires: LabWires;
  readonly #drawn: ReadonlyMap<string, string>;
  #running: Running[] = [];
  readonly #client: HeldClient | undefined;
  /** The logins, also those before a restart: a finished task stays finished, though the passwords change. */
  #seen: SeenLogin[];
  #fail: (error: unknown) => void = () => {};
  /** Rejects on an error that no caller is waiting for. */
  readonly failure = new Promise<never>((_resolve, reject) => {
    this.#fail = reject;
  });

  constructor(options: HoldingOptions, drawn: ReadonlyMap<string, string>) {
    this.#options = options;
    const { clock, log = new CaptureLog({ clock, maxPayload: keptBytes, endless: true }) } = options;
    this.#wires = new LabWires(log);
    this.#drawn = drawn;
    this.#seen = readSeen(options.folder);
    this.#client = this.#heldClient();
    // It may reject before it is awaited.
    this.failure.catch(() => {});
  }

  readonly fail = (error: unknown): void => this.#fail(error);

  /** Its response to a check. */
  get answer(): UpAnswer {
    // Logins at a server's own port, not over a wire, are not recorded yet.
    for (const { logins } of this.#running) logins.look();
    this.#forget();
    const ports = this.#running.flatMap(({ scenario }) =>
      [...scenario.addresses].map(([name, { port }]) => [name, port] as const),
    );
    return {
      ports: Object.fromEntries(ports),
      seen: this.#seen,
      issued: [],
      ...defined({ held: this.#client?.state }),
    };
  }

  /**
   * A reset removes recorded logins, of a task or all of them; checked before each addition as well, which would create the
   * file again. What somebody adds to the record has not been seen.
   */
  #forget(): void {
    if (this.#seen.length === 0) return;
    const recorded = new Set(readSeen(this.#options.folder).map((login) => JSON.stringify(login)));
    this.#seen = this.#seen.filter((login) => recorded.has(JSON.stringify(login)));
  }

  #heldClient(): HeldClient | undefined {
    const { lab, clock, onEvent, onHeldConnection } = this.#options;
    const { held } = lab.tasks;
    if (!held) return undefined;
    return new HeldClient({
      everySeconds: held.everySeconds,
      clock,
      ...defined({ onServed: onHeldConnection }),
      dialing: () => {
        for (const { plan, log, world, scenario } of this.#running) {
          const step: VisitingStep | undefined = plan.steps.find(({ base }) => base === held.step);
          if (step?.login)
            return loginDial(step, step.login, { plan, log, clock, world }, scenario.addresses);
        }
        return undefined;
      },
      onNews: (news) => {
        onEvent({ kind: 'held', news });
        this.onHeld(news);
      },
      onConnection: (client, from) => onEvent({ kind: 'held-connection', client, from }),
    });
  }

  /** Called with what becomes of the client that is kept connected. */
  onHeld: (news: HeldNews) => void = () => {};

  /** Keeps a client connected until the lab ends. */
  async keepConnected(): Promise<void> {
    await this.#client?.run(this.#options.signal);
  }

  /** Makes the capture for the start of the lab. */
  async record(): Promise<void> {
    const { lab, folder, world, signal, onEvent } = this.#options;
    const { recorded } = lab.tasks;
    if (!recorded) return;
    // What was recorded earlier does not depend on today's settings.
    const { compiled } = await scenarioWith(lab, () => lab.start[settingsFile]);
    await recordSteps(
      {
        compiled: this.#secret(compiled),
        steps: recorded.steps,
        world,
        path: join(folder, recorded.file),
      },
      this.#options,
    );
    if (!signal.aborted) onEvent({ kind: 'captured', file: recorded.file });
  }

  /** Repeats a step while the lab runs: those who listen to its wire receive it. */
  async repeat(): Promise<void> {
    const { lab, signal, folder, onEvent } = this.#options;
    const { repeated } = lab.tasks;
    if (!repeated || signal.aborted) return;
    const { steps, wire, everySeconds } = repeated;
    const name = `wire-${wire}`;
    const live = await LiveWire.open(wire, readLabFolder(folder)?.ports[name]);
    // Put together where a learner does not find it.
    const place = join(stateOf(folder), `${name}.pcapng`);
    try {
      remember(folder, { ports: { ...readLabFolder(folder)?.ports, [name]: live.port } });
      onEvent({ kind: 'live', wire, url: liveUrl(wire, live.port) });
      while (!signal.aborted) {
        await this.#recordOnce(steps, wire, place);
        if (existsSync(place)) live.pass(readFileSync(place));
        rmSync(place, { force: true });
        await pause(everySeconds * 1000, undefined, { signal }).catch(() => {});
      }
    } finally {
      live.close();
      rmSync(place, { force: true });
    }
  }

  /** With the settings and files as they are now; while these cannot be used, nothing passes, as at the listeners. */
  async #recordOnce(steps: readonly string[], wire: string, path: string): Promise<void> {
    const { lab, folder } = this.#options;
    try {
      const compiled = this.#secret(await learnersScenario(lab, settingsOf(lab, folder)));
      const world = withOwnFiles(this.#options.world, usedNames(cutTo(compiled, steps).file), lab, folder);
      await recordSteps({ compiled, steps, world, wire, path }, this.#options);
    } catch (error) {
      if (!(error instanceof UserError) || lab.tasks.settings === undefined || isAboutFile(error, path))
        throw error;
    }
  }

  #secret(compiled: CompiledScenario): CompiledScenario {
    return withSecrets(compiled, [...this.#drawn.keys()], (id) => this.#drawn.get(id) ?? '');
  }

  /**
   * Opens every listener with the present files of the folder, and closes the previous ones: but those that can be given all
   * that has changed go on, and with a client that is kept connected also those whose new settings cannot be used.
   */
  async open(): Promise<void> {
    const { lab, folder, onEvent, signal } = this.#options;
    const { compiled, mistake } = await scenarioWith(lab, () => settingsOf(lab, folder));
    const isShut = (task: TaskFile): boolean =>
      mistake !== undefined && needsSettings(compiled, lab, openedSteps(task, compiled, lab));
    const shut = lab.tasks.tasks.filter(isShut).map(({ id }) => id);
    const groups = groupsOf(
      compiled,
      lab,
      lab.tasks.tasks.filter(({ id }) => !shut.includes(id)),
    );
    const kept = new Set<Running>();
    const report = (tasks: readonly string[], mistake: UserError): void => {
      const running = this.#running.filter((one) => one.tasks.some((id) => tasks.includes(id)));
      const goesOn = lab.tasks.held !== undefined && running.length > 0;
      if (goesOn) for (const one of running) kept.add(one);
      onEvent({
        kind: 'shut',
        tasks,
        mistake: this.#explained(mistake, tasks),
        ...(goesOn ? { goesOn } : {}),
      });
    };
    if (mistake && shut.length > 0) report(shut, mistake);
    const toOpen: Group[] = [];
    for (const group of groups) {
      const renewed = await this.#tried(async () => this.#renew(compiled, group), group.tasks, report);
      if (renewed === 'failed') continue;
      if (renewed) kept.add(renewed);
      else toOpen.push(group);
    }
    await this.#closeAll(this.#running.filter((one) => !kept.has(one)));
    if (kept.size === 0) this.#wires.clear();
    const opened: Running[] = [];
    for (const group of toOpen) {
      if (signal.aborted) return;
      const running = await this.#tried(async () => this.#openGroup(compiled, group), group.tasks, report);
      if (running !== 'failed') opened.push(running);
    }
    for (const [index, running] of opened.entries()) {
      const { tasks, ways } = running;
      onEvent({
        kind: 'open',
        tasks,
        ways,
        others: this.#running.flatMap((one) => (one === running ? [] : one.ways)),
        ...(index > 0 ? { follows: true } : {}),
        ...(index < opened.length - 1 ? { goesOn: true } : {}),
      });
    }
  }

  /** With what is known of a file that was given, and commands by a path that works. */
  #explained(mistake: UserError, [task = '']: readonly string[]): UserError {
    const { lab, world, command = 'wirelab' } = this.#options;
    const isMissing = mistake instanceof FileError && mistake.reason === 'missing_file';
    const facts = isMissing
      ? missingGiven(mistake.facts, new Set(startFiles(lab, world).keys()), task)
      : mistake.facts;
    return new UserError(remediesCalledAs(facts, command), { cause: mistake });
  }

  /** @returns `failed` for an error of the learner's, which is reported. */
  async #tried<Result>(
    act: () => Promise<Result>,
    tasks: readonly string[],
    report: (tasks: readonly string[], mistake: UserError) => void,
  ): Promise<Result | 'failed'> {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      report(tasks, error);
      return 'failed';
    }
  }

  /** Applies to what runs for these tasks all that has changed. @returns undefined where that cannot be. */
  async #renew(compiled: CompiledScenario, group: Group): Promise<Running | undefined> {
    const { plan, world, fixed } = this.#planOf(compiled, group);
    const running = this.#running.find((one) => one.fixed === fixed);
    if (!running) return undefined;
    const applied = JSON.stringify(plan.proxies.map((proxy) => renewedCredentials(proxy, { world })));
    if (applied === running.applied) return running;
    await running.scenario.reload({ plan, world });
    running.applied = applied;
    this.#options.onEvent({ kind: 'renewed', tasks: group.tasks });
    this.#client?.proxyChanged();
    return running;
  }

  #planOf(
    compiled: CompiledScenario,
    { tasks, steps }: Group,
  ): { readonly plan: Plan; readonly world: World; readonly fixed: string } {
    const { lab, folder } = this.#options;
    const world = withOwnFiles(this.#options.world, usedNames(cutTo(compiled, steps).file), lab, folder);
    const plan = planCut(this.#secret(compiled), steps);
    return { plan, world, fixed: `${tasks.join(' ')} ${fixedParts(plan, world)}` };
  }

  /** Nothing of it is reported: others may be opened with it. */
  async #openGroup(compiled: CompiledScenario, group: Group): Promise<Running> {
    const { tasks, steps, isForLogins, isForOwnClient } = group;
    const { lab, folder, clock, random, version, signal } = this.#options;
    const log = this.#wires.openRun();
    const { plan, world, fixed } = this.#planOf(compiled, group);
    const start = async (ports: Dictionary<number>): Promise<RunningScenario> =>
      startScenario(features, { plan: atPorts(plan, ports), log, clock, random, version, world, signal });
    const { ports = {}, doors = {} } = readLabFolder(folder) ?? {};
    // Another program may use a port by now; a port that the learner has fixed is kept, and reported as taken.
    const scenario = await start(ports).catch(async (error: unknown) => {
      if (!(error instanceof UserError) || Object.keys(ports).length === 0) throw error;
      return start({});
    });
    const logins =
      isForLogins || isForOwnClient ? this.#watchLogins(scenario, plan, log) : { look() {}, stop() {} };
    const relays: SwitchingRelay[] = [];
    const applied = JSON.stringify(plan.proxies.map((proxy) => renewedCredentials(proxy, { world })));
    const running: Running = { scenario, logins, relays, plan, log, world, fixed, applied, tasks, ways: [] };
    this.#running.push(running);
    const opened = new Map(Object.entries(doors));
    const ways = await scenario.openForManualUse(
      planCut(
        withSecrets(compiled, lab.tasks.drawn ?? [], () => placeholder),
        steps,
      ),
      opened,
    );
    const ownClient = isForOwnClient ? new OwnClientWays(lab, tasks, plan, opened) : undefined;
    relays.push(...((await ownClient?.openRelays(random)) ?? []));
    remember(folder, {
      ports: {
        ...ports,
        ...Object.fromEntries([...scenario.addresses].map(([name, { port }]) => [name, port])),
      },
      doors: Object.fromEntries(opened),
    });
    const clients = new Set(plan.clients.map(({ name }) => name));
    const shown = ways.filter(({ client }) => clients.has(client));
    running.ways = ownClient?.ways(shown) ?? shown;
    return running;
  }

  /** Records who logs in. */
  #watchLogins(scenario: RunningScenario, { accounts }: Plan, log: RunLog): LoginWatch {
    const { folder, clock, onEvent, onLogin } = this.#options;
    let attempts: Attempt[] = [];
    let hasNews = false;
    const unsubscribe = log.subscribe((event) => {
      if (event.type !== 'observed') hasNews = true;
      const attempt =
        event.type === 'bytes' && event.vantage === 'plaintext' && event.from === 'client'
          ? attemptIn(event.bytes)
          : undefined;
      if (attempt) attempts.push(attempt);
      if (event.type !== 'observed') return;
      for (const { user, password } of takenIn(event.result))
        onEvent({
          kind: 'taken',
          server: event.who,
          user: user.slice(0, 64),
          password: password.slice(0, 64),
        });
      if (event.result.kind !== 'served') return;
      const logins = event.result.logins.map(({ user, accepted }): SeenLogin => {
        const at = attempts.findIndex((one) => one.user === user);
        const [tried] = at < 0 ? [] : attempts.splice(at, 1);
        const slip = accepted || !tried ? undefined : wrongPasswordOf(tried, accounts);
        return {
          at: new Date(clock.now()).toISOString(),
          server: event.who,
          user: user.slice(0, 64),
          accepted,
          ...defined({ slip }),
        };
      });
      // A report may come between what was sent and the login that it becomes.
      if (logins.length > 0) {
        attempts = [];
        this.#forget();
      }
      this.#seen.push(...logins);
      if (this.#seen.length > mostSeen) keepSeen(folder, (this.#seen = newestSeen(this.#seen)));
      else appendSeen(folder, logins);
      for (const login of logins) onEvent({ kind: 'login', login });
      if (logins.length > 0) onLogin();
    });
    const look = (): void => {
      try {
        scenario.report();
      } catch (error) {
        this.#fail(error);
      }
    };
    const timer = setInterval(() => {
      if (!hasNews) return;
      hasNews = false;
      look();
    }, lookMs);
    return {
      look,
      stop() {
        clearInterval(timer);
        look();
        unsubscribe();
      },
    };
  }

  async close(): Promise<void> {
    await this.#closeAll(this.#running);
  }

  async #closeAll(some: readonly Running[]): Promise<void> {
    const closing = new Set(some);
    this.#running = this.#running.filter((one) => !closing.has(one));
    for (const { logins, relays } of closing) {
      logins.stop();
      for (const relay of relays) relay.close();
    }
    await Promise.all([...closing].map(async ({ scenario }) => scenario.close()));
  }
}

/** The first login that was accepted of each account, which a task may be about, and the newest. */
function newestSeen(seen: readonly SeenLogin[]): SeenLogin[] {
  const accepted = new Map<string, SeenLogin>();
  for (const login of seen) {
    const account = JSON.stringify([login.server, login.user]);
    if (login.accepted && !accepted.has(account)) accepted.set(account, login);
  }
  const first = new Set([...accepted.values()].slice(-mostSeen / 4));
  return seen.filter((login, at) => first.has(login) || at >= seen.length - mostSeen / 2);
}

/** What has been opened for some tasks. */
interface Running {
  readonly scenario: RunningScenario;
  readonly logins: LoginWatch;
  readonly relays: readonly SwitchingRelay[];
  readonly plan: Plan;
  readonly log: RunLog;
  readonly world: World;
  /** What cannot be changed while it runs. */
  readonly fixed: string;
  /** What its proxies were given last. */
  applied: string;
  readonly tasks: readonly string[];
  ways: readonly ManualCommand[];
}

/** Whether starting or a check reads a file of that name. */
function isRead(name: string, lab: CompiledLab): boolean {
  return isServed(name, lab) || name === lab.tasks.ownClient?.file;
}

/** Whether the servers are started with it. */
function isServed(name: string, { tasks: { settings, yours = {} } }: CompiledLab): boolean {
  const own = Object.entries(yours).flatMap(([row, { certificate = `${row}.crt`, key = `${row}.key` }]) => [
    certificate,
    key,
  ]);
  // Settings may name any file.
  return (
    own.includes(name) ||
    (settings !== undefined && (name === settingsFile || /\.(?:crt|key|crl)$/.test(name)))
  );
}

interface Watched {
  readonly concerns: (name: string) => boolean;
  readonly signal: AbortSignal;
  /** No call is made before this has ended. */
  readonly after: Promise<unknown>;
}

/** Calls back with the names of relevant files, after a change of one. */
async function watchFolder(
  folder: string,
  { concerns, signal, after }: Watched,
  onChange: (names: readonly string[]) => Promise<void>,
): Promise<void> {
  const names = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  // The waiting caller receives its failure.
  let turn: Promise<unknown> = after.catch(() => {});
  let failed: ((error: unknown) => void) | undefined;
  const watcher = watch(folder, { signal }, (_, name) => {
    if (name === null || !concerns(name)) return;
    names.add(name);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const changed = [...names];
      names.clear();
      turn = turn
        .then(async () => (signal.aborted ? undefined : onChange(changed)))
        .catch((error: unknown) => failed?.(error));
    }, settleMs);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      failed = reject;
      watcher.on('error', (error: NodeJS.ErrnoException) =>
        error.name === 'AbortError' ? resolve() : reject(error),
      );
      watcher.on('close', resolve);
      if (signal.aborted) resolve();
    });
  } finally {
    clearTimeout(timer);
    watcher.close();
    await turn;
  }
}

/**
 * Runs the API server of a lab, with its controller manager: a cluster of the learner's own, in which the lab's scenario has
 * already been performed. `check-cluster.ts` judges it.
 *
 * 1. Objects, port and certificates are the same after a restart.
 * 2. The scenario is performed completely or not at all: an interrupted one is started again.
 * 3. A reset removes the saved state; that is noticed, and a new cluster starts at the same port. A reset of one task puts its
 *    objects back while the cluster runs.
 * 4. What changes of the tasks' files and objects is checked by itself.
 */
import { existsSync, readdirSync, readFileSync, lstatSync, watch, writeFileSync } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, join } from 'node:path';
import { releaseDelivered } from '../../capture/event-releaser.ts';
import { CaptureLog } from '../../capture/log.ts';
import { UserError } from '../../i18n/user-error.ts';
import { largestKubeconfig, kubeconfigText } from '../../pki/kubeadm/kubeconfig.ts';
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import type { Plan } from '../../engine/plan.ts';
import { startScenario } from '../../engine/run.ts';
import type { RunningScenario } from '../../engine/run.ts';
import { checkAgent } from '../checks/lab-api-client.ts';
import { ChangeChecks } from './change-checks.ts';
import { claimFolder } from './claim.ts';
import type { UpAnswer } from './claim.ts';
import { ClusterStore } from './cluster-store.ts';
import { LabWebhooks } from './lab-webhooks.ts';
import { clusterIn, readLabFolder, remember, unwritable } from '../folder.ts';
import { ended } from './holding.ts';
import { atPorts } from './ports.ts';
import type { HoldOptions } from './holding.ts';
import { carryOutResets, hasPendingReset } from './pending-reset.ts';
import type { TasksFile } from '../lab.ts';
import { learnersScenario } from '../learner.ts';
import { stateFolder, stateOf } from '../state.ts';

type ClusterFile = NonNullable<TasksFile['cluster']>;

/** Milliseconds within which a reset is complete. */
const settleMs = 100;
/** Milliseconds between two looks whether a task is to be reset. */
const lookMs = 100;
/** The most bytes of the controller manager's wire that are kept: no check reads them. */
const keptBytes = 1024 * 1024;

/** As `holdLab`. */
export async function holdCluster(options: HoldOptions, cluster: ClusterFile): Promise<void> {
  const { folder, signal } = options;
  const held = new HeldCluster(options, cluster);
  const release = await claimFolder(folder, () => held.answer);
  try {
    await held.open();
    await Promise.race([ended(signal), held.failure]);
  } finally {
    await held.end();
    release();
  }
}

interface Running {
  readonly scenario: RunningScenario;
  readonly kept: ClusterStore;
  readonly checks: ChangeChecks;
}

class HeldCluster {
  readonly #options: HoldOptions;
  readonly #cluster: ClusterFile;
  readonly #watchers: FSWatcher[] = [];
  #running: Running | undefined;
  #webhooks: LabWebhooks | undefined;
  #failedOpen: NonNullable<UpAnswer['failedOpen']> = { count: 0, webhook: '' };
  #timer: NodeJS.Timeout | undefined;
  #resets: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #fail: (error: unknown) => void = () => {};
  /** Rejects on an error that no caller is waiting for. */
  readonly failure = new Promise<never>((_resolve, reject) => {
    this.#fail = reject;
  });

  constructor(options: HoldOptions, cluster: ClusterFile) {
    this.#options = options;
    this.#cluster = cluster;
    // It may reject before it is awaited.
    this.failure.catch(() => {});
  }

  /** Its response to a check. */
  get answer(): UpAnswer {
    const port = this.#running?.scenario.addresses.get(this.#cluster.server)?.port;
    return {
      ports: port === undefined ? {} : { ...this.#webhooks?.ports, [this.#cluster.server]: port },
      seen: [],
      issued: this.#running?.kept.issued ?? [],
      failedOpen: this.#failedOpen,
    };
  }

  /** @throws UserError */
  async open(): Promise<void> {
    const { folder } = this.#options;
    await this.#start();
    const kept = basename(clusterIn(folder));
    this.#watch(stateOf(folder), kept);
    this.#watch(folder, this.#cluster.kubeconfig);
    this.#resets = setInterval(() => {
      if (!hasPendingReset(folder)) return;
      this.#turn = this.#turn.then(async () => this.#reset()).catch(this.#fail);
    }, lookMs);
  }

  async #reset(): Promise<void> {
    if (this.#running) await carryOutResets(this.#options, this.#running.kept);
  }

  async end(): Promise<void> {
    for (const watcher of this.#watchers) watcher.close();
    clearTimeout(this.#timer);
    clearInterval(this.#resets);
    await this.#turn;
    await this.#close();
  }

  /** Checks again when a file of that name has appeared or disappeared. */
  #watch(place: string, name: string): void {
    const watcher = watch(place, (_, changed) => {
      if (changed !== name || existsSync(join(place, name))) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => {
        this.#turn = this.#turn.then(async () => this.#look()).catch(this.#fail);
      }, settleMs);
    });
    watcher.on('error', this.#fail);
    this.#watchers.push(watcher);
  }

  async #look(): Promise<void> {
    const { folder, signal, onEvent } = this.#options;
    if (signal.aborted) return;
    if (!existsSync(join(folder, stateFolder)))
      throw cannotKeep(folder, Object.assign(new Error('the folder is gone'), { code: 'ENOENT' }));
    if (existsSync(clusterIn(folder))) return this.#giveKubeconfig();
    onEvent({ kind: 'reset' });
    await this.#close();
    await this.#start();
  }

  async #start(): Promise<void> {
    const { lab, folder, clock, random, version, world, signal, onEvent } = this.#options;
    const kept = await ClusterStore.open(clusterIn(folder));
    const log = new CaptureLog({ clock, maxPayload: keptBytes });
    const plan = planScenario(features, await learnersScenario(lab, undefined));
    const { ports = {} } = readLabFolder(folder) ?? {};
    const { server } = this.#cluster;
    let isBegun = false;
    const fail = (error: unknown): void => this.#fail(error);
    if (this.#cluster.webhooks)
      this.#webhooks = await LabWebhooks.start(this.#options, this.#cluster.webhooks, ports, fail);
    const webhooks = this.#webhooks;
    const examiner = this.#userOf(plan, this.#cluster.asks);
    const noteOpen = (webhook: string): void => {
      this.#failedOpen = { count: this.#failedOpen.count + 1, webhook };
    };
    const start = async (at: Plan): Promise<RunningScenario> =>
      startScenario(features, {
        plan: at,
        log,
        clock,
        random,
        version,
        world,
        signal,
        kube: {
          store: kept.store,
          // A learner who deleted the administrator's binding has no super-admin.conf.
          putsBack: true,
          onAsked(asked, userAgent) {
            // A check's requests are not shown to the learner who started it.
            if (isBegun && userAgent !== checkAgent) onEvent({ kind: 'asked', asked });
          },
          ...(webhooks
            ? {
                webhooks: {
                  backends: webhooks.backends,
                  onCalled(report) {
                    if (isBegun && report.user !== examiner) onEvent({ kind: 'webhook', ...report });
                    if (report.user === examiner && report.outcome === 'failed_open')
                      noteOpen(report.webhook);
                  },
                },
              }
            : {}),
          onController(report) {
            // Reported once a check can query it.
            if (report.what === 'signed')
              kept
                .noteIssued(report.name)
                .then(() => onEvent({ kind: 'signed', request: report.name }), fail);
            if (report.what === 'failed')
              onEvent({ kind: 'signed', request: report.name, failed: report.message });
          },
        },
      });
    // Another program may use the port by now.
    const scenario = await start(atPorts(plan, ports)).catch(async (error: unknown) => {
      if (!(error instanceof UserError) || ports[server] === undefined) throw error;
      return start(plan);
    });
    const checks = await ChangeChecks.begin(this.#options, fail);
    this.#running = { scenario, kept, checks };
    if (kept.isNew) await scenario.runSteps();
    if (signal.aborted) return;
    const failed = log.events.find(
      (event) => event.type === 'observed' && event.result.kind === 'kubectl' && event.result.exitCode !== 0,
    );
    if (failed?.type === 'observed' && failed.result.kind === 'kubectl')
      throw new Error(`the cluster could not be begun: ${failed.result.line}: ${failed.result.words}`);
    try {
      await kept.keep(
        (fault) => this.#fail(cannotKeep(folder, fault)),
        (key) => checks.object(key),
      );
    } catch (error) {
      throw cannotKeep(folder, error);
    }
    await carryOutResets(this.#options, kept);
    isBegun = true;
    // No check reads the traffic from now on.
    const [begun, release] = [log.length, releaseDelivered(log)];
    log.subscribe((event) => {
      if (event.seq >= begun) release(event);
    });
    const port = scenario.addresses.get(server)?.port ?? 0;
    const before = ports[server];
    remember(folder, { ports: { ...ports, ...webhooks?.ports, [server]: port } });
    if (before !== undefined && before !== port) lead(folder, before, port);
    this.#giveKubeconfig();
    checks.asTheyAre();
    onEvent({
      kind: 'cluster',
      url: this.#url,
      kubeconfig: this.#cluster.kubeconfig,
      curl: this.#cluster.curl,
      isNew: kept.isNew,
      moved: before !== undefined && before !== port,
    });
    checks.follow();
  }

  /** The common name of a client's certificate. */
  #userOf({ clients }: Plan, client: string): string {
    const row = clients.find(({ name }) => name === client)?.certificate;
    return row === undefined ? '' : (/CN=([^,]*)/.exec(this.#options.world.summary(row).subject)?.[1] ?? '');
  }

  get #url(): string {
    const { host, port } = this.#running?.scenario.addresses.get(this.#cluster.server) ?? {
      host: '127.0.0.1',
      port: 0,
    };
    return `https://${host}:${port}`;
  }

  /** Writes the administrator's kubeconfig if there is none. */
  #giveKubeconfig(): void {
    const { folder, world } = this.#options;
    const { kubeconfig, administrator } = this.#cluster;
    const path = join(folder, kubeconfig);
    const who = this.#running?.scenario.plan.clients.find(({ name }) => name === administrator);
    if (existsSync(path) || who?.certificate === undefined) return;
    const authority = (who.trust ?? []).map((name) => world.authority(name)).join('');
    try {
      writeFileSync(
        path,
        kubeconfigText({
          cluster: 'kubernetes',
          server: this.#url,
          user: administrator,
          authority,
          proof: world.identity(who.certificate),
        }),
        { mode: 0o600 },
      );
    } catch (error) {
      throw cannotKeep(folder, error);
    }
  }

  async #close(): Promise<void> {
    const { scenario, kept, checks } = this.#running ?? {};
    this.#running = undefined;
    await checks?.end();
    await scenario?.close();
    await this.#webhooks?.end();
    this.#webhooks = undefined;
    await kept?.close();
  }
}

export function cannotKeep(folder: string, fault: unknown): UserError {
  return unwritable(folder, fault, {
    en: 'the cluster cannot be kept in the lab’s folder',
    ko: '클러스터를 실습 폴더에 저장할 수 없습니다',
  });
}

/** Changes the previous port to the present one in the folder's kubeconfigs. The target of a symbolic link may be outside, and is not changed. */
export function lead(folder: string, before: number, now: number): void {
  for (const name of readdirSync(folder).filter((one) => one.endsWith('.conf'))) {
    const path = join(folder, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isFile() || found.size > largestKubeconfig) continue;
    const text = readFileSync(path, 'utf8');
    const led = ledText(text, before, now);
    if (led !== text) writeFileSync(path, led);
  }
}

/** A kubeconfig with the present port in the place of the previous one. */
export function ledText(text: string, before: number, now: number): string {
  return text.replaceAll(new RegExp(String.raw`(https://127\.0\.0\.1:)${before}(?!\d)`, 'g'), `$1${now}`);
}

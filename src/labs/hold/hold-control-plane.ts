/**
 * Runs the processes of a control plane with the files in the learner's folder: an API server and a controller manager, each as
 * long as its manifest is in manifests/, as a kubelet runs static pods. `check-control-plane.ts` judges it.
 *
 * 1. A process reads its manifest and the files that it names when it starts, and at no other time. It starts when its manifest
 *    appears, and restarts when the manifest is moved away and back, or changed.
 * 2. A process that cannot start is retried, and the reason is reported once.
 * 3. Objects and port are the same after a restart. A reset removes the saved state; then everything starts over. A reset of one
 *    task puts its objects back once the processes have the files that it has put back.
 * 4. What changes of the tasks' files, objects and processes is checked by itself.
 */
import { defined } from '../../core/defined.ts';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CaptureLog } from '../../capture/log.ts';
import { UserError } from '../../i18n/user-error.ts';
import { auditOf } from '../../kube/apiserver/audit.ts';
import { signingAuthority, startControlPlane } from '../../kube/control-plane.ts';
import type { ControlPlane } from '../../kube/control-plane-options.ts';
import { runControllerManager } from '../../kube/components/controller-manager.ts';
import type { ControllerReport } from '../../kube/components/controller-manager.ts';
import type { AnswerReport } from '../../kube/apiserver/server.ts';
import { features } from '../../features/registry.ts';
import { planScenario } from '../../engine/planning.ts';
import { startScenario } from '../../engine/run.ts';
import { checkAgent } from '../checks/lab-api-client.ts';
import { ChangeChecks } from './change-checks.ts';
import { claimFolder } from './claim.ts';
import type { UpAnswer } from './claim.ts';
import { ClusterStore } from './cluster-store.ts';
import {
  examinersRequest,
  firstPort,
  kubeconfigIn,
  pairIn,
  signerIn,
  textIn,
} from './control-plane-files.ts';
import { clusterIn, readLabFolder, remember } from '../folder.ts';
import { cannotKeep, lead } from './hold-cluster.ts';
import type { HoldOptions } from './holding.ts';
import { carryOutResets, hasPendingReset } from './pending-reset.ts';
import type { TasksFile } from '../lab.ts';
import { learnersScenario } from '../learner.ts';
import { serviceAccountFiles } from '../../pki/kubeadm/certificates.ts';
import { stateFolder } from '../state.ts';
import { clientsAgent, publishedKey, RotationClients } from './rotation-clients.ts';
import { manifestOf } from '../../pki/kubeadm/manifests/processes.ts';
import { filesNamedIn, processNames } from './static-pod.ts';
import type { ProcessName } from './static-pod.ts';

type Facts = NonNullable<TasksFile['controlPlane']>;

/** Milliseconds between two checks of the manifests; a kubelet takes twenty seconds. */
const lookMs = 100;
/** Milliseconds until a failed start is retried. */
const againMs = 2000;
/** Milliseconds between two tries of the controller manager, at first. */
const retryMs = 500;
const graceMs = 250;
const host = '127.0.0.1';
const managersUser = 'system:kube-controller-manager';

/** As `holdLab`. */
export async function holdControlPlane(options: HoldOptions, facts: Facts): Promise<void> {
  const { folder, signal } = options;
  const held = new HeldControlPlane(options, facts);
  const release = await claimFolder(folder, () => held.answer);
  try {
    await held.open();
    while (!signal.aborted) {
      await pause(lookMs, undefined, { signal }).catch(() => {});
      held.throwFault();
      await held.look();
    }
  } finally {
    await held.close();
    release();
  }
}

/** A running process. */
interface Running {
  /** Of its manifest, when it was started; the time of the last try, where it could not be. */
  readonly stamp: string;
  readonly failedAt?: number;
  end(): Promise<void>;
}

class HeldControlPlane {
  readonly #options: HoldOptions;
  readonly #facts: Facts;
  readonly #processes = new Map<ProcessName, Running>();
  /** The last reports on a process and on requests: each is made once. */
  readonly #reported = new Map<string, string>();
  #kept: ClusterStore | undefined;
  #clients: RotationClients | undefined;
  #checks: ChangeChecks | undefined;
  #port = 0;
  /** The first error that no caller was waiting for. */
  #fault: { readonly error: unknown } | undefined;
  /** Before the learner has begun, another port will do. */
  #isOpening = false;

  constructor(options: HoldOptions, facts: Facts) {
    this.#options = options;
    this.#facts = facts;
  }

  /** Its response to a check. */
  get answer(): UpAnswer {
    // If the lab's API server does not run, another program may use its port.
    const server = this.#processes.get('kube-apiserver');
    return {
      ports:
        server === undefined || server.failedAt !== undefined ? {} : { [this.#facts.server]: this.#port },
      seen: [],
      issued: this.#kept?.issued ?? [],
      ...(this.#clients ? { clients: this.#clients.states } : {}),
    };
  }

  throwFault(): void {
    if (this.#fault) throw this.#fault.error;
  }

  #fail(error: unknown): void {
    this.#fault ??= { error };
  }

  /** @throws UserError */
  async open(): Promise<void> {
    const { folder, signal, onEvent } = this.#options;
    const { server, kubeconfigs } = this.#facts;
    const kept = await ClusterStore.open(clusterIn(folder));
    this.#kept = kept;
    const { ports = {} } = readLabFolder(folder) ?? {};
    const before = ports[server];
    this.#port = before ?? 0;
    if (kept.isNew) await this.#begin(kept);
    if (signal.aborted) return;
    const checks = await ChangeChecks.begin(this.#options, (error) => this.#fail(error));
    this.#checks = checks;
    try {
      await kept.keep(
        (fault) => this.#fail(cannotKeep(folder, fault)),
        (key) => checks.object(key),
      );
    } catch (error) {
      throw cannotKeep(folder, error);
    }
    await carryOutResets(this.#options, kept);
    this.#isOpening = true;
    for (const name of processNames) await this.#follow(name);
    this.#isOpening = false;
    remember(folder, { ports: { ...ports, [server]: this.#port } });
    const moved = before !== undefined && before !== this.#port;
    for (const led of new Set([firstPort, before ?? firstPort]))
      if (led !== this.#port && this.#port > 0) lead(folder, led, this.#port);
    checks.asTheyAre();
    this.#beginClients(kept.clients);
    onEvent({
      kind: 'control-plane',
      url: `https://${host}:${this.#port}`,
      kubeconfig: Object.keys(kubeconfigs)[0] ?? 'admin.conf',
      isNew: kept.isNew,
      moved,
    });
    checks.follow();
  }

  /** Checks whether a manifest has appeared or disappeared, or the folder was reset. */
  async look(): Promise<void> {
    const { folder, signal, onEvent } = this.#options;
    if (signal.aborted) return;
    if (!existsSync(join(folder, stateFolder)))
      throw cannotKeep(folder, Object.assign(new Error('the folder is gone'), { code: 'ENOENT' }));
    if (!existsSync(clusterIn(folder))) {
      onEvent({ kind: 'reset' });
      await this.close();
      this.#reported.clear();
      return this.open();
    }
    // Requested once the files were in their places: what runs afterwards has read them.
    const isReset = hasPendingReset(folder);
    for (const name of processNames) await this.#follow(name);
    if (!isReset || !this.#kept) return;
    await carryOutResets(this.#options, this.#kept);
    if (!this.#facts.rotation) return;
    // The files of the first day are back: so are the clients' copies.
    await this.#clients?.end();
    this.#kept.noteClients(undefined);
    this.#beginClients(undefined);
  }

  /** @param before what was kept of them. */
  #beginClients(before: string | undefined): void {
    const { folder, world, clock, onEvent } = this.#options;
    const { rotation } = this.#facts;
    const kept = this.#kept;
    if (!rotation || !kept) return;
    this.#clients = RotationClients.begin(
      rotation,
      {
        folder,
        world,
        clock,
        store: kept.store,
        port: () => this.#port,
        kept: before,
        onKeep: (now) => kept.noteClients(now),
        onNews: (news) => {
          onEvent({ kind: 'client', news });
          // What it has is what a task is about.
          const program = rotation.clients[news.client];
          if (program) this.#checks?.file(program.file);
          else this.#checks?.object(publishedKey);
        },
      },
      (error) => this.#fail(error),
    );
  }

  async close(): Promise<void> {
    await this.#checks?.end();
    this.#checks = undefined;
    await this.#clients?.end();
    this.#clients = undefined;
    for (const process of [...this.#processes.values()].toReversed()) await process.end();
    this.#processes.clear();
    await this.#kept?.close();
    this.#kept = undefined;
  }

  /** Performs the scenario, at a time when the certificates were valid. */
  async #begin(kept: ClusterStore): Promise<void> {
    const { lab, clock, random, version, world, signal } = this.#options;
    const log = new CaptureLog({ clock, maxPayload: 0 });
    const scenario = await startScenario(features, {
      plan: planScenario(features, await learnersScenario(lab, undefined)),
      log,
      clock,
      random,
      version,
      world,
      signal,
      kube: { store: kept.store },
    });
    try {
      await scenario.runSteps();
    } finally {
      await scenario.close();
    }
    const failed = log.events.find(
      (event) => event.type === 'observed' && event.result.kind === 'kubectl' && event.result.exitCode !== 0,
    );
    if (failed?.type === 'observed' && failed.result.kind === 'kubectl')
      throw new Error(`the cluster could not be begun: ${failed.result.line}: ${failed.result.words}`);
  }

  async #follow(name: ProcessName): Promise<void> {
    const { folder, clock, onEvent } = this.#options;
    const stamp = stampOf(join(folder, manifestOf(name)));
    const before = this.#processes.get(name);
    const isDue = before?.failedAt !== undefined && clock.now() - before.failedAt > againMs;
    if (before?.stamp === stamp && !isDue) return;
    if (before && before.failedAt === undefined) {
      await before.end();
      onEvent({ kind: 'process', process: name, state: 'ended' });
    }
    if (before?.stamp !== stamp) this.#reported.delete(name);
    this.#processes.delete(name);
    if (stamp === undefined) return;
    try {
      this.#processes.set(name, { stamp, end: await this.#starts[name]() });
      this.#reported.delete(name);
      onEvent({ kind: 'process', process: name, state: 'started' });
      // It may have been started again without a change of its manifest.
      if (!this.#isOpening) this.#checks?.file(manifestOf(name));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      this.#processes.set(name, { stamp, failedAt: clock.now(), end: async () => Promise.resolve() });
      if (this.#isNews(name, error.message))
        onEvent({ kind: 'process', process: name, state: 'failed', mistake: error.facts });
    }
  }

  #isNews(about: string, words: string): boolean {
    const isNews = this.#reported.get(about) !== words;
    this.#reported.set(about, words);
    return isNews;
  }

  /** Starts a process. @throws UserError */
  readonly #starts: Readonly<Record<ProcessName, () => Promise<() => Promise<void>>>> = {
    'kube-apiserver': async () => {
      const { folder, clock, random } = this.#options;
      const kept = this.#kept;
      if (!kept) throw new Error('nothing is kept yet');
      const files = filesNamedIn(folder, 'kube-apiserver');
      const [identity, authority] = [
        pairIn(folder, files['tls-cert-file'], files['tls-private-key-file']),
        textIn(folder, files['client-ca-file']),
      ];
      const serviceAccounts = this.#facts.rotation && {
        key: textIn(folder, serviceAccountFiles.key),
        publicKeys: [textIn(folder, serviceAccountFiles.publicKey)],
      };
      const start = async (port: number): Promise<ControlPlane> =>
        startControlPlane({
          listen: { host, port },
          identity,
          clientAuthorities: [authority],
          ...(serviceAccounts ? { serviceAccounts } : {}),
          store: kept.store,
          clock,
          random,
          onAnswered: (report) => this.#answered(report),
        });
      // Another program may have taken the port while the lab was down.
      const running = await start(this.#port).catch(async (error: unknown) => {
        if (!(error instanceof UserError) || !this.#isOpening || this.#port === 0) throw error;
        return start(0);
      });
      this.#port = running.address.port;
      return async () => running.close(graceMs);
    },
    'kube-controller-manager': async () => {
      const { folder, clock, random } = this.#options;
      const files = filesNamedIn(folder, 'kube-controller-manager');
      const { authority, identity } = kubeconfigIn(folder, files.kubeconfig);
      const root = files['root-ca-file'];
      const rootCertificate = root === undefined ? undefined : textIn(folder, root);
      const ending = new AbortController();
      const running = runControllerManager(
        {
          controllers: rootCertificate === undefined ? ['certificates'] : ['certificates', 'cluster'],
          to: { host, port: this.#port },
          authorities: [authority ?? ''],
          ...defined({ identity }),
          authority: signingAuthority(
            signerIn(folder, files['cluster-signing-cert-file'], files['cluster-signing-key-file']),
          ),
          ...defined({ rootCertificate }),
          clock,
          random,
          retry: retryMs,
          onReport: (report) => this.#managed(report),
        },
        ending.signal,
      );
      // It ends without being aborted only on an internal error.
      running.catch((error: unknown) => this.#fail(error));
      return async () => {
        ending.abort();
        await running.catch(() => {});
      };
    },
  };

  #answered(report: AnswerReport): void {
    const asked = auditOf(report);
    // A check's requests are not shown to the learner who started it.
    if (report.userAgent === checkAgent || report.userAgent === clientsAgent) return;
    // The controller manager repeats its requests, and whatever it asks for is answered alike.
    const why = asked.unauthorized?.words.en ?? '';
    const about = why.startsWith(`CN=${managersUser} `) ? managersUser : asked.path;
    if (asked.status === 401 && !this.#isNews(`401 ${about}`, why)) return;
    if (asked.user === managersUser) return;
    this.#options.onEvent({ kind: 'asked', asked });
  }

  #managed(report: ControllerReport): void {
    const { onEvent } = this.#options;
    // Nor are the requests that it created.
    if ('name' in report && report.name.startsWith(examinersRequest)) return;
    if (report.what === 'signed') onEvent({ kind: 'signed', request: report.name });
    if (report.what === 'failed') onEvent({ kind: 'signed', request: report.name, failed: report.message });
    if (report.what === 'disconnected' && this.#isNews('kube-controller-manager', report.message))
      onEvent({
        kind: 'process',
        process: 'kube-controller-manager',
        state: 'cut_off',
        words: report.message,
      });
  }
}

/** Changes whenever the file is moved, changed or touched; undefined where there is none. */
function stampOf(path: string): string | undefined {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    return found?.isFile() ? `${found.ino} ${found.ctimeMs}` : undefined;
  } catch {
    // A symbolic link to itself is no file either.
    return undefined;
  }
}

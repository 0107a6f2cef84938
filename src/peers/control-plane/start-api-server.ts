/**
 * Starts an API server as a scenario plans it, with the components beside it that the scenario has: a controller manager, a
 * scheduler, a kubelet, a kube-proxy, each over a wire of its own; its objects in memory or in an etcd. What the server did
 * with each request is told step by step, as its audit log would. Counterpart: `kube/control-plane.ts`.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Address, Observation } from '../../capture/event.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import { auditOf } from '../../kube/apiserver/audit.ts';
import { accountToken } from '../../kube/components/kube-proxy.ts';
import { startControlPlane } from '../../kube/control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from '../../kube/control-plane-options.ts';
import { EtcdClient } from '../../kube/etcd/client.ts';
import { EtcdStore } from '../../kube/etcd/etcd-store.ts';
import { MemoryStore } from '../../kube/store/memory-store.ts';
import type { Store } from '../../kube/store/store.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { AcceptOptions, Identity, Tap } from '../../wire/endpoint.ts';
import type { PlannedClient, PlannedServer } from '../../engine/plan.ts';
import { earlier } from './earlier.ts';
import type { RunningServer, RunOptions } from '../../engine/run-context.ts';
import type { ControlPlaneProcess } from './processes.ts';
import { Watchers } from './watchers.ts';

/** Requests that are kept of a step. */
const mostRequests = 200;
/** By the run: servers that share their objects find each other here. */
const stores = new WeakMap<object, Map<string, Store>>();

type Facts = NonNullable<PlannedServer['controlPlane']>;

export async function startKube(
  server: PlannedServer,
  options: RunOptions,
  accept: AcceptOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<RunningServer> {
  const { plan, log, clock, random, world, kube } = options;
  const { name, certificate, clientAuthorities = [], controlPlane = {} } = server;
  const { etcd, sharesWith } = controlPlane;
  if (!world || !accept.identity || certificate === undefined)
    throw new Error(`${name} has no certificate to show`);
  const ofRun = stores.get(options) ?? new Map<string, Store>();
  stores.set(options, ofRun);
  /** The rows that lie where others lay in the beginning: what shows itself to etcd is read for each connection, as the etcd client of kube-apiserver does it. */
  let inFiles: ReadonlyMap<string, string> = new Map();
  const store =
    kube?.store ??
    ofRun.get(sharesWith ?? name) ??
    (etcd ? storeIn(etcd, options, addresses, (row) => inFiles.get(row) ?? row) : new MemoryStore());
  ofRun.set(sharesWith ?? name, store);
  const manager =
    controlPlane.controllerManager &&
    plan.clients.find((client) => client.name === controlPlane.controllerManager?.client);
  const account = new Account();
  const watchers = new Watchers();
  const standing = new Map(standingWiresOf(controlPlane).map((wire) => [wire, new Account()]));
  /** What each process has read of its files. */
  const read = {
    'kube-apiserver': accept.identity,
    'kube-controller-manager':
      manager?.certificate === undefined ? undefined : world.identity(manager.certificate),
  };
  /** Who is in the way to kubelets. */
  let diverted: Address | undefined;
  const route = (to: Address): Address => diverted ?? to;
  let certify = (): void => {};
  const certified = new Promise<void>((resolve) => (certify = resolve));
  /** The same after a restart: what was signed with them stays good. */
  const serviceAccounts = accountKeys();
  let isJoined = controlPlane.kubelet?.absent !== true;
  const start = async (): Promise<ControlPlane> => {
    const { kubelet, ...others } = componentsOf(controlPlane, options, world, {
      manager: read['kube-controller-manager'],
      route,
      onCertified: certify,
      serviceAccounts,
    });
    return startControlPlane({
      listen: accept.listen,
      // Behind a proxy that carries TLS through, nobody else has them.
      keysTo: log,
      identity: read['kube-apiserver'],
      clientAuthorities: clientAuthorities.map((row) => world.authority(row)),
      ...(world.names.includes('front-proxy-ca')
        ? { frontProxyAuthority: world.authority('front-proxy-ca') }
        : {}),
      store,
      ...(kube?.putsBack ? { putsBack: true } : {}),
      clock,
      random,
      ...others,
      ...(kubelet && isJoined ? { kubelet } : {}),
      onAnswered(report) {
        const asked = auditOf(report);
        // What components say all the time is told apart; one that is not known says it over its own wire.
        const hop = log.connectionFrom(report.remote)?.hop;
        const own = standing.get(hop ?? '');
        if (own && hop !== undefined) {
          watchers.answered(hop, report.method, report.target, report.code);
          return own.add(asked);
        }
        // Who fetches kube-proxy its token comes over no wire.
        if (hop === undefined && controlPlane.kubeProxy) return;
        account.add(asked);
        kube?.onAsked?.(asked);
      },
    });
  };
  let running = await start();
  if (etcd) earlier(options, etcd.server)?.catchUp();
  return {
    get address() {
      return running.address;
    },
    openListener: async (tap, port) => running.addListener(tap, port),
    dealtWith: async (request, signal) => running.dealtWith(request, signal),
    watched: async (hops, signal) => watchers.on(hops, signal),
    until: async (object, isSo, signal) => running.until(object, isSo, signal),
    async join() {
      const { kubelet } = componentsOf(controlPlane, options, world, {
        manager: undefined,
        route,
        onCertified: certify,
        serviceAccounts,
      });
      if (!kubelet || isJoined) return;
      isJoined = true;
      await running.join(kubelet);
    },
    certified: async () => certified,
    divert(to) {
      diverted = to;
    },
    reread(files) {
      inFiles = files;
    },
    async restart(process: ControlPlaneProcess, files) {
      if (process === 'etcd') throw new Error(`${name} is no etcd`);
      const row = process === 'kube-apiserver' ? certificate : manager?.certificate;
      if (row !== undefined) read[process] = world.identity(files.get(row) ?? row);
      // The others start anew too, and with what they had in memory: nobody at the wire can tell them from ones that went on.
      await running.close(graceMs);
      running = await start();
    },
    report(): Observation {
      const apart = Array.from(standing, ([hop, own]) => ({ hop, ...own.drain() })).filter(
        ({ total }) => total > 0,
      );
      return { kind: 'api', ...account.drain(), ...(apart.length > 0 ? { standing: apart } : {}) };
    },
    async close(grace) {
      await running.close(grace);
      // It is the run's own.
      if (etcd) await store.close();
    },
  };
}

/** The wires over which components come to it. */
const standingWiresOf = ({ controllerManager, scheduler, kubelet, kubeProxy }: Facts): string[] =>
  [controllerManager, scheduler, kubelet, kubeProxy].flatMap((component) =>
    component ? [component.wire] : [],
  );

/** What is to be told of a step. */
class Account {
  #requests: ApiRequest[] = [];
  #total = 0;

  add(request: ApiRequest): void {
    this.#total++;
    this.#requests.push(request);
    if (this.#requests.length > mostRequests) this.#requests.shift();
  }

  drain(): { readonly requests: readonly ApiRequest[]; readonly total: number } {
    const drained = { requests: this.#requests, total: this.#total };
    [this.#requests, this.#total] = [[], 0];
    return drained;
  }
}

type Components = Pick<
  ControlPlaneOptions,
  | 'controllerManager'
  | 'scheduler'
  | 'kubelet'
  | 'kubeProxy'
  | 'kubelets'
  | 'serviceAccounts'
  | 'bootstrapTokens'
>;

type AccountKeys = NonNullable<Components['serviceAccounts']>;

/** Who comes to the API server all the time, and how it comes to its kubelet. */
function componentsOf(
  { controllerManager, scheduler, kubelet, kubeProxy }: Facts,
  { plan, log, clock, kube }: RunOptions,
  world: World,
  {
    manager,
    route,
    onCertified,
    serviceAccounts,
  }: {
    readonly manager: Identity | undefined;
    readonly route: (to: Address) => Address;
    readonly onCertified: () => void;
    readonly serviceAccounts: AccountKeys;
  },
): Components {
  const clientOf = (name: string): PlannedClient | undefined =>
    plan.clients.find((client) => client.name === name);
  const identityOf = (client: string): Identity | undefined => {
    const row = clientOf(client)?.certificate;
    return row === undefined ? undefined : world.identity(row);
  };
  const trustOf = (client: string): string =>
    (clientOf(client)?.trust ?? []).map((row) => world.authority(row)).join('');
  const tapOn = (hop: string): { readonly tap: Tap } => ({ tap: { log, hop } });
  const schedules = scheduler && identityOf(scheduler.client);
  const token = kubelet && clientOf(kubelet.client)?.token;
  const [tokenId = '', tokenSecret = ''] = token?.split('.') ?? [];
  const kubeletIdentity = kubelet && identityOf(kubelet.client);
  return {
    ...(controllerManager && manager
      ? {
          controllerManager: {
            identity: manager,
            authority: world.identity(controllerManager.issuer),
            trust: trustOf(controllerManager.client),
            ...tapOn(controllerManager.wire),
            // Somebody looks on: one try in sight is enough.
            retry: 1000,
            ...(kube?.onController ? { onReport: kube.onController } : {}),
          },
        }
      : {}),
    ...(scheduler && schedules
      ? { scheduler: { identity: schedules, trust: trustOf(scheduler.client), ...tapOn(scheduler.wire) } }
      : {}),
    ...(kubelet
      ? {
          kubelet: {
            node: kubelet.node,
            trust: trustOf(kubelet.client),
            ...(kubeletIdentity ? { identity: kubeletIdentity } : {}),
            ...(token === undefined ? {} : { bootstrapToken: token }),
            ...(kubelet.serving === undefined ? {} : { serving: kubelet.serving }),
            ...tapOn(kubelet.wire),
            onReport(report) {
              if (report.what === 'certificate' && report.purpose === 'serving') onCertified();
            },
          },
          kubelets: {
            identity: world.identity(kubelet.certificate),
            ...(kubelet.verifiedBy
              ? { authorities: kubelet.verifiedBy.map((row) => world.authority(row)) }
              : {}),
            ...tapOn(kubelet.reachedOver),
            route,
          },
          ...(token === undefined ? {} : { bootstrapTokens: [{ id: tokenId, secret: tokenSecret }] }),
        }
      : {}),
    ...(kubelet || kubeProxy ? { serviceAccounts } : {}),
    ...(kubeProxy
      ? {
          kubeProxy: {
            trust: trustOf(kubeProxy.client),
            token: async (to: Address) => {
              const identity = identityOf(kubeProxy.tokenFrom);
              return accountToken(
                {
                  to,
                  clock,
                  authorities: [trustOf(kubeProxy.tokenFrom)],
                  ...(identity ? { identity } : {}),
                  userAgent: 'kubeadm',
                },
                { namespace: 'kube-system', name: 'kube-proxy' },
                AbortSignal.timeout(plan.stepTimeoutMs),
              );
            },
            ...tapOn(kubeProxy.wire),
          },
        }
      : {}),
  };
}

/** What kubeadm has in sa.key and sa.pub: no certificate, and nobody's who comes to a wire. */
function accountKeys(): AccountKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { key: privateKey, publicKeys: [publicKey] };
}

/** Where its objects are kept, over a wire of its own. */
function storeIn(
  { server, wire, certificate, trust }: NonNullable<Facts['etcd']>,
  options: RunOptions,
  addresses: ReadonlyMap<string, Address>,
  inFile: (row: string) => string,
): EtcdStore {
  const { plan, log, world } = options;
  const to = addresses.get(server);
  const { security } = plan.servers.find(({ name }) => name === server) ?? {};
  if (!to || !security || !world) throw new Error(`${server} was not started before what it keeps`);
  const moved = earlier(options, server);
  const client = new EtcdClient({
    to,
    clock: options.clock,
    ...(moved ? { clock: moved.clock, datesByClock: true, ...standing } : {}),
    security,
    ...(security === 'plain' ? {} : { authorities: (trust ?? []).map((row) => world.authority(row)) }),
    ...(security === 'mtls' && certificate !== undefined
      ? { identity: world.identity(certificate), identityNow: () => world.identity(inFile(certificate)) }
      : {}),
    tap: { log, hop: wire },
    // Parts of a step's time: on a machine that is slow all three are to be long.
    dialTimeout: Math.max(3000, plan.stepTimeoutMs * 0.3),
  });
  return new EtcdStore({ client, patience: Math.max(8000, plan.stepTimeoutMs * 0.8) });
}

/** As the one connection of kube-apiserver, which is used for everything and stays. */
const standing = { connections: 1, keepFor: 24 * 3_600_000 } as const;

/** How long answers in flight may take when a process is restarted, in milliseconds. */
const graceMs = 250;

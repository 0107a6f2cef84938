/**
 * Starts an API server as a scenario plans it, with the scenario's other components (controller manager, scheduler, kubelet,
 * kube-proxy), each over its own wire; objects are stored in memory or in an etcd. It reports its handling of each request
 * step by step, as its audit log would. Counterpart: `kube/control-plane.ts`.
 */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { defined } from '../../core/defined.ts';
import type { Address, Observation } from '../../capture/event.ts';
import type { ApiRequest } from '../../kube/apiserver/audit.ts';
import { auditOf } from '../../kube/apiserver/audit.ts';
import { accountToken } from '../../kube/components/kube-proxy.ts';
import { startControlPlane } from '../../kube/control-plane.ts';
import type { ControlPlane, ControlPlaneOptions } from '../../kube/control-plane-options.ts';
import type { Encryption } from '../../kube/encryption/encryption.ts';
import { EtcdClient } from '../../kube/etcd/client.ts';
import { EtcdStore } from '../../kube/etcd/etcd-store.ts';
import { MemoryStore } from '../../kube/store/memory-store.ts';
import { UserError } from '../../i18n/user-error.ts';
import { StoreFailure } from '../../kube/store/store.ts';
import type { Store } from '../../kube/store/store.ts';
import type { World } from '../../pki/keystore/world.ts';
import type { AcceptOptions, Identity, Tap } from '../../wire/endpoint.ts';
import type { PlannedClient, PlannedServer } from '../../engine/plan.ts';
import { earlier } from './earlier.ts';
import type { RunningServer, RunOptions } from '../../engine/run-context.ts';
import { Unreachable } from '../../wire/http/client.ts';
import type { ControlPlaneProcess, ProcessFlags, RemovableFlag } from './processes.ts';
import { Watchers } from './watchers.ts';

/** Maximum requests kept per step. */
const mostRequests = 200;
/** Per run: servers that share their objects find each other here. */
const stores = new WeakMap<object, Map<string, Store>>();

type Facts = NonNullable<PlannedServer['controlPlane']>;

/** On a machine that is too busy, a real etcd does not answer in time. */
const withoutStore = (name: string, store: string, error: StoreFailure): UserError =>
  new UserError(
    {
      what: {
        en: `${name} cannot start: its etcd failed to process a request`,
        ko: `${name}: etcd가 요청을 처리하지 못해 시작할 수 없습니다`,
      },
      where: store,
      received: error.message,
      remedy: {
        en: 'Run it again when the machine has less to do.',
        ko: '컴퓨터가 덜 바쁠 때 다시 실행하세요.',
      },
    },
    { cause: error },
  );

export async function startKube(
  server: PlannedServer,
  options: RunOptions,
  accept: AcceptOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<RunningServer> {
  const { plan, log, clock, random, world, kube } = options;
  const { name, certificate, controlPlane = {} } = server;
  const { etcd, sharesWith } = controlPlane;
  if (!world || !accept.identity || certificate === undefined)
    throw new Error(`${name} has no certificate to show`);
  const ofRun = stores.get(options) ?? new Map<string, Store>();
  stores.set(options, ofRun);
  /** Certificates replaced on disk since start: its etcd client certificate is read for each connection, as kube-apiserver does. */
  let inFiles: ReadonlyMap<string, string> = new Map();
  let store =
    kube?.store ??
    ofRun.get(sharesWith ?? name) ??
    (etcd ? storeIn(etcd, options, addresses, (row) => inFiles.get(row) ?? row) : new MemoryStore());
  ofRun.set(sharesWith ?? name, store);
  const account = new Account();
  const watchers = new Watchers();
  const standing = new Map(standingWiresOf(controlPlane).map((wire) => [wire, new Account()]));
  /** What the flags of each process name, and what it has read there. */
  const flags = firstFlags(server, plan);
  const read = new Map<ControlPlaneProcess, Identity>();
  for (const [process, { certificate: row }] of flags)
    if (row !== undefined) read.set(process, world.identity(row));
  read.set('kube-apiserver', accept.identity);
  /** Where requests for kubelets are diverted to. */
  let diverted: Address | undefined;
  const route = (to: Address): Address => diverted ?? to;
  let certify = (): void => {};
  const certified = new Promise<void>((resolve) => (certify = resolve));
  /** Kept across a restart: tokens signed with them stay valid. */
  const serviceAccounts = accountKeys();
  /** Flags that are missing in its manifest. */
  let absent: ReadonlySet<RemovableFlag> = new Set();
  /** It could not start, and listens nowhere. */
  let isDown = false;
  /** kube-proxy's, kept across a restart: it is in its file. */
  const token: KeptToken = {};
  /** Where the kubelet listens: nodes report it, so that it stays the same. */
  let kubeletAt: Address | undefined;
  let isJoined = controlPlane.kubelet?.absent !== true;
  const { identity } = accept;
  const start = async (): Promise<ControlPlane> => {
    const { clientAuthorities = [] } = flags.get('kube-apiserver') ?? {};
    const { rootAuthorities = clientAuthorities.slice(0, 1) } = flags.get('kube-controller-manager') ?? {};
    const { kubelet, kubelets, ...others } = componentsOf(controlPlane, options, world, {
      flags,
      read,
      route,
      onCertified: certify,
      serviceAccounts,
      token,
    });
    const { identity: shown, ...toKubelets } = kubelets ?? {};
    const isKnownToKubelets = !absent.has('kubelet-client-certificate') && !absent.has('kubelet-client-key');
    return startControlPlane({
      listen: accept.listen,
      // Behind a passthrough proxy, only this end has them.
      keysTo: log,
      identity: read.get('kube-apiserver') ?? identity,
      clientAuthorities: absent.has('client-ca-file')
        ? []
        : clientAuthorities.map((row) => world.authority(row)),
      rootCertificate: rootAuthorities.map((row) => world.authority(row)).join(''),
      ...(world.names.includes('front-proxy-ca')
        ? { frontProxyAuthority: world.authority('front-proxy-ca') }
        : {}),
      store,
      ...(kube?.putsBack ? { putsBack: true } : {}),
      ...(kube?.webhooks ? { webhooks: kube.webhooks } : {}),
      clock,
      random,
      ...others,
      ...(kubelets
        ? { kubelets: { ...toKubelets, ...defined({ identity: isKnownToKubelets ? shown : undefined }) } }
        : {}),
      ...(kubelet && isJoined
        ? {
            kubelet: {
              clientAuthorities: clientAuthorities.map((row) => world.authority(row)),
              ...kubelet,
              ...defined({ listen: kubeletAt }),
              onListening: (address: Address) => (kubeletAt = address),
            },
          }
        : {}),
      onAnswered(report) {
        const asked = auditOf(report);
        // Permanent traffic of components is reported separately; an anonymous client on such a wire counts as the component.
        const hop = log.connectionFrom(report.remote)?.hop;
        const own = standing.get(hop ?? '');
        if (own && hop !== undefined) {
          watchers.answered(hop, report.method, report.target, report.code);
          return own.add(asked);
        }
        // Fetching kube-proxy's token uses no wire.
        if (hop === undefined && controlPlane.kubeProxy) return;
        account.add(asked);
        kube?.onAsked?.(asked, report.userAgent);
      },
    });
  };
  let running = await start().catch((error: unknown) => {
    throw error instanceof StoreFailure ? withoutStore(name, etcd?.server ?? name, error) : error;
  });
  if (etcd) earlier(options, etcd.server)?.catchUp();
  return {
    get address() {
      return running.address;
    },
    openListener: async (tap, port) => (isDown ? closedAddress() : running.addListener(tap, port)),
    dealtWith: async (request, signal) => running.dealtWith(request, signal),
    watched: async (hops, signal) => watchers.on(hops, signal),
    until: async (object, isSo, signal) => running.until(object, isSo, signal),
    async join() {
      const { kubelet } = componentsOf(controlPlane, options, world, {
        flags,
        read,
        route,
        onCertified: certify,
        serviceAccounts,
        token,
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
    flagsOf: (process) => flags.get(process),
    async restart(processes, files) {
      for (const { process, with: given } of processes) {
        if (process === 'etcd') throw new Error(`${name} is no etcd`);
        const next: ProcessFlags = { ...flags.get(process), ...defined(given ?? {}) };
        flags.set(process, next);
        const { certificate: row } = next;
        if (row !== undefined) read.set(process, world.identity(files.get(row) ?? row));
      }
      // The other processes restart too and keep their in-memory state: on the wire this is the same as not restarting.
      if (isDown) return;
      await running.close(graceMs);
      running = await start();
    },
    async encrypt(encryption) {
      if (!etcd || kube) throw new Error(`${name} stores nothing in an etcd of its own`);
      if (!isDown) await running.close(graceMs);
      await store.close();
      store = storeIn(etcd, options, addresses, (row) => inFiles.get(row) ?? row, encryption);
      ofRun.set(sharesWith ?? name, store);
      if (!isDown) running = await start();
    },
    async given(removed, files) {
      absent = new Set(removed);
      const row = flags.get('kube-apiserver')?.certificate ?? certificate;
      read.set('kube-apiserver', world.identity(files.get(row) ?? row));
      if (!isDown) await running.close(graceMs);
      const ended =
        etcd && absent.has('etcd-cafile') ? await withoutEtcdAuthority(etcd, options, addresses) : undefined;
      isDown = ended !== undefined;
      if (!isDown) running = await start();
      return ended;
    },
    report(): Observation {
      const apart = Array.from(standing, ([hop, own]) => ({ hop, ...own.drain() })).filter(
        ({ total }) => total > 0,
      );
      return { kind: 'api', ...account.drain(), ...(apart.length > 0 ? { standing: apart } : {}) };
    },
    async close(grace) {
      if (!isDown) await running.close(grace);
      // The run owns it.
      if (etcd) await store.close();
    },
  };
}

/** The wires of the components. */
const standingWiresOf = ({ controllerManager, scheduler, kubelet, kubeProxy }: Facts): string[] =>
  [controllerManager, scheduler, kubelet, kubeProxy].flatMap((component) =>
    component ? [component.wire] : [],
  );

/** Collects the requests of a step. */
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

/** A kubelet proves that it is alive so many times within the time after which it is missed. */
const beats = 5;

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

/** What the flags of the processes name before any was restarted. */
function firstFlags(
  { certificate, clientAuthorities = [], controlPlane = {} }: PlannedServer,
  { clients }: RunOptions['plan'],
): Map<ControlPlaneProcess, ProcessFlags> {
  const { controllerManager, scheduler, kubelet } = controlPlane;
  const flags = new Map<ControlPlaneProcess, ProcessFlags>([
    ['kube-apiserver', defined({ certificate, clientAuthorities })],
  ]);
  const put = (process: ControlPlaneProcess, name: string | undefined, own: ProcessFlags = {}): void => {
    const client = clients.find((one) => one.name === name);
    if (client) flags.set(process, defined({ certificate: client.certificate, trust: client.trust, ...own }));
  };
  put(
    'kube-controller-manager',
    controllerManager?.client,
    controllerManager ? { issuer: controllerManager.issuer } : {},
  );
  put('kube-scheduler', scheduler?.client);
  put('kubelet', kubelet?.client);
  return flags;
}

/** The permanent clients of the API server, and its connection to the kubelet. */
function componentsOf(
  { controllerManager, scheduler, kubelet, kubeProxy }: Facts,
  { plan, log, clock, kube }: RunOptions,
  world: World,
  {
    flags,
    read,
    route,
    onCertified,
    serviceAccounts,
    token: kept,
  }: {
    readonly flags: ReadonlyMap<ControlPlaneProcess, ProcessFlags>;
    readonly read: ReadonlyMap<ControlPlaneProcess, Identity>;
    readonly route: (to: Address) => Address;
    readonly onCertified: () => void;
    readonly serviceAccounts: AccountKeys;
    readonly token: KeptToken;
  },
): Components {
  const clientOf = (name: string): PlannedClient | undefined =>
    plan.clients.find((client) => client.name === name);
  const identityOf = (client: string): Identity | undefined => {
    const row = clientOf(client)?.certificate;
    return row === undefined ? undefined : world.identity(row);
  };
  const pemOf = (rows: readonly string[] = []): string => rows.map((row) => world.authority(row)).join('');
  const trustOf = (client: string): string => pemOf(clientOf(client)?.trust);
  const trustBy = (process: ControlPlaneProcess): string => pemOf(flags.get(process)?.trust);
  const tapOn = (hop: string): { readonly tap: Tap } => ({ tap: { log, hop } });
  const schedules = scheduler && read.get('kube-scheduler');
  const manager = controllerManager && read.get('kube-controller-manager');
  const grace = controllerManager?.nodeGraceSeconds;
  const token = kubelet && clientOf(kubelet.client)?.token;
  const [tokenId = '', tokenSecret = ''] = token?.split('.') ?? [];
  const kubeletIdentity = kubelet && read.get('kubelet');
  /** It reads the token in its file when it starts, and has another one requested where that was refused. */
  let isTokenRead = false;
  return {
    ...(controllerManager && manager
      ? {
          controllerManager: {
            identity: manager,
            authority: world.identity(
              flags.get('kube-controller-manager')?.issuer ?? controllerManager.issuer,
            ),
            trust: trustBy('kube-controller-manager'),
            ...(grace === undefined ? {} : { nodeGrace: grace * 1000, monitor: (grace * 1000) / beats }),
            ...tapOn(controllerManager.wire),
            // The audience is waiting: one visible retry is enough.
            retry: 1000,
            ...(kube?.onController ? { onReport: kube.onController } : {}),
          },
        }
      : {}),
    ...(scheduler && schedules
      ? { scheduler: { identity: schedules, trust: trustBy('kube-scheduler'), ...tapOn(scheduler.wire) } }
      : {}),
    ...(kubelet
      ? {
          kubelet: {
            node: kubelet.node,
            trust: trustBy('kubelet'),
            ...(grace === undefined ? {} : { every: (grace * 1000) / beats }),
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
              const isFirst = !isTokenRead;
              isTokenRead = true;
              if (isFirst && kept.current !== undefined) return kept.current;
              const identity = identityOf(kubeProxy.tokenFrom);
              kept.current = await accountToken(
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
              return kept.current;
            },
            ...tapOn(kubeProxy.wire),
          },
        }
      : {}),
  };
}

interface KeptToken {
  current?: string | undefined;
}

/** What kube-apiserver says before it ends: it has trusted the system's CAs, and etcd's is none of them. */
async function withoutEtcdAuthority(
  { server, wire, certificate }: NonNullable<Facts['etcd']>,
  { plan, log, world, clock }: RunOptions,
  addresses: ReadonlyMap<string, Address>,
): Promise<string | undefined> {
  const to = addresses.get(server);
  if (!to || !world) throw new Error(`${server} was not started`);
  const client = new EtcdClient({
    to,
    clock,
    security: certificate === undefined ? 'tls' : 'mtls',
    ...(certificate === undefined ? {} : { identity: world.identity(certificate) }),
    tap: { log, hop: wire },
    connections: 0,
  });
  try {
    await client.status({ signal: AbortSignal.timeout(plan.stepTimeoutMs) });
    return undefined;
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const { reason, message } = error.failure;
    const why =
      reason === 'unknown_ca' || reason === 'self_signed'
        ? 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
        : message;
    return `transport: authentication handshake failed: ${why}; Error creating leases: error creating storage factory: context deadline exceeded`;
  } finally {
    client.close();
  }
}

/** A port on which nothing listens. */
async function closedAddress(): Promise<Address> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { host: '127.0.0.1', port };
}

/** The key pair that kubeadm keeps in sa.key and sa.pub: not a certificate, and never used for a connection. */
function accountKeys(): AccountKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { key: privateKey, publicKeys: [publicKey] };
}

/** Where its objects are stored, over its own wire. */
function storeIn(
  { server, wire, certificate, trust }: NonNullable<Facts['etcd']>,
  options: RunOptions,
  addresses: ReadonlyMap<string, Address>,
  inFile: (row: string) => string,
  encryption?: Encryption,
): EtcdStore {
  const { plan, log, world } = options;
  const to = addresses.get(server);
  const { security } = plan.servers.find(({ name }) => name === server) ?? {};
  if (!to || !security || !world) throw new Error(`${server} was not started before its storage`);
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
    // Fractions of a step's time: on a slow machine all three must grow.
    dialTimeout: Math.max(3000, plan.stepTimeoutMs * 0.3),
  });
  return new EtcdStore({
    client,
    patience: Math.max(8000, plan.stepTimeoutMs * 0.8),
    ...(encryption ? { encryption } : {}),
  });
}

/** As kube-apiserver does it: one connection for everything, kept open. */
const standing = { connections: 1, keepFor: 24 * 3_600_000 } as const;

/** How long responses in flight may take when a process is restarted, in milliseconds. */
const graceMs = 250;

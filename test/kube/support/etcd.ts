/**
 * Etcds for tests, the real one and the embedded one: each test file has one of each, started when it is first asked for and ended
 * after the last test; its data is gone then. Each test has a place of its own in it (`prefix`).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest, { registerCompletionHandler } from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { EtcdClient } from '../../../src/kube/etcd/client.ts';
import type { EtcdClientOptions } from '../../../src/kube/etcd/client.ts';
import { startEmbeddedEtcd } from '../../../src/kube/etcd/embedded.ts';
import { EtcdStore } from '../../../src/kube/etcd/etcd-store.ts';
import type { EtcdStoreOptions } from '../../../src/kube/etcd/etcd-store.ts';
import { etcdFilesIn, findEtcd, startRealEtcd } from '../../../src/kube/etcd/real.ts';
import type { RealEtcd, RealEtcdOptions } from '../../../src/kube/etcd/real.ts';
import { issueWorld } from '../../../src/pki/ca/issue.ts';
import { controlPlaneRows } from '../../../src/pki/kubeadm/recipe.ts';
import type { RunningEtcd } from '../../../src/kube/etcd/running.ts';
import type { Address } from '../../../src/capture/event.ts';
import { withPeer } from '../../helpers/peer.ts';

export const world = issueWorld({ certificates: controlPlaneRows({ node: 'cp1' }) }, { clock: systemClock });

/** A folder with the files of kubeadm's that an etcd needs. */
export function etcdFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  mkdirSync(join(folder, 'pki', 'etcd'), { recursive: true });
  const write = (name: string, text: string): void =>
    writeFileSync(join(folder, 'pki', 'etcd', name), text, { mode: 0o600 });
  write('ca.crt', world.authority('etcd-ca'));
  for (const name of ['server', 'peer']) {
    const { certificate, key } = world.identity(`etcd-${name}`);
    write(`${name}.crt`, certificate);
    write(`${name}.key`, key);
  }
  return folder;
}

export interface TestEtcd {
  readonly etcd: RealEtcd;
  readonly folder: string;
  readonly end: () => Promise<void>;
}

/** @param security plaintext: without any certificate. */
export async function startTestEtcd({
  security = 'mtls',
  ...options
}: Partial<RealEtcdOptions> & { readonly security?: 'mtls' | 'plaintext' } = {}): Promise<TestEtcd> {
  const folder = etcdFolder();
  const installed = await findEtcd(process.env);
  if (!installed) throw new Error('there is no etcd');
  const etcd = await startRealEtcd({
    etcd: installed,
    ...(security === 'mtls' ? { files: etcdFilesIn(join(folder, 'pki')) } : {}),
    folder: join(folder, 'data'),
    ...options,
  });
  return {
    etcd,
    folder,
    async end() {
      await etcd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startTestEmbedded({
  quotaBytes,
}: Pick<RealEtcdOptions, 'quotaBytes'>): Promise<RunningTestEtcd> {
  const etcd = await startEmbeddedEtcd({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity('etcd-server'),
    clientAuthorities: [world.authority('etcd-ca')],
    clock: systemClock,
    ...(quotaBytes === undefined ? {} : { quotaBytes }),
  });
  return { etcd, end: async () => etcd.close() };
}

export interface RunningTestEtcd {
  readonly etcd: RunningEtcd;
  readonly end: () => Promise<void>;
}

/** An etcd of one kind, of which each process of tests has one, and a test that needs it its own. */
export interface Backend {
  readonly shared: () => Promise<RunningTestEtcd>;
  /** Ended after the test. */
  readonly own: (
    t: Pick<ExecutionContext, 'teardown'>,
    options?: Pick<RealEtcdOptions, 'quotaBytes'>,
  ) => Promise<RunningTestEtcd>;
  /** A store in the shared one that nobody else writes to. */
  readonly store: (t: Pick<ExecutionContext, 'teardown'>, choices?: StoreChoices) => Promise<EtcdStore>;
}

function backend(start: (options: Pick<RealEtcdOptions, 'quotaBytes'>) => Promise<RunningTestEtcd>): Backend {
  let running: Promise<RunningTestEtcd> | undefined;
  // With the process: several test files may share it, and a hook would be of the first of them.
  registerCompletionHandler(() => void running?.then(async ({ end }) => end()).catch(() => {}));
  const shared = async (): Promise<RunningTestEtcd> => (running ??= start({}));
  return {
    shared,
    async own(t, options = {}) {
      const own = await start(options);
      t.teardown(own.end);
      return own;
    },
    store: async (t, choices) =>
      storeAt(t, (await shared()).etcd.address, { prefix: newPlace(), ...choices }),
  };
}

export const realBackend = backend(startTestEtcd);
const embeddedBackend = backend(startTestEmbedded);

/** Registers a test for each kind of etcd; that of the real one runs where it is installed. */
export function onEveryEtcd(
  title: string,
  run: (t: ExecutionContext, backend: Backend) => Promise<void>,
): void {
  withPeer('etcd', `real: ${title}`, async (t) => run(t, realBackend));
  anyTest(`embedded: ${title}`, async (t) => run(t, embeddedBackend));
}

let places = 0;

/** So that a busy machine is no broken etcd: what is waited for here comes, however late. */
const patient = { dialTimeout: 60_000, timeout: 60_000 } as const;

export function clientOf(
  t: Pick<ExecutionContext, 'teardown'>,
  to: Address,
  more: Partial<EtcdClientOptions> = {},
): EtcdClient {
  const client = new EtcdClient({
    to,
    authorities: [world.authority('etcd-ca')],
    identity: world.identity('apiserver-etcd-client'),
    clock: systemClock,
    ...patient,
    ...more,
  });
  t.teardown(() => client.close());
  return client;
}

export interface StoreChoices extends Partial<Omit<EtcdStoreOptions, 'client'>> {
  readonly client?: Partial<EtcdClientOptions>;
}

export function storeAt(
  t: Pick<ExecutionContext, 'teardown'>,
  to: Address,
  { client, ...choices }: StoreChoices = {},
): EtcdStore {
  const store = new EtcdStore({
    client: clientOf(t, to, client),
    patience: patient.timeout,
    timeout: patient.timeout,
    ...choices,
  });
  t.teardown(async () => store.close());
  return store;
}

export const newPlace = (): string => `/test-${places++}`;

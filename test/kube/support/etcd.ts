/**
 * A real etcd of a test file's own: started when it is first asked for, ended after the last test; its data is gone then. Each
 * test has a place of its own in it (`prefix`).
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest from 'ava';
import type { ExecutionContext } from 'ava';
import { systemClock } from '../../../src/core/clock.ts';
import { EtcdClient } from '../../../src/kube/etcd/client.ts';
import type { EtcdClientOptions } from '../../../src/kube/etcd/client.ts';
import { EtcdStore } from '../../../src/kube/etcd/etcd-store.ts';
import type { EtcdStoreOptions } from '../../../src/kube/etcd/etcd-store.ts';
import { etcdFilesIn, findEtcd, startRealEtcd } from '../../../src/kube/etcd/real.ts';
import type { RealEtcd, RealEtcdOptions } from '../../../src/kube/etcd/real.ts';
import { issueWorld } from '../../../src/pki/issue.ts';
import { controlPlaneRows } from '../../../src/pki/kubeadm-recipe.ts';
import type { Address } from '../../../src/capture/event.ts';

export const world = issueWorld({ certificates: controlPlaneRows({ node: 'cp1' }) }, { clock: systemClock });

/** A folder with the files of kubeadm's that an etcd needs. */
export function etcdFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  mkdirSync(join(folder, 'pki', 'etcd'), { recursive: true });
  const write = (name: string, text: string): void => writeFileSync(join(folder, 'pki', 'etcd', name), text, { mode: 0o600 });
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
export async function startTestEtcd({ security = 'mtls', ...options }: Partial<RealEtcdOptions> & { readonly security?: 'mtls' | 'plaintext' } = {}): Promise<TestEtcd> {
  const folder = etcdFolder();
  const installed = await findEtcd(process.env);
  if (!installed) throw new Error('there is no etcd');
  const etcd = await startRealEtcd({ etcd: installed, ...(security === 'mtls' ? { files: etcdFilesIn(join(folder, 'pki')) } : {}), folder: join(folder, 'data'), ...options });
  return {
    etcd,
    folder,
    async end() {
      await etcd.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

let shared: Promise<TestEtcd> | undefined;
let places = 0;

export async function sharedEtcd(): Promise<TestEtcd> {
  return (shared ??= startTestEtcd());
}

anyTest.after.always(async () => {
  await (await shared?.catch(() => undefined))?.end();
});

export function clientOf(t: Pick<ExecutionContext, 'teardown'>, to: Address, more: Partial<EtcdClientOptions> = {}): EtcdClient {
  const client = new EtcdClient({ to, authorities: [world.authority('etcd-ca')], identity: world.identity('apiserver-etcd-client'), clock: systemClock, ...more });
  t.teardown(() => client.close());
  return client;
}

export interface StoreChoices extends Partial<Omit<EtcdStoreOptions, 'client'>> {
  readonly client?: Partial<EtcdClientOptions>;
}

export function storeAt(t: Pick<ExecutionContext, 'teardown'>, to: Address, { client, ...choices }: StoreChoices = {}): EtcdStore {
  const store = new EtcdStore({ client: clientOf(t, to, client), ...choices });
  t.teardown(async () => store.close());
  return store;
}

export const newPlace = (): string => `/test-${places++}`;

/** A store that nobody else writes to. */
export async function ownStore(t: Pick<ExecutionContext, 'teardown'>, choices: StoreChoices = {}): Promise<EtcdStore> {
  return storeAt(t, (await sharedEtcd()).etcd.address, { prefix: newPlace(), ...choices });
}

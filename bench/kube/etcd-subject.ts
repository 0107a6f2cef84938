/**
 * A control plane for the benchmark of stores, in a process of its own: on memory, on the embedded etcd, or on the real one.
 * Says where it listens, and at the end of its input what memory it has taken.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { systemClock } from '../../src/core/clock.ts';
import { startControlPlane } from '../../src/kube/control-plane.ts';
import { EtcdClient } from '../../src/kube/etcd/client.ts';
import { startEmbeddedEtcd } from '../../src/kube/etcd/embedded.ts';
import { EtcdStore } from '../../src/kube/etcd/etcd-store.ts';
import { etcdFilesIn, findEtcd, startRealEtcd } from '../../src/kube/etcd/real.ts';
import type { RealEtcd } from '../../src/kube/etcd/real.ts';
import type { RunningEtcd } from '../../src/kube/etcd/running.ts';
import { MemoryStore } from '../../src/kube/store/memory-store.ts';
import { issueWorld } from '../../src/pki/ca/issue.ts';
import { controlPlaneRows } from '../../src/pki/kubeadm/recipe.ts';
import { transactions } from './etcd-figures.ts';

const [kind = 'memory'] = process.argv.slice(2);
const loopback = { host: '127.0.0.1', port: 0 } as const;
const world = issueWorld({ certificates: controlPlaneRows({ node: 'cp1' }) }, { clock: systemClock });
const folder = mkdtempSync(join(tmpdir(), 'wirelab-bench-etcd-'));

async function startEtcd(): Promise<RunningEtcd | undefined> {
  if (kind === 'memory') return undefined;
  if (kind === 'embedded') {
    return startEmbeddedEtcd({
      listen: loopback,
      identity: world.identity('etcd-server'),
      clientAuthorities: [world.authority('etcd-ca')],
      folder: join(folder, 'data'),
      clock: systemClock,
    });
  }
  const pki = join(folder, 'pki');
  mkdirSync(join(pki, 'etcd'), { recursive: true });
  writeFileSync(join(pki, 'etcd', 'ca.crt'), world.authority('etcd-ca'));
  for (const name of ['server', 'peer']) {
    const { certificate, key } = world.identity(`etcd-${name}`);
    writeFileSync(join(pki, 'etcd', `${name}.crt`), certificate);
    writeFileSync(join(pki, 'etcd', `${name}.key`), key, { mode: 0o600 });
  }
  const etcd = await findEtcd(process.env);
  if (!etcd) throw new Error('there is no etcd');
  return startRealEtcd({ etcd, files: etcdFilesIn(pki), folder: join(folder, 'data') });
}

const etcd = await startEtcd();
const client =
  etcd &&
  new EtcdClient({
    to: etcd.address,
    authorities: [world.authority('etcd-ca')],
    identity: world.identity('apiserver-etcd-client'),
    clock: systemClock,
  });
/** What etcd alone does for one who asks eight things at a time: transactions as the store's, of a request's size. */
const alone = client ? await transactions(client, 2_000) : undefined;
const store = client ? new EtcdStore({ client }) : new MemoryStore();
const authority = world.authority('ca');
const controlPlane = await startControlPlane({
  listen: loopback,
  identity: world.identity('apiserver'),
  clientAuthorities: [authority],
  store,
  clock: systemClock,
  random: randomBytes,
  controllerManager: {
    identity: world.identity('controller-manager.conf'),
    authority: world.identity('ca'),
    trust: authority,
  },
});
const admin = world.identity('super-admin.conf');
process.stdout.write(`${JSON.stringify({ port: controlPlane.address.port, authority, admin, alone })}\n`);
await once(process.stdin.resume(), 'end');
const etcdKilobytes =
  etcd?.kind === 'real'
    ? Number(spawnSync('ps', ['-o', 'rss=', '-p', String((etcd as RealEtcd).pid)]).stdout.toString())
    : 0;
process.stdout.write(
  `${JSON.stringify({ memory: process.memoryUsage.rss(), etcd: etcdKilobytes * 1024 })}\n`,
);
await controlPlane.close(0);
await store.close();
await etcd?.close();
rmSync(folder, { recursive: true, force: true });

/** A cluster's folder of an earlier version is moved to Kubernetes' keys by `kube up`, also when that is killed on the way. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { openClusterFolder } from '../../../../src/cli/kube/up-folder.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { EtcdClient } from '../../../../src/kube/etcd/client.ts';
import { startEmbeddedEtcd } from '../../../../src/kube/etcd/embedded.ts';
import { start } from '../../../helpers/running.ts';

const asking = { signal: new AbortController().signal };
const names = Array.from({ length: 1000 }, (_, n) => `n${String(n).padStart(4, '0')}`);
const earlier = '/registry/core/configmaps/default/';
const now = '/registry/configmaps/default/';

test('killed twelve times while it moves a thousand objects, none is lost, and none is there twice', async (t) => {
  const out = mkdtempSync(join(tmpdir(), 'wirelab-earlier-'));
  t.teardown(() => rmSync(out, { recursive: true, force: true }));
  const { etcd: files } = await openClusterFolder(out, 'https://127.0.0.1:6443');
  /** What is in the folder, while nothing runs on it. */
  const within = async <T>(look: (client: EtcdClient) => Promise<T>): Promise<T> => {
    const etcd = await startEmbeddedEtcd({
      listen: { host: '127.0.0.1', port: 0 },
      identity: files!.server,
      clientAuthorities: [files!.authority],
      folder: join(out, 'etcd-embedded'),
      clock: systemClock,
    });
    const client = new EtcdClient({
      to: etcd.address,
      authorities: [files!.authority],
      identity: files!.client,
      clock: systemClock,
    });
    try {
      return await look(client);
    } finally {
      client.close();
      await etcd.close();
    }
  };
  const at = async (client: EtcdClient, prefix: string): Promise<string[]> =>
    (await client.range({ key: prefix, end: `${prefix}~`, keysOnly: true }, asking)).items.map(({ key }) =>
      key.toString().slice(prefix.length),
    );
  const value = (name: string): string =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'default' },
      data: { a: name },
    });
  await within(async (client) => {
    for (let from = 0; from < names.length; from += 100)
      await client.transact(
        {
          compare: [],
          success: names
            .slice(from, from + 100)
            .map((name) => ({ put: { key: earlier + name, value: value(name) } })),
          failure: [],
        },
        asking,
      );
  });
  let partly = 0;
  for (let kill = 0; kill < 12; kill++) {
    const running = start(t, ['kube', 'up', '--no-tui', '--out', out, '--port', '0']);
    await pause(150 + kill * 60);
    running.child.kill('SIGKILL');
    await running.exit;
    await within(async (client) => {
      const [left, moved] = [await at(client, earlier), await at(client, now)];
      if (left.length > 0 && moved.length > 0) partly++;
      t.deepEqual([...left, ...moved].filter((name) => name !== 'kube-root-ca.crt').toSorted(), names);
    });
  }
  t.log(`${partly} of 12 were killed in the middle`);
  const last = start(t, ['kube', 'up', '--no-tui', '--out', out, '--port', '0']);
  await last.until(/Ctrl-C/);
  last.child.kill('SIGINT');
  await last.exit;
  await within(async (client) => {
    t.deepEqual(await at(client, earlier), []);
    t.deepEqual(
      (await at(client, now)).filter((name) => name !== 'kube-root-ca.crt'),
      names,
    );
    const { items } = await client.range({ key: `${now}n0500` }, asking);
    t.is(items[0]?.value.toString(), value('n0500'));
  });
});

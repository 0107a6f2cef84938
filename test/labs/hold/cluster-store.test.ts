import test from 'ava';
import type { ExecutionContext } from 'ava';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterStore, fingerprint, issuedIn } from '../../../src/labs/hold/cluster-store.ts';
import { lead } from '../../../src/labs/hold/hold-cluster.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';

function pathOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-kept-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'cluster.json');
}

const configMap = (name: string, value: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data: { value },
});
const key = (name: string): string => `/registry/core/configmaps/default/${name}`;
const never = (fault: unknown): never => {
  throw fault;
};

test('what was written, changed and removed is so after a restart', async (t) => {
  const path = pathOf(t);
  const first = await ClusterStore.open(path);
  t.true(first.isNew);
  await first.store.create(key('early'), configMap('early', '1'));
  t.false(existsSync(path), 'nothing is kept of a beginning that is not over');
  await first.keep(never);
  t.true(existsSync(path));
  const { revision } = await first.store.create(key('changed'), configMap('changed', '1'));
  await first.store.update(key('changed'), configMap('changed', '2'), revision);
  await first.store.create(key('gone'), configMap('gone', '1'));
  await first.store.remove(key('gone'));
  await first.close();
  const again = await ClusterStore.open(path);
  t.false(again.isNew);
  const { items } = await again.store.list('/registry/');
  t.deepEqual(
    items.map(({ object }) => [object.metadata.name, object['data']]),
    [
      ['changed', { value: '2' }],
      ['early', { value: '1' }],
    ],
  );
  t.deepEqual(readdirSync(join(path, '..')), ['cluster.json']);
});

test('a file that was taken away is not written again', async (t) => {
  const path = pathOf(t);
  const kept = await ClusterStore.open(path);
  await kept.store.create(key('early'), configMap('early', '1'));
  await kept.keep(never);
  rmSync(path);
  await kept.store.create(key('late'), configMap('late', '1'));
  await kept.close();
  t.false(existsSync(path));
});

test('a file that is removed while it is about to be written again is not created again', async (t) => {
  const path = pathOf(t);
  const kept = await ClusterStore.open(path);
  await kept.store.create(key('early'), configMap('early', '1'));
  await kept.keep(never);
  await kept.store.create(key('late'), configMap('late', '1'));
  // It is asked for its objects, and answers later.
  const closing = kept.close();
  rmSync(path);
  await closing;
  t.false(existsSync(path));
});

test('kubeconfigs of a folder are led to another port, and nothing outside of it is, or what is no file', (t) => {
  const folder = join(pathOf(t), '..');
  const outside = join(pathOf(t), '..', 'config');
  const text = 'server: https://127.0.0.1:6443\n';
  for (const file of [outside, join(folder, 'admin.conf')]) writeFileSync(file, text);
  symlinkSync(outside, join(folder, 'my-config.conf'));
  symlinkSync('loop.conf', join(folder, 'loop.conf'));
  lead(folder, 6443, 7443);
  t.is(readFileSync(join(folder, 'admin.conf'), 'utf8'), 'server: https://127.0.0.1:7443\n');
  t.is(readFileSync(outside, 'utf8'), text);
});

test('a certificate is remembered when its request has been cleared away', async (t) => {
  const path = pathOf(t);
  const der = new Uint8Array([0x30, 0x03, 0x02, 0x01, 0x07]);
  const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(der).toString('base64')}\n-----END CERTIFICATE-----\n`;
  const request: KubeObject = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'alice' },
    status: { certificate: Buffer.from(pem).toString('base64') },
  };
  t.deepEqual(issuedIn(request), [der]);
  t.deepEqual(issuedIn({ status: { certificate: 7 } }), []);
  const kept = await ClusterStore.open(path);
  t.deepEqual(kept.issued, []);
  await kept.store.create(key('early'), configMap('early', '1'));
  await kept.keep(never);
  const at = '/registry/certificates.k8s.io/certificatesigningrequests/alice';
  await kept.store.create(at, request);
  t.deepEqual(kept.issued, [], 'what stands in a request may have been written by anybody');
  await kept.noteIssued('alice');
  await kept.noteIssued('nobody');
  await kept.store.remove(at);
  await kept.close();
  t.deepEqual(kept.issued, [fingerprint(der)]);
  t.deepEqual((await ClusterStore.open(path)).issued, [fingerprint(der)], 'over a restart too');
});

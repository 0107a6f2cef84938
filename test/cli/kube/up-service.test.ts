/** What `kube up` has when nobody has created anything: the cluster that kubeadm leaves behind. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { openClusterFolder } from '../../../src/cli/kube/up-folder.ts';
import { startUp } from '../../../src/cli/kube/up-service.ts';
import { listAt, objectAt, textAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { callAs } from '../../kube/components/support/whole.ts';

test('a new cluster is shown as kubeadm’s: role, service, static pods of what runs, ConfigMaps', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'wirelab-up-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  const folder = await openClusterFolder(path, 'https://127.0.0.1:6443');
  let heard = (): void => {};
  let running = 0;
  const all = new Promise<void>((resolve) => (heard = resolve));
  const up = await startUp({
    listen: { host: '127.0.0.1', port: 0 },
    folder,
    path,
    token: { id: 'abcdef', secret: '0123456789abcdef' },
    version: '0.0.0',
    variables: {},
    without: ['scheduler'],
    onSaid(who, { en }) {
      if (who === 'kubelet' && en.includes('as running') && ++running === 3) heard();
    },
  });
  t.teardown(async () => up.close(0));
  await all;
  const { admin, authority } = folder;
  const ask = async (of: string): Promise<KubeObject> =>
    JSON.parse(
      (
        await callAs(up.address.port, 'GET', of, {
          ...(admin ? { identity: admin.identity } : {}),
          ca: authority,
        })
      ).text,
    ) as KubeObject;
  const namesAt = async (of: string): Promise<string[]> =>
    listAt(await ask(of), 'items').map((one) => textAt(one, 'metadata', 'name'));
  const node = await ask('/api/v1/nodes/control-plane');
  t.is(node.metadata.labels?.['node-role.kubernetes.io/control-plane'], '');
  t.deepEqual(await namesAt('/api/v1/pods'), [
    'etcd-control-plane',
    'kube-apiserver-control-plane',
    'kube-controller-manager-control-plane',
  ]);
  t.deepEqual(await namesAt('/api/v1/services'), ['kubernetes']);
  t.deepEqual(await namesAt('/api/v1/endpoints'), ['kubernetes']);
  t.deepEqual(await namesAt('/api/v1/namespaces/kube-system/configmaps'), [
    'extension-apiserver-authentication',
    'kube-proxy',
    'kube-root-ca.crt',
    'kubeadm-config',
    'kubelet-config',
  ]);
  const config = await ask('/api/v1/namespaces/kube-system/configmaps/kubeadm-config');
  t.regex(textAt(objectAt(config, 'data'), 'ClusterConfiguration'), /^kind: ClusterConfiguration$/m);
});

test('what a webhook makes the API server say is short enough for a terminal', async (t) => {
  const path = mkdtempSync(join(tmpdir(), 'wirelab-up-'));
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  const folder = await openClusterFolder(path, 'https://127.0.0.1:6443');
  const said: string[] = [];
  const up = await startUp({
    listen: { host: '127.0.0.1', port: 0 },
    folder,
    path,
    token: { id: 'abcdef', secret: '0123456789abcdef' },
    version: '0.0.0',
    variables: {},
    without: ['scheduler', 'controller-manager', 'kubelet', 'kube-proxy'],
    onSaid: (who, { en }) => void said.push(`${who}: ${en}`),
  });
  t.teardown(async () => up.close(0));
  const create = async (of: string, body: unknown): Promise<number> =>
    (
      await callAs(up.address.port, 'POST', of, {
        ...(folder.admin ? { identity: folder.admin.identity } : {}),
        ca: folder.authority,
        body,
      })
    ).code;
  const webhook = {
    name: 'gate.example.com',
    clientConfig: { url: `https://127.0.0.1:1/${'a'.repeat(100_000)}` },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  };
  t.is(
    await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
      metadata: { name: 'gate' },
      webhooks: [webhook],
    }),
    201,
  );
  t.is(await create('/api/v1/namespaces/default/configmaps', { metadata: { name: 'a' } }), 500);
  const [line = ''] = said.filter((one) => one.startsWith('kube-apiserver: Failed calling webhook'));
  t.true(line.length > 1000 && line.length < 3000, String(line.length));
});

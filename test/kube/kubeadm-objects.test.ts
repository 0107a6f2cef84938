import test from 'ava';
import { objectAt, textAt } from '../../src/kube/objects/json.ts';
import { configMapsOf, extensionTrust, kubeadmObjects } from '../../src/kube/kubeadm-objects.ts';

const facts = { root: 'CA\n', server: { host: '10.0.0.1', port: 6443 } };
const named = (name: string, change: Partial<typeof facts> = {}) =>
  kubeadmObjects({ ...facts, ...change }).find(({ metadata }) => metadata.name === name);

test('extension servers are told whom to believe', (t) => {
  t.like(
    objectAt(
      extensionTrust({
        clientAuthorities: ['CA\n'],
        frontProxyAuthority: 'FRONT\n',
        allowedNames: ['front-proxy-client'],
      }),
      'data',
    ),
    {
      'client-ca-file': 'CA\n',
      'requestheader-client-ca-file': 'FRONT\n',
      'requestheader-allowed-names': '["front-proxy-client"]',
      'requestheader-username-headers': '["X-Remote-User"]',
    },
  );
});

test('who joins is told where the cluster is, where that is known', (t) => {
  t.regex(
    textAt(named('cluster-info'), 'data', 'kubeconfig'),
    /certificate-authority-data: Q0EK\n {4}server: https:\/\/10\.0\.0\.1:6443\n/,
  );
  for (const server of [
    { host: '127.0.0.1', port: 0 },
    { host: '0.0.0.0', port: 6443 },
  ])
    t.is(named('cluster-info', { server }), undefined);
  t.deepEqual(
    kubeadmObjects({ server: facts.server }).map(({ metadata }) => metadata.name),
    ['kube-proxy'],
  );
  t.is(named('kube-proxy')?.kind, 'ServiceAccount');
});

test('ConfigMaps are kubeadm’s, in kube-system', (t) => {
  const [own, proxy] = configMapsOf({ 'kubeadm-config': { a: 'b' }, 'kube-proxy': { c: 'd' } });
  t.deepEqual(own, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
    data: { a: 'b' },
  });
  t.deepEqual(proxy?.metadata.labels, { app: 'kube-proxy' });
});

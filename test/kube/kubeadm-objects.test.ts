import test from 'ava';
import { objectAt, textAt } from '../../src/kube/objects/json.ts';
import { extensionTrust, kubeadmObjects } from '../../src/kube/kubeadm-objects.ts';

const facts = { clientAuthorities: ['CA\n'], server: { host: '10.0.0.1', port: 6443 } };
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
  t.is(named('cluster-info', { clientAuthorities: [] }), undefined);
  t.is(named('kube-proxy')?.kind, 'ServiceAccount');
});

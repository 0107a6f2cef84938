/** What is filled in where a client leaves it out. */
import test from 'ava';
import { nodeDefaults } from '../../../src/kube/objects/defaults.ts';
import { configMap, configMaps, startCluster } from '../support/cluster.ts';

test('both fields for the range of a node’s pods say the same; the older one decides', (t) => {
  const spec = (given?: object): unknown =>
    nodeDefaults({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'n' },
      ...(given ? { spec: given } : {}),
    })['spec'];
  t.deepEqual(spec(), {});
  const ranges = { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24'] };
  t.deepEqual(spec({ podCIDR: '10.1.0.0/24' }), ranges);
  t.deepEqual(spec({ podCIDRs: ['10.1.0.0/24'] }), ranges);
  t.deepEqual(spec({ podCIDR: '10.1.0.0/24', podCIDRs: ['10.2.0.0/24'] }), ranges);
  const both = { podCIDR: '10.1.0.0/24', podCIDRs: ['10.1.0.0/24', 'fd00::/64'] };
  t.deepEqual(spec(both), both);
});

test('the range of a node’s pods never changes', async (t) => {
  const cluster = await startCluster(t);
  const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'n' }, spec: { podCIDR: '10.1.0.0/24' } };
  t.is((await cluster.call('/api/v1/nodes', { body: node })).code, 201);
  const { code, body } = await cluster.call('/api/v1/nodes/n', {
    method: 'PATCH',
    body: { spec: { podCIDR: '10.2.0.0/24' } },
    headers: { 'content-type': 'application/merge-patch+json' },
  });
  t.is(code, 422);
  t.is(
    body['message'],
    'Node "n" is invalid: spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
  );
});

test('what a Secret or a ConfigMap holds is measured in bytes, not in base64', async (t) => {
  const cluster = await startCluster(t);
  const secret = (bytes: number): object => ({
    metadata: { name: `s${bytes}` },
    data: { a: Buffer.alloc(bytes, 'x').toString('base64') },
  });
  const secrets = '/api/v1/namespaces/default/secrets';
  t.is((await cluster.call(secrets, { body: secret(1024 * 1024) })).code, 201);
  const refused = await cluster.call(secrets, { body: secret(1024 * 1024 + 1) });
  t.is(refused.code, 422);
  t.regex(String(refused.body['message']), /data: Too long: may not be more than 1048576 bytes$/);
  t.is((await cluster.call(configMaps, { body: configMap('many', { a: '한'.repeat(349_526) }) })).code, 422);
});

/** What a step waits for: whether an object is so. */
import test from 'ava';
import { isAsAwaited } from '../../../src/features/kubectl/run-awaited.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';

const node = (ready?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  ...(ready === undefined ? {} : { status: { conditions: [{ type: 'Ready', status: ready }] } }),
});

test('a node is ready, or it is not; one that is gone is neither', (t) => {
  for (const [ready, isReady] of [
    ['True', true],
    ['False', false],
    ['Unknown', false],
    [undefined, false],
  ] as const) {
    t.is(isAsAwaited({ resource: 'nodes', is: 'ready' }, node(ready)), isReady, ready);
    t.is(isAsAwaited({ resource: 'nodes', is: 'notReady' }, node(ready)), !isReady, ready);
  }
  t.false(isAsAwaited({ resource: 'nodes', is: 'notReady' }, undefined));
});

test('certificates are counted in all data of a ConfigMap', (t) => {
  const pem = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
  const configMap = (data: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'kube-root-ca.crt', namespace: 'default' },
    data,
  });
  for (const [data, count] of [
    [{}, 0],
    [{ 'ca.crt': pem }, 1],
    [{ 'ca.crt': pem + pem }, 2],
    [{ 'ca.crt': pem, other: pem + pem }, 3],
  ] as const)
    for (const certificates of [0, 1, 2, 3])
      t.is(
        isAsAwaited({ resource: 'configmaps', is: 'there', certificates }, configMap(data)),
        certificates === count,
        `${certificates} of ${count}`,
      );
});

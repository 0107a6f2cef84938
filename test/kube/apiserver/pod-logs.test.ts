import test from 'ava';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import {
  containerOf,
  kubeletAddress,
  kubeletRefusal,
  logQuery,
} from '../../../src/kube/apiserver/pod-logs.ts';
import { authorityOf } from '../../../src/kube/go-client-words.ts';

const named = (...names: readonly string[]): object[] => names.map((name) => ({ name }));
const pod = (spec: object): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec,
});
const node = (status: unknown): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n1' },
  status,
});

function says(run: () => unknown): string {
  try {
    return JSON.stringify(run());
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code} ${error.message}`;
    throw error;
  }
}

test('whose log is meant', (t) => {
  t.is(containerOf(pod({ containers: named('a') }), ''), 'a');
  t.is(containerOf(pod({ containers: named('a', 'b') }), 'b'), 'b');
  t.is(containerOf(pod({ containers: named('a'), initContainers: named('i') }), 'i'), 'i');
  t.is(
    says(() => containerOf(pod({ containers: named('a', 'b') }), '')),
    '400 a container name must be specified for pod web, choose one of: [a b]',
  );
  t.is(
    says(() => containerOf(pod({ containers: named('a', 'b'), initContainers: named('i') }), '')),
    '400 a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]',
  );
  t.is(
    says(() => containerOf(pod({ containers: named('a') }), '../x')),
    '400 container ../x is not valid for pod web',
  );
  for (const spec of [{}, { containers: 7 }, { containers: [] }])
    t.is(
      says(() => containerOf(pod(spec), '')),
      '400 a container name must be specified for pod web',
    );
});

test('what a kubelet is asked is what it understands, and nothing else', (t) => {
  const asked = (query: string): string => says(() => logQuery(new URLSearchParams(query), 'web'));
  t.is(asked(''), '""');
  t.is(
    asked('container=a&tailLines=5&follow=true&timestamps=1&previous=false&pretty=x&evil=%0d%0a'),
    '"follow=true&tailLines=5&timestamps=true"',
  );
  t.is(
    asked('sinceTime=2026-01-01T00:00:00Z&limitBytes=10'),
    '"limitBytes=10&sinceTime=2026-01-01T00%3A00%3A00Z"',
  );
  t.is(
    asked('tailLines=-1'),
    '422 PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or equal to 0',
  );
  t.is(
    asked('sinceSeconds=0'),
    '422 PodLogOptions "web" is invalid: sinceSeconds: Invalid value: 0: must be greater than 0',
  );
  for (const odd of ['tailLines=x', 'tailLines=1e3', `tailLines=${'9'.repeat(40)}`, 'sinceTime=yesterday'])
    t.regex(asked(odd), /^400/, odd);
  t.regex(asked('sinceSeconds=5&sinceTime=2026-01-01T00:00:00Z'), /^422/);
});

test('where a kubelet is, is what it reported', (t) => {
  const at = (status: unknown): string => says(() => authorityOf(kubeletAddress(node(status))));
  const addresses = [
    { type: 'Hostname', address: 'n1' },
    { type: 'InternalIP', address: '10.0.0.1' },
  ];
  t.is(at({ addresses, daemonEndpoints: { kubeletEndpoint: { Port: 4194 } } }), '"10.0.0.1:4194"');
  t.is(at({ addresses }), '"10.0.0.1:10250"');
  t.is(
    at({ addresses: addresses.slice(0, 1), daemonEndpoints: { kubeletEndpoint: { Port: 70_000 } } }),
    '"n1:10250"',
  );
  t.is(at({ addresses: [{ type: 'InternalIP', address: 'fd00::1' }] }), '"[fd00::1]:10250"');
  for (const odd of [undefined, {}, { addresses: 7 }, { addresses: [null, 7, { type: 'InternalIP' }] }])
    t.regex(at(odd), /^500 no preferred addresses found; known addresses: \[/);
});

test('what a kubelet refuses with is passed on', (t) => {
  const told = (status: number, text = ''): unknown[] => {
    const { code, reason, message } = kubeletRefusal(status, text, 'web').status;
    return [code, reason, message];
  };
  t.deepEqual(told(401, 'Unauthorized'), [
    401,
    'Unauthorized',
    'the server has asked for the client to provide credentials ( pods/log web)',
  ]);
  t.deepEqual(told(403, 'Forbidden (user=x, verb=get, resource=nodes, subresource=proxy)'), [
    403,
    'Forbidden',
    'Forbidden (user=x, verb=get, resource=nodes, subresource=proxy) ( pods/log web)',
  ]);
  t.deepEqual(told(404), [
    404,
    'NotFound',
    'the server could not find the requested resource ( pods/log web)',
  ]);
  t.deepEqual(told(400, 'container "a" in pod "web" is waiting to start'), [
    400,
    'BadRequest',
    'container "a" in pod "web" is waiting to start',
  ]);
  t.deepEqual(told(500, 'oh'), [500, 'InternalError', 'Internal error occurred: oh']);
  t.is(told(503)[0], 503);
  for (const odd of [302, 418, 502, 599]) t.is(told(odd)[0], 500);
});

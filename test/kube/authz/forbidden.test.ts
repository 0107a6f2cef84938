import test from 'ava';
import { forbidden, forbiddenObject } from '../../../src/kube/authz/forbidden.ts';
import { asks, user } from '../support/policies.ts';

const bob = user('bob');

test('a refusal says who, what and where, as kube-apiserver words it', (t) => {
  const rows: readonly (readonly [Parameters<typeof forbidden>[0], string])[] = [
    [
      asks(bob, 'list', 'pods', { namespace: 'default' }),
      'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"',
    ],
    [
      asks(bob, 'list', 'nodes'),
      'nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope',
    ],
    [
      asks(bob, 'get', 'pods/log', { namespace: 'x', name: 'web' }),
      'pods "web" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "x"',
    ],
    [
      asks(bob, 'get', 'certificatesigningrequests', { group: 'certificates.k8s.io', name: 'c' }),
      'certificatesigningrequests.certificates.k8s.io "c" is forbidden: User "bob" cannot get resource "certificatesigningrequests" in API group "certificates.k8s.io" at the cluster scope',
    ],
    [{ user: bob, verb: 'get', path: '/metrics' }, 'forbidden: User "bob" cannot get path "/metrics"'],
    [
      asks(user('a"\n\u0085'), 'get', 'pods'),
      'pods is forbidden: User "a\\"\\n\\u0085" cannot get resource "pods" in API group "" at the cluster scope',
    ],
  ];
  for (const [asked, message] of rows)
    t.like(forbidden(asked).status, { code: 403, reason: 'Forbidden', message });
});

test('why a rule was not found stands at the end, and the details name the object', (t) => {
  const { status } = forbidden(
    asks(bob, 'get', 'roles', { group: 'rbac.authorization.k8s.io', name: 'x' }),
    'RBAC: gone',
  );
  t.true(status.message?.endsWith('at the cluster scope: RBAC: gone'));
  t.deepEqual(status.details, { name: 'x', group: 'rbac.authorization.k8s.io', kind: 'roles' });
  t.deepEqual(forbiddenObject('pods', '', '', 'no').status.details, { kind: 'pods' });
});

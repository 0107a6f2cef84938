import test from 'ava';
import type { User } from '../../../src/kube/apiserver/attributes.ts';
import { requestHeaders } from '../../../src/kube/apiserver/headers.ts';
import { impersonate } from '../../../src/kube/authn/impersonation.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { authorizeByRoles, policyOf } from '../../../src/kube/authz/rbac.ts';
import type { PolicyRule } from '../../../src/kube/authz/rbac.ts';
import { clusterRole, clusterRoleBinding, may, role, roleBinding, user } from '../support/policies.ts';

const bob = user('bob', 'dev');
const authentication = { apiGroups: ['authentication.k8s.io'] };

/** Bob, who may these, acts under these headers. */
async function act(
  headers: readonly string[],
  rights: readonly Partial<PolicyRule>[] | readonly KubeObject[],
  who: User = bob,
): Promise<User | string> {
  const isObjects = rights.some((one) => 'kind' in one);
  const policy = policyOf(
    isObjects
      ? (rights as KubeObject[])
      : [clusterRole('r', ...(rights as Partial<PolicyRule>[])), clusterRoleBinding('b', 'r', 'User bob')],
  );
  try {
    return await impersonate(who, requestHeaders(headers), async (asked) =>
      Promise.resolve(authorizeByRoles(policy, asked)),
    );
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code} ${error.status.message ?? ''}`;
    throw error;
  }
}

const users = may('impersonate', 'users');
const cannot = (resource: string, name: string, group = '', where = 'at the cluster scope'): string => {
  const [plain = ''] = resource.split('/');
  return `403 ${plain}${group === '' ? '' : `.${group}`} "${name}" is forbidden: User "bob" cannot impersonate resource "${resource}" in API group "${group}" ${where}`;
};

/** Headers; the right that is needed beside that to users; what is said without it. */
const table: readonly (readonly [string, readonly string[], Partial<PolicyRule>, string])[] = [
  [
    'a group',
    ['Impersonate-Group', 'ops'],
    may('impersonate', 'groups', { resourceNames: ['ops'] }),
    cannot('groups', 'ops'),
  ],
  [
    'a uid',
    ['Impersonate-Uid', '42'],
    may('impersonate', 'uids', authentication),
    cannot('uids', '42', 'authentication.k8s.io'),
  ],
  [
    'an extra',
    ['Impersonate-Extra-Scopes', 'view'],
    may('impersonate', 'userextras/scopes', authentication),
    cannot('userextras/scopes', 'view', 'authentication.k8s.io'),
  ],
  [
    'an escaped extra',
    ['Impersonate-Extra-Acme.com%2fa', 'x'],
    may('impersonate', 'userextras/acme.com/a', authentication),
    cannot('userextras/acme.com/a', 'x', 'authentication.k8s.io'),
  ],
];

for (const [title, headers, right, refusal] of table) {
  test(`${title} needs a right of its own beside that to the user`, async (t) => {
    const asked = ['Impersonate-User', 'alice', ...headers];
    t.is(await act(asked, [users]), refusal);
    t.is(await act(asked, [right]), cannot('users', 'alice'));
    t.like(await act(asked, [users, right]), { name: 'alice' });
    t.regex(
      (await act(headers, [users, right])) as string,
      /^400 requested .* without impersonating a user$/,
    );
  });
}

test('nobody else is asked for', async (t) => t.is(await act(['X-Remote-User', 'alice'], []), bob));

test('another user', async (t) => {
  t.is(await act(['Impersonate-User', 'alice'], []), cannot('users', 'alice'));
  t.is(
    await act(['Impersonate-User', 'alice'], [may('impersonate', 'users', { resourceNames: ['eve'] })]),
    cannot('users', 'alice'),
  );
  t.deepEqual(await act(['Impersonate-User', 'alice'], [users]), {
    name: 'alice',
    groups: ['system:authenticated'],
  });
  t.deepEqual(await act(['impersonate-user', 'alice'], [], user('root', 'system:masters')), {
    name: 'alice',
    groups: ['system:authenticated'],
  });
});

test('all that was asked for is what the request acts as', async (t) => {
  const rights = [
    users,
    may('impersonate', 'groups'),
    may('impersonate', 'uids,userextras/a', authentication),
  ];
  t.deepEqual(
    await act(
      [
        'Impersonate-User',
        'alice',
        'Impersonate-Group',
        'x',
        'Impersonate-Group',
        'y,z',
        'Impersonate-Uid',
        '7',
        'Impersonate-Extra-A',
        'p',
        'Impersonate-Extra-A',
        'q',
      ],
      rights,
    ),
    {
      name: 'alice',
      uid: '7',
      groups: ['x', 'y,z', 'system:authenticated'],
      extra: { a: ['p', 'q'] },
    },
  );
});

test('a service account is asked for in its namespace, and brings its groups', async (t) => {
  const account = ['Impersonate-User', 'system:serviceaccount:apps:robot'];
  t.is(await act(account, [users]), cannot('serviceaccounts', 'robot', '', 'in the namespace "apps"'));
  const inApps = [
    role('apps', 'r', may('impersonate', 'serviceaccounts')),
    roleBinding('apps', 'b', 'Role r', 'User bob'),
  ];
  t.deepEqual(await act(account, inApps), {
    name: 'system:serviceaccount:apps:robot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:apps', 'system:authenticated'],
  });
  t.is(
    await act(['Impersonate-User', 'system:serviceaccount:kube-system:robot'], inApps),
    cannot('serviceaccounts', 'robot', '', 'in the namespace "kube-system"'),
  );
});

test('the anonymous user is not authenticated, and who names such a group has it as named', async (t) => {
  const rights = [users, may('impersonate', 'groups')];
  t.deepEqual(await act(['Impersonate-User', 'system:anonymous'], rights), {
    name: 'system:anonymous',
    groups: ['system:unauthenticated'],
  });
  t.deepEqual(await act(['Impersonate-User', 'a', 'Impersonate-Group', 'system:unauthenticated'], rights), {
    name: 'a',
    groups: ['system:unauthenticated'],
  });
  t.deepEqual(
    await act(
      ['Impersonate-User', 'a', 'Impersonate-Group', 'x', 'Impersonate-Group', 'system:authenticated'],
      rights,
    ),
    { name: 'a', groups: ['x', 'system:authenticated'] },
  );
  t.deepEqual(
    await act(
      ['Impersonate-User', 'system:anonymous', 'Impersonate-Group', 'system:unauthenticated'],
      rights,
    ),
    { name: 'system:anonymous', groups: ['system:unauthenticated'] },
  );
});

test('what cannot be understood is refused and never passed over', async (t) => {
  const root = user('root', 'system:masters');
  for (const headers of [
    ['Impersonate-User', 'alice', 'Impersonate-Usr', 'alice'],
    ['Impersonate-Usr', 'alice'],
    ['Impersonate-User', ''],
    ['Impersonate-User', 'alice', 'Impersonate-User', 'eve'],
    ['Impersonate-User', 'alice', 'Impersonate-Uid', '1', 'Impersonate-Uid', '2'],
    [
      'Impersonate-User',
      'alice',
      ...Array.from({ length: 2000 }, (_, index) => ['Impersonate-Group', `g${index}`]).flat(),
    ],
  ])
    t.regex((await act(headers, [], root)) as string, /^400 /);
});

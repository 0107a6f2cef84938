import test from 'ava';
import type { Attributes, User } from '../../../src/kube/apiserver/attributes.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { authorizeByRoles, policyOf, reviewRules } from '../../../src/kube/authz/rbac.ts';
import type { PolicyRule } from '../../../src/kube/authz/rbac.ts';
import {
  asks,
  chances,
  clusterRole,
  clusterRoleBinding,
  may,
  role,
  roleBinding,
  user,
} from '../support/policies.ts';
import { cpuTime } from '../../helpers/cpu-time.ts';

const bob = user('bob', 'dev', 'system:authenticated');
const account = user('system:serviceaccount:apps:robot', 'system:serviceaccounts');
const inDefault = { namespace: 'default' };

/** The same rule for bob, by a binding that holds everywhere. */
const everywhere = (rule: Partial<PolicyRule>): KubeObject[] => [
  clusterRole('r', rule),
  clusterRoleBinding('b', 'r', 'User bob'),
];
const here = (rule: Partial<PolicyRule>, ...subjects: readonly string[]): KubeObject[] => [
  role('default', 'r', rule),
  roleBinding('default', 'b', 'Role r', ...(subjects.length > 0 ? subjects : ['User bob'])),
];
const path = (asked: string, verb = 'get', who: User = bob): Attributes => ({ user: who, verb, path: asked });
const paths = (...nonResourceURLs: string[]): Partial<PolicyRule> => ({ verbs: ['get'], nonResourceURLs });

/** Policy, question, answer: the rows of one rule stand together, and one says yes and one no. */
const table: Readonly<Record<string, readonly [readonly KubeObject[], Attributes, boolean]>> = {
  'no role': [[], asks(bob, 'get', 'pods'), false],
  'the verb': [everywhere(may('get', 'pods')), asks(bob, 'get', 'pods'), true],
  'another verb': [everywhere(may('get', 'pods')), asks(bob, 'list', 'pods'), false],
  'every verb': [everywhere(may('*', 'pods')), asks(bob, 'escalate', 'pods'), true],
  'another group': [
    everywhere(may('get', 'pods')),
    asks(bob, 'get', 'pods', { group: 'metrics.k8s.io' }),
    false,
  ],
  'every group': [
    everywhere(may('get', 'pods', { apiGroups: ['*'] })),
    asks(bob, 'get', 'pods', { group: 'metrics.k8s.io' }),
    true,
  ],
  'no group': [everywhere(may('get', 'pods', { apiGroups: [] })), asks(bob, 'get', 'pods'), false],
  'another resource': [everywhere(may('get', 'pods')), asks(bob, 'get', 'secrets'), false],
  'every resource': [everywhere(may('get', '*')), asks(bob, 'get', 'secrets'), true],
  'every resource has subresources': [everywhere(may('get', '*')), asks(bob, 'get', 'pods/log'), true],
  'a subresource': [everywhere(may('get', 'pods/log')), asks(bob, 'get', 'pods/log'), true],
  'a resource is not its subresource': [everywhere(may('get', 'pods')), asks(bob, 'get', 'pods/log'), false],
  'a subresource is not its resource': [everywhere(may('get', 'pods/log')), asks(bob, 'get', 'pods'), false],
  'a subresource of everything': [everywhere(may('get', '*/log')), asks(bob, 'get', 'pods/log'), true],
  'another subresource of everything': [
    everywhere(may('get', '*/log')),
    asks(bob, 'get', 'pods/exec'),
    false,
  ],
  'every subresource of one is no such thing': [
    everywhere(may('get', 'pods/*')),
    asks(bob, 'get', 'pods/log'),
    false,
  ],
  'a name': [
    everywhere(may('get', 'pods', { resourceNames: ['web'] })),
    asks(bob, 'get', 'pods', { name: 'web' }),
    true,
  ],
  'another name': [
    everywhere(may('get', 'pods', { resourceNames: ['web'] })),
    asks(bob, 'get', 'pods', { name: 'db' }),
    false,
  ],
  'all of them, by one who may one': [
    everywhere(may('list', 'pods', { resourceNames: ['web'] })),
    asks(bob, 'list', 'pods'),
    false,
  ],
  'a star is no name': [
    everywhere(may('get', 'pods', { resourceNames: ['*'] })),
    asks(bob, 'get', 'pods', { name: 'web' }),
    false,
  ],
  'a path': [everywhere(paths('/version')), path('/version'), true],
  'another path': [everywhere(paths('/version')), path('/versions'), false],
  'a path below': [everywhere(paths('/healthz/*')), path('/healthz/etcd'), true],
  'not the path above': [everywhere(paths('/healthz/*')), path('/healthz'), false],
  'every path': [everywhere(paths('*')), path('/metrics'), true],
  'a star in the middle is a star': [everywhere(paths('/a/*/c')), path('/a/b/c'), false],
  'a path, another verb': [everywhere(paths('/version')), path('/version', 'post'), false],
  'a path is no resource': [everywhere(may('*', '*', { apiGroups: ['*'] })), path('/version'), false],
  'a resource is no path': [
    everywhere({ verbs: ['*'], nonResourceURLs: ['*'] }),
    asks(bob, 'get', 'pods'),
    false,
  ],
  'everywhere is also here': [everywhere(may('get', 'pods')), asks(bob, 'get', 'pods', inDefault), true],
  here: [here(may('get', 'pods')), asks(bob, 'get', 'pods', inDefault), true],
  'here is not there': [
    here(may('get', 'pods')),
    asks(bob, 'get', 'pods', { namespace: 'kube-system' }),
    false,
  ],
  'here is not everywhere': [here(may('get', 'pods')), asks(bob, 'get', 'pods'), false],
  'here is no path': [here(paths('/version')), path('/version'), false],
  'a cluster role, bound here': [
    [clusterRole('r', may('get', 'pods')), roleBinding('default', 'b', 'ClusterRole r', 'User bob')],
    asks(bob, 'get', 'pods', inDefault),
    true,
  ],
  'a cluster role, bound here, is not there': [
    [clusterRole('r', may('get', 'pods')), roleBinding('default', 'b', 'ClusterRole r', 'User bob')],
    asks(bob, 'get', 'pods', { namespace: 'x' }),
    false,
  ],
  'a role of another namespace': [
    [role('x', 'r', may('get', 'pods')), roleBinding('default', 'b', 'Role r', 'User bob')],
    asks(bob, 'get', 'pods', inDefault),
    false,
  ],
  'a cluster role where a role is named': [
    [clusterRole('r', may('get', 'pods')), roleBinding('default', 'b', 'Role r', 'User bob')],
    asks(bob, 'get', 'pods', inDefault),
    false,
  ],
  'another user': [here(may('get', 'pods'), 'User alice'), asks(bob, 'get', 'pods', inDefault), false],
  'a group': [here(may('get', 'pods'), 'Group dev'), asks(bob, 'get', 'pods', inDefault), true],
  'a group of the user’s name': [
    here(may('get', 'pods'), 'Group bob'),
    asks(bob, 'get', 'pods', inDefault),
    false,
  ],
  'a user of the group’s name': [
    here(may('get', 'pods'), 'User dev'),
    asks(bob, 'get', 'pods', inDefault),
    false,
  ],
  'a service account': [
    here(may('get', 'pods'), 'ServiceAccount apps/robot'),
    asks(account, 'get', 'pods', inDefault),
    true,
  ],
  'a service account of another namespace': [
    here(may('get', 'pods'), 'ServiceAccount other/robot'),
    asks(account, 'get', 'pods', inDefault),
    false,
  ],
  'a service account is of the binding’s namespace where it names none': [
    [role('apps', 'r', may('get', 'pods')), roleBinding('apps', 'b', 'Role r', 'ServiceAccount /robot')],
    asks(account, 'get', 'pods', { namespace: 'apps' }),
    true,
  ],
  'a service account, by its user name': [
    here(may('get', 'pods'), 'User system:serviceaccount:apps:robot'),
    asks(account, 'get', 'pods', inDefault),
    true,
  ],
  'system:masters, whom no rule allows': [[], asks(user('root', 'system:masters'), 'delete', 'nodes'), true],
  'system:masters, a path': [[], path('/metrics', 'get', user('root', 'system:masters')), true],
  'a user named system:masters': [[], asks(user('system:masters'), 'delete', 'nodes'), false],
};

for (const [title, [policy, asked, expected]] of Object.entries(table)) {
  test(`${expected ? 'allowed' : 'not allowed'}: ${title}`, (t) =>
    t.is(authorizeByRoles(policyOf(policy), asked).allowed, expected));
}

test('the reason names the binding, the role and the subject; what leads nowhere is said', (t) => {
  const reason = (policy: readonly KubeObject[], who: User = bob): string | undefined =>
    authorizeByRoles(policyOf(policy), asks(who, 'get', 'pods', inDefault)).reason;
  t.is(
    reason(everywhere(may('get', 'pods'))),
    'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "bob"',
  );
  t.is(
    reason(here(may('get', 'pods'), 'ServiceAccount apps/robot'), account),
    'RBAC: allowed by RoleBinding "b/default" of Role "r" to ServiceAccount "robot/apps"',
  );
  t.is(
    reason([clusterRoleBinding('b', 'gone', 'User bob')]),
    'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
  );
  const two = [
    clusterRoleBinding('b', 'gone', 'User bob'),
    roleBinding('default', 'c', 'Role lost', 'Group dev'),
  ];
  t.is(
    reason(two),
    'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, role.rbac.authorization.k8s.io "lost" not found]',
  );
  t.is(reason([]), undefined);
});

test('an aggregation gathers what its labels select, through others, and goes round no circle for ever', (t) => {
  const labelled = (
    object: KubeObject,
    labels: Record<string, string>,
    selectors?: readonly unknown[],
  ): KubeObject => ({
    ...object,
    metadata: { ...object.metadata, labels },
    ...(selectors ? { aggregationRule: { clusterRoleSelectors: selectors } } : {}),
  });
  const objects = [
    labelled(clusterRole('top', may('get', 'own')), { to: 'middle' }, [{ matchLabels: { to: 'top' } }]),
    labelled(clusterRole('middle'), { to: 'top' }, [
      { matchExpressions: [{ key: 'to', operator: 'In', values: ['middle'] }] },
    ]),
    labelled(clusterRole('leaf', may('get', 'pods')), { to: 'middle' }),
    labelled(clusterRole('other', may('get', 'secrets')), { to: 'nothing' }),
    labelled(clusterRole('odd', may('get', 'nodes')), {}, [
      { matchExpressions: [{ key: 'to', operator: 'Near', values: [] }] },
    ]),
    clusterRoleBinding('b', 'top', 'User bob'),
    clusterRoleBinding('c', 'odd', 'User alice'),
  ];
  const allowed = (who: User, what: string): boolean =>
    authorizeByRoles(policyOf(objects), asks(who, 'get', what)).allowed;
  t.true(allowed(bob, 'pods'));
  t.false(allowed(bob, 'secrets'));
  // The rules of what gathers are written by the gathering, whatever somebody put there.
  t.false(allowed(bob, 'own'));
  t.false(allowed(user('alice'), 'nodes'));
});

test('an aggregation selects by any of its selectors, and each by all that it says', (t) => {
  const labelled = (name: string, labels: Record<string, string>): KubeObject => ({
    ...clusterRole(name, may('get', name)),
    metadata: { name, labels },
  });
  const selectors = [
    { matchLabels: { a: '1', b: '2' } },
    {
      matchLabels: { c: '3' },
      matchExpressions: [
        { key: 'd', operator: 'Exists' },
        { key: 'e', operator: 'DoesNotExist' },
      ],
    },
  ];
  const roles = [
    labelled('ab', { a: '1', b: '2' }),
    labelled('a', { a: '1' }),
    labelled('cd', { c: '3', d: '' }),
    labelled('c', { c: '3' }),
    labelled('cde', { c: '3', d: '', e: '' }),
  ];
  const policy = policyOf([
    ...roles,
    { ...clusterRole('all'), aggregationRule: { clusterRoleSelectors: selectors } },
    clusterRoleBinding('b', 'all', 'User bob'),
  ]);
  t.deepEqual(
    roles
      .map(({ metadata }) => metadata.name)
      .filter((name) => authorizeByRoles(policy, asks(bob, 'get', name)).allowed),
    ['ab', 'cd'],
  );
});

test('rules are those of roles alone, whatever else has a field of that name', (t) => {
  for (const kind of ['Secret', 'ClusterRole']) {
    const policy = policyOf([
      { ...role('default', 'r', may('get', 'pods')), kind },
      roleBinding('default', 'b', 'Role r', 'User bob'),
    ]);
    t.false(authorizeByRoles(policy, asks(bob, 'get', 'pods', inDefault)).allowed, kind);
  }
});

test('the operators of a selector', (t) => {
  const matches = (operator: string, labels: Record<string, string>): boolean => {
    const from: KubeObject = {
      ...clusterRole('from', may('get', 'pods')),
      metadata: { name: 'from', labels },
    };
    const into: KubeObject = {
      ...clusterRole('into'),
      aggregationRule: {
        clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator, values: ['1'] }] }],
      },
    };
    return authorizeByRoles(
      policyOf([from, into, clusterRoleBinding('b', 'into', 'User bob')]),
      asks(bob, 'get', 'pods'),
    ).allowed;
  };
  const expected: Record<string, readonly boolean[]> = {
    In: [true, false, false],
    NotIn: [false, true, true],
    Exists: [true, true, false],
    DoesNotExist: [false, false, true],
    constructor: [false, false, false],
  };
  for (const [operator, answers] of Object.entries(expected))
    t.deepEqual(
      [{ a: '1' }, { a: '2' }, {}].map((labels) => matches(operator, labels as Record<string, string>)),
      answers,
      operator,
    );
});

test('what a user may is told rule by rule', (t) => {
  const policy = policyOf([
    ...everywhere({ ...may('get', 'pods'), nonResourceURLs: ['/version'] }),
    role('default', 'n', may('list', 'secrets', { resourceNames: ['x'] })),
    roleBinding('default', 'm', 'Role n', 'Group dev'),
  ]);
  const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods'] };
  t.deepEqual(reviewRules(policy, bob, 'default'), {
    resourceRules: [pods, { verbs: ['list'], apiGroups: [''], resources: ['secrets'], resourceNames: ['x'] }],
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/version'] }],
    incomplete: false,
  });
  t.deepEqual(reviewRules(policy, bob, 'other').resourceRules, [pods]);
  t.deepEqual(reviewRules(policyOf(everywhere(paths('/x'))), bob, 'default'), {
    resourceRules: [],
    nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
    incomplete: false,
  });
  const broken = reviewRules(policyOf([clusterRoleBinding('b', 'gone', 'User bob')]), bob, 'default');
  t.true(broken.incomplete);
  t.is(broken.evaluationError, 'clusterrole.rbac.authorization.k8s.io "gone" not found');
});

test('what is not of its shape grants nothing and never throws', (t) => {
  const values: readonly unknown[] = [
    undefined,
    null,
    0,
    'x',
    [],
    {},
    [null],
    [[]],
    [{}],
    { kind: 7 },
    [{ kind: 'User' }],
    [{ verbs: '*', apiGroups: '*', resources: '*' }],
  ];
  for (const kind of ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding', 'Secret']) {
    for (const value of values) {
      for (const field of ['rules', 'subjects', 'roleRef', 'aggregationRule']) {
        const object = {
          ...clusterRoleBinding('b', 'r', 'User bob'),
          ...clusterRole('r', may('get', 'pods')),
          kind,
          [field]: value,
        };
        const policy = policyOf([object, clusterRoleBinding('c', 'r', 'User bob')]);
        t.false(authorizeByRoles(policy, asks(bob, 'delete', 'pods')).allowed);
      }
    }
  }
});

/** What rbac says, as plainly as it can be said: every binding, every subject, every rule. */
function naively(objects: readonly KubeObject[], asked: Attributes): boolean {
  type Stored = {
    roleRef: { kind: string; name: string };
    subjects: { kind: string; name: string; namespace?: string }[];
    rules: Partial<PolicyRule>[];
  };
  const namespace = asked.resource === undefined ? '' : (asked.namespace ?? '');
  return objects.some((binding) => {
    const home = binding.metadata.namespace ?? '';
    if (
      !binding.kind.endsWith('Binding') ||
      (binding.kind === 'RoleBinding' && (namespace === '' || home !== namespace))
    )
      return false;
    const { roleRef, subjects } = binding as unknown as Stored;
    const isMine = subjects.some((one) =>
      one.kind === 'User'
        ? one.name === asked.user.name
        : one.kind === 'Group'
          ? asked.user.groups.includes(one.name)
          : asked.user.name === `system:serviceaccount:${one.namespace ?? home}:${one.name}`,
    );
    const found = objects.find(
      (one) =>
        one.kind === roleRef.kind &&
        one.metadata.name === roleRef.name &&
        (one.kind === 'ClusterRole' || one.metadata.namespace === home),
    );
    if (!isMine || !found) return false;
    return (found as unknown as Stored).rules.some(
      ({ verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }) => {
        if (!verbs.some((one) => one === '*' || one === asked.verb)) return false;
        if (asked.resource === undefined)
          return nonResourceURLs.some((one) =>
            new RegExp(`^${one.endsWith('*') ? `${one.slice(0, -1)}.*` : one}$`).test(asked.path),
          );
        const whole =
          asked.subresource === undefined
            ? [asked.resource]
            : [`${asked.resource}/${asked.subresource}`, `*/${asked.subresource}`];
        return (
          apiGroups.some((one) => one === '*' || one === asked.group) &&
          resources.some((one) => one === '*' || whole.includes(one)) &&
          (resourceNames.length === 0 || resourceNames.some((one) => one === asked.name))
        );
      },
    );
  });
}

test('random policies answer random questions as the plainest reading of them does', (t) => {
  const chance = chances(20_260_601);
  const pick = <T>(all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T;
  const some = <T>(all: readonly T[]): T[] => all.filter(() => chance() < 0.4);
  const namespaces = ['a', 'b'];
  const subjects = [
    'User bob',
    'User dev',
    'Group dev',
    'Group ops',
    'ServiceAccount a/bob',
    'User system:serviceaccount:a:bob',
  ];
  const users = [
    user('bob', 'ops'),
    user('dev'),
    user('eve', 'dev', 'ops'),
    user('system:serviceaccount:a:bob'),
  ];
  const rule = (): Partial<PolicyRule> =>
    chance() < 0.2
      ? { verbs: some(['get', 'post', '*']), nonResourceURLs: some(['/x', '/x/*', '*', '/y']) }
      : {
          verbs: some(['get', 'list', '*']),
          apiGroups: some(['', 'apps', '*']),
          resources: some(['pods', 'pods/log', '*/log', 'secrets', '*']),
          resourceNames: chance() < 0.3 ? some(['n', 'm']) : [],
        };
  const answers = { yes: 0, no: 0 };
  for (let round = 0; round < 400; round++) {
    const rules = (): Partial<PolicyRule>[] => Array.from({ length: Math.floor(chance() * 3) }, rule);
    const objects = [
      ...['r', 's'].flatMap((name) => (chance() < 0.7 ? [clusterRole(name, ...rules())] : [])),
      ...namespaces.flatMap((namespace) => [role(namespace, 'r', ...rules())]),
      clusterRoleBinding('c', pick(['r', 's']), ...some(subjects)),
      ...namespaces.map((namespace) =>
        roleBinding(namespace, 'd', pick(['Role r', 'ClusterRole s', 'Role t']), ...some(subjects)),
      ),
    ];
    const policy = policyOf(objects);
    for (let question = 0; question < 20; question++) {
      const asked: Attributes =
        chance() < 0.2
          ? path(pick(['/x', '/x/y', '/y', '/z']), pick(['get', 'post']), pick(users))
          : asks(pick(users), pick(['get', 'list']), pick(['pods', 'pods/log', 'secrets']), {
              group: pick(['', 'apps']),
              ...pick([{}, { namespace: 'a' }, { namespace: 'b' }]),
              ...pick([{}, { name: 'n' }]),
            });
      const expected = naively(objects, asked);
      answers[expected ? 'yes' : 'no']++;
      if (authorizeByRoles(policy, asked).allowed !== expected)
        t.fail(JSON.stringify({ objects, asked, expected }));
    }
  }
  t.true(answers.yes > 500 && answers.no > 500, JSON.stringify(answers));
});

test('ten thousand bindings and a user of thousands of groups cost a question little', (t) => {
  const objects = [
    clusterRole('r', may('get', 'pods')),
    ...Array.from({ length: 10_000 }, (_, index) => clusterRoleBinding(`b${index}`, 'r', `Group g${index}`)),
  ];
  const policy = policyOf(objects);
  const crowd = user('x', ...Array.from({ length: 5000 }, (_, index) => `h${index}`), 'g9999');
  const began = cpuTime();
  for (let round = 0; round < 20; round++)
    t.true(authorizeByRoles(policy, asks(crowd, 'get', 'pods')).allowed);
  t.true(cpuTime() - began < 2000);
});

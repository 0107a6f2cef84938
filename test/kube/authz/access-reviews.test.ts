import test from 'ava';
import {
  reviewAccess,
  reviewOwnAccess,
  reviewOwnRules,
  reviewSelf,
} from '../../../src/kube/authz/access-reviews.ts';
import type { Attributes } from '../../../src/kube/apiserver/attributes.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { authorizeByRoles, policyOf } from '../../../src/kube/authz/rbac.ts';
import { clusterRole, clusterRoleBinding, may, user } from '../support/policies.ts';

const bob = { ...user('bob', 'dev'), uid: '7', extra: { scopes: ['x'] } };
const policy = policyOf([
  clusterRole('r', may('get', 'pods'), { verbs: ['get'], nonResourceURLs: ['/metrics'] }),
  clusterRoleBinding('b', 'r', 'User bob'),
]);
const authorize = async (asked: Attributes): Promise<ReturnType<typeof authorizeByRoles>> =>
  Promise.resolve(authorizeByRoles(policy, asked));
const posted = (kind: string, spec: unknown, namespace?: string): KubeObject => ({
  apiVersion: 'authorization.k8s.io/v1',
  kind,
  metadata: { name: '', ...(namespace ? { namespace } : {}) },
  spec,
});
const pods = { verb: 'get', resource: 'pods', namespace: 'default' };

async function refusal(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'answered';
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code} ${error.message}`;
    throw error;
  }
}

test('may I: the rule that says so, and a plain no', async (t) => {
  const ask = async (spec: unknown): Promise<unknown> =>
    (await reviewOwnAccess(posted('SelfSubjectAccessReview', spec), bob, authorize))['status'];
  t.deepEqual(await ask({ resourceAttributes: pods }), {
    allowed: true,
    reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "r" to User "bob"',
  });
  t.deepEqual(await ask({ resourceAttributes: { ...pods, subresource: 'log' } }), { allowed: false });
  t.deepEqual(await ask({ resourceAttributes: { ...pods, group: 'apps' } }), { allowed: false });
  t.like(await ask({ nonResourceAttributes: { verb: 'get', path: '/metrics' } }), { allowed: true });
  t.deepEqual(await ask({ nonResourceAttributes: { verb: 'get', path: '/logs' } }), { allowed: false });
});

test('may they: about the user and the groups that are named, and nobody else', async (t) => {
  const ask = async (spec: object): Promise<unknown> =>
    (await reviewAccess(posted('SubjectAccessReview', { resourceAttributes: pods, ...spec }), authorize))[
      'status'
    ];
  t.like(await ask({ user: 'bob' }), { allowed: true });
  t.deepEqual(await ask({ user: 'eve', groups: ['dev'] }), { allowed: false });
  t.deepEqual(await ask({ groups: ['system:masters'] }), { allowed: true });
  let asked: Attributes | undefined;
  await reviewAccess(
    posted('SubjectAccessReview', {
      resourceAttributes: { ...pods, name: 'n' },
      user: 'u',
      uid: '1',
      groups: ['g'],
      extra: { e: ['v'] },
    }),
    async (question) => {
      asked = question;
      return Promise.resolve({ allowed: false });
    },
  );
  t.deepEqual(asked, {
    user: { name: 'u', uid: '1', groups: ['g'], extra: { e: ['v'] } },
    verb: 'get',
    group: '',
    version: '',
    resource: 'pods',
    namespace: 'default',
    name: 'n',
  });
});

test('a question that asks nothing, or two things, or about nobody, is a 422', async (t) => {
  const own = async (spec: unknown): Promise<string> =>
    refusal(async () => reviewOwnAccess(posted('SelfSubjectAccessReview', spec), bob, authorize));
  for (const spec of [undefined, null, 7, [], {}, { resourceAttributes: 7 }])
    t.regex(
      await own(spec),
      /^422 .*exactly one of nonResourceAttributes or resourceAttributes must be specified$/,
    );
  t.regex(
    await own({ resourceAttributes: pods, nonResourceAttributes: { path: '/' } }),
    /^422 .*cannot be specified in combination with resourceAttributes$/,
  );
  const theirs = async (spec: unknown, kind = 'SubjectAccessReview', namespace?: string): Promise<string> =>
    refusal(async () => reviewAccess(posted(kind, spec, namespace), authorize));
  t.regex(
    await theirs({ resourceAttributes: pods }),
    /^422 .*spec.user: Invalid value: "": at least one of user or group must be specified$/,
  );
  t.is(
    await theirs({ user: 'bob', resourceAttributes: pods }, 'LocalSubjectAccessReview', 'default'),
    'answered',
  );
  t.regex(
    await theirs({ user: 'bob', resourceAttributes: pods }, 'LocalSubjectAccessReview', 'other'),
    /must match metadata.namespace/,
  );
  t.regex(
    await theirs(
      { user: 'bob', nonResourceAttributes: { verb: 'get', path: '/' } },
      'LocalSubjectAccessReview',
      'other',
    ),
    /spec.resourceAttributes: Required value/,
  );
});

test('what may I, and who am I', async (t) => {
  t.deepEqual(
    reviewOwnRules(posted('SelfSubjectRulesReview', { namespace: 'default' }), bob, policy)['status'],
    {
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/metrics'] }],
      incomplete: false,
    },
  );
  t.regex(
    await refusal(() => reviewOwnRules(posted('SelfSubjectRulesReview', {}), bob, policy)),
    /^422 .*spec.namespace: Required value$/,
  );
  t.deepEqual(reviewSelf(posted('SelfSubjectReview', undefined), bob)['status'], {
    userInfo: { username: 'bob', uid: '7', groups: ['dev'], extra: { scopes: ['x'] } },
  });
  t.deepEqual(reviewSelf(posted('SelfSubjectReview', undefined), user('eve'))['status'], {
    userInfo: { username: 'eve', groups: [] },
  });
});

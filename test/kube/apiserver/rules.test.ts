import test from 'ava';
import type { ExecutionContext } from 'ava';
import { signers } from '../../../src/kube/certificates/signer-names.ts';
import type { Attributes, User } from '../../../src/kube/apiserver/attributes.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { bootstrapPolicy, kubeadmPolicy } from '../../../src/kube/authz/bootstrap-policy.ts';
import { prepareRules } from '../../../src/kube/apiserver/rules.ts';
import type { Rules } from '../../../src/kube/apiserver/rules.ts';
import { at, authority, issue } from '../support/certificates.ts';
import { asks, clusterRole, clusterRoleBinding, may, role, user } from '../support/policies.ts';
import { base64, condition, signingRequest } from '../support/requests.ts';
import { TinyStore } from '../support/tiny-store.ts';

const ca = authority('kubernetes');
const admin = issue({
  subject: [
    ['O', 'kubeadm:cluster-admins'],
    ['CN', 'kubernetes-admin'],
  ],
  issuer: ca,
});
const bob = issue({ subject: [['CN', 'bob']], issuer: ca });
const kubelet = user('system:node:n1', 'system:nodes');
const rbac = '/registry/rbac.authorization.k8s.io';
const requests = 'certificatesigningrequests.certificates.k8s.io';
const remote = { host: '127.0.0.1', port: 1 };
const csr = { group: 'certificates.k8s.io', name: 'c' };

async function storePolicy(store: TinyStore): Promise<void> {
  for (const object of [...bootstrapPolicy(), ...kubeadmPolicy()])
    await store.create(`${rbac}/${object.kind.toLowerCase()}s/${object.metadata.name}`, object);
}

async function start(t: ExecutionContext): Promise<{ readonly rules: Rules; readonly store: TinyStore }> {
  const store = new TinyStore();
  await storePolicy(store);
  const rules = await prepareRules({ store, clock: { now: () => at }, clientAuthorities: [ca.der] });
  t.teardown(() => rules.close());
  return { rules, store };
}

async function said(run: () => unknown): Promise<string> {
  try {
    await run();
    return 'done';
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code}`;
    throw error;
  }
}

const change = (
  who: User,
  object: KubeObject,
  attributes: Partial<Attributes>,
  old?: KubeObject,
): Parameters<Rules['admit']>[0] => ({
  operation: old ? 'UPDATE' : 'CREATE',
  attributes: { ...asks(who, 'update', 'x'), ...attributes } as Extract<Attributes, { resource: string }>,
  object,
  ...(old ? { old } : {}),
  at,
});

test('who presents a certificate is a user, and may be another where a role says so', async (t) => {
  const { rules } = await start(t);
  const who = async (presented: readonly Uint8Array[], ...headers: string[]): Promise<unknown> =>
    rules.authenticate({ presented, remote }, headers);
  t.like(await who([admin.der]), {
    user: { name: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] },
  });
  t.like(await who([admin.der], 'Impersonate-User', 'alice'), { user: { name: 'alice' } });
  t.is(await said(async () => who([bob.der], 'Impersonate-User', 'alice')), '403');
  t.like(await who([]), { user: { name: 'system:anonymous' } });
  const answer = await rules.authenticate(
    { presented: [issue({ subject: [['CN', 'bob']], issuer: authority('rogue') }).der], remote },
    [],
  );
  t.regex(
    'rejected' in answer ? answer.rejected.words.en : '',
    /^CN=bob .* signed by unknown authority: CN=rogue$/,
  );
});

test('a role, a binding and a token that come or go count from then on', async (t) => {
  const { rules, store } = await start(t);
  const allowed = async (): Promise<boolean> =>
    (await rules.authorize(asks(user('bob'), 'get', 'pods'))).allowed;
  t.false(await allowed());
  await store.create(`${rbac}/clusterroles/r`, clusterRole('r', may('list', 'pods')));
  await store.create(`${rbac}/clusterrolebindings/b`, clusterRoleBinding('b', 'r', 'User bob'));
  t.false(await allowed());
  await store.update(`${rbac}/clusterroles/r`, clusterRole('r', may('get', 'pods')));
  t.true(await allowed());
  await store.remove(`${rbac}/clusterrolebindings/b`);
  t.false(await allowed());

  const login = async (): Promise<string> => {
    const answer = await rules.authenticate({ presented: [], remote }, [
      'Authorization',
      'Bearer abcdef.0123456789abcdef',
    ]);
    return 'user' in answer ? answer.user.name : answer.rejected.reason;
  };
  t.is(await login(), 'token_unknown');
  const data = Object.fromEntries(
    Object.entries({
      'token-id': 'abcdef',
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-authentication': 'true',
    }).map(([key, value]) => [key, base64(value)]),
  );
  const secret: KubeObject = {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: 'bootstrap-token-abcdef', namespace: 'kube-system' },
    data,
  };
  await store.create('/registry/core/secrets/default/bootstrap-token-abcdef', secret);
  t.is(await login(), 'token_unknown');
  await store.create('/registry/core/secrets/kube-system/bootstrap-token-abcdef', secret);
  t.is(await login(), 'system:bootstrap:abcdef');
});

test('a kubelet reads the secrets of its pods, and is told why no others', async (t) => {
  const { rules, store } = await start(t);
  const read = async (): Promise<unknown> =>
    rules.authorize(asks(kubelet, 'get', 'secrets', { namespace: 'default', name: 's' }));
  t.deepEqual(await read(), {
    allowed: false,
    reason: "no relationship found between node 'n1' and this object",
  });
  await store.create('/registry/core/pods/default/p', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'default' },
    spec: { nodeName: 'n1', volumes: [{ secret: { secretName: 's' } }] },
  });
  t.deepEqual(await read(), { allowed: true });
  t.false(
    (
      await rules.authorize(
        asks(user('system:node:n2', 'system:nodes'), 'get', 'secrets', { namespace: 'default', name: 's' }),
      )
    ).allowed,
  );
  await store.create('/registry/core/pods/default/waiting', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'waiting', namespace: 'default' },
    spec: {},
  });
  t.deepEqual(await read(), { allowed: true });
  // What the node authorizer refuses or leaves, RBAC may allow.
  const other = async (): Promise<boolean> =>
    (await rules.authorize(asks(kubelet, 'get', 'secrets', { namespace: 'default', name: 'other' }))).allowed;
  t.false(await other());
  await store.create(`${rbac}/clusterroles/r`, clusterRole('r', may('get', 'secrets')));
  await store.create(`${rbac}/clusterrolebindings/b`, clusterRoleBinding('b', 'r', 'User system:node:n1'));
  t.true(await other());
  t.true(
    (
      await rules.authorize(
        asks(kubelet, 'create', 'certificatesigningrequests/selfnodeclient', {
          group: 'certificates.k8s.io',
        }),
      )
    ).allowed,
  );
});

test('a request is created, approved and issued by its rules', async (t) => {
  const { rules, store } = await start(t);
  const behaviour = rules.behaviours[requests];
  const created = (await behaviour?.create(
    change(user('bob'), signingRequest({ spec: { username: 'root' } }), csr),
  )) as KubeObject;
  t.like(created['spec'], { username: 'bob' });
  const root = user('root', 'system:masters');
  const approving = { ...created, status: { conditions: [condition('Approved')] } };
  const approved = (await behaviour?.update['approval']?.(
    change(root, approving, { ...csr, subresource: 'approval' }, created),
  )) as KubeObject;
  t.is(
    await said(async () =>
      behaviour?.update['status']?.(change(root, approving, { ...csr, subresource: 'status' }, created)),
    ),
    '422',
  );
  const plain = (await behaviour?.update['']?.(change(root, approving, csr, created))) as KubeObject;
  t.deepEqual(plain['status'], {});
  const decision = (who: User, subresource: string): Promise<string> =>
    said(async () =>
      rules.admit(
        change(who, approved, { ...csr, resource: 'certificatesigningrequests', subresource }, created),
      ),
    );
  t.deepEqual(
    await Promise.all([
      decision(root, 'approval'),
      decision(user('bob'), 'approval'),
      decision(user('bob'), 'status'),
      decision(user('bob'), ''),
    ]),
    ['done', '403', '403', 'done'],
  );
  await store.create(
    `${rbac}/clusterrolebindings/b`,
    clusterRoleBinding('b', 'system:certificates.k8s.io:kube-apiserver-client-kubelet-approver', 'User bob'),
  );
  t.is(await decision(user('bob'), 'approval'), 'done');
  t.is(
    await said(async () =>
      behaviour?.create(change(root, signingRequest({ spec: { signerName: signers.legacyUnknown } }), csr)),
    ),
    '422',
  );
});

test('roles and bindings are held to what their writer may, before anybody looks at their form', async (t) => {
  const { rules } = await start(t);
  const write = async (who: User, object: KubeObject, old?: KubeObject): Promise<string> => {
    const behaviour = rules.behaviours[`${object.kind.toLowerCase()}s.rbac.authorization.k8s.io`];
    return said(async () =>
      old
        ? behaviour?.update['']?.(change(who, object, {}, old))
        : behaviour?.create(change(who, object, {})),
    );
  };
  const root = user('root', 'system:masters');
  for (const object of [
    role('x', 'r', may('get', 'pods')),
    clusterRole('r', may('get', 'pods')),
    clusterRoleBinding('b', 'view', 'User bob'),
  ]) {
    t.is(await write(root, object), 'done');
    t.is(await write(user('bob'), object), '403', object.kind);
    t.is(await write(user('bob'), object, object), 'done');
  }
  t.is(await write(root, role('x', 'r', may('get', 'pods', { verbs: [] }))), 'done');
  t.is(await write(user('bob'), role('x', 'r', { verbs: ['get'], nonResourceURLs: ['/x'] })), '403');
});

test('each review is answered by the same rules', async (t) => {
  const { rules } = await start(t);
  const ask = async (
    name: string,
    spec: unknown,
    who = user('bob', 'system:authenticated'),
  ): Promise<unknown> =>
    (
      await rules.reviews[name]?.(
        { apiVersion: 'x', kind: 'Review', metadata: { name: '', namespace: 'default' }, spec },
        who,
      )
    )?.['status'];
  const nodes = { resourceAttributes: { verb: 'list', resource: 'nodes', namespace: 'default' } };
  t.like(await ask('selfsubjectaccessreviews.authorization.k8s.io', nodes), { allowed: false });
  t.like(await ask('selfsubjectaccessreviews.authorization.k8s.io', nodes, user('root', 'system:masters')), {
    allowed: true,
  });
  for (const name of ['subjectaccessreviews', 'localsubjectaccessreviews'])
    t.like(await ask(`${name}.authorization.k8s.io`, { ...nodes, groups: ['system:masters'] }), {
      allowed: true,
    });
  t.like(await ask('selfsubjectrulesreviews.authorization.k8s.io', { namespace: 'default' }), {
    incomplete: false,
  });
  t.like(await ask('selfsubjectreviews.authentication.k8s.io', undefined), { userInfo: { username: 'bob' } });
});

test('what follows the store ends with the rules', async (t) => {
  const { store, rules } = await start(t);
  t.is(store.watches, 4);
  rules.close();
  t.is(store.watches, 0);
});

test('a store that has forgotten its revisions meanwhile is read again', async (t) => {
  const store = new TinyStore();
  await storePolicy(store);
  store.compacted = 5;
  const rules = await prepareRules({ store, clock: { now: () => at }, clientAuthorities: [ca.der] });
  t.true((await rules.authorize(asks(user('x', 'kubeadm:cluster-admins'), 'delete', 'nodes'))).allowed);
  t.is(store.watches, 4);
  rules.close();
});

test('events that are lost are read from a new list', async (t) => {
  const store = new TinyStore();
  const rules = await prepareRules({ store, clock: { now: () => at }, clientAuthorities: [ca.der] });
  const admin = asks(user('x', 'kubeadm:cluster-admins'), 'delete', 'nodes');
  t.false((await rules.authorize(admin)).allowed);
  await store.lose(async () => storePolicy(store));
  while (store.watches < 4) await new Promise(setImmediate);
  t.true((await rules.authorize(admin)).allowed);
  await store.lose(async () => {
    for (const { key } of (await store.list('/')).items) await store.remove(key);
  });
  while (store.watches < 4) await new Promise(setImmediate);
  t.false((await rules.authorize(admin)).allowed);
  rules.close();
  t.is(store.watches, 0);
});

test('a store that fails is not taken for one that has everything, nor for one that has forgotten', async (t) => {
  const broken = new Error('broken');
  const store = new TinyStore();
  store.create = async () => Promise.reject(broken);
  store.watch = async () => Promise.reject(broken);
  t.is(
    await t.throwsAsync(prepareRules({ store, clock: { now: () => at }, clientAuthorities: [ca.der] })),
    broken,
  );
});

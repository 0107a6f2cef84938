/** Tokens that are asked for, used and asked about, by the rules of a server. */
import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import type { User } from '../../../src/kube/apiserver/attributes.ts';
import { ApiFailure } from '../../../src/kube/objects/objects.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { prepareRules } from '../../../src/kube/apiserver/rules.ts';
import { defaultIssuer } from '../../../src/kube/authn/service-account-tokens.ts';
import { textAt, valueAt } from '../../../src/kube/objects/json.ts';
import { at, authority } from '../support/certificates.ts';
import { user } from '../support/policies.ts';
import { TinyStore } from '../support/tiny-store.ts';

const ca = authority('kubernetes');
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const serviceAccounts = {
  key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  publicKeys: [keys.publicKey.export({ type: 'spki', format: 'pem' }) as string],
};
const root = user('root', 'system:masters');
const kubelet = user('system:node:n1', 'system:nodes');
const object = (kind: string, name: string, uid: string, spec?: object): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, uid, ...(kind === 'Node' ? {} : { namespace: 'default' }) },
  ...(spec ? { spec } : {}),
});

interface World {
  readonly store: TinyStore;
  now: number;
  readonly ask: (spec?: object, who?: User, name?: string) => Promise<KubeObject>;
  login(token: string): Promise<string>;
  review(spec: object): Promise<unknown>;
}

async function begin(t: ExecutionContext): Promise<World> {
  const store = new TinyStore();
  await store.create('/registry/core/serviceaccounts/default/web', object('ServiceAccount', 'web', 'u1'));
  await store.create('/registry/core/nodes/n1', object('Node', 'n1', 'nu'));
  await store.create(
    '/registry/core/pods/default/web-1',
    object('Pod', 'web-1', 'p1', { serviceAccountName: 'web', nodeName: 'n1' }),
  );
  await store.create(
    '/registry/core/pods/default/waiting',
    object('Pod', 'waiting', 'p2', { serviceAccountName: 'web' }),
  );
  await store.create('/registry/core/secrets/default/s', object('Secret', 's', 's1'));
  const world = { now: at };
  const rules = await prepareRules({
    store,
    clock: { now: () => world.now },
    clientAuthorities: [ca.der],
    serviceAccounts,
  });
  t.teardown(() => rules.close());
  return Object.assign(world, {
    store,
    ask: async (spec: object = {}, who = root, name = 'web') =>
      rules.posts!['serviceaccounts/token']!(
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', metadata: { name: '' }, spec },
        { namespace: 'default', name, user: who, at: world.now },
      ),
    async login(token: string) {
      const found = await rules.authenticate({ presented: [], remote: { host: '127.0.0.1', port: 1 } }, [
        'Authorization',
        `Bearer ${token}`,
      ]);
      return 'user' in found ? found.user.name : found.rejected.reason;
    },
    async review(spec: object) {
      const { status } = await rules.reviews['tokenreviews.authentication.k8s.io']!(
        { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', metadata: { name: '' }, spec },
        root,
      );
      return status;
    },
  });
}

const tokenOf = (answer: KubeObject): string => textAt(answer, 'status', 'token');
const claimsOf = (answer: KubeObject): unknown =>
  JSON.parse(Buffer.from(tokenOf(answer).split('.')[1] ?? '', 'base64url').toString());
const boundTo = (kind: string, name: string, uid?: string): object => ({
  boundObjectRef: { apiVersion: 'v1', kind, name, ...(uid === undefined ? {} : { uid }) },
});

async function refused(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'done';
  } catch (error) {
    if (error instanceof ApiFailure) return `${error.status.code} ${error.message}`;
    throw error;
  }
}

const account = 'system:serviceaccount:default:web';

test('a token is made for an hour, or for as long as is asked', async (t) => {
  const { ask } = await begin(t);
  const hour = await ask();
  t.like(hour, {
    kind: 'TokenRequest',
    metadata: { name: 'web', namespace: 'default' },
    spec: { audiences: [defaultIssuer], expirationSeconds: 3600 },
    status: { expirationTimestamp: new Date(at + 3_600_000).toISOString().replace(/\.\d+Z$/, 'Z') },
  });
  t.is(valueAt(claimsOf(await ask({ expirationSeconds: 600 })), 'exp'), Math.floor(at / 1000) + 600);
  t.is(await refused(ask({ expirationSeconds: 2 ** 32 })), 'done');
  t.is(
    await refused(ask({ expirationSeconds: 599 })),
    '422 TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
  );
  t.regex(
    await refused(ask({ expirationSeconds: 2 ** 32 + 1 })),
    /may not specify a duration larger than 2\^32 seconds$/,
  );
  t.regex(await refused(ask({ expirationSeconds: -1 })), /^422/);
  t.is(await refused(ask({}, root, 'nobody')), '404 serviceaccounts "nobody" not found');
});

test('a token logs in until its time is up, or its account is gone', async (t) => {
  const world = await begin(t);
  const token = tokenOf(await world.ask({ expirationSeconds: 600 }));
  t.is(await world.login(token), account);
  world.now = at + 661_000;
  t.is(await world.login(token), 'token_expired');
  world.now = at;
  await world.store.update(
    '/registry/core/serviceaccounts/default/web',
    object('ServiceAccount', 'web', 'u2'),
  );
  t.is(await world.login(token), 'token_bound_object_gone');
  t.is(await world.login(tokenOf(await world.ask())), account);
  await world.store.remove('/registry/core/serviceaccounts/default/web');
  t.is(await world.login(token), 'token_bound_object_gone');
  t.is(await world.login(`${token}x`), 'token_malformed');
  t.is(await world.login('abcdef.0123456789abcdef'), 'token_unknown');
});

test('a token for a pod, a secret or a node ends with it', async (t) => {
  const world = await begin(t);
  for (const [kind, name, key] of [
    ['Pod', 'web-1', 'pods/default/web-1'],
    ['Secret', 's', 'secrets/default/s'],
    ['Node', 'n1', 'nodes/n1'],
  ] as const) {
    const token = tokenOf(await world.ask(boundTo(kind, name)));
    t.is(await world.login(token), account);
    await world.store.remove(`/registry/core/${key}`);
    t.is(await world.login(token), 'token_bound_object_gone', kind);
  }
});

test('what a token can be bound to', async (t) => {
  const { ask } = await begin(t);
  t.like(claimsOf(await ask(boundTo('Pod', 'web-1', 'p1'))), {
    'kubernetes.io': { pod: { name: 'web-1', uid: 'p1' }, node: { name: 'n1', uid: 'nu' } },
  });
  t.is(await refused(ask(boundTo('Pod', 'nope'))), '404 pods "nope" not found');
  t.is(
    await refused(ask(boundTo('ConfigMap', 'c'))),
    '400 cannot bind token to object of type v1, Kind=ConfigMap',
  );
  t.is(
    await refused(ask(boundTo('constructor', 'c'))),
    '400 cannot bind token to object of type v1, Kind=constructor',
  );
  t.regex(
    await refused(ask(boundTo('Pod', 'web-1', 'other'))),
    /^409 .*the UID in the bound object reference \(other\) does not match the UID in record/,
  );
});

test('a pod’s token of 3607 seconds is good for a year, and says from when on that is late', async (t) => {
  const { ask } = await begin(t);
  const now = Math.floor(at / 1000);
  t.like(claimsOf(await ask({ expirationSeconds: 3607, ...boundTo('Pod', 'web-1') })), {
    exp: now + 365 * 86_400,
    'kubernetes.io': { warnafter: now + 3607 },
  });
  t.is(valueAt(claimsOf(await ask({ expirationSeconds: 3607 })), 'exp'), now + 3607);
  t.is(
    valueAt(
      claimsOf(await ask({ expirationSeconds: 3607, audiences: ['vault'], ...boundTo('Pod', 'web-1') })),
      'exp',
    ),
    now + 3607,
  );
});

test('a kubelet gets tokens for pods on it', async (t) => {
  const { ask } = await begin(t);
  t.is(await refused(ask(boundTo('Pod', 'web-1', 'p1'), kubelet)), 'done');
  const forbidden = '403 serviceaccounts "web" is forbidden: node requested token';
  t.is(await refused(ask({}, kubelet)), `${forbidden} not bound to a pod`);
  t.is(await refused(ask(boundTo('Node', 'n1', 'nu'), kubelet)), `${forbidden} not bound to a pod`);
  t.is(await refused(ask(boundTo('Pod', 'web-1'), kubelet)), `${forbidden} with a pod binding without a uid`);
  t.is(
    await refused(ask(boundTo('Pod', 'waiting', 'p2'), kubelet)),
    `${forbidden} bound to a pod scheduled on a different node`,
  );
  t.is(
    await refused(ask(boundTo('Pod', 'web-1', 'p1'), user('system:node:n2', 'system:nodes'))),
    `${forbidden} bound to a pod scheduled on a different node`,
  );
});

test('whose a token is can be asked', async (t) => {
  const world = await begin(t);
  const token = tokenOf(await world.ask());
  t.like(await world.review({ token }), {
    authenticated: true,
    user: {
      username: account,
      uid: 'u1',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
    },
    audiences: [defaultIssuer],
  });
  t.deepEqual(await world.review({ token: `${token.slice(0, -4)}AAAA` }), {
    user: {},
    error: 'the signature of the token does not verify with the service account key (sa.pub)',
  });
  t.like(await world.review({ token, audiences: ['vault'] }), {
    user: {},
    error: `the token is for the audience ${defaultIssuer}, not for vault`,
  });
  t.like(
    await world.review({
      token: tokenOf(await world.ask({ audiences: ['vault'] })),
      audiences: ['db', 'vault'],
    }),
    { authenticated: true, audiences: ['vault'] },
  );
  t.like(await world.review({ token: 'nonsense' }), { error: 'invalid bearer token' });
  for (const odd of [' ', ' x', '\u0000']) t.like(await world.review({ token: odd }), { user: {} });
  t.regex(await refused(world.review({ token: '' })), /^400 token is required/);
});

/** Details of answers that a person sees, held to kube-apiserver 1.32: columns, selectable fields, generations, layout. */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { permissive } from '../../../src/kube/apiserver/hooks.ts';
import { startCluster } from '../support/cluster.ts';
import type { Answer, TestCluster } from '../support/cluster.ts';

const deployments = '/apis/apps/v1/namespaces/default/deployments';
const jobs = '/apis/batch/v1/namespaces/default/jobs';
const policies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';
const roles = '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles';
const hooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
const configMaps = '/api/v1/namespaces/default/configmaps';

const template = {
  metadata: { labels: { app: 'web' } },
  spec: {
    containers: [
      { name: 'web', image: 'nginx' },
      { name: 'side', image: 'busybox:1' },
    ],
  },
};
const deployment = {
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, template },
};

async function made(t: ExecutionContext, cluster: TestCluster, path: string, body: object): Promise<Answer> {
  const answer = await cluster.call(path, { body });
  t.is(answer.code, 201, JSON.stringify(answer.body));
  return answer;
}

/** Names of columns to the cells of one object, the wide ones in brackets. */
async function row(cluster: TestCluster, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { body } = await cluster.call(path, {
    headers: { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  });
  const { columnDefinitions, rows } = body as unknown as {
    readonly columnDefinitions: readonly { readonly name: string; readonly priority: number }[];
    readonly rows: readonly { readonly cells: readonly unknown[] }[];
  };
  return Object.fromEntries(
    columnDefinitions.map(({ name, priority }, index) => [
      priority === 0 ? name : `(${name})`,
      rows[0]?.cells[index],
    ]),
  );
}

test('workloads are shown with their containers and images, and a job with how long it took', async (t) => {
  const cluster = await startCluster(t);
  await made(t, cluster, deployments, deployment);
  const { Age: _age, ...shown } = await row(cluster, `${deployments}/web`);
  t.deepEqual(shown, {
    Name: 'web',
    Ready: '0/1',
    'Up-to-date': '0',
    Available: '0',
    '(Containers)': 'web,side',
    '(Images)': 'nginx,busybox:1',
    '(Selector)': 'app=web',
  });
  await made(t, cluster, jobs, {
    metadata: { name: 'once' },
    spec: { parallelism: 3, template: { spec: { ...template.spec, restartPolicy: 'Never' } } },
  });
  const waiting = await row(cluster, `${jobs}/once`);
  t.like(waiting, {
    Status: 'Running',
    Completions: '0/1 of 3',
    Duration: '',
    '(Images)': 'nginx,busybox:1',
  });
  t.deepEqual(Object.keys(waiting).slice(0, 5), ['Name', 'Status', 'Completions', 'Duration', 'Age']);
  const status = {
    startTime: '2026-05-01T10:00:00Z',
    completionTime: '2026-05-01T10:00:42Z',
    succeeded: 1,
    conditions: [
      { type: 'Complete', status: 'True' },
      { type: 'Suspended', status: 'True' },
    ],
  };
  const written = await cluster.call(`${jobs}/once/status`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json' },
    body: { status },
  });
  t.is(written.code, 200);
  t.like(await row(cluster, `${jobs}/once`), {
    Status: 'Complete',
    Completions: '1/1 of 3',
    Duration: '42s',
  });
});

test('selectors with expressions are shown whole, by key', async (t) => {
  const cluster = await startCluster(t);
  await made(t, cluster, policies, {
    metadata: { name: 'np' },
    spec: {
      podSelector: {
        matchLabels: { tier: 'db', app: 'web' },
        matchExpressions: [
          { key: 'env', operator: 'In', values: ['b', 'a'] },
          { key: 'old', operator: 'DoesNotExist' },
          { key: 'zone', operator: 'NotIn', values: ['q'] },
          { key: 'live', operator: 'Exists' },
        ],
      },
    },
  });
  const shown = await row(cluster, `${policies}/np`);
  t.is(shown['Pod-Selector'], 'app=web,env in (a,b),live,!old,tier=db,zone notin (q)');
});

test('events have their source, their count and both times in the wide form; a node its older role', async (t) => {
  const cluster = await startCluster(t);
  const ago = (seconds: number): string =>
    new Date(Date.now() - seconds * 1000).toISOString().replace(/\.\d+Z/, 'Z');
  await made(t, cluster, '/api/v1/namespaces/default/events', {
    metadata: { name: 'e' },
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default', fieldPath: 'spec.containers{web}' },
    source: { component: 'kubelet', host: 'cp' },
    reason: 'BackOff',
    message: 'Back-off\n',
    type: 'Warning',
    count: 3,
    firstTimestamp: ago(3600 * 24 * 4),
    lastTimestamp: ago(3600 * 24 * 3),
  });
  t.deepEqual(await row(cluster, '/api/v1/namespaces/default/events/e'), {
    'Last Seen': '3d',
    Type: 'Warning',
    Reason: 'BackOff',
    Object: 'pod/web',
    '(Subobject)': 'spec.containers{web}',
    '(Source)': 'kubelet, cp',
    Message: 'Back-off',
    '(First Seen)': '4d',
    '(Count)': '3',
    '(Name)': 'e',
  });
  await made(t, cluster, '/api/v1/nodes', {
    metadata: { name: 'n', labels: { 'kubernetes.io/role': 'gpu', 'node-role.kubernetes.io/worker': '' } },
  });
  t.is((await row(cluster, '/api/v1/nodes/n'))['Roles'], 'gpu,worker');
});

test('fields of pods, Services and Jobs are selected; of the rest, only names', async (t) => {
  const cluster = await startCluster(t);
  await made(t, cluster, '/api/v1/namespaces/default/services', {
    metadata: { name: 'web' },
    spec: { ports: [{ port: 80 }] },
  });
  const found = async (path: string): Promise<readonly unknown[] | undefined> =>
    (await cluster.call(path)).body['items'] as readonly unknown[] | undefined;
  t.is((await found('/api/v1/services?fieldSelector=spec.type%3DClusterIP'))?.length, 1);
  t.is((await found('/api/v1/services?fieldSelector=spec.type%3DNodePort'))?.length, 0);
  t.is((await found('/api/v1/services?fieldSelector=spec.clusterIP%3DNone'))?.length, 0);
  for (const field of ['spec.schedulerName', 'spec.hostNetwork'])
    t.deepEqual(await found(`/api/v1/pods?fieldSelector=${field}%3Dx`), [], field);
  t.deepEqual(await found('/apis/batch/v1/jobs?fieldSelector=status.successful%3D0'), []);
  const refused = await cluster.call('/apis/apps/v1/deployments?fieldSelector=spec.replicas%3D1');
  t.is(refused.code, 400);
  t.is(
    refused.body['message'],
    '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"',
  );
});

test('what has a generation gets another one when its spec changes, and not for a label or a status', async (t) => {
  const cluster = await startCluster(t);
  const generation = ({ body }: Answer): unknown => body.metadata['generation'];
  t.is(generation(await made(t, cluster, deployments, deployment)), 1);
  const patch = async (path: string, body: object): Promise<Answer> =>
    cluster.call(path, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body,
    });
  t.is(generation(await patch(`${deployments}/web`, { metadata: { labels: { a: 'b' } } })), 1);
  t.is(generation(await patch(`${deployments}/web/status`, { status: { replicas: 1 } })), 1);
  t.is(generation(await patch(`${deployments}/web`, { spec: { replicas: 2 } })), 2);
  t.is(generation(await patch(`${deployments}/web`, { metadata: { annotations: { note: 'x' } } })), 3);
  t.is(generation(await made(t, cluster, hooks, { metadata: { name: 'h' } })), 1);
  t.is(generation(await made(t, cluster, configMaps, { metadata: { name: 'c', generation: 7 } })), undefined);
});

test('a PUT creates a role that is not there, for whoever may create it, and no ConfigMap', async (t) => {
  const role = { metadata: { name: 'fresh' }, rules: [] };
  const cluster = await startCluster(t);
  const put = async (path: string, body: object): Promise<number> =>
    (await cluster.call(path, { method: 'PUT', body })).code;
  t.is(await put(`${roles}/fresh`, role), 201);
  t.is(await put(`${roles}/fresh`, role), 200);
  t.is(await put(`${roles}/other`, role), 404);
  t.is(await put(`${configMaps}/c`, { metadata: { name: 'c' } }), 404);
  const bound = await startCluster(t, {
    hooks: {
      ...permissive,
      authorize: async ({ verb }) => Promise.resolve({ allowed: verb !== 'create', reason: '' }),
    },
  });
  const refused = await bound.call(`${roles}/fresh`, { method: 'PUT', body: role });
  t.is(refused.code, 403);
  t.regex(String(refused.body['message']), /cannot create resource "roles"/);
});

test('JSON is in lines for curl and browsers, or as pretty says; of a check left out that is said', async (t) => {
  const cluster = await startCluster(t);
  const lines = async (path: string, agent = ''): Promise<number> =>
    (await cluster.call(path, { headers: agent === '' ? {} : { 'user-agent': agent } })).text
      .trim()
      .split('\n').length;
  t.is(await lines('/api/v1/namespaces/default'), 1);
  t.true((await lines('/api/v1/namespaces/default', 'curl/8.14.1')) > 5);
  t.true((await lines('/api/v1/namespaces/nope', 'curl/8.14.1')) > 5);
  t.is(await lines('/api/v1/namespaces/default?pretty=false', 'curl/8.14.1'), 1);
  t.true((await lines('/api/v1/namespaces/default?pretty=true')) > 5);
  t.true((await lines('/version')) > 5);
  t.is(
    (await cluster.call('/readyz?verbose&exclude=ping&exclude=nope')).text,
    '[+]ping excluded: ok\nwarn: some health checks cannot be excluded: no matches for "nope"\nreadyz check passed\n',
  );
});

test('a ConfigMap that is too large is refused without a field, as Go writes an empty path', async (t) => {
  const cluster = await startCluster(t);
  const { code, body } = await cluster.call(configMaps, {
    body: { metadata: { name: 'big' }, data: { a: 'x'.repeat(1024 * 1024 + 1) } },
  });
  t.is(code, 422);
  t.is(body['message'], 'ConfigMap "big" is invalid: []: Too long: may not be more than 1048576 bytes');
});

test('what is listed is without kind and version, which the list says', async (t) => {
  const cluster = await startCluster(t);
  await made(t, cluster, configMaps, { metadata: { name: 'c' } });
  const { body } = await cluster.call(configMaps);
  t.like(body, { kind: 'ConfigMapList', apiVersion: 'v1' });
  const items = body['items'] as readonly object[];
  t.true(items.length > 0);
  t.false(items.some((item) => 'kind' in item || 'apiVersion' in item));
});

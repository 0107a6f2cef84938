/**
 * The labs with a cluster while they run: what changes in the folder, in the cluster or of a process is checked by itself, and
 * one task is put back without the others.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../../src/kube/objects/objects.ts';
import { clusterIn, pendingIn, readLabFolder } from '../../src/labs/folder.ts';
import type { LabEvent } from '../../src/labs/hold/holding.ts';
import { loadLab } from '../../src/labs/load.ts';
import { concernsTask, namesOfKeys, objectReset } from '../../src/labs/task-objects.ts';
import type { StoredObject } from '../../src/labs/task-objects.ts';
import { askWirelab } from '../helpers/wirelab.ts';
import { bind, isUp, issue, podReader, rbac, requests, say } from './support/cluster.ts';
import type { Working } from './support/cluster.ts';
import { Held } from './support/holding.ts';
import { compiledLabs, Learner } from './support/learner.ts';

type Checked = Extract<LabEvent, { kind: 'checked' }>;

async function begin(t: ExecutionContext, name: string): Promise<Working> {
  const learner = await Learner.begin(t, name);
  const held = await Held.start(t, learner);
  await held.until((event) => isUp(event) || event.kind === 'control-plane');
  return { learner, held };
}

/** What a check by itself says of a task, from an event on. */
async function found(held: Held, task: string, status: 'done' | 'open', from: number): Promise<Checked> {
  return held.until(
    (event): event is Checked =>
      event.kind === 'checked' && event.results.some((one) => one.id === task && one.status === status),
    from,
  );
}

async function reset(t: ExecutionContext, { folder }: Learner, task: string): Promise<string> {
  const { exitCode, stdout, stderr } = await askWirelab(['lab', 'reset', task], { cwd: folder });
  t.is(exitCode, 0, stderr);
  return stdout;
}

const inWorkshop = `${rbac}/namespaces/workshop`;
const mallory = `${rbac}/clusterrolebindings/mallory`;
const dev = [
  ['O', 'dev'],
  ['CN', 'alice'],
] as const;

test('a cluster: requests, bindings and files are checked by themselves, and each task is put back alone', async (t) => {
  const working = await begin(t, 'a-user-for-the-cluster');
  const { learner, held } = working;
  const certificate = await issue(working, 'alice', dev);
  const asked = await held.until(
    (event): event is Checked => event.kind === 'checked' && event.objects.includes('csr/alice'),
  );
  t.is(asked.results[0]?.id, 'make-alice-a-user');
  t.is(asked.results[0]?.status, 'open');
  learner.write('alice.crt', certificate);
  const known = await found(held, 'make-alice-a-user', 'done', 0);
  t.true(known.files.includes('alice.crt'));
  t.log(`${known.milliseconds} ms`);
  await bind(working, 'read-pods', { to: 'User alice', rules: podReader, namespace: 'workshop' });
  const bound = await found(held, 'let-alice-read-pods', 'done', 0);
  t.true(bound.objects.includes('rolebinding/read-pods'), bound.objects.join());
  t.log(`${bound.milliseconds} ms`);
  t.deepEqual(readLabFolder(learner.folder)?.done, ['make-alice-a-user', 'let-alice-read-pods']);
  // A binding that has nothing to do with alice stays.
  await bind(working, 'ci', { to: 'User ci', clusterRole: 'view', namespace: 'workshop' });

  const bindings = async (): Promise<readonly string[]> => {
    const { items } = (await say(working, 'GET', `${inWorkshop}/rolebindings`)) as {
      readonly items: readonly KubeObject[];
    };
    return items.map(({ metadata }) => metadata.name).toSorted();
  };
  let from = held.events.length;
  t.regex(await reset(t, learner, 'let-alice-read-pods'), /back at its beginning/);
  await found(held, 'let-alice-read-pods', 'open', from);
  t.deepEqual(await bindings(), ['ci', 'releases']);
  t.true(existsSync(join(learner.folder, 'alice.crt')), 'the files of another task stay');
  t.deepEqual(readLabFolder(learner.folder)?.done, ['make-alice-a-user']);

  from = held.events.length;
  t.regex(await reset(t, learner, 'make-alice-a-user'), /previous files are in\s+before-reset-/);
  await found(held, 'make-alice-a-user', 'open', from);
  t.false(existsSync(join(learner.folder, 'alice.crt')));
  await t.throwsAsync(async () => say(working, 'GET', `${requests}/alice`), { message: /not found/ });

  // What was there at first is there again: mallory's binding, without which nothing would be left to do.
  from = held.events.length;
  await bind(working, 'carol', {
    to: 'User carol',
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch', 'create', 'delete'] }],
    namespace: 'workshop',
  });
  await say(working, 'DELETE', `${inWorkshop}/rolebindings/releases`);
  await say(working, 'DELETE', mallory);
  await found(held, 'shut-mallory-out', 'done', from);
  await reset(t, learner, 'shut-mallory-out');
  await say(working, 'GET', mallory);
  t.deepEqual(await bindings(), ['ci', 'releases']);
  t.deepEqual(readLabFolder(learner.folder)?.done, []);

  // The learner's own requests are told, and none of a check, which asks for the same as each user.
  const whoAmI = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
  const askedWho = (): number =>
    held.events.filter((event) => event.kind === 'asked' && event.asked.path === whoAmI).length;
  t.is(askedWho(), 0);
  await askWirelab(['lab', 'check', '--all'], { cwd: learner.folder });
  t.is(askedWho(), 0);
  await say(working, 'POST', whoAmI, {});
  await held.until((event) => event.kind === 'asked' && event.asked.path === whoAmI);

  // While the lab is down it is noted, and done at the next start.
  await say(working, 'DELETE', mallory);
  await held.end();
  t.regex(await reset(t, learner, 'shut-mallory-out'), /undone when the lab is started\s+again/);
  t.true(existsSync(pendingIn(learner.folder)));
  const again = await Held.start(t, learner);
  await again.until(isUp);
  t.false(existsSync(pendingIn(learner.folder)));
  await say({ learner, held: again }, 'GET', mallory);
});

test('a cluster that an older wirelab began says in one sentence what cannot be put back', async (t) => {
  const { learner, held } = await begin(t, 'a-user-for-the-cluster');
  await held.end();
  const path = clusterIn(learner.folder);
  const { first, ...older } = JSON.parse(readFileSync(path, 'utf8')) as Readonly<Record<string, unknown>>;
  t.true(Array.isArray(first));
  writeFileSync(path, JSON.stringify(older));
  const { exitCode, stderr } = await askWirelab(['lab', 'reset', 'shut-mallory-out'], {
    cwd: learner.folder,
  });
  t.is(exitCode, 2);
  t.regex(stderr, /kept no copy of its beginning[^]*wirelab lab reset starts with a new cluster/);
  t.false(existsSync(pendingIn(learner.folder)));
});

test('a control plane: files and restarts are checked by themselves, and each task is put back alone', async (t) => {
  const { learner, held } = await begin(t, 'the-cluster-that-expired');
  const { folder } = learner;
  const renew = async (name: string): Promise<void> => {
    const { exitCode, stderr } = await askWirelab(['kube', 'pki', 'renew', name, '--out', '.'], {
      cwd: folder,
    });
    t.is(exitCode, 0, stderr);
  };
  const restart = async (name: 'kube-apiserver' | 'kube-controller-manager'): Promise<void> => {
    const from = held.events.length;
    const manifest = join(folder, 'manifests', `${name}.yaml`);
    renameSync(manifest, join(folder, `${name}.yaml`));
    await held.until((event) => event.kind === 'process' && event.state === 'ended', from);
    renameSync(join(folder, `${name}.yaml`), manifest);
    await held.until((event) => event.kind === 'process' && event.state === 'started', from);
  };
  await renew('apiserver');
  const notRead = await found(held, 'renew-the-server', 'open', 0);
  t.is(notRead.results[0]?.reason, 'not_restarted');
  // The lab has led the kubeconfigs to its port before: that was no change of the learner’s.
  t.false(held.events.some((event) => event.kind === 'checked' && event.files.includes('admin.conf')));
  await restart('kube-apiserver');
  const server = await found(held, 'renew-the-server', 'done', 0);
  t.true(server.files.includes('manifests/kube-apiserver.yaml'));
  await renew('admin.conf');
  t.log(`${(await found(held, 'renew-the-administrator', 'done', 0)).milliseconds} ms`);
  learner.write('my-config.conf', learner.read('admin.conf'));
  await found(held, 'replace-your-copy', 'done', 0);
  await renew('controller-manager.conf');
  await restart('kube-controller-manager');
  await found(held, 'wake-the-controller-manager', 'done', 0);

  let from = held.events.length;
  await reset(t, learner, 'wake-the-controller-manager');
  const asleep = await found(held, 'wake-the-controller-manager', 'open', from);
  t.regex(
    asleep.results.find(({ id }) => id === 'wake-the-controller-manager')?.says.en ?? '',
    /alice is approved, but not signed/,
  );
  t.deepEqual(readLabFolder(folder)?.done, [
    'renew-the-server',
    'renew-the-administrator',
    'replace-your-copy',
  ]);

  from = held.events.length;
  await reset(t, learner, 'renew-the-administrator');
  await found(held, 'renew-the-administrator', 'open', from);
  const port = readLabFolder(folder)?.ports['apiserver'];
  t.regex(learner.read('admin.conf'), new RegExp(`server: https://127\\.0\\.0\\.1:${port}\\n`));

  from = held.events.length;
  t.regex(await reset(t, learner, 'renew-the-server'), /may be open again/);
  await found(held, 'renew-the-server', 'open', from);
});

const own = (kind: string, key: string, more: object): StoredObject => ({
  key: `/registry/${key}`,
  object: {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind,
    metadata: { name: key.split('/').at(-1) ?? '', namespace: 'workshop', resourceVersion: '1' },
    ...more,
  },
});
const group = 'rbac.authorization.k8s.io';

test('rights are put back with the roles that they name, and the namespace with all that was in it', (t) => {
  const { tasks } = loadLab('a-user-for-the-cluster', compiledLabs).tasks;
  const task = tasks.find(({ id }) => id === 'let-alice-read-pods');
  if (!task) throw new Error('no such task');
  const userOf = (name: string): { readonly name: string; readonly groups: readonly string[] } => ({
    name,
    groups: ['dev'],
  });
  const binding = (name: string, role: string, to: string): StoredObject =>
    own('RoleBinding', `${group}/rolebindings/workshop/${name}`, {
      roleRef: { kind: 'Role', name: role },
      subjects: [{ kind: 'User', name: to }],
    });
  const role = (name: string, rules: readonly object[] = []): StoredObject =>
    own('Role', `${group}/roles/workshop/${name}`, { rules });
  const namespace = own('Namespace', 'core/namespaces/workshop', {});
  const first = [namespace, role('releases'), binding('releases', 'releases', 'alice')];
  const present = [
    namespace,
    role('releases', [{ verbs: ['*'] }]),
    binding('releases', 'releases', 'alice'),
    role('alone'),
    binding('alone', 'alone', 'alice'),
    role('shared'),
    binding('mine', 'shared', 'alice'),
    binding('theirs', 'shared', 'bob'),
  ];
  const names = (of: readonly { readonly key: string }[] | readonly string[]): readonly string[] =>
    namesOfKeys(of.map((one) => (typeof one === 'string' ? one : one.key))).toSorted();
  const back = objectReset(task, { first, present, userOf });
  t.deepEqual(names(back.put), ['role/releases']);
  t.deepEqual(names(back.removed), ['role/alone', 'rolebinding/alone', 'rolebinding/mine']);
  t.deepEqual(names(objectReset(task, { first, present: [], userOf }).put), [
    'namespace/workshop',
    'role/releases',
    'rolebinding/releases',
  ]);
  t.deepEqual(objectReset(task, { first, present: first, userOf }), { put: [], removed: [] });
  t.true(concernsTask(task, `/registry/${group}/rolebindings/workshop/x`));
  t.false(concernsTask(task, '/registry/core/pods/workshop/web'));
});

test('what has changed in every namespace under one name is named once', (t) => {
  const keys = ['default', 'kube-system'].map((one) => `/registry/core/configmaps/${one}/kube-root-ca.crt`);
  t.deepEqual(namesOfKeys(keys), ['configmaps/kube-root-ca.crt']);
});

/** The rules that a ClusterRole gathers are written into it. */
import test from 'ava';
import { outdatedRoles } from '../../../src/kube/components/role-aggregation.ts';
import { bootstrapPolicy } from '../../../src/kube/authz/bootstrap-policy.ts';
import { listAt } from '../../../src/kube/objects/json.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { startWhole } from './support/whole.ts';

const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
const role = (name: string, more: object): KubeObject => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name },
  ...more,
});
const rule = (resource: string): object => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const gathers = {
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { 'example.com/to-monitor': 'true' } }] },
};
const part = (name: string, resource: string): KubeObject =>
  role(name, { metadata: { name, labels: { 'example.com/to-monitor': 'true' } }, rules: [rule(resource)] });

test('a role that gathers has the rules of those that it selects, as they come and go; view gathers too', async (t) => {
  const { ask, controlPlane, reports } = await startWhole(t, {
    kubelet: false,
    scheduler: false,
    controllerManager: { controllers: ['roles'] },
  });
  const rules = async (
    name: string,
    isSo: (given: readonly unknown[]) => boolean,
  ): Promise<readonly unknown[]> =>
    listAt(
      await controlPlane.until(
        { group: 'rbac.authorization.k8s.io', plural: 'clusterroles', name },
        (object) => isSo(listAt(object, 'rules')),
        AbortSignal.timeout(20_000),
      ),
      'rules',
    );
  await ask('POST', path, role('monitor', { ...gathers, rules: [rule('secrets')] }));
  await ask('POST', path, part('one', 'pods'));
  await ask('POST', path, part('two', 'services'));
  t.deepEqual(await rules('monitor', (given) => given.length === 2), [rule('pods'), rule('services')]);
  await ask('DELETE', `${path}/one`);
  t.deepEqual(await rules('monitor', (given) => given.length === 1), [rule('services')]);
  await ask(
    'POST',
    path,
    role('more', {
      metadata: { name: 'more', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
      rules: [rule('crontabs')],
    }),
  );
  const isThere = (given: readonly unknown[]): boolean => JSON.stringify(given).includes('crontabs');
  for (const name of ['view', 'edit', 'admin']) t.true(isThere(await rules(name, isThere)), name);
  t.true(reports.of('aggregated').some(({ name }) => name === 'monitor'));
  t.deepEqual(reports.of('refused'), []);
});

test('nothing is written where the rules are there, in whatever order', (t) => {
  t.deepEqual(outdatedRoles(bootstrapPolicy().filter(({ kind }) => kind === 'ClusterRole')), []);
  const parts = [part('one', 'pods'), part('two', 'services')];
  t.deepEqual(
    outdatedRoles([role('monitor', { ...gathers, rules: [rule('services'), rule('pods')] }), ...parts]),
    [],
  );
  t.is(outdatedRoles([role('monitor', { ...gathers, rules: [rule('services')] }), ...parts]).length, 1);
  t.deepEqual(outdatedRoles([role('own', { rules: [] }), ...parts]), []);
});

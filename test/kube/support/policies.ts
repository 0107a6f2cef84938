/** Roles and bindings in few words, for the tests of an API server. */
import type { Attributes, User } from '../../../src/kube/apiserver/attributes.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import type { PolicyRule } from '../../../src/kube/authz/rbac.ts';

type ResourceAttributes = Extract<Attributes, { resource: string }>;

const group = 'rbac.authorization.k8s.io';
const apiVersion = `${group}/v1`;

/** `User bob`, `Group dev`, `ServiceAccount kube-system/x`. */
function subject(text: string): Record<string, string> {
  const [kind = '', name = ''] = text.split(' ');
  if (kind !== 'ServiceAccount') return { kind, apiGroup: group, name };
  const [namespace = '', account = ''] = name.split('/');
  return { kind, name: account, ...(namespace === '' ? {} : { namespace }) };
}

export const clusterRole = (name: string, ...rules: readonly Partial<PolicyRule>[]): KubeObject => ({
  apiVersion,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
});
export const role = (
  namespace: string,
  name: string,
  ...rules: readonly Partial<PolicyRule>[]
): KubeObject => ({ apiVersion, kind: 'Role', metadata: { namespace, name }, rules });

export const clusterRoleBinding = (name: string, of: string, ...subjects: readonly string[]): KubeObject => ({
  apiVersion,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: group, kind: 'ClusterRole', name: of },
  subjects: subjects.map(subject),
});

/** @param of `Role x` or `ClusterRole x`. */
export function roleBinding(
  namespace: string,
  name: string,
  of: string,
  ...subjects: readonly string[]
): KubeObject {
  const [kind, roleName] = of.split(' ');
  return {
    apiVersion,
    kind: 'RoleBinding',
    metadata: { namespace, name },
    roleRef: { apiGroup: group, kind, name: roleName },
    subjects: subjects.map(subject),
  };
}

/** A rule of the core group. */
export const may = (
  verbs: string,
  resources: string,
  more: Partial<PolicyRule> = {},
): Partial<PolicyRule> => ({
  verbs: verbs.split(','),
  apiGroups: [''],
  resources: resources.split(','),
  ...more,
});

export const user = (name: string, ...groups: readonly string[]): User => ({ name, groups });

/** A question about a resource of the core group; `log` of `pods/log` is a subresource. */
export function asks(
  who: User,
  verb: string,
  what: string,
  more: Partial<Omit<ResourceAttributes, 'path' | 'resource'>> = {},
): ResourceAttributes {
  const [resource = '', subresource] = what.split('/');
  return {
    user: who,
    verb,
    group: '',
    version: 'v1',
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...more,
  };
}

/** Numbers in [0, 1) that are the same in every run (a linear congruential generator). */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  return () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
}

/** Messages of rbac.authorization.k8s.io/v1 (k8s.io/api, 1.32). */
import { list, message } from './message.ts';
import { kind, labelSelector } from './meta.ts';

const aggregationRule = message('AggregationRule', { clusterRoleSelectors: [1, list(labelSelector)] });

const policyRule = message('PolicyRule', {
  verbs: [1, list('string')],
  apiGroups: [2, list('string')],
  resources: [3, list('string')],
  resourceNames: [4, list('string')],
  nonResourceURLs: [5, list('string')],
});

export const clusterRole = kind('ClusterRole', {
  rules: [2, list(policyRule)],
  aggregationRule: [3, aggregationRule],
});

const subject = message('Subject', {
  kind: [1, 'string'],
  apiGroup: [2, 'string'],
  name: [3, 'string'],
  namespace: [4, 'string'],
});

const roleRef = message('RoleRef', { apiGroup: [1, 'string'], kind: [2, 'string'], name: [3, 'string'] });

export const clusterRoleBinding = kind('ClusterRoleBinding', {
  subjects: [2, list(subject)],
  roleRef: [3, roleRef],
});

export const role = kind('Role', { rules: [2, list(policyRule)] });
export const roleBinding = kind('RoleBinding', { subjects: [2, list(subject)], roleRef: [3, roleRef] });

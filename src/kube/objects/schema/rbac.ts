/** Messages of rbac.authorization.k8s.io/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const rbac = `
AggregationRule
  1 clusterRoleSelectors []LabelSelector

PolicyRule
  1 verbs []string
  2 apiGroups []string
  3 resources []string
  4 resourceNames []string
  5 nonResourceURLs []string

ClusterRole
  1 metadata ObjectMeta
  2 rules []PolicyRule
  3 aggregationRule AggregationRule

Subject
  1 kind string
  2 apiGroup string
  3 name string
  4 namespace string

RoleRef
  1 apiGroup string
  2 kind string
  3 name string

ClusterRoleBinding
  1 metadata ObjectMeta
  2 subjects []Subject
  3 roleRef RoleRef

Role
  1 metadata ObjectMeta
  2 rules []PolicyRule

RoleBinding
  1 metadata ObjectMeta
  2 subjects []Subject
  3 roleRef RoleRef
`;

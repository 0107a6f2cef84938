/**
 * What bounds a namespace: ResourceQuotas and LimitRanges of core/v1, NetworkPolicies of networking.k8s.io/v1 (k8s.io/api,
 * 1.32). `message.ts` defines the notation.
 */
export const policies = `
ScopedResourceSelectorRequirement
  1 scopeName v1.ResourceQuotaScope
  2 operator v1.ScopeSelectorOperator
  3 values []string

ScopeSelector
  1 matchExpressions []ScopedResourceSelectorRequirement

ResourceQuotaSpec
  1 hard v1.ResourceList
  2 scopes []v1.ResourceQuotaScope
  3 scopeSelector ScopeSelector

ResourceQuotaStatus
  1 hard v1.ResourceList
  2 used v1.ResourceList

ResourceQuota
  1 metadata ObjectMeta
  2 spec ResourceQuotaSpec
  3 status ResourceQuotaStatus

LimitRangeItem
  1 type v1.LimitType
  2 max v1.ResourceList
  3 min v1.ResourceList
  4 default v1.ResourceList
  5 defaultRequest v1.ResourceList
  6 maxLimitRequestRatio v1.ResourceList

LimitRangeSpec
  1 limits []LimitRangeItem

LimitRange
  1 metadata ObjectMeta
  2 spec LimitRangeSpec

IPBlock
  1 cidr string
  2 except []string

NetworkPolicyPeer
  1 podSelector LabelSelector
  2 namespaceSelector LabelSelector
  3 ipBlock IPBlock

NetworkPolicyPort
  1 protocol v1.Protocol
  2 port intOrString
  3 endPort int32

NetworkPolicyIngressRule
  1 ports []NetworkPolicyPort
  2 from []NetworkPolicyPeer

NetworkPolicyEgressRule
  1 ports []NetworkPolicyPort
  2 to []NetworkPolicyPeer

NetworkPolicySpec
  1 podSelector LabelSelector
  2 ingress []NetworkPolicyIngressRule
  3 egress []NetworkPolicyEgressRule
  4 policyTypes []v1.PolicyType

NetworkPolicy
  1 metadata ObjectMeta
  2 spec NetworkPolicySpec
`;

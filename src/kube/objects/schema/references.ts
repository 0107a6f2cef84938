/** Messages of core/v1 (k8s.io/api, 1.32) that refer to other objects, and selectors of nodes and fields. `message.ts` defines the notation. */
export const references = `
NodeSelectorRequirement
  1 key string
  2 operator v1.NodeSelectorOperator
  3 values []string

NodeSelectorTerm
  1 matchExpressions []NodeSelectorRequirement
  2 matchFields []NodeSelectorRequirement

NodeSelector
  1 nodeSelectorTerms []NodeSelectorTerm

ObjectReference
  1 kind string
  2 namespace string
  3 name string
  4 uid types.UID
  5 apiVersion string
  6 resourceVersion string
  7 fieldPath string

LocalObjectReference
  1 name string

ObjectFieldSelector
  1 apiVersion string
  2 fieldPath string

ResourceFieldSelector
  1 containerName string
  2 resource string
  3 divisor quantity

TypedLocalObjectReference
  1 apiGroup string
  2 kind string
  3 name string

TypedObjectReference
  1 apiGroup string
  2 kind string
  3 name string
  4 namespace string
`;

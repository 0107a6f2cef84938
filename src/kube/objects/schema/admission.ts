/** Messages of admissionregistration.k8s.io/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const admission = `
ServiceReference
  1 namespace string
  2 name string
  3 path string
  4 port int32

WebhookClientConfig
  3 url string
  1 service ServiceReference
  2 caBundle bytes

Rule
  1 apiGroups []string
  2 apiVersions []string
  3 resources []string
  4 scope v1.ScopeType

RuleWithOperations
  1 operations []v1.OperationType
  2 inline Rule

MatchCondition
  1 name string
  2 expression string

ValidatingWebhook
  1 name string
  2 clientConfig WebhookClientConfig
  3 rules []RuleWithOperations
  4 failurePolicy v1.FailurePolicyType
  9 matchPolicy v1.MatchPolicyType
  5 namespaceSelector LabelSelector
  10 objectSelector LabelSelector
  6 sideEffects v1.SideEffectClass
  7 timeoutSeconds int32
  8 admissionReviewVersions []string
  11 matchConditions []MatchCondition

ValidatingWebhookConfiguration
  1 metadata ObjectMeta
  2 webhooks []ValidatingWebhook
`;

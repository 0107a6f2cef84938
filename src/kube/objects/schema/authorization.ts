/** Messages of authorization.k8s.io/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const authorization = `
FieldSelectorAttributes
  1 rawSelector string
  2 requirements []FieldSelectorRequirement

LabelSelectorAttributes
  1 rawSelector string
  2 requirements []LabelSelectorRequirement

ResourceAttributes
  1 namespace string
  2 verb string
  3 group string
  4 version string
  5 resource string
  6 subresource string
  7 name string
  8 fieldSelector FieldSelectorAttributes
  9 labelSelector LabelSelectorAttributes

NonResourceAttributes
  1 path string
  2 verb string

SubjectAccessReviewSpec
  1 resourceAttributes ResourceAttributes
  2 nonResourceAttributes NonResourceAttributes
  3 user string
  4 groups []string
  5 extra map[string]strings
  6 uid string

SubjectAccessReviewStatus
  1 allowed bool
  4 denied bool?
  2 reason string
  3 evaluationError string

LocalSubjectAccessReview
  1 metadata ObjectMeta
  2 spec SubjectAccessReviewSpec
  3 status SubjectAccessReviewStatus

NonResourceRule
  1 verbs []string
  2 nonResourceURLs []string

ResourceRule
  1 verbs []string
  2 apiGroups []string
  3 resources []string
  4 resourceNames []string

SelfSubjectAccessReviewSpec
  1 resourceAttributes ResourceAttributes
  2 nonResourceAttributes NonResourceAttributes

SelfSubjectAccessReview
  1 metadata ObjectMeta
  2 spec SelfSubjectAccessReviewSpec
  3 status SubjectAccessReviewStatus

SelfSubjectRulesReviewSpec
  1 namespace string

SubjectRulesReviewStatus
  1 resourceRules []ResourceRule
  2 nonResourceRules []NonResourceRule
  3 incomplete bool
  4 evaluationError string

SelfSubjectRulesReview
  1 metadata ObjectMeta
  2 spec SelfSubjectRulesReviewSpec
  3 status SubjectRulesReviewStatus

SubjectAccessReview
  1 metadata ObjectMeta
  2 spec SubjectAccessReviewSpec
  3 status SubjectAccessReviewStatus
`;

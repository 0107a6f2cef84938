/** Messages of authorization.k8s.io/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional } from './message.ts';
import { fieldSelectorRequirement, kind, labelSelectorRequirement } from './meta.ts';

const fieldSelectorAttributes = message('FieldSelectorAttributes', {
  rawSelector: [1, 'string'],
  requirements: [2, list(fieldSelectorRequirement)],
});

const labelSelectorAttributes = message('LabelSelectorAttributes', {
  rawSelector: [1, 'string'],
  requirements: [2, list(labelSelectorRequirement)],
});

const resourceAttributes = message('ResourceAttributes', {
  namespace: [1, 'string'],
  verb: [2, 'string'],
  group: [3, 'string'],
  version: [4, 'string'],
  resource: [5, 'string'],
  subresource: [6, 'string'],
  name: [7, 'string'],
  fieldSelector: [8, fieldSelectorAttributes],
  labelSelector: [9, labelSelectorAttributes],
});

const nonResourceAttributes = message('NonResourceAttributes', { path: [1, 'string'], verb: [2, 'string'] });

const subjectAccessReviewSpec = message('SubjectAccessReviewSpec', {
  resourceAttributes: [1, resourceAttributes],
  nonResourceAttributes: [2, nonResourceAttributes],
  user: [3, 'string'],
  groups: [4, list('string')],
  extra: [5, map('strings')],
  uid: [6, 'string'],
});

const subjectAccessReviewStatus = message('SubjectAccessReviewStatus', {
  allowed: [1, 'bool'],
  denied: [4, optional('bool')],
  reason: [2, 'string'],
  evaluationError: [3, 'string'],
});

export const localSubjectAccessReview = kind('LocalSubjectAccessReview', {
  spec: [2, subjectAccessReviewSpec],
  status: [3, subjectAccessReviewStatus],
});

const nonResourceRule = message('NonResourceRule', {
  verbs: [1, list('string')],
  nonResourceURLs: [2, list('string')],
});

const resourceRule = message('ResourceRule', {
  verbs: [1, list('string')],
  apiGroups: [2, list('string')],
  resources: [3, list('string')],
  resourceNames: [4, list('string')],
});

const selfSubjectAccessReviewSpec = message('SelfSubjectAccessReviewSpec', {
  resourceAttributes: [1, resourceAttributes],
  nonResourceAttributes: [2, nonResourceAttributes],
});

export const selfSubjectAccessReview = kind('SelfSubjectAccessReview', {
  spec: [2, selfSubjectAccessReviewSpec],
  status: [3, subjectAccessReviewStatus],
});

const selfSubjectRulesReviewSpec = message('SelfSubjectRulesReviewSpec', { namespace: [1, 'string'] });

const subjectRulesReviewStatus = message('SubjectRulesReviewStatus', {
  resourceRules: [1, list(resourceRule)],
  nonResourceRules: [2, list(nonResourceRule)],
  incomplete: [3, 'bool'],
  evaluationError: [4, 'string'],
});

export const selfSubjectRulesReview = kind('SelfSubjectRulesReview', {
  spec: [2, selfSubjectRulesReviewSpec],
  status: [3, subjectRulesReviewStatus],
});

export const subjectAccessReview = kind('SubjectAccessReview', {
  spec: [2, subjectAccessReviewSpec],
  status: [3, subjectAccessReviewStatus],
});

/** Messages of authentication.k8s.io/v1 (k8s.io/api, 1.32). */
import { list, map, message, optional, text } from './message.ts';
import { kind } from './meta.ts';

const boundObjectReference = message('BoundObjectReference', {
  kind: [1, 'string'],
  apiVersion: [2, 'string'],
  name: [3, 'string'],
  uid: [4, text('types.UID')],
});

const userInfo = message('UserInfo', {
  username: [1, 'string'],
  uid: [2, 'string'],
  groups: [3, list('string')],
  extra: [4, map('strings')],
});

const selfSubjectReviewStatus = message('SelfSubjectReviewStatus', { userInfo: [1, userInfo] });
export const selfSubjectReview = kind('SelfSubjectReview', { status: [2, selfSubjectReviewStatus] });

const tokenRequestSpec = message('TokenRequestSpec', {
  audiences: [1, list('string')],
  expirationSeconds: [4, 'int64'],
  boundObjectRef: [3, boundObjectReference],
});

const tokenRequestStatus = message('TokenRequestStatus', {
  token: [1, 'string'],
  expirationTimestamp: [2, 'time'],
});

export const tokenRequest = kind('TokenRequest', {
  spec: [2, tokenRequestSpec],
  status: [3, tokenRequestStatus],
});

const tokenReviewSpec = message('TokenReviewSpec', { token: [1, 'string'], audiences: [2, list('string')] });

const tokenReviewStatus = message('TokenReviewStatus', {
  authenticated: [1, optional('bool')],
  user: [2, userInfo],
  audiences: [4, list('string')],
  error: [3, 'string'],
});

export const tokenReview = kind('TokenReview', {
  spec: [2, tokenReviewSpec],
  status: [3, tokenReviewStatus],
});

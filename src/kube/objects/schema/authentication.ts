/** Messages of authentication.k8s.io/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const authentication = `
BoundObjectReference
  1 kind string
  2 apiVersion string
  3 name string
  4 uid types.UID

UserInfo
  1 username string
  2 uid string
  3 groups []string
  4 extra map[string]strings

SelfSubjectReviewStatus
  1 userInfo UserInfo

SelfSubjectReview
  1 metadata ObjectMeta
  2 status SelfSubjectReviewStatus

TokenRequestSpec
  1 audiences []string
  4 expirationSeconds int64
  3 boundObjectRef BoundObjectReference

TokenRequestStatus
  1 token string
  2 expirationTimestamp time

TokenRequest
  1 metadata ObjectMeta
  2 spec TokenRequestSpec
  3 status TokenRequestStatus

TokenReviewSpec
  1 token string
  2 audiences []string

TokenReviewStatus
  1 authenticated bool?
  2 user UserInfo
  4 audiences []string
  3 error string

TokenReview
  1 metadata ObjectMeta
  2 spec TokenReviewSpec
  3 status TokenReviewStatus
`;

/** Messages of certificates.k8s.io/v1 (k8s.io/api, 1.32). `message.ts` defines the notation. */
export const certificates = `
CertificateSigningRequestSpec
  1 request bytes
  7 signerName string
  8 expirationSeconds int32
  5 usages []v1.KeyUsage
  2 username string
  3 uid string
  4 groups []string
  6 extra map[string]strings

CertificateSigningRequestCondition
  1 type v1.RequestConditionType
  6 status v1.ConditionStatus
  2 reason string
  3 message string
  4 lastUpdateTime time
  5 lastTransitionTime time

CertificateSigningRequestStatus
  1 conditions []CertificateSigningRequestCondition
  2 certificate bytes

CertificateSigningRequest
  1 metadata ObjectMeta
  2 spec CertificateSigningRequestSpec
  3 status CertificateSigningRequestStatus
`;

/** Messages of certificates.k8s.io/v1 (k8s.io/api, 1.32). */
import { list, map, message, text } from './message.ts';
import { kind } from './meta.ts';

const certificateSigningRequestSpec = message('CertificateSigningRequestSpec', {
  request: [1, 'bytes'],
  signerName: [7, 'string'],
  expirationSeconds: [8, 'int32'],
  usages: [5, list(text('v1.KeyUsage'))],
  username: [2, 'string'],
  uid: [3, 'string'],
  groups: [4, list('string')],
  extra: [6, map('strings')],
});

const certificateSigningRequestCondition = message('CertificateSigningRequestCondition', {
  type: [1, text('v1.RequestConditionType')],
  status: [6, text('v1.ConditionStatus')],
  reason: [2, 'string'],
  message: [3, 'string'],
  lastUpdateTime: [4, 'time'],
  lastTransitionTime: [5, 'time'],
});

const certificateSigningRequestStatus = message('CertificateSigningRequestStatus', {
  conditions: [1, list(certificateSigningRequestCondition)],
  certificate: [2, 'bytes'],
});

export const certificateSigningRequest = kind('CertificateSigningRequest', {
  spec: [2, certificateSigningRequestSpec],
  status: [3, certificateSigningRequestStatus],
});

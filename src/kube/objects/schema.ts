/**
 * Collects the fields of the API's objects, by kind: name, protobuf number and type (tables in `schema/`).
 * `protobuf.ts` decodes by it, `shape.ts` checks JSON by it, `openapi.ts` publishes it.
 */
import { selfSubjectReview, tokenRequest, tokenReview } from './schema/authentication.ts';
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './schema/authorization.ts';
import { certificateSigningRequest } from './schema/certificates.ts';
import { lease } from './schema/coordination.ts';
import { binding, configMap, event, namespace, secret, serviceAccount } from './schema/core.ts';
import type { Message } from './schema/message.ts';
import { node } from './schema/nodes.ts';
import { pod } from './schema/pods.ts';
import { eviction } from './schema/policy.ts';
import { clusterRole, clusterRoleBinding, role, roleBinding } from './schema/rbac.ts';
import { service } from './schema/services.ts';

export const schemas = {
  Namespace: namespace,
  Secret: secret,
  ConfigMap: configMap,
  ServiceAccount: serviceAccount,
  Event: event,
  Node: node,
  Service: service,
  Pod: pod,
  Binding: binding,
  Eviction: eviction,
  Lease: lease,
  Role: role,
  ClusterRole: clusterRole,
  RoleBinding: roleBinding,
  ClusterRoleBinding: clusterRoleBinding,
  CertificateSigningRequest: certificateSigningRequest,
  SelfSubjectAccessReview: selfSubjectAccessReview,
  SubjectAccessReview: subjectAccessReview,
  LocalSubjectAccessReview: localSubjectAccessReview,
  SelfSubjectRulesReview: selfSubjectRulesReview,
  TokenRequest: tokenRequest,
  TokenReview: tokenReview,
  SelfSubjectReview: selfSubjectReview,
} as const satisfies Readonly<Record<string, Message>>;

export type Kind = keyof typeof schemas;

export type { FieldType, Message, PlainType } from './schema/message.ts';
export { jsonFields } from './schema/message.ts';
export { deleteOptions } from './schema/meta.ts';

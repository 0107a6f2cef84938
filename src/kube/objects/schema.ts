/**
 * Collects the fields of the API's objects, by kind: name, protobuf number and type (tables in `schema/`).
 * `protobuf.ts` decodes by it, `shape.ts` checks JSON by it, `openapi.ts` publishes it.
 */
import { admission } from './schema/admission.ts';
import { authentication } from './schema/authentication.ts';
import { authorization } from './schema/authorization.ts';
import { certificates } from './schema/certificates.ts';
import { containers } from './schema/containers.ts';
import { coordination } from './schema/coordination.ts';
import { core } from './schema/core.ts';
import { readMessages } from './schema/message.ts';
import type { Message } from './schema/message.ts';
import { endpoints } from './schema/endpoints.ts';
import { meta } from './schema/meta.ts';
import { nodes } from './schema/nodes.ts';
import { pods } from './schema/pods.ts';
import { policies } from './schema/policies.ts';
import { policy } from './schema/policy.ts';
import { rbac } from './schema/rbac.ts';
import { references } from './schema/references.ts';
import { services } from './schema/services.ts';
import { volumes } from './schema/volumes.ts';
import { workloads } from './schema/workloads.ts';

const kinds = [
  'Namespace',
  'Secret',
  'ConfigMap',
  'ServiceAccount',
  'ResourceQuota',
  'LimitRange',
  'Event',
  'Node',
  'Service',
  'Endpoints',
  'EndpointSlice',
  'Pod',
  'Binding',
  'Eviction',
  'Lease',
  'Deployment',
  'Job',
  'NetworkPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'CertificateSigningRequest',
  'ValidatingWebhookConfiguration',
  'SelfSubjectAccessReview',
  'SubjectAccessReview',
  'LocalSubjectAccessReview',
  'SelfSubjectRulesReview',
  'TokenRequest',
  'TokenReview',
  'SelfSubjectReview',
] as const;

export type Kind = (typeof kinds)[number];

const messageOf = readMessages([
  meta,
  references,
  containers,
  volumes,
  pods,
  nodes,
  core,
  services,
  endpoints,
  authentication,
  authorization,
  certificates,
  admission,
  coordination,
  policy,
  policies,
  workloads,
  rbac,
]);

export const schemas = Object.fromEntries(kinds.map((kind) => [kind, messageOf(kind)])) as Readonly<
  Record<Kind, Message>
>;

export const deleteOptions = messageOf('DeleteOptions');

/** The sources of a volume: exactly one is set; they are checked in this order. */
export const volumeSources: readonly string[] = [
  ...new Set(['emptyDir', ...Object.keys(messageOf('VolumeSource').fields)]),
];

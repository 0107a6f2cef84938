/** CertificateSigningRequests for the tests of an API server: a kubelet's, where nothing else is said. */
import { signers } from '../../../src/kube/certificates/signer-names.ts';
import type { RequestCondition } from '../../../src/kube/certificates/request-fields.ts';
import type { KubeObject } from '../../../src/kube/objects/objects.ts';
import { makeRequest } from '../../../src/pki/ca/request.ts';
import type { SubjectAttribute } from '../../../src/pki/ca/plan.ts';
import { at } from './certificates.ts';

export const nodeSubject: readonly (readonly [SubjectAttribute, string])[] = [
  ['O', 'system:nodes'],
  ['CN', 'system:node:n1'],
];
export const clientUsages: readonly string[] = ['digital signature', 'key encipherment', 'client auth'];

export interface RequestFacts {
  readonly subject?: readonly (readonly [SubjectAttribute, string])[];
  readonly san?: readonly string[];
  /** PEM, in the place of a request of that subject and those names. */
  readonly pem?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: unknown;
  readonly created?: number;
}

export const base64 = (text: string | Uint8Array): string => Buffer.from(text as string).toString('base64');

export function signingRequest(facts: RequestFacts = {}): KubeObject {
  const pem =
    facts.pem ??
    makeRequest({ subject: facts.subject ?? nodeSubject, ...(facts.san ? { san: facts.san } : {}) }).request;
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name: 'c', creationTimestamp: iso(facts.created ?? at) },
    spec: { request: base64(pem), signerName: signers.kubeletClient, usages: clientUsages, ...facts.spec },
    ...('status' in facts ? { status: facts.status } : {}),
  };
}

export const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

export const condition = (type: string, more: Partial<RequestCondition> = {}): RequestCondition => ({
  type,
  status: 'True',
  lastUpdateTime: iso(at),
  lastTransitionTime: iso(at),
  ...more,
});

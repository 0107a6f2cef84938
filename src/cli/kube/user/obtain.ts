/**
 * Has a user's request signed: by a running cluster through its Certificates API, as an administrator does it with
 * kubectl, or with the CA's own key. `user.ts` decides which.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '../../../core/clock.ts';
import type { Address } from '../../../capture/event.ts';
import {
  certificatesGroup,
  certificatesResource,
  hasCondition,
  statusOf,
} from '../../../kube/certificates/request-fields.ts';
import { apiClient } from '../../../kube/components/api-client.ts';
import type { ApiClient } from '../../../kube/components/api-client.ts';
import { failureOf } from '../../../kube/components/asking.ts';
import { ApiFailure } from '../../../kube/objects/objects.ts';
import type { KubeObject } from '../../../kube/objects/objects.ts';
import type { YamlValue } from '../../../pki/kubeadm/manifests/yaml-text.ts';
import { Unreachable } from '../../../wire/http/client.ts';
import type { Identity } from '../../../wire/endpoint.ts';

/** The API server of a cluster, and an administrator's proof. */
export interface Cluster {
  readonly to: Address;
  /** PEM. */
  readonly authority: string;
  readonly admin: Identity;
}

const collection = `/apis/${certificatesGroup}/v1/${certificatesResource}`;
const connectMs = 3000;
/** How long the controller manager may take. */
const signMs = 10_000;
const askMs = 50;

/** The object that a request is put into. */
export const signingRequest = (name: string, request: string): { readonly [key: string]: YamlValue } => ({
  apiVersion: `${certificatesGroup}/v1`,
  kind: 'CertificateSigningRequest',
  metadata: { name },
  spec: {
    request: Buffer.from(request).toString('base64'),
    signerName: 'kubernetes.io/kube-apiserver-client',
    usages: ['client auth'],
  },
});

/** A name that objects may have, made of a user's. */
export function objectName(user: string): string {
  const name = user
    .toLowerCase()
    .replace(/[^a-z0-9.-]+/g, '-')
    .replace(/^[.-]+|[.-]+$/g, '');
  return name === '' ? 'user' : name;
}

export type Signed =
  | { readonly outcome: 'signed'; readonly certificate: string; readonly name: string }
  /** No API server of this cluster is there. */
  | { readonly outcome: 'unreachable'; readonly code: string; readonly message: string };

/**
 * Sends the request, approves it, and waits for the certificate.
 * @throws ApiFailure in the server's words; if nobody signs, with what is known of the request.
 */
export async function signedByCluster(
  { to, authority, admin }: Cluster,
  user: string,
  request: string,
  signal: AbortSignal,
): Promise<Signed> {
  const client = apiClient({
    to,
    authorities: [authority],
    identity: admin,
    clock: systemClock,
    userAgent: 'wirelab',
    timeout: connectMs,
  });
  try {
    const created = await create(client, objectName(user), request, signal);
    const { name } = created.metadata;
    await change(client, 'PUT', `${collection}/${name}/approval`, signal, approved(created));
    return { outcome: 'signed', certificate: await certificateOf(client, name, signal), name };
  } catch (error) {
    if (!(error instanceof Unreachable)) throw error;
    const { code, message } = error.failure;
    return { outcome: 'unreachable', code, message };
  } finally {
    client.close();
  }
}

/** Under the user's name, or the first of `NAME-2`, `NAME-3` … that is free. */
async function create(
  client: ApiClient,
  name: string,
  request: string,
  signal: AbortSignal,
): Promise<KubeObject> {
  for (let at = 1; ; at++) {
    const object = signingRequest(at === 1 ? name : `${name}-${at}`, request);
    const answer = await client.call('POST', collection, signal, object);
    if (answer.status === 201) return answer.body as KubeObject;
    if (answer.status !== 409 || at === 100) throw failureOf(answer);
  }
}

function approved(object: KubeObject): KubeObject {
  const condition = {
    type: 'Approved',
    status: 'True',
    reason: 'WirelabKubeUser',
    message: 'This CSR was approved by wirelab kube user.',
  };
  return { ...object, status: { conditions: [condition] } };
}

async function change(
  client: ApiClient,
  method: string,
  path: string,
  signal: AbortSignal,
  body?: unknown,
): Promise<KubeObject> {
  const answer = await client.call(method, path, signal, body);
  if (answer.status >= 200 && answer.status < 300) return answer.body as KubeObject;
  throw failureOf(answer);
}

async function certificateOf(client: ApiClient, name: string, signal: AbortSignal): Promise<string> {
  const until = systemClock.now() + signMs;
  for (;;) {
    const status = statusOf(await change(client, 'GET', `${collection}/${name}`, signal));
    if (status.certificate !== undefined) return Buffer.from(status.certificate).toString();
    const failed = hasCondition(status, 'Failed')
      ? status.conditions.find(({ type }) => type === 'Failed')?.message
      : undefined;
    if (failed !== undefined) throw new ApiFailure('Forbidden', `the request ${name} has failed: ${failed}`);
    if (systemClock.now() > until)
      throw new ApiFailure('Timeout', `the request ${name} is approved, and nobody signs it`);
    await pause(askMs, undefined, { signal });
  }
}

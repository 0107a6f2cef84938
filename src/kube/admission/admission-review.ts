/**
 * Writes the question to a webhook, an AdmissionReview (admission.k8s.io/v1), and reads its answer (k8s.io/apiserver,
 * webhook/request): whether it answers this question, and in which words a refusal reaches the client.
 */
import type { User } from '../apiserver/attributes.ts';
import { isJsonObject, listAt, objectAt, textAt, valueAt } from '../objects/json.ts';
import type { Json } from '../objects/json.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { Status } from '../objects/objects.ts';
import type { Subject } from './matching.ts';
import type { Webhook } from './webhook.ts';

export interface Question extends Subject {
  readonly uid: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
}

const options = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

export function reviewOf(question: Question, version: Webhook['reviewVersion']): object {
  const { uid, kind, group, resource, subresource, name, namespace, operation, user, dryRun } = question;
  const ownResource = { group, version: question.version, resource };
  const part = subresource === '' ? {} : { subResource: subresource };
  return {
    kind: 'AdmissionReview',
    apiVersion: `admission.k8s.io/${version}`,
    request: {
      uid,
      kind,
      resource: ownResource,
      ...part,
      requestKind: kind,
      requestResource: ownResource,
      ...(subresource === '' ? {} : { requestSubResource: subresource }),
      ...(name === '' ? {} : { name }),
      ...(namespace === '' ? {} : { namespace }),
      operation,
      userInfo: {
        username: user.name,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        groups: user.groups,
        ...(user.extra && Object.keys(user.extra).length > 0 ? { extra: user.extra } : {}),
      },
      object: question.object ?? null,
      oldObject: question.old ?? null,
      dryRun,
      options: {
        kind: options[operation],
        apiVersion: 'meta.k8s.io/v1',
        ...(dryRun ? { dryRun: ['All'] } : {}),
      },
    },
  };
}

/** An answer that is none to the question; its message is kube-apiserver's. */
export class BadReview extends Error {}

export interface Ruling {
  readonly allowed: boolean;
  readonly warnings: readonly string[];
  /** Why not. */
  readonly status: unknown;
}

/** @throws BadReview */
export function rulingIn(answer: Json, version: Webhook['reviewVersion'], uid: string): Ruling {
  const response = valueAt(answer, 'response');
  if (!isJsonObject(response)) throw new BadReview('webhook response was absent');
  if (version === 'v1') {
    const given = textAt(response, 'uid');
    if (given !== uid)
      throw new BadReview(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(given)}`);
    const [apiVersion, kind] = [textAt(answer, 'apiVersion'), textAt(answer, 'kind')];
    // As Go writes a kind: the core group is empty.
    const kindText = `${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}, Kind=${kind}`;
    if (kindText !== 'admission.k8s.io/v1, Kind=AdmissionReview')
      throw new BadReview(
        `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${kindText}`,
      );
    for (const field of ['patch', 'patchType'])
      if (textAt(response, field) !== '')
        throw new BadReview(`validating webhook may not return response.${field}`);
  }
  return {
    allowed: valueAt(response, 'allowed') === true,
    warnings: listAt(response, 'warnings').filter((one) => typeof one === 'string'),
    status: valueAt(response, 'status'),
  };
}

/** The answer to the client: the webhook's own status, as far as it is one. */
export function denial(webhook: string, status: unknown): ApiFailure {
  const [message, reason] = [textAt(status, 'message'), textAt(status, 'reason')];
  const code = valueAt(status, 'code');
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  const details = objectAt(status, 'details');
  return ApiFailure.with({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: message || reason ? `${denied}: ${message || reason}` : `${denied} without explanation`,
    ...(reason === '' ? {} : { reason: reason as Status['reason'] & string }),
    ...(Object.keys(details).length === 0 ? {} : { details }),
    code: typeof code === 'number' && Number.isInteger(code) && code >= 400 && code < 600 ? code : 400,
  });
}

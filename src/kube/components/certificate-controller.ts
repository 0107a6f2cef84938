/**
 * Implements the certificate controllers: watches CertificateSigningRequests, approves those of kubelets that qualify,
 * signs approved ones, and removes old ones. `signer.ts` decides. (In kube-controller-manager these are three
 * controllers: approving, signing, cleaning.)
 *
 * 1. After writing an approval it is done: the resulting event brings the request back for signing.
 */
import { defined } from '../../core/defined.ts';
import { randomBytes } from 'node:crypto';
import type { Clock, RandomBytes } from '../../core/clock.ts';
import type { ApiClient } from './api-client.ts';
import { certificatesGroup, certificatesResource, specOf } from '../certificates/request-fields.ts';
import type { RequestCondition } from '../certificates/request-fields.ts';
import type { KubeObject } from '../objects/objects.ts';
import { approvalAttempts, decideSigning, garbageReason } from '../certificates/signer.ts';
import type { ApprovalAttempt, SigningAuthority } from '../certificates/signer.ts';
import { ask, failureOf, WorkQueue } from './asking.ts';
import type { DisconnectedReport, RefusedReport } from './asking.ts';
import { firstPause, isNamed, keepInformed, keyOf } from './informer.ts';
import type { Retrying } from './informer.ts';

export interface CertificateControllerOptions extends Omit<Retrying, 'onReport' | 'clock'> {
  readonly clock: Clock;
  /** The signing CA; without it, requests are approved and removed but not signed (no `--cluster-signing-cert-file`). */
  readonly authority?: SigningAuthority;
  readonly random?: RandomBytes;
}

/** Receives the controller's actions, for display. */
export type CertificateReport =
  /** Everything was read; changes are waited for. */
  | { readonly what: 'watching'; readonly requests: number }
  | { readonly what: 'approved'; readonly name: string; readonly subresource: ApprovalAttempt['subresource'] }
  /** A kubelet's request whose requestor may not have it approved by itself. */
  | { readonly what: 'not_approved'; readonly name: string; readonly tried: readonly string[] }
  | { readonly what: 'signed'; readonly name: string }
  | { readonly what: 'failed'; readonly name: string; readonly message: string }
  | { readonly what: 'deleted'; readonly name: string; readonly reason: string }
  | RefusedReport;

type Report = CertificateReport | DisconnectedReport;

const collection = `/apis/${certificatesGroup}/v1/${certificatesResource}`;
const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const pathOf = (name: string): string => `${collection}/${encodeURIComponent(name)}`;

/** Runs until the signal. */
export async function controlCertificates(
  client: ApiClient,
  options: CertificateControllerOptions & { readonly onReport: (report: Report) => void },
  signal: AbortSignal,
): Promise<void> {
  const controller = new CertificateController(client, options, signal);
  const queue = new WorkQueue<KubeObject>(
    {
      step: async (object) => controller.step(object),
      again: async (object) => controller.read(object),
      retry: options.retry ?? firstPause,
      onReport: options.onReport,
    },
    signal,
  );
  const listener = {
    onList(objects: readonly KubeObject[]): void {
      options.onReport({ what: 'watching', requests: objects.length });
      for (const object of objects) queue.put(keyOf(object), object);
    },
    onChange(type: string, object: KubeObject): void {
      if (type === 'DELETED') queue.drop(keyOf(object));
      else queue.put(keyOf(object), object);
    },
  };
  try {
    await keepInformed(client, { path: collection }, listener, options, signal);
  } finally {
    await queue.settled();
  }
}

class CertificateController {
  readonly #client: ApiClient;
  readonly #options: CertificateControllerOptions;
  readonly #signal: AbortSignal;
  readonly #report: (report: CertificateReport) => void;

  constructor(
    client: ApiClient,
    options: CertificateControllerOptions & { readonly onReport: (report: Report) => void },
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#options = options;
    this.#signal = signal;
    this.#report = options.onReport;
  }

  /** The newest version; undefined when it is gone. */
  async read({ metadata: { name } }: KubeObject): Promise<KubeObject | undefined> {
    const answer = await this.#client.call('GET', pathOf(name), this.#signal);
    if (answer.status === 404) return undefined;
    if (answer.status === 200 && isNamed(answer.body)) return answer.body;
    throw failureOf(answer);
  }

  async step(object: KubeObject): Promise<void> {
    const { name } = object.metadata;
    const reason = garbageReason(object, this.#options.clock.now());
    if (reason) {
      const { uid, resourceVersion } = object.metadata;
      const body = {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        preconditions: defined({ uid: uid || undefined, resourceVersion: resourceVersion || undefined }),
      };
      if (await ask(this.#client, 'DELETE', pathOf(name), this.#signal, body))
        this.#report({ what: 'deleted', name, reason });
      return;
    }
    if (!(await this.#approve(name, object))) await this.#sign(name, object);
  }

  /** Whether an approval was written. */
  async #approve(name: string, object: KubeObject): Promise<boolean> {
    const tried: string[] = [];
    for (const attempt of approvalAttempts(object, this.#options.clock.now())) {
      tried.push(attempt.subresource);
      if (!(await this.#mayCreate(object, attempt.subresource))) continue;
      const isWritten = await ask(
        this.#client,
        'PUT',
        `${pathOf(name)}/approval`,
        this.#signal,
        withCondition(object, attempt.condition),
      );
      if (isWritten) this.#report({ what: 'approved', name, subresource: attempt.subresource });
      return true;
    }
    if (tried.length > 0) this.#report({ what: 'not_approved', name, tried });
    return false;
  }

  /** A SubjectAccessReview for the requestor of the certificate. */
  async #mayCreate(object: KubeObject, subresource: string): Promise<boolean> {
    const { username, uid, groups, extra } = specOf(object);
    const resourceAttributes = {
      group: certificatesGroup,
      version: '*',
      resource: certificatesResource,
      subresource,
      verb: 'create',
    };
    const spec = {
      user: username,
      ...defined({ uid: uid || undefined }),
      groups,
      ...defined({ extra }),
      resourceAttributes,
    };
    const review = await ask(this.#client, 'POST', reviews, this.#signal, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec,
    });
    const status = review?.['status'];
    return (
      typeof status === 'object' && status !== null && (status as { allowed?: unknown }).allowed === true
    );
  }

  async #sign(name: string, object: KubeObject): Promise<void> {
    const { authority } = this.#options;
    if (!authority) return;
    const decided = decideSigning(
      object,
      authority,
      this.#options.clock.now(),
      this.#options.random ?? randomBytes,
    );
    if (decided.decision === 'leave') return;
    const path = `${pathOf(name)}/status`;
    if (decided.decision === 'fail') {
      if (await ask(this.#client, 'PUT', path, this.#signal, withCondition(object, decided.condition)))
        this.#report({ what: 'failed', name, message: decided.condition.message ?? '' });
      return;
    }
    const status = {
      ...(object['status'] as object | undefined),
      certificate: Buffer.from(decided.certificate).toString('base64'),
    };
    if (await ask(this.#client, 'PUT', path, this.#signal, { ...object, status }))
      this.#report({ what: 'signed', name });
  }
}

function withCondition(object: KubeObject, condition: RequestCondition): KubeObject {
  const status = (object['status'] ?? {}) as { readonly conditions?: readonly RequestCondition[] };
  return { ...object, status: { ...status, conditions: [...(status.conditions ?? []), condition] } };
}

/**
 * The part of kube-controller-manager that certificates need: it watches CertificateSigningRequests, approves those of
 * kubelets that may have it so, signs what is approved, and clears away what is old. A shell: what is approved, signed and
 * cleared away is decided in `signer.ts`. It knows the API server by its API alone, as any client does.
 *
 * 1. List, then watch from there, and list again whenever a watch ends, for whatever reason (its time is up, 410, a broken
 *    connection): what was missed, what was refused and what has grown old comes up again.
 * 2. Requests are handled one after the other, each in its newest version; a conflict (409) is met by reading again.
 * 3. What fails is tried again after a pause that grows; the next list brings it up anyway. So does an approval: it is
 *    written and left, and the event of it brings the request back to be signed.
 * 4. It ends when it is told, and leaves no timer and no connection behind.
 */
import type { Clock, RandomBytes } from '../core/clock.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { apiClient, BrokenAnswer, ApiUnreachable } from './api-client.ts';
import type { ApiAnswer, ApiClient, ApiClientOptions } from './api-client.ts';
import { certificatesGroup, certificatesResource, specOf } from './certificates.ts';
import type { RequestCondition } from './certificates.ts';
import { ApiFailure } from './objects.ts';
import type { KubeObject } from './objects.ts';
import { checkDialer } from '../wire/dial.ts';
import { approvalAttempts, decideSigning, garbageReason } from './signer.ts';
import type { ApprovalAttempt, SigningAuthority } from './signer.ts';

export interface ControllerManagerOptions extends Omit<ApiClientOptions, 'userAgent'> {
  readonly authority: SigningAuthority;
  readonly random?: RandomBytes;
  /** The longest time between two lists, in seconds; five minutes where it is left out. */
  readonly relist?: number;
  /** The first pause after a failure, in milliseconds; it doubles up to a hundredfold. */
  readonly retry?: number;
  readonly onReport?: (report: ControllerReport) => void;
}

/** What the controller did, for who shows it. */
export type ControllerReport =
  /** Everything was read; changes are waited for. */
  | { readonly what: 'watching'; readonly requests: number }
  | { readonly what: 'approved'; readonly name: string; readonly subresource: ApprovalAttempt['subresource'] }
  /** A kubelet's request whose requestor may not have it approved by itself. */
  | { readonly what: 'not_approved'; readonly name: string; readonly tried: readonly string[] }
  | { readonly what: 'signed'; readonly name: string }
  | { readonly what: 'failed'; readonly name: string; readonly message: string }
  | { readonly what: 'deleted'; readonly name: string; readonly reason: string }
  /** The server said no, or what it keeps cannot be read. */
  | { readonly what: 'refused'; readonly name: string; readonly message: string }
  /** No connection, or it broke; it is tried again. */
  | { readonly what: 'disconnected'; readonly message: string; readonly code?: string };

const collection = `/apis/${certificatesGroup}/v1/${certificatesResource}`;
const reviews = '/apis/authorization.k8s.io/v1/subjectaccessreviews';

/** Runs until the signal; resolves then. @throws Mistake for an identity or a CA that cannot be used; else for a fault of ours alone. */
export async function runControllerManager(options: ControllerManagerOptions, signal: AbortSignal): Promise<void> {
  await checkDialer({ ...options, security: options.identity ? 'mtls' : 'tls' });
  const client = apiClient({ ...options, userAgent: 'kube-controller-manager' });
  const controller = new CertificateController(client, options, signal);
  const first = options.retry ?? 100;
  let wait = first;
  while (!signal.aborted) {
    const began = options.clock.microseconds();
    try {
      await controller.listAndWatch();
    } catch (error) {
      if (signal.aborted) break;
      options.onReport?.(disconnected(error));
    }
    // A server that ends each watch at once is not asked without a pause.
    if (options.clock.microseconds() - began > longEnough) wait = first;
    else await pause(wait, undefined, { signal }).catch(() => {});
    wait = Math.min(wait * 2, first * 100);
  }
  await controller.settled();
}

/** A watch of so many microseconds was one. */
const longEnough = 1_000_000;

function disconnected(error: unknown): ControllerReport {
  if (error instanceof ApiUnreachable) return { what: 'disconnected', message: error.message, code: error.failure.code };
  const { message, code } = error as Error & { code?: unknown };
  if (error instanceof BrokenAnswer || error instanceof ApiFailure || typeof code === 'string') return { what: 'disconnected', message, ...(typeof code === 'string' ? { code } : {}) };
  throw error;
}

const attempts = 5;

class CertificateController {
  readonly #client: ApiClient;
  readonly #options: ControllerManagerOptions;
  readonly #signal: AbortSignal;
  readonly #clock: Pick<Clock, 'now'>;
  /** Requests that wait to be handled, each in its newest version. */
  readonly #waiting = new Map<string, KubeObject>();
  #working: Promise<void> | undefined;

  constructor(client: ApiClient, options: ControllerManagerOptions, signal: AbortSignal) {
    this.#client = client;
    this.#options = options;
    this.#signal = signal;
    this.#clock = options.clock;
  }

  /** Comes to an end with the watch. @throws what `disconnected` tells. */
  async listAndWatch(): Promise<void> {
    const answer = await this.#client.call('GET', collection, this.#signal);
    if (answer.status !== 200) throw refused(answer);
    const { items, metadata } = answer.body;
    const objects = Array.isArray(items) ? items.filter(isNamed) : [];
    this.#report({ what: 'watching', requests: objects.length });
    for (const object of objects) this.#enqueue(object);
    const { resourceVersion } = (metadata ?? {}) as { readonly resourceVersion?: unknown };
    const from = typeof resourceVersion === 'string' ? resourceVersion : '';
    const seconds = this.#options.relist ?? 300;
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(from)}`;
    const refusal = await this.#client.watch(`${collection}?${query}`, this.#signal, (line) => this.#take(line), (seconds + 30) * 1000);
    if (refusal && refusal.status !== 410) throw refused(refusal);
  }

  async settled(): Promise<void> {
    this.#waiting.clear();
    await this.#working;
  }

  /** One line of the watch. */
  #take({ type, object }: Readonly<Record<string, unknown>>): 'more' | 'enough' {
    if (type === 'ERROR') return 'enough';
    if (!isNamed(object)) return 'more';
    if (type === 'ADDED' || type === 'MODIFIED') this.#enqueue(object);
    if (type === 'DELETED') this.#waiting.delete(object.metadata.name);
    return 'more';
  }

  #enqueue(object: KubeObject): void {
    this.#waiting.set(object.metadata.name, object);
    this.#working ??= this.#work();
  }

  async #work(): Promise<void> {
    // A map tells what was put in while it is walked.
    for (const [name, object] of this.#waiting) {
      this.#waiting.delete(name);
      if (!this.#signal.aborted) await this.#handle(name, object);
    }
    // In the turn in which the walk ends: whatever comes next begins a new one.
    this.#working = undefined;
  }

  async #handle(name: string, first: KubeObject): Promise<void> {
    let object: KubeObject | undefined = first;
    let wait = this.#options.retry ?? 100;
    for (let attempt = 1; object && attempt <= attempts; attempt++) {
      try {
        await this.#step(name, object);
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        const isConflict = error instanceof ApiFailure && error.status.code === 409;
        const isFinal = error instanceof ApiFailure && error.status.code < 500 && !isConflict && error.status.code !== 429;
        if (isFinal || attempt === attempts) {
          this.#report({ what: 'refused', name, message });
          return;
        }
        if (!isConflict) {
          await pause(wait, undefined, { signal: this.#signal }).catch(() => {});
          wait *= 2;
        }
        object = await this.#read(name).catch(() => object);
      }
    }
  }

  /** The newest version; undefined when it is gone. */
  async #read(name: string): Promise<KubeObject | undefined> {
    const answer = await this.#client.call('GET', `${collection}/${encodeURIComponent(name)}`, this.#signal);
    if (answer.status === 404) return undefined;
    if (answer.status === 200 && isNamed(answer.body)) return answer.body;
    throw refused(answer);
  }

  async #step(name: string, object: KubeObject): Promise<void> {
    const reason = garbageReason(object, this.#clock.now());
    if (reason) {
      const { uid, resourceVersion } = object.metadata;
      const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) } };
      if (await this.#write('DELETE', `${collection}/${encodeURIComponent(name)}`, body)) this.#report({ what: 'deleted', name, reason });
      return;
    }
    if (!(await this.#approve(name, object))) await this.#sign(name, object);
  }

  /** Whether an approval was written. */
  async #approve(name: string, object: KubeObject): Promise<boolean> {
    const tried: string[] = [];
    for (const attempt of approvalAttempts(object, this.#clock.now())) {
      tried.push(attempt.subresource);
      if (!(await this.#mayCreate(object, attempt.subresource))) continue;
      const isWritten = await this.#write('PUT', `${collection}/${encodeURIComponent(name)}/approval`, withCondition(object, attempt.condition));
      if (isWritten) this.#report({ what: 'approved', name, subresource: attempt.subresource });
      return true;
    }
    if (tried.length > 0) this.#report({ what: 'not_approved', name, tried });
    return false;
  }

  /** Asked of the server, about whoever asked for the certificate. */
  async #mayCreate(object: KubeObject, subresource: string): Promise<boolean> {
    const { username, uid, groups, extra } = specOf(object);
    const resourceAttributes = { group: certificatesGroup, version: '*', resource: certificatesResource, subresource, verb: 'create' };
    const spec = { user: username, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}), resourceAttributes };
    const review = await this.#write('POST', reviews, { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec });
    const status = review?.['status'];
    return typeof status === 'object' && status !== null && (status as { allowed?: unknown }).allowed === true;
  }

  async #sign(name: string, object: KubeObject): Promise<void> {
    const decided = decideSigning(object, this.#options.authority, this.#clock.now(), this.#options.random ?? randomBytes);
    if (decided.decision === 'leave') return;
    const path = `${collection}/${encodeURIComponent(name)}/status`;
    if (decided.decision === 'fail') {
      if (await this.#write('PUT', path, withCondition(object, decided.condition))) this.#report({ what: 'failed', name, message: decided.condition.message ?? '' });
      return;
    }
    const status = { ...(object['status'] as object | undefined), certificate: Buffer.from(decided.certificate).toString('base64') };
    if (await this.#write('PUT', path, { ...object, status })) this.#report({ what: 'signed', name });
  }

  /** What the server made of it; undefined when the object is gone. @throws ApiFailure for every other refusal. */
  async #write(method: string, path: string, body: unknown): Promise<KubeObject | undefined> {
    const answer = await this.#client.call(method, path, this.#signal, body);
    if (answer.status === 404) return undefined;
    if (answer.status >= 200 && answer.status < 300) return answer.body as KubeObject;
    throw refused(answer);
  }

  #report(report: ControllerReport): void {
    this.#options.onReport?.(report);
  }
}

function withCondition(object: KubeObject, condition: RequestCondition): KubeObject {
  const status = (object['status'] ?? {}) as { readonly conditions?: readonly RequestCondition[] };
  return { ...object, status: { ...status, conditions: [...(status.conditions ?? []), condition] } };
}

const reasonsByStatus: Readonly<Record<number, ConstructorParameters<typeof ApiFailure>[0]>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

function refused({ status, body }: ApiAnswer): ApiFailure {
  const { message } = body;
  return new ApiFailure(reasonsByStatus[status] ?? 'InternalError', typeof message === 'string' ? message : `the server answered ${status}`);
}

function isNamed(object: unknown): object is KubeObject {
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly name?: unknown } };
  return typeof metadata?.name === 'string' && metadata.name !== '';
}

/**
 * Executes one request of a component, with the result as the object, undefined (404), or an `ApiFailure` with the
 * server's message; and queues work that consists of such requests, with retries.
 *
 * 1. Items are processed sequentially, each in its newest version; a conflict (409) leads to reading again.
 * 2. A failed item is retried a few times with increasing delays; the next list brings it up again anyway. Permanent
 *    refusals are reported and dropped.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { ApiAnswer, ApiClient } from './api-client.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';

/** No connection, one that broke, or a server that said no (then `code` is the reason of its Status); it is tried again. */
export interface DisconnectedReport {
  readonly what: 'disconnected';
  readonly message: string;
  readonly code?: string;
}

const reasonsByStatus: Readonly<Record<number, ConstructorParameters<typeof ApiFailure>[0]>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  503: 'ServiceUnavailable',
};

/** What an answer says that is none. */
export function failureOf({ status, body }: ApiAnswer): ApiFailure {
  const { message } = body;
  return new ApiFailure(
    reasonsByStatus[status] ?? 'InternalError',
    typeof message === 'string' ? message : `the server answered ${status}`,
  );
}

/** What the server made of it; undefined when the object is gone (404). @throws ApiFailure for every other refusal, and what `ApiClient.call` throws. */
export async function ask(
  client: ApiClient,
  method: string,
  path: string,
  signal: AbortSignal,
  body?: unknown,
): Promise<KubeObject | undefined> {
  const answer = await client.call(method, path, signal, body);
  if (answer.status === 404) return undefined;
  if (answer.status >= 200 && answer.status < 300) return answer.body as KubeObject;
  throw failureOf(answer);
}

/** The server said no to this object, or what it keeps cannot be read. */
export interface RefusedReport {
  readonly what: 'refused';
  readonly name: string;
  readonly message: string;
}

export interface WorkOptions<T> {
  readonly step: (item: T) => Promise<void>;
  /** The newest version of what could not be done; undefined where it is gone. */
  readonly again: (item: T) => Promise<T | undefined>;
  /** The first pause, in milliseconds. */
  readonly retry: number;
  readonly onReport: (report: RefusedReport | DisconnectedReport) => void;
}

const attempts = 5;

export class WorkQueue<T> {
  readonly #options: WorkOptions<T>;
  readonly #signal: AbortSignal;
  readonly #waiting = new Map<string, T>();
  #working: Promise<void> | undefined;

  constructor(options: WorkOptions<T>, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  put(key: string, item: T): void {
    this.#waiting.set(key, item);
    this.#working ??= this.#work();
  }

  drop(key: string): void {
    this.#waiting.delete(key);
  }

  /** Drops the queue, and resolves when the current item is done. */
  async settled(): Promise<void> {
    this.#waiting.clear();
    await this.#working;
  }

  async #work(): Promise<void> {
    // The loop that adds an item processes the queue.
    await Promise.resolve();
    // A Map iterates over entries that are added during the iteration.
    for (const [key, item] of this.#waiting) {
      this.#waiting.delete(key);
      if (!this.#signal.aborted) await this.#handle(key, item);
    }
    // In the turn in which the walk ends: whatever comes next begins a new one.
    this.#working = undefined;
  }

  async #handle(key: string, first: T): Promise<void> {
    const { step, again, retry, onReport } = this.#options;
    let item: T | undefined = first;
    let wait = retry;
    for (let attempt = 1; item !== undefined && attempt <= attempts; attempt++) {
      try {
        await step(item);
        return;
      } catch (error) {
        if (this.#signal.aborted) return;
        const isConflict = error instanceof ApiFailure && error.status.code === 409;
        const isFinal =
          error instanceof ApiFailure && error.status.code < 500 && !isConflict && error.status.code !== 429;
        if (isFinal || attempt === attempts) {
          const message = error instanceof Error ? error.message : String(error);
          // Who is not known at all is not refused this one thing.
          onReport(
            error instanceof ApiFailure && error.status.code === 401
              ? { what: 'disconnected', message, code: 'Unauthorized' }
              : { what: 'refused', name: key, message },
          );
          return;
        }
        if (!isConflict) {
          await pause(wait, undefined, { signal: this.#signal }).catch(() => {});
          wait *= 2;
        }
        const current: T = item;
        item = await again(current).catch(() => current);
      }
    }
  }
}

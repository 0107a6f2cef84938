/**
 * Keeps a component up to date on a collection: lists it, watches from there, and starts over whenever the watch ends.
 * The counterpart of `watch-stream.ts`; the components react to the changes.
 *
 * 1. It lists, watches from there, and lists again whenever a watch ends, for any reason (timeout, 410, a broken
 *    connection): missed, refused and outdated objects come up again.
 * 2. A failure is reported and retried with increasing delays; a server that ends each watch at once is not queried
 *    without a delay either.
 * 3. When stopped, it leaves no timer and no connection behind.
 */
import type { Dictionary } from '../../core/dictionary.ts';
import { defined } from '../../core/defined.ts';
import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../core/clock.ts';
import { Unreachable as ApiUnreachable, BrokenAnswer } from '../../wire/http/client.ts';
import type { ApiClient } from './api-client.ts';
import { ApiFailure } from '../objects/objects.ts';
import type { KubeObject } from '../objects/objects.ts';
import { failureOf } from './asking.ts';
import type { DisconnectedReport } from './asking.ts';

export interface Retrying {
  readonly clock: Pick<Clock, 'microseconds'>;
  /** The longest time between two lists, in seconds; five minutes where it is left out. */
  readonly relist?: number;
  /** The first pause after a failure, in milliseconds; it doubles up to a hundredfold. */
  readonly retry?: number;
  readonly onReport?: (report: DisconnectedReport) => void;
}

export interface Collection {
  /** `/api/v1/pods`. */
  readonly path: string;
  /** What of it: `fieldSelector=…`. */
  readonly query?: string;
}

export type ChangeType = 'ADDED' | 'MODIFIED' | 'DELETED';

export interface Listener {
  /** The complete list; it replaces everything reported before. */
  readonly onList: (objects: readonly KubeObject[]) => void;
  readonly onChange: (type: ChangeType, object: KubeObject) => void;
}

export const firstPause = 100;

/** Connections that a component keeps for its requests; each of its watches has one more. */
export const keptConnections = 2;

/** Runs until the signal; resolves then. @throws for a fault of ours alone. */
export async function keepInformed(
  client: ApiClient,
  collection: Collection,
  listener: Listener,
  options: Retrying,
  signal: AbortSignal,
): Promise<void> {
  await keepTrying(
    async () => listAndWatch(client, collection, listener, options.relist ?? 300, signal),
    options,
    signal,
  );
}

/** An attempt that lasted this many microseconds was successful: the next pause is short again. */
const longEnough = 1_000_000;

/** Does something again and again, whatever comes of it, until the signal. @throws for a fault of ours alone. */
export async function keepTrying(
  attempt: () => Promise<void>,
  { clock, retry = firstPause, onReport }: Retrying,
  signal: AbortSignal,
): Promise<void> {
  let wait = retry;
  while (!signal.aborted) {
    const began = clock.microseconds();
    try {
      await attempt();
    } catch (error) {
      if (signal.aborted) break;
      onReport?.(disconnected(error));
    }
    if (clock.microseconds() - began > longEnough) wait = retry;
    else await pause(wait, undefined, { signal }).catch(() => {});
    wait = Math.min(wait * 2, retry * 100);
  }
}

/** Returns when the watch ends. @throws what `disconnected` reports. */
async function listAndWatch(
  client: ApiClient,
  { path, query = '' }: Collection,
  { onList, onChange }: Listener,
  seconds: number,
  signal: AbortSignal,
): Promise<void> {
  const selection = query === '' ? '' : `${query}&`;
  const answer = await client.call('GET', query === '' ? path : `${path}?${query}`, signal);
  if (answer.status !== 200) throw failureOf(answer);
  const { kind, apiVersion, items, metadata } = answer.body;
  // Of what is listed, only the list says its kind.
  const said = {
    ...(typeof kind === 'string' ? { kind: kind.replace(/List$/, '') } : {}),
    ...(typeof apiVersion === 'string' ? { apiVersion } : {}),
  };
  onList(Array.isArray(items) ? items.filter(isNamed).map((item) => ({ ...said, ...item })) : []);
  const { resourceVersion } = (metadata ?? {}) as { readonly resourceVersion?: unknown };
  const from = typeof resourceVersion === 'string' ? resourceVersion : '';
  const wanted = `${selection}watch=true&allowWatchBookmarks=true&timeoutSeconds=${seconds}&resourceVersion=${encodeURIComponent(from)}`;
  const take = ({ type, object }: Dictionary<unknown>): 'more' | 'enough' => {
    if (type === 'ERROR') return 'enough';
    if ((type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') && isNamed(object))
      onChange(type, object);
    return 'more';
  };
  const refusal = await client.watch(`${path}?${wanted}`, signal, take, (seconds + 30) * 1000);
  if (refusal && refusal.status !== 410) throw failureOf(refusal);
}

/** What went wrong with a connection, or what the server said. @throws what is neither. */
export function disconnected(error: unknown): DisconnectedReport {
  if (error instanceof ApiUnreachable)
    return { what: 'disconnected', message: error.message, code: error.failure.code };
  if (error instanceof ApiFailure)
    return {
      what: 'disconnected',
      message: error.message,
      ...defined({ code: error.status.reason }),
    };
  const { message, code } = error as Error & { code?: unknown };
  if (error instanceof BrokenAnswer || typeof code === 'string')
    return { what: 'disconnected', message, ...(typeof code === 'string' ? { code } : {}) };
  throw error;
}

export function isNamed(object: unknown): object is KubeObject {
  const { metadata } = (object ?? {}) as { readonly metadata?: { readonly name?: unknown } };
  return typeof metadata?.name === 'string' && metadata.name !== '';
}

/** `default/web`; for a cluster-wide object, its name. */
export function keyOf({ metadata: { namespace, name } }: Pick<KubeObject, 'metadata'>): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The cached state of a collection. */
export class Known implements Listener {
  readonly #objects = new Map<string, KubeObject>();
  readonly #onNews: (object: KubeObject, isGone: boolean) => void;
  readonly #onListed: (count: number) => void;
  #isListed = false;

  /** @param onNews called for each object that is new, changed or deleted. @param onListed called after a complete list. */
  constructor(
    onNews: (object: KubeObject, isGone: boolean) => void = () => {},
    onListed: (count: number) => void = () => {},
  ) {
    this.#onNews = onNews;
    this.#onListed = onListed;
  }

  /** Whether a complete list has been received. */
  get isListed(): boolean {
    return this.#isListed;
  }

  get(key: string): KubeObject | undefined {
    return this.#objects.get(key);
  }

  all(): KubeObject[] {
    return [...this.#objects.values()];
  }

  /** A written object is known before the watch reports it. */
  put(object: KubeObject): void {
    this.#objects.set(keyOf(object), object);
  }

  readonly onList = (objects: readonly KubeObject[]): void => {
    const listed = new Set(objects.map(keyOf));
    const gone = [...this.#objects].filter(([key]) => !listed.has(key));
    for (const [key] of gone) this.#objects.delete(key);
    for (const object of objects) this.put(object);
    this.#isListed = true;
    for (const [, object] of gone) this.#onNews(object, true);
    for (const object of objects) this.#onNews(object, false);
    this.#onListed(objects.length);
  };

  readonly onChange = (type: ChangeType, object: KubeObject): void => {
    if (type === 'DELETED') this.#objects.delete(keyOf(object));
    else this.put(object);
    this.#onNews(object, type === 'DELETED');
  };
}

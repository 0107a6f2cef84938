/**
 * Implements a store in memory, for the lifetime of the process. It keeps the current objects; `store-history.ts` has
 * events and watches.
 *
 * 1. A write is done in one turn: later writers see it, and all watches receive writes in the same order.
 * 2. The total size of all objects is limited: a full store refuses writes.
 */
import { defined } from '../../core/defined.ts';
import { atRevision, StoreConflict, StoreFull } from './store.ts';
import { StoreHistory } from './store-history.ts';
import type { KubeObject } from '../objects/objects.ts';
import type { Store, StoreCompacted, Stored, StoreEvent, StoreKey } from './store.ts';

export interface MemoryStoreOptions {
  /** Events that a watch can begin before. */
  readonly historyEvents?: number;
  /** Bytes of their objects, as JSON. */
  readonly historyBytes?: number;
  /** Bytes of all objects, as JSON. */
  readonly quotaBytes?: number;
}

interface Kept extends Stored {
  readonly bytes: number;
}

export class MemoryStore implements Store {
  readonly #objects = new Map<StoreKey, Kept>();
  readonly #quota: number;
  readonly #history: StoreHistory;
  #bytes = 0;
  #revision = 1;

  constructor({
    historyEvents: events,
    historyBytes: bytes,
    quotaBytes = 256 * 1024 * 1024,
  }: MemoryStoreOptions = {}) {
    this.#quota = quotaBytes;
    this.#history = new StoreHistory(0, defined({ events, bytes }));
  }

  async get(key: StoreKey): Promise<Stored | undefined> {
    return Promise.resolve(this.#objects.get(key));
  }

  async missing(keys: readonly StoreKey[]): Promise<ReadonlySet<StoreKey>> {
    return Promise.resolve(new Set(keys.filter((key) => !this.#objects.has(key))));
  }

  async list(prefix: string): Promise<{ readonly items: readonly Stored[]; readonly revision: number }> {
    const items = [...this.#objects.values()]
      .filter(({ key }) => key.startsWith(prefix))
      .toSorted((one, other) => (one.key < other.key ? -1 : 1));
    return Promise.resolve({ items, revision: this.#revision });
  }

  // Async, so that what is thrown rejects; none of these awaits anything (rule 1).
  async create(key: StoreKey, object: KubeObject): Promise<Stored> {
    if (this.#objects.has(key)) throw new StoreConflict('exists', key);
    return this.#put(key, object, undefined);
  }

  async update(key: StoreKey, object: KubeObject, expected: number): Promise<Stored> {
    return this.#put(key, object, this.#current(key, expected));
  }

  async remove(key: StoreKey, expected?: number): Promise<Stored> {
    const previous = this.#current(key, expected);
    this.#objects.delete(key);
    this.#bytes -= previous.bytes;
    const revision = ++this.#revision;
    const object = atRevision(previous.object, revision);
    this.#history.add({ type: 'DELETED', key, object, previous: previous.object, revision }, previous.bytes);
    return { key, object, revision };
  }

  /** @param onLost never called: no events are lost here. */
  async watch(
    prefix: string,
    revision: number,
    onEvent: (event: StoreEvent) => void,
    onLost: (why: StoreCompacted) => void = () => {},
  ): Promise<() => void> {
    return this.#history.watch(prefix, revision, onEvent, onLost);
  }

  async close(): Promise<void> {
    this.#history.clear();
    return Promise.resolve();
  }

  #current(key: StoreKey, expected: number | undefined): Kept {
    const current = this.#objects.get(key);
    if (!current) throw new StoreConflict('missing', key);
    if (expected !== undefined && current.revision !== expected) throw new StoreConflict('changed', key);
    return current;
  }

  #put(key: StoreKey, given: KubeObject, previous: Kept | undefined): Stored {
    const object = atRevision(given, this.#revision + 1);
    const bytes = JSON.stringify(object).length;
    const total = this.#bytes + bytes - (previous?.bytes ?? 0);
    if (total > this.#quota && bytes > (previous?.bytes ?? 0)) throw new StoreFull(key);
    this.#bytes = total;
    const revision = ++this.#revision;
    const kept = { key, object, revision, bytes };
    this.#objects.set(key, kept);
    this.#history.add(
      previous
        ? { type: 'MODIFIED', key, object, previous: previous.object, revision }
        : { type: 'ADDED', key, object, revision },
      bytes,
    );
    return kept;
  }
}

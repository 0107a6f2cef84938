/**
 * A store in memory: what lasts as long as the process. It keeps every object once and a bounded history of what
 * happened to them, from which watches begin; what it forgets of that is said (`StoreCompacted`), never passed over.
 *
 * 1. A write is done in one turn: whoever writes next sees it, and every watch hears of writes in one order.
 * 2. History is bounded by events and by bytes, all objects together by bytes: a store that is full refuses writes.
 */
import { StoreCompacted, StoreConflict, StoreFull } from './store.ts';
import type { KubeObject } from './objects.ts';
import type { Store, Stored, StoreEvent, StoreKey } from './store.ts';

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

interface Watcher {
  readonly prefix: string;
  readonly onEvent: (event: StoreEvent) => void;
}

export class MemoryStore implements Store {
  readonly #options: Required<MemoryStoreOptions>;
  readonly #objects = new Map<StoreKey, Kept>();
  readonly #watchers = new Set<Watcher>();
  /** Oldest first. */
  readonly #history: { readonly event: StoreEvent; readonly bytes: number }[] = [];
  #historyBytes = 0;
  #bytes = 0;
  #revision = 1;
  /** The newest revision whose event is forgotten: a watch must begin there or later. */
  #compacted = 0;

  constructor({ historyEvents = 10_000, historyBytes = 32 * 1024 * 1024, quotaBytes = 256 * 1024 * 1024 }: MemoryStoreOptions = {}) {
    this.#options = { historyEvents, historyBytes, quotaBytes };
  }

  async get(key: StoreKey): Promise<Stored | undefined> {
    return Promise.resolve(this.#objects.get(key));
  }

  async list(prefix: string): Promise<{ readonly items: readonly Stored[]; readonly revision: number }> {
    const items = [...this.#objects.values()].filter(({ key }) => key.startsWith(prefix)).toSorted((one, other) => (one.key < other.key ? -1 : 1));
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
    this.#tell({ type: 'DELETED', key, object, previous: previous.object, revision }, previous.bytes);
    return { key, object, revision };
  }

  async watch(prefix: string, revision: number, onEvent: (event: StoreEvent) => void): Promise<() => void> {
    if (revision < this.#compacted) throw new StoreCompacted(`too old resource version: ${revision} (${this.#compacted})`);
    // Nobody else is told anything before these are: there is no turn in between.
    for (const { event } of this.#history) if (event.revision > revision && event.key.startsWith(prefix)) onEvent(event);
    const watcher: Watcher = { prefix, onEvent: (event) => event.revision > revision && onEvent(event) };
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async close(): Promise<void> {
    this.#watchers.clear();
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
    if (total > this.#options.quotaBytes && bytes > (previous?.bytes ?? 0)) throw new StoreFull(key);
    this.#bytes = total;
    const revision = ++this.#revision;
    const kept = { key, object, revision, bytes };
    this.#objects.set(key, kept);
    this.#tell(previous ? { type: 'MODIFIED', key, object, previous: previous.object, revision } : { type: 'ADDED', key, object, revision }, bytes);
    return kept;
  }

  #tell(event: StoreEvent, bytes: number): void {
    this.#history.push({ event, bytes });
    this.#historyBytes += bytes;
    while (this.#history.length > this.#options.historyEvents || this.#historyBytes > this.#options.historyBytes) {
      const forgotten = this.#history.shift();
      if (!forgotten) break;
      this.#historyBytes -= forgotten.bytes;
      this.#compacted = forgotten.event.revision;
    }
    for (const watcher of this.#watchers) if (event.key.startsWith(watcher.prefix)) watcher.onEvent(event);
  }
}

function atRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

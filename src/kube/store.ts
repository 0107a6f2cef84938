/**
 * Where objects are kept: the one interface that an API server has to its storage. Revisions count every write in the
 * whole store, as etcd's do; an object's resourceVersion is the revision of its last write. Implemented in memory by
 * `memory-store.ts`.
 */
import type { KubeObject } from './objects.ts';

/** `/registry/GROUP/RESOURCE/NAMESPACE/NAME`, without the namespace for what belongs to none. */
export type StoreKey = string;

export interface Stored {
  readonly key: StoreKey;
  /** With metadata.resourceVersion of this write. */
  readonly object: KubeObject;
  readonly revision: number;
}

export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly key: StoreKey;
  /** What it is now; for DELETED what it was last, with the revision of its deletion. */
  readonly object: KubeObject;
  readonly previous?: KubeObject;
  readonly revision: number;
}

/** A write met another state than it expected; nothing was written. */
export class StoreConflict extends Error {
  readonly kind: 'exists' | 'missing' | 'changed';

  constructor(kind: 'exists' | 'missing' | 'changed', key: StoreKey) {
    super(`${key}: ${kind}`);
    this.name = 'StoreConflict';
    this.kind = kind;
  }
}

/** The revision from which somebody wants to watch is no longer kept. */
export class StoreCompacted extends Error {}

/** There is no room for what should be written; nothing was. */
export class StoreFull extends Error {
  constructor(key: StoreKey) {
    super(`${key}: mvcc: database space exceeded`);
    this.name = 'StoreFull';
  }
}

export interface Store {
  get(key: StoreKey): Promise<Stored | undefined>;
  /** Everything under a prefix, in the order of keys, and the revision at which it was so. */
  list(prefix: string): Promise<{ readonly items: readonly Stored[]; readonly revision: number }>;
  /** @throws StoreConflict `exists`, StoreFull */
  create(key: StoreKey, object: KubeObject): Promise<Stored>;
  /** @param expected the revision of the version that is replaced. @throws StoreConflict `missing` or `changed` */
  update(key: StoreKey, object: KubeObject, expected: number): Promise<Stored>;
  /** @throws StoreConflict `missing`, or `changed` where `expected` is given and is not its revision. */
  remove(key: StoreKey, expected?: number): Promise<Stored>;
  /**
   * Calls back for every change under a prefix that came after `revision`, in order, each once.
   * @returns what ends it.
   * @throws StoreCompacted
   */
  watch(prefix: string, revision: number, onEvent: (event: StoreEvent) => void): Promise<() => void>;
  close(): Promise<void>;
}

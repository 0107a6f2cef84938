/**
 * Defines the storage interface of an API server. Revisions count every write in the whole store, like etcd's; an
 * object's resourceVersion is the revision of its last write. Implemented in memory by `memory-store.ts`, in etcd by
 * `etcd/etcd-store.ts`.
 */
import type { KubeObject } from '../objects/objects.ts';

/** `/registry/GROUP/RESOURCE/NAMESPACE/NAME`, without the namespace for what belongs to none. */
export type StoreKey = string;

export interface Stored {
  readonly key: StoreKey;
  /** With metadata.resourceVersion of this write. */
  readonly object: KubeObject;
  readonly revision: number;
  /** It would be stored in another form now (another key, another encoding): an update writes it even without a change. */
  readonly stale?: boolean;
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

/** The start revision of a watch is no longer kept. */
export class StoreCompacted extends Error {}

/**
 * The storage failed, in the words that kube-apiserver hands on from its etcd: a Status of code 500 without a reason
 * (kubernetes issues 74600 and 112152).
 */
export class StoreFailure extends Error {}

/**
 * A value that no key of the encryption opens, or that was damaged (storage.InternalError of k8s.io/apiserver): a Status
 * of the reason InternalError. Reading it alone and among others is told in other words.
 */
export class UnreadableValue extends StoreFailure {
  readonly place: string;

  constructor(place: string, why: string) {
    super(why);
    this.name = 'UnreadableValue';
    this.place = place;
  }
}

/**
 * No space for a write. In memory nothing was written; etcd may have written it all the same, once: it checks its quota
 * before and after a write, and reports the same in both cases. A retry shows the actual state.
 */
export class StoreFull extends StoreFailure {
  constructor(key: StoreKey) {
    super('etcdserver: mvcc: database space exceeded');
    this.name = 'StoreFull';
    this.key = key;
  }

  readonly key: StoreKey;
}

/** The storage did not answer. */
export class StoreUnavailable extends StoreFailure {
  /** Whether what was asked has certainly not been done, or may have been. */
  readonly outcome: 'not-done' | 'unknown';

  constructor(message: string, outcome: 'not-done' | 'unknown', options?: ErrorOptions) {
    super(message, options);
    this.name = 'StoreUnavailable';
    this.outcome = outcome;
  }
}

/** Beside what stands at each, everything throws a `StoreFailure` where the storage fails. */
export interface Store {
  get(key: StoreKey): Promise<Stored | undefined>;
  /** Those of the keys at which there is nothing; values are not read. */
  missing(keys: readonly StoreKey[]): Promise<ReadonlySet<StoreKey>>;
  /** Everything under a prefix, in the order of keys, and the revision at which it was so. */
  list(prefix: string): Promise<{ readonly items: readonly Stored[]; readonly revision: number }>;
  /** @throws StoreConflict `exists`, StoreFull */
  create(key: StoreKey, object: KubeObject): Promise<Stored>;
  /** @param expected the revision of the version that is replaced. @throws StoreConflict `missing` or `changed` */
  update(key: StoreKey, object: KubeObject, expected: number): Promise<Stored>;
  /** @throws StoreConflict `missing`, or `changed` where `expected` is given and is not its revision. */
  remove(key: StoreKey, expected?: number): Promise<Stored>;
  /**
   * Calls back for every change under a prefix after `revision`, in order, each once.
   * @param onLost called at most once, if events were lost and no more will follow: the watcher must list again.
   * @returns what ends it.
   * @throws StoreCompacted
   */
  watch(
    prefix: string,
    revision: number,
    onEvent: (event: StoreEvent) => void,
    onLost: (why: StoreCompacted) => void,
  ): Promise<() => void>;
  /** Whether what it stores in can be reached; left out where there is nothing to reach. */
  health?(): Promise<boolean>;
  close(): Promise<void>;
}

/** The object as it is when it was written at a revision. */
export function atRevision(object: KubeObject, revision: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } };
}

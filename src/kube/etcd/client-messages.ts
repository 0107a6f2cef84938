/**
 * Defines the messages between an API server and its etcd: what is asked, and what is answered. `client.ts` sends them.
 */

export interface KeyValue {
  readonly key: Buffer;
  readonly value: Buffer;
  readonly createRevision: number;
  readonly modRevision: number;
  readonly version: number;
}

export interface RangeRequest {
  readonly key: Key;
  /** The first key behind; left out: the one key alone. */
  readonly end?: Key;
  /** 0 or left out: as it is now. */
  readonly revision?: number;
  readonly limit?: number;
  readonly keysOnly?: boolean;
  readonly countOnly?: boolean;
}

export interface RangeAnswer {
  /** Of the whole store. */
  readonly revision: number;
  readonly items: readonly KeyValue[];
  readonly more: boolean;
  /** Of all keys in the range. */
  readonly count: number;
}

export type Key = string | Uint8Array;

export interface Comparison {
  readonly key: Key;
  readonly target: 'CREATE' | 'MOD' | 'VERSION';
  /** The number that must be the key's. */
  readonly equal: number;
}

export type Operation =
  | { readonly put: { readonly key: Key; readonly value: Key } }
  | { readonly range: RangeRequest }
  | { readonly remove: { readonly key: Key; readonly end?: Key } };

export interface Transaction {
  readonly compare: readonly Comparison[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

export interface TransactionAnswer {
  readonly revision: number;
  readonly succeeded: boolean;
  /** Of each operation: what it found, or what was there before it. */
  readonly found: readonly (readonly KeyValue[])[];
}

export interface DeletionAnswer {
  readonly revision: number;
  readonly removed: readonly KeyValue[];
}

export interface WatchAnswer {
  readonly revision: number;
  readonly created: boolean;
  /** It ends here: what etcd says, and, where the beginning is gone, the first revision that is still kept. */
  readonly canceled?: { readonly reason: string; readonly compacted?: number };
  /** More of the same revision follows. */
  readonly fragment: boolean;
  readonly events: readonly WatchedEvent[];
}

export interface WatchedEvent {
  readonly type: 'PUT' | 'DELETE';
  readonly item: KeyValue;
  readonly previous?: KeyValue;
}

export interface EtcdStatus {
  readonly version: string;
  readonly revision: number;
  /** Bytes of its file, and of what is used of it. */
  readonly size: number;
  readonly used: number;
}

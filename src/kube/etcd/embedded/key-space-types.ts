/**
 * Defines the requests, answers and versions of an etcd key space (`mvcc.ts`).
 */

/** Each character is a byte. */
export type KeyBytes = string;

/** A key's value from one revision on. */
export interface KeyVersion {
  readonly key: KeyBytes;
  readonly createRevision: number;
  readonly modRevision: number;
  /** Counts the puts since the key was created; 0 where it was deleted. */
  readonly version: number;
  readonly value: Uint8Array;
}

/** What one revision changed, in order. */
export interface Commit {
  readonly revision: number;
  readonly versions: readonly KeyVersion[];
}

/** Keys from `key` on and before `rangeEnd`; `key` alone where that is empty, all from `key` on where it is "\0". */
export interface KeyRange {
  readonly key: KeyBytes;
  readonly rangeEnd: KeyBytes;
}

/** UNKNOWN, as etcd has it: whatever there is to sort by is not. */
export type SortOrder = 'NONE' | 'ASCEND' | 'DESCEND' | 'UNKNOWN';
export type SortTarget = 'KEY' | 'VERSION' | 'CREATE' | 'MOD' | 'VALUE';

export interface RangeRequest extends KeyRange {
  /** 0 and less: no limit, the present, no bound. */
  readonly limit: number;
  readonly revision: number;
  readonly sortOrder: SortOrder;
  readonly sortTarget: SortTarget;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  readonly minModRevision: number;
  readonly maxModRevision: number;
  readonly minCreateRevision: number;
  readonly maxCreateRevision: number;
}

export interface PutRequest {
  readonly key: KeyBytes;
  readonly value: Uint8Array;
  /** Leases are not supported: any id but 0 is unknown. */
  readonly lease: number;
  readonly prevKv: boolean;
  readonly ignoreValue: boolean;
  readonly ignoreLease: boolean;
}

export interface DeleteRangeRequest extends KeyRange {
  readonly prevKv: boolean;
}

export type CompareResult = 'EQUAL' | 'GREATER' | 'LESS' | 'NOT_EQUAL';

export interface Compare extends KeyRange {
  readonly result: CompareResult | 'UNKNOWN';
  readonly target: 'VERSION' | 'CREATE' | 'MOD' | 'VALUE' | 'LEASE' | 'UNKNOWN';
  /** For VALUE; for the others the number. What was not given is empty, or 0. */
  readonly value: Uint8Array;
  readonly number: number;
}

export type Operation =
  | { readonly kind: 'range'; readonly request: RangeRequest }
  | { readonly kind: 'put'; readonly request: PutRequest }
  | { readonly kind: 'deleteRange'; readonly request: DeleteRangeRequest }
  | { readonly kind: 'txn'; readonly request: TxnRequest }
  /** A lease that requests nothing. */
  | { readonly kind: 'none' };

export interface TxnRequest {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

/** Every answer says the revision at which it was so. */
export interface RangeAnswer {
  readonly revision: number;
  readonly kvs: readonly KeyVersion[];
  readonly more: boolean;
  readonly count: number;
}

export interface PutAnswer {
  readonly revision: number;
  readonly prevKv?: KeyVersion;
}

export interface DeleteRangeAnswer {
  readonly revision: number;
  readonly deleted: number;
  readonly prevKvs: readonly KeyVersion[];
}

export interface TxnAnswer {
  /** Undefined for a transaction within another. */
  readonly revision: number | undefined;
  readonly succeeded: boolean;
  readonly responses: readonly OperationAnswer[];
}

export type OperationAnswer =
  | { readonly kind: 'range'; readonly answer: RangeAnswer }
  | { readonly kind: 'put'; readonly answer: PutAnswer }
  | { readonly kind: 'deleteRange'; readonly answer: DeleteRangeAnswer }
  | { readonly kind: 'txn'; readonly answer: TxnAnswer };

/** An answer and what it changed; undefined where it changed nothing. */
export interface Written<Answer> {
  readonly answer: Answer;
  readonly commit: Commit | undefined;
}

export interface KeySpaceOptions {
  /** Bytes of all versions; etcd's own default is 2 GiB. */
  readonly quotaBytes?: number;
}

/** What a key space is made of, to be kept and to be restored from: all versions, oldest first. */
export interface KeySpaceState {
  readonly revision: number;
  readonly compactRevision: number;
  readonly alarm: boolean;
  readonly versions: readonly KeyVersion[];
}

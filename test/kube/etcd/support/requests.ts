/** Requests to a key space, with what is usual left out. */
import type {
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
} from '../../../../src/kube/etcd/embedded/key-space-types.ts';

export function putOf(key: string, value: string): PutRequest {
  return { key, value: Buffer.from(value), lease: 0, prevKv: false, ignoreValue: false, ignoreLease: false };
}

export function deleteOf(key: string, rangeEnd = ''): DeleteRangeRequest {
  return { key, rangeEnd, prevKv: false };
}

export function rangeOf(key: string, rangeEnd = '', more: Partial<RangeRequest> = {}): RangeRequest {
  return {
    key,
    rangeEnd,
    limit: 0,
    revision: 0,
    sortOrder: 'NONE',
    sortTarget: 'KEY',
    keysOnly: false,
    countOnly: false,
    minModRevision: 0,
    maxModRevision: 0,
    minCreateRevision: 0,
    maxCreateRevision: 0,
    ...more,
  };
}

/** All that there is. */
export const everything = rangeOf('\0', '\0');

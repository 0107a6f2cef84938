/**
 * Implements the JSON gateway of etcd 3.5 (etcd's api/etcdserverpb/rpc.proto through gRPC-gateway): decodes requests
 * for `mvcc.ts` and encodes its responses. Keys and values are base64, an int64 is a string, and default values are
 * omitted.
 *
 * 1. An unknown enumeration value is an error only if it would make etcd 3.5 fail.
 * 2. An error is `{error, code, message}`, as in etcd's own builds; those of some distributions omit `error`.
 */
import { failed } from '../failure.ts';
import { readMessage, readNextMessage } from '../messages.ts';
import type { Message, MessageType } from '../messages.ts';
import type {
  Compare,
  CompareResult,
  DeleteRangeRequest,
  KeyRange,
  Operation,
  PutRequest,
  RangeRequest,
  SortOrder,
  SortTarget,
  TxnRequest,
} from './key-space-types.ts';
import { identifiers } from './answer-documents.ts';

const range: MessageType = {
  fields: {
    key: 'bytes',
    range_end: 'bytes',
    limit: 'int64',
    revision: 'int64',
    sort_order: { names: ['NONE', 'ASCEND', 'DESCEND'] },
    sort_target: { names: ['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE'] },
    serializable: 'bool',
    keys_only: 'bool',
    count_only: 'bool',
    min_mod_revision: 'int64',
    max_mod_revision: 'int64',
    min_create_revision: 'int64',
    max_create_revision: 'int64',
  },
};
const put: MessageType = {
  fields: {
    key: 'bytes',
    value: 'bytes',
    lease: 'int64',
    prev_kv: 'bool',
    ignore_value: 'bool',
    ignore_lease: 'bool',
  },
};
const deleteRange: MessageType = { fields: { key: 'bytes', range_end: 'bytes', prev_kv: 'bool' } };
const compare: MessageType = {
  fields: {
    result: { names: ['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL'] },
    target: { names: ['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE'] },
    key: 'bytes',
    version: 'int64',
    create_revision: 'int64',
    mod_revision: 'int64',
    value: 'bytes',
    lease: 'int64',
    range_end: 'bytes',
  },
  oneOf: {
    name: 'etcdserverpb.Compare.target_union',
    of: ['version', 'create_revision', 'mod_revision', 'value', 'lease'],
  },
};
const operation: MessageType = {
  fields: {
    request_range: { message: () => range },
    request_put: { message: () => put },
    request_delete_range: { message: () => deleteRange },
    request_txn: { message: () => txn },
  },
  oneOf: {
    name: 'etcdserverpb.RequestOp.request',
    of: ['request_range', 'request_put', 'request_delete_range', 'request_txn'],
  },
};
const txn: MessageType = {
  fields: {
    compare: { listOf: { message: () => compare } },
    success: { listOf: { message: () => operation } },
    failure: { listOf: { message: () => operation } },
  },
};
const compaction: MessageType = { fields: { revision: 'int64', physical: 'bool' } };
const watchCreate: MessageType = {
  fields: {
    key: 'bytes',
    range_end: 'bytes',
    start_revision: 'int64',
    progress_notify: 'bool',
    filters: { listOf: { names: ['NOPUT', 'NODELETE'] } },
    prev_kv: 'bool',
    watch_id: 'int64',
    fragment: 'bool',
  },
};
const watch: MessageType = {
  fields: {
    create_request: { message: () => watchCreate },
    cancel_request: { message: () => ({ fields: { watch_id: 'int64' } }) },
    progress_request: { message: () => ({ fields: {} }) },
  },
  oneOf: {
    name: 'etcdserverpb.WatchRequest.request_union',
    of: ['create_request', 'cancel_request', 'progress_request'],
  },
};
export const alarm: MessageType = {
  fields: {
    action: { names: ['GET', 'ACTIVATE', 'DEACTIVATE'] },
    memberID: 'int64',
    alarm: { names: ['NONE', 'NOSPACE', 'CORRUPT'] },
  },
};

/** Each @throws EtcdFailure where the body is not such a request. */
export function readRange(body: string): RangeRequest {
  return rangeOf(readMessage(range, body));
}

export function readPut(body: string): PutRequest {
  return putOf(readMessage(put, body));
}

export function readDeleteRange(body: string): DeleteRangeRequest {
  return deleteRangeOf(readMessage(deleteRange, body));
}

export function readTxn(body: string): TxnRequest {
  return txnOf(readMessage(txn, body));
}

/** The revision. */
export function readCompaction(body: string): number {
  return readMessage(compaction, body).number('revision');
}

export interface AlarmRequest {
  readonly action: 'get' | 'activate' | 'deactivate' | 'unknown';
  readonly alarm: 'any' | 'noSpace' | 'other';
  /** Whether this member is meant, or all of them. */
  readonly isHere: boolean;
}

export function readAlarm(body: string): AlarmRequest {
  const message = readMessage(alarm, body);
  return {
    action: (['get', 'activate', 'deactivate'] as const)[message.choice('action')] ?? 'unknown',
    alarm: (['any', 'noSpace'] as const)[message.choice('alarm')] ?? 'other',
    isHere: ['0', identifiers.member_id].includes(String(message.int64('memberID'))),
  };
}

export interface WatchCreation extends KeyRange {
  /** 0: from now on. */
  readonly startRevision: number;
  readonly progressNotify: boolean;
  readonly prevKv: boolean;
  readonly withoutPuts: boolean;
  readonly withoutDeletes: boolean;
  /** 0: the server chooses. */
  readonly watchId: bigint;
  /** What is too long for one line may come in several, each but the last of which says that there is more. */
  readonly fragment: boolean;
}

export type WatchRequest =
  | { readonly kind: 'create'; readonly request: WatchCreation }
  | { readonly kind: 'cancel'; readonly watchId: bigint }
  | { readonly kind: 'progress' }
  | { readonly kind: 'none' };

/** The next request of a watch's body, and where the text goes on; undefined where there is no whole one yet. @throws EtcdFailure */
export function readWatchRequest(
  text: string,
  from: number,
): { readonly request: WatchRequest; readonly end: number } | undefined {
  const read = readNextMessage(watch, text, from);
  return read && { request: watchRequestOf(read.message), end: read.end };
}

function watchRequestOf(message: Message): WatchRequest {
  if (message.has('cancel_request'))
    return { kind: 'cancel', watchId: message.message('cancel_request').int64('watch_id') };
  if (message.has('progress_request')) return { kind: 'progress' };
  if (!message.has('create_request')) return { kind: 'none' };
  const create = message.message('create_request');
  const key = create.bytes('key');
  const filters = create.choices('filters');
  return {
    kind: 'create',
    request: {
      // No key at all is the least one there is.
      key: key === '' ? '\0' : key,
      rangeEnd: create.bytes('range_end'),
      startRevision: create.number('start_revision'),
      progressNotify: create.flag('progress_notify'),
      prevKv: create.flag('prev_kv'),
      withoutPuts: filters.includes(0),
      withoutDeletes: filters.includes(1),
      watchId: create.int64('watch_id'),
      fragment: create.flag('fragment'),
    },
  };
}

function rangeOf(message: Message): RangeRequest {
  const sortTarget = (['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE'] as const satisfies readonly SortTarget[])[
    message.choice('sort_target')
  ];
  // A real etcd 3.5 ends itself over one that it does not know.
  if (!sortTarget) throw failed('invalidSortOption');
  return {
    ...keysOf(message),
    limit: message.number('limit'),
    revision: message.number('revision'),
    sortOrder:
      (['NONE', 'ASCEND', 'DESCEND'] as const satisfies readonly SortOrder[])[message.choice('sort_order')] ??
      'UNKNOWN',
    sortTarget,
    keysOnly: message.flag('keys_only'),
    countOnly: message.flag('count_only'),
    minModRevision: message.number('min_mod_revision'),
    maxModRevision: message.number('max_mod_revision'),
    minCreateRevision: message.number('min_create_revision'),
    maxCreateRevision: message.number('max_create_revision'),
  };
}

function keysOf(message: Message): KeyRange {
  return { key: message.bytes('key'), rangeEnd: message.bytes('range_end') };
}

function putOf(message: Message): PutRequest {
  return {
    key: message.bytes('key'),
    value: Buffer.from(message.bytes('value'), 'latin1'),
    lease: message.number('lease'),
    prevKv: message.flag('prev_kv'),
    ignoreValue: message.flag('ignore_value'),
    ignoreLease: message.flag('ignore_lease'),
  };
}

function deleteRangeOf(message: Message): DeleteRangeRequest {
  return { ...keysOf(message), prevKv: message.flag('prev_kv') };
}

function txnOf(message: Message): TxnRequest {
  return {
    compare: message.messages('compare').map(compareOf),
    success: message.messages('success').map(operationOf),
    failure: message.messages('failure').map(operationOf),
  };
}

const numberFields = {
  VERSION: 'version',
  CREATE: 'create_revision',
  MOD: 'mod_revision',
  LEASE: 'lease',
} as const;

function compareOf(message: Message): Compare {
  const target =
    (['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE'] as const)[message.choice('target')] ?? 'UNKNOWN';
  return {
    ...keysOf(message),
    result:
      (['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL'] as const satisfies readonly CompareResult[])[
        message.choice('result')
      ] ?? 'UNKNOWN',
    target,
    value: Buffer.from(message.bytes('value'), 'latin1'),
    number: target === 'VALUE' || target === 'UNKNOWN' ? 0 : message.number(numberFields[target]),
  };
}

function operationOf(message: Message): Operation {
  if (message.has('request_range'))
    return { kind: 'range', request: rangeOf(message.message('request_range')) };
  if (message.has('request_put')) return { kind: 'put', request: putOf(message.message('request_put')) };
  if (message.has('request_delete_range'))
    return { kind: 'deleteRange', request: deleteRangeOf(message.message('request_delete_range')) };
  if (message.has('request_txn')) return { kind: 'txn', request: txnOf(message.message('request_txn')) };
  return { kind: 'none' };
}

/**
 * Encodes the answers of an etcd as documents of the JSON gateway of etcd 3.5: default values are omitted.
 */
import type { Dictionary } from '../../../core/dictionary.ts';
import { EtcdFailure } from '../failure.ts';
import type { GrpcCode } from '../failure.ts';
import type {
  DeleteRangeAnswer,
  KeyVersion,
  OperationAnswer,
  PutAnswer,
  RangeAnswer,
  TxnAnswer,
} from './key-space-types.ts';

/** Who answers, as every header says it. */
export const identifiers = {
  cluster_id: '3728614325119043861',
  member_id: '8372538179322589801',
  raft_term: '2',
} as const;
/** The version that it behaves like; and the version that it reports. */
export const behaviourVersion = '3.5.16';
export const embeddedVersion = `${behaviourVersion}+wirelab`;
export const clusterVersion = '3.5.0';

/** An answer as JSON would write it; undefined keys are left out. */
export type AnswerDocument = Dictionary<unknown>;

export function headerOf(revision: number): AnswerDocument {
  const { cluster_id, member_id, raft_term } = identifiers;
  return { cluster_id, member_id, revision: String(revision), raft_term };
}

export function rangeDocument({ revision, kvs, more, count }: RangeAnswer): AnswerDocument {
  return {
    header: headerOf(revision),
    kvs: kvs.length > 0 ? kvs.map(keyValueOf) : undefined,
    more: more || undefined,
    count: count > 0 ? String(count) : undefined,
  };
}

export function putDocument({ revision, prevKv }: PutAnswer): AnswerDocument {
  return { header: headerOf(revision), prev_kv: prevKv && keyValueOf(prevKv) };
}

export function deleteRangeDocument({ revision, deleted, prevKvs }: DeleteRangeAnswer): AnswerDocument {
  return {
    header: headerOf(revision),
    deleted: deleted > 0 ? String(deleted) : undefined,
    prev_kvs: prevKvs.length > 0 ? prevKvs.map(keyValueOf) : undefined,
  };
}

export function txnDocument({ revision, succeeded, responses }: TxnAnswer): AnswerDocument {
  return {
    header: revision === undefined ? {} : headerOf(revision),
    succeeded: succeeded || undefined,
    responses: responses.length > 0 ? responses.map(responseOf) : undefined,
  };
}

/** In a transaction a part says its revision alone. */
function responseOf(response: OperationAnswer): AnswerDocument {
  switch (response.kind) {
    case 'range':
      return {
        response_range: { ...rangeDocument(response.answer), header: partHeader(response.answer.revision) },
      };
    case 'put':
      return {
        response_put: { ...putDocument(response.answer), header: partHeader(response.answer.revision) },
      };
    case 'deleteRange':
      return {
        response_delete_range: {
          ...deleteRangeDocument(response.answer),
          header: partHeader(response.answer.revision),
        },
      };
    case 'txn':
      return { response_txn: txnDocument(response.answer) };
  }
}

function partHeader(revision: number): AnswerDocument {
  return { revision: String(revision) };
}

function keyValueOf({ key, createRevision, modRevision, version, value }: KeyVersion): AnswerDocument {
  return {
    key: Buffer.from(key, 'latin1').toString('base64'),
    create_revision: createRevision > 0 ? String(createRevision) : undefined,
    mod_revision: String(modRevision),
    version: version > 0 ? String(version) : undefined,
    value: value.length > 0 ? base64Of(value) : undefined,
  };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

export function compactionDocument(revision: number): AnswerDocument {
  return { header: headerOf(revision) };
}

export function alarmDocument(revision: number, isRaised: boolean): AnswerDocument {
  return {
    header: headerOf(revision),
    alarms: isRaised ? [{ memberID: identifiers.member_id, alarm: 'NOSPACE' }] : undefined,
  };
}

export interface EtcdStatus {
  readonly version: string;
  readonly revision: number;
  readonly bytes: number;
  readonly alarm: boolean;
}

/** There is one member, and it leads; what etcd counts in entries of its log is counted in revisions here. */
export function statusDocument({ version, revision, bytes, alarm }: EtcdStatus): AnswerDocument {
  const { member_id: leader, raft_term: raftTerm } = identifiers;
  const size = bytes > 0 ? String(bytes) : undefined;
  return {
    header: headerOf(revision),
    version,
    dbSize: size,
    leader,
    raftIndex: String(revision),
    raftTerm,
    raftAppliedIndex: String(revision),
    errors: alarm ? ['alarm:NOSPACE '] : undefined,
    dbSizeInUse: size,
  };
}

/** The contents of a watch, each a line under `result`. */
export type WatchMessage =
  | {
      readonly kind: 'created';
      readonly watchId: bigint;
      readonly revision: number;
      readonly refused?: string;
    }
  | {
      readonly kind: 'canceled';
      readonly watchId: bigint;
      readonly revision: number;
      readonly compactRevision?: number;
      readonly reason?: string;
    }
  | { readonly kind: 'progress'; readonly watchId: bigint; readonly revision: number }
  | {
      readonly kind: 'events';
      readonly watchId: bigint;
      readonly revision: number;
      readonly events: readonly WatchEvent[];
      readonly isPart?: boolean;
    };

export interface WatchEvent {
  readonly version: KeyVersion;
  readonly previous?: KeyVersion | undefined;
}

export function watchDocument(message: WatchMessage): AnswerDocument {
  const common = {
    header: headerOf(message.revision),
    watch_id: message.watchId === 0n ? undefined : String(message.watchId),
  };
  switch (message.kind) {
    case 'created':
      return {
        ...common,
        created: true,
        ...(message.refused === undefined ? {} : { canceled: true, cancel_reason: message.refused }),
      };
    case 'canceled':
      return {
        ...common,
        ...(message.compactRevision === undefined ? {} : { header: { raft_term: identifiers.raft_term } }),
        canceled: true,
        compact_revision: message.compactRevision === undefined ? undefined : String(message.compactRevision),
        cancel_reason: message.reason,
      };
    case 'progress':
      return common;
    case 'events':
      return {
        ...common,
        fragment: message.isPart ? true : undefined,
        events: message.events.map(({ version, previous }) => ({
          type: version.version === 0 ? 'DELETE' : undefined,
          kv: keyValueOf(version),
          prev_kv: previous && keyValueOf(previous),
        })),
      };
  }
}

/** The status of HTTP for a code of gRPC, as gRPC-gateway has it. */
export const httpStatuses: Readonly<Record<GrpcCode, number>> = {
  3: 400,
  5: 404,
  8: 429,
  11: 400,
  12: 501,
  14: 503,
};

export function errorDocument({ code, message }: EtcdFailure): AnswerDocument {
  return { error: message, code, message };
}

/**
 * Defines an etcd's refusals with the messages and codes of etcd 3.5, which clients may compare. The gateway turns them
 * into HTTP responses.
 */
import type { Dictionary } from '../../core/dictionary.ts';

/** Codes of gRPC, as far as an etcd uses them here. */
export type GrpcCode = 3 | 5 | 8 | 11 | 12 | 14;

/** A request that is answered with an error; nothing has been changed by it. */
export class EtcdFailure extends Error {
  readonly code: GrpcCode;

  constructor(code: GrpcCode, message: string) {
    super(message);
    this.name = 'EtcdFailure';
    this.code = code;
  }
}

const failures = {
  emptyKey: [3, 'etcdserver: key is not provided'],
  keyNotFound: [3, 'etcdserver: key not found'],
  valueProvided: [3, 'etcdserver: value is provided'],
  leaseProvided: [3, 'etcdserver: lease is provided'],
  leaseNotFound: [5, 'etcdserver: requested lease not found'],
  tooManyOperations: [3, 'etcdserver: too many operations in txn request'],
  duplicateKey: [3, 'etcdserver: duplicate key given in txn request'],
  invalidSortOption: [3, 'etcdserver: invalid sort option'],
  requestTooLarge: [3, 'etcdserver: request is too large'],
  compacted: [11, 'etcdserver: mvcc: required revision has been compacted'],
  futureRevision: [11, 'etcdserver: mvcc: required revision is a future revision'],
  noSpace: [8, 'etcdserver: mvcc: database space exceeded'],
  tooManyRequests: [8, 'etcdserver: too many requests'],
  unavailable: [14, 'etcdserver: server stopped'],
} as const satisfies Dictionary<readonly [GrpcCode, string]>;

export function failed(what: keyof typeof failures): EtcdFailure {
  const [code, message] = failures[what];
  return new EtcdFailure(code, message);
}

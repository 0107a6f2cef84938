/**
 * What is known of services without a file: of etcd, because a Kubernetes cluster keeps all that it knows there, and of health
 * checks. Only the parts that are worth a name (etcd api/etcdserverpb/rpc.proto; grpc/health/v1/health.proto).
 */
import { definitionsOf, parseProto } from './proto-file.ts';
import type { Definitions } from './definitions.ts';

const files = [
  `package mvccpb;
   message KeyValue { bytes key = 1; int64 create_revision = 2; int64 mod_revision = 3; int64 version = 4;
     bytes value = 5; int64 lease = 6; }
   message Event { enum EventType { PUT = 0; DELETE = 1; } EventType type = 1; KeyValue kv = 2; KeyValue prev_kv = 3; }`,
  `package etcdserverpb;
   service KV { rpc Range(RangeRequest) returns (RangeResponse); rpc Put(PutRequest) returns (PutResponse);
     rpc DeleteRange(DeleteRangeRequest) returns (DeleteRangeResponse); rpc Txn(TxnRequest) returns (TxnResponse); }
   service Watch { rpc Watch(WatchRequest) returns (WatchResponse); }
   service Auth { rpc Authenticate(AuthenticateRequest) returns (AuthenticateResponse);
     rpc UserAdd(AuthUserAddRequest) returns (AuthResponse);
     rpc UserChangePassword(AuthUserChangePasswordRequest) returns (AuthResponse); }
   message ResponseHeader { uint64 cluster_id = 1; uint64 member_id = 2; int64 revision = 3; uint64 raft_term = 4; }
   message RangeRequest { bytes key = 1; bytes range_end = 2; int64 limit = 3; int64 revision = 4;
     bool serializable = 7; bool keys_only = 8; bool count_only = 9; }
   message RangeResponse { ResponseHeader header = 1; mvccpb.KeyValue kvs = 2; bool more = 3; int64 count = 4; }
   message PutRequest { bytes key = 1; bytes value = 2; int64 lease = 3; bool prev_kv = 4; }
   message PutResponse { ResponseHeader header = 1; mvccpb.KeyValue prev_kv = 2; }
   message DeleteRangeRequest { bytes key = 1; bytes range_end = 2; bool prev_kv = 3; }
   message DeleteRangeResponse { ResponseHeader header = 1; int64 deleted = 2; mvccpb.KeyValue prev_kvs = 3; }
   message RequestOp { RangeRequest request_range = 1; PutRequest request_put = 2;
     DeleteRangeRequest request_delete_range = 3; TxnRequest request_txn = 4; }
   message ResponseOp { RangeResponse response_range = 1; PutResponse response_put = 2;
     DeleteRangeResponse response_delete_range = 3; TxnResponse response_txn = 4; }
   message Compare { enum CompareResult { EQUAL = 0; GREATER = 1; LESS = 2; NOT_EQUAL = 3; }
     enum CompareTarget { VERSION = 0; CREATE = 1; MOD = 2; VALUE = 3; LEASE = 4; }
     CompareResult result = 1; CompareTarget target = 2; bytes key = 3; int64 version = 4; int64 create_revision = 5;
     int64 mod_revision = 6; bytes value = 7; }
   message TxnRequest { Compare compare = 1; RequestOp success = 2; RequestOp failure = 3; }
   message TxnResponse { ResponseHeader header = 1; bool succeeded = 2; ResponseOp responses = 3; }
   message WatchRequest { WatchCreateRequest create_request = 1; WatchCancelRequest cancel_request = 2; }
   message WatchCreateRequest { bytes key = 1; bytes range_end = 2; int64 start_revision = 3;
     bool progress_notify = 4; bool prev_kv = 6; int64 watch_id = 7; }
   message WatchCancelRequest { int64 watch_id = 1; }
   message WatchResponse { ResponseHeader header = 1; int64 watch_id = 2; bool created = 3; bool canceled = 4;
     mvccpb.Event events = 11; }
   message AuthenticateRequest { string name = 1; string password = 2; }
   message AuthenticateResponse { ResponseHeader header = 1; string token = 2; }
   message AuthUserAddRequest { string name = 1; string password = 2; }
   message AuthUserChangePasswordRequest { string name = 1; string password = 2; }
   message AuthResponse { ResponseHeader header = 1; }`,
  `package grpc.health.v1;
   service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse);
     rpc Watch(HealthCheckRequest) returns (HealthCheckResponse); }
   message HealthCheckRequest { string service = 1; }
   message HealthCheckResponse {
     enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; }
     ServingStatus status = 1; }`,
];

let definitions: Definitions | undefined;

export function wellKnown(): Definitions {
  definitions ??= definitionsOf(
    files.flatMap((text) => {
      const file = parseProto(text);
      return 'fault' in file ? [] : [file];
    }),
  );
  return definitions;
}

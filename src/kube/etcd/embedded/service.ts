/**
 * Processes an etcd request: a path and a body in, a document out, and all changes passed to the journal. No sockets
 * (`embedded.ts`); `gateway.ts` interprets requests, `mvcc.ts` executes them.
 */
import { EtcdFailure, failed } from '../failure.ts';
import { readAlarm, readCompaction, readDeleteRange, readPut, readRange, readTxn } from './gateway.ts';
import {
  alarmDocument,
  compactionDocument,
  deleteRangeDocument,
  embeddedVersion,
  putDocument,
  rangeDocument,
  statusDocument,
  txnDocument,
} from './answer-documents.ts';
import type { AlarmRequest } from './gateway.ts';
import type { AnswerDocument } from './answer-documents.ts';
import type { KeySpace } from './mvcc.ts';
import type { Commit, KeyVersion, Operation, OperationAnswer, TxnRequest } from './key-space-types.ts';

/** What has to last. */
export type JournalEntry =
  | { readonly kind: 'commit'; readonly commit: Commit }
  | { readonly kind: 'compaction'; readonly revision: number }
  | { readonly kind: 'alarm'; readonly on: boolean };

export type Note = (entry: JournalEntry) => void;

/** What a request takes at most, and what a message of gRPC does, in bytes; etcd's own defaults. */
const mostRequestBytes = 1.5 * 1024 * 1024;
const mostMessageBytes = 2 * 1024 * 1024;
/** The maximum size of keys and values in one response. Clients must request less at a time. */
const mostAnswerBytes = 128 * 1024 * 1024;

type Handler = (keys: KeySpace, body: string, note: Note) => AnswerDocument;

const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  [
    '/v3/kv/range',
    (keys, body) => rangeDocument(answerable({ kind: 'range', answer: keys.range(readRange(body)) }).answer),
  ],
  [
    '/v3/kv/put',
    (keys, body, note) => {
      const request = readPut(body);
      checkSize(request.key.length + request.value.length);
      return noting(keys, note, () => keys.put(request), putDocument);
    },
  ],
  [
    '/v3/kv/deleterange',
    (keys, body, note) => {
      const request = readDeleteRange(body);
      checkSize(request.key.length + request.rangeEnd.length);
      return noting(
        keys,
        note,
        () => keys.deleteRange(request),
        (answer) => deleteRangeDocument(answerable({ kind: 'deleteRange', answer }).answer),
      );
    },
  ],
  [
    '/v3/kv/txn',
    (keys, body, note) => {
      const request = readTxn(body);
      checkSize(sizeOfTxn(request));
      return noting(
        keys,
        note,
        () => keys.txn(request),
        (answer) => txnDocument(answerable({ kind: 'txn', answer }).answer),
      );
    },
  ],
  [
    '/v3/kv/compaction',
    (keys, body, note) => {
      const revision = readCompaction(body);
      keys.compact(revision);
      note({ kind: 'compaction', revision });
      return compactionDocument(keys.revision);
    },
  ],
  [
    '/v3/maintenance/status',
    (keys) =>
      statusDocument({
        version: embeddedVersion,
        revision: keys.revision,
        bytes: keys.bytes,
        alarm: keys.alarm,
      }),
  ],
  ['/v3/maintenance/alarm', (keys, body, note) => answerAlarm(keys, readAlarm(body), note)],
  // There is nothing to be put together: what is compacted is gone at once.
  ['/v3/maintenance/defragment', () => ({})],
]);

/** Paths that are answered by `answerRequest`, each to a POST. */
export const servicePaths: ReadonlySet<string> = new Set(handlers.keys());

/** @throws EtcdFailure; a request that is refused may still have raised the alarm, which is noted. */
export function answerRequest(keys: KeySpace, path: string, body: string, note: Note): AnswerDocument {
  const handler = handlers.get(path);
  if (!handler) throw new EtcdFailure(5, 'Not Found');
  return handler(keys, body, note);
}

function noting<Answer>(
  keys: KeySpace,
  note: Note,
  write: () => { readonly answer: Answer; readonly commit: Commit | undefined },
  document: (answer: Answer) => AnswerDocument,
): AnswerDocument {
  const hadAlarm = keys.alarm;
  try {
    const { answer, commit } = write();
    if (commit) note({ kind: 'commit', commit });
    return document(answer);
  } finally {
    if (keys.alarm !== hadAlarm) note({ kind: 'alarm', on: keys.alarm });
  }
}

function answerAlarm(keys: KeySpace, { action, alarm, isHere }: AlarmRequest, note: Note): AnswerDocument {
  const isMeant = alarm === 'noSpace' && isHere;
  if (action === 'activate' && isMeant && !keys.alarm) {
    keys.setAlarm(true);
    note({ kind: 'alarm', on: true });
  }
  const isShown = keys.alarm && (action === 'get' ? alarm !== 'other' : isMeant);
  if (action === 'deactivate' && isShown) {
    keys.setAlarm(false);
    note({ kind: 'alarm', on: false });
  }
  return alarmDocument(keys.revision, isShown && action !== 'unknown');
}

/** Like a message of gRPC that cannot be sent: what was asked has been done. @throws EtcdFailure */
function answerable<Answer extends OperationAnswer>(answer: Answer): Answer {
  const bytes = sizeOfAnswer(answer);
  if (bytes > mostAnswerBytes)
    throw new EtcdFailure(
      8,
      `grpc: trying to send message larger than max (${bytes} vs. ${mostAnswerBytes})`,
    );
  return answer;
}

function sizeOfAnswer(response: OperationAnswer): number {
  switch (response.kind) {
    case 'range':
      return sizeOfVersions(response.answer.kvs);
    case 'deleteRange':
      return sizeOfVersions(response.answer.prevKvs);
    case 'put':
      return response.answer.prevKv ? sizeOfVersions([response.answer.prevKv]) : 0;
    case 'txn':
      return response.answer.responses.reduce((sum, part) => sum + sizeOfAnswer(part), 0);
  }
}

/** With what is written around each. */
function sizeOfVersions(versions: readonly KeyVersion[]): number {
  return versions.reduce((sum, { key, value }) => sum + key.length + value.length + 128, 0);
}

function checkSize(bytes: number): void {
  if (bytes > mostMessageBytes)
    throw new EtcdFailure(8, `grpc: received message larger than max (${bytes} vs. ${mostMessageBytes})`);
  if (bytes > mostRequestBytes) throw failed('requestTooLarge');
}

function sizeOfTxn({ compare, success, failure }: TxnRequest): number {
  const compared = compare.reduce(
    (sum, { key, rangeEnd, value }) => sum + key.length + rangeEnd.length + value.length,
    0,
  );
  return compared + sizeOfOperations(success) + sizeOfOperations(failure);
}

function sizeOfOperations(operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => sum + sizeOfOperation(operation), 0);
}

function sizeOfOperation(operation: Operation): number {
  if (operation.kind === 'none') return 0;
  if (operation.kind === 'txn') return sizeOfTxn(operation.request);
  if (operation.kind === 'put') return operation.request.key.length + operation.request.value.length;
  return operation.request.key.length + operation.request.rangeEnd.length;
}

/**
 * Checks an etcd transaction before anything of it is done (its operations, the keys that it puts and deletes, the room
 * that it takes), and chooses which of its halves are taken.
 */
import { failed } from '../failure.ts';
import type {
  Compare,
  KeyBytes,
  KeyRange,
  KeyVersion,
  Operation,
  PutRequest,
  TxnRequest,
} from './key-space-types.ts';
import { fits } from './queries.ts';

/** What etcd takes in one transaction, with those that it stands in. */
export const mostOperations = 128;
/** What a version takes beside its key and value. */
const versionOverhead = 128;

export function sizeOf(key: KeyBytes, value: Uint8Array): number {
  return key.length + value.length + versionOverhead;
}

export function checkPut({ key, value, ignoreValue, ignoreLease, lease }: PutRequest): void {
  if (key === '') throw failed('emptyKey');
  if (ignoreValue && value.length > 0) throw failed('valueProvided');
  if (ignoreLease && lease !== 0) throw failed('leaseProvided');
}

export function checkTxn({ compare, success, failure }: TxnRequest, most: number): void {
  const operations = Math.max(compare.length, success.length, failure.length);
  if (operations > most) throw failed('tooManyOperations');
  for (const { key } of compare) if (key === '') throw failed('emptyKey');
  for (const operation of [...success, ...failure]) checkOperation(operation, most - operations);
}

function checkOperation(operation: Operation, most: number): void {
  if (operation.kind === 'none') throw failed('keyNotFound');
  if (operation.kind === 'txn') checkTxn(operation.request, most);
  else if (operation.kind === 'put') checkPut(operation.request);
  else if (operation.request.key === '') throw failed('emptyKey');
}

/**
 * No key may be put twice in a transaction, or put and deleted; two halves of one transaction may both put it.
 * @returns the keys that are put, and the ranges that are deleted.
 */
export function checkIntervals(operations: readonly Operation[]): {
  readonly puts: ReadonlySet<KeyBytes>;
  readonly deletions: readonly KeyRange[];
} {
  const deletions: KeyRange[] = operations.flatMap((operation) =>
    operation.kind === 'deleteRange' ? operation.request : [],
  );
  const puts = new Set<KeyBytes>();
  const claim = (key: KeyBytes): void => {
    if (deletions.some((range) => isDeletedBy(range, key))) throw failed('duplicateKey');
    puts.add(key);
  };
  for (const operation of operations) {
    if (operation.kind !== 'txn') continue;
    const then = checkIntervals(operation.request.success);
    const otherwise = checkIntervals(operation.request.failure);
    for (const key of new Set([...then.puts, ...otherwise.puts])) {
      if (puts.has(key)) throw failed('duplicateKey');
      claim(key);
    }
    deletions.push(...then.deletions, ...otherwise.deletions);
  }
  for (const operation of operations) {
    if (operation.kind !== 'put') continue;
    if (puts.has(operation.request.key)) throw failed('duplicateKey');
    claim(operation.request.key);
  }
  return { puts, deletions };
}

/** As etcd's tree of intervals sees it, which takes "\0" for a key like any other: a range without an end deletes nothing there. */
function isDeletedBy({ key, rangeEnd }: KeyRange, put: KeyBytes): boolean {
  return rangeEnd === '' ? key === put : key <= put && put < rangeEnd;
}

/** What its puts take at most. */
export function roomFor(operations: readonly Operation[]): number {
  let room = 0;
  for (const operation of operations) {
    if (operation.kind === 'put') room += sizeOf(operation.request.key, operation.request.value);
    else if (operation.kind === 'txn')
      room += Math.max(roomFor(operation.request.success), roomFor(operation.request.failure));
  }
  return room;
}

export function hasWrites({ success, failure }: TxnRequest): boolean {
  return [...success, ...failure].some(
    (operation) =>
      operation.kind === 'put' ||
      operation.kind === 'deleteRange' ||
      (operation.kind === 'txn' && hasWrites(operation.request)),
  );
}

/** The half of a transaction that is taken, with those of the transactions in it. */
export interface Path {
  readonly succeeded: boolean;
  readonly steps: readonly { readonly operation: Operation; readonly path?: Path }[];
}

/** Which of its two halves every transaction takes, before anything is changed. @param present the versions in a range. */
export function choosePath(
  { compare, success, failure }: TxnRequest,
  present: (range: KeyRange) => readonly KeyVersion[],
): Path {
  const succeeded = compare.every((one) => holds(one, present(one)));
  return {
    succeeded,
    steps: (succeeded ? success : failure).map((operation) => ({
      operation,
      ...(operation.kind === 'txn' ? { path: choosePath(operation.request, present) } : {}),
    })),
  };
}

function holds(compare: Compare, versions: readonly KeyVersion[]): boolean {
  if (versions.length > 0) return versions.every((version) => fits(compare, version));
  // What is not there has no value; everything else of it is 0.
  return (
    compare.target !== 'VALUE' &&
    fits(compare, {
      key: compare.key,
      createRevision: 0,
      modRevision: 0,
      version: 0,
      value: new Uint8Array(),
    })
  );
}

/** The operations of a path and of those in it, in order. */
export function* operationsOf({ steps }: Path): Generator<Operation> {
  for (const { operation, path } of steps) {
    if (path) yield* operationsOf(path);
    else yield operation;
  }
}

/**
 * Implements the key space of an etcd, in memory and pure: every key with all its versions since the last compaction,
 * and the queries on them. `gateway.ts` decodes requests; every write is passed to `write-ahead-log.ts` as a `Commit`,
 * and restoring from commits gives the same key space.
 *
 * 1. A key is a string whose characters are bytes (latin1): JavaScript then compares them like etcd.
 * 2. One request is one revision, whatever it changes; a request without changes takes none. A request is validated
 *    completely before anything is changed.
 * 3. Versions are immutable; a compaction only removes them.
 * 4. Space is the size of all versions; a full key space refuses puts until its alarm is disarmed, like etcd.
 */
import { failed } from '../failure.ts';
import type {
  KeyBytes,
  KeyVersion,
  Commit,
  KeyRange,
  RangeRequest,
  PutRequest,
  DeleteRangeRequest,
  TxnRequest,
  RangeAnswer,
  PutAnswer,
  DeleteRangeAnswer,
  TxnAnswer,
  OperationAnswer,
  Written,
  KeySpaceOptions,
  KeySpaceState,
} from './key-space-types.ts';
import {
  mostOperations,
  sizeOf,
  checkPut,
  checkTxn,
  checkIntervals,
  roomFor,
  hasWrites,
  choosePath,
  operationsOf,
} from './transactions.ts';
import type { Path } from './transactions.ts';
import {
  endless,
  alive,
  versionAt,
  lastAt,
  firstFrom,
  firstKeyFrom,
  hasBounds,
  isWithin,
  orders,
  sortedBy,
} from './queries.ts';

export const defaultQuotaBytes = 2 * 1024 * 1024 * 1024;
const nothing: Uint8Array = Buffer.alloc(0);

/** A transaction that is under way: its versions become visible as they are made. */
interface Writing {
  readonly revision: number;
  readonly versions: KeyVersion[];
}

export class KeySpace {
  readonly #quotaBytes: number;
  /** Oldest first, the last one is the present; deleted keys stay until they are compacted. */
  readonly #keys = new Map<KeyBytes, KeyVersion[]>();
  /** The same keys in order; made again when a key has come or gone. */
  #sorted: KeyBytes[] = [];
  /** The events that watches can still receive, oldest first: none before the compacted revision. */
  #history: KeyVersion[] = [];
  #revision = 1;
  /** -1 before the first compaction. */
  #compactRevision = -1;
  #bytes = 0;
  #alarm = false;

  constructor({ quotaBytes = defaultQuotaBytes }: KeySpaceOptions = {}) {
    this.#quotaBytes = quotaBytes;
  }

  get revision(): number {
    return this.#revision;
  }

  get compactRevision(): number {
    return this.#compactRevision;
  }

  /** Bytes of all versions, as they are counted against the quota. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether puts are refused for want of room. */
  get alarm(): boolean {
    return this.#alarm;
  }

  setAlarm(on: boolean): void {
    this.#alarm = on;
  }

  /** @throws EtcdFailure */
  range(request: RangeRequest): RangeAnswer {
    if (request.key === '') throw failed('emptyKey');
    return this.#range(request, undefined);
  }

  /** @throws EtcdFailure; no room raises the alarm. */
  put(request: PutRequest): Written<PutAnswer> {
    checkPut(request);
    this.#claimRoom(sizeOf(request.key, request.value));
    if (request.lease !== 0) throw failed('leaseNotFound');
    this.#checkPutAgainstKeys(request);
    const writing = this.#begin();
    const answer = this.#put(request, writing);
    return { answer, commit: this.#end(writing) };
  }

  /** @throws EtcdFailure */
  deleteRange(request: DeleteRangeRequest): Written<DeleteRangeAnswer> {
    if (request.key === '') throw failed('emptyKey');
    const writing = this.#begin();
    const answer = this.#deleteRange(request, writing);
    return { answer, commit: this.#end(writing) };
  }

  /** @throws EtcdFailure; no room raises the alarm. */
  txn(request: TxnRequest): Written<TxnAnswer> {
    checkTxn(request, mostOperations);
    checkIntervals(request.success);
    checkIntervals(request.failure);
    const needed = Math.max(roomFor(request.success), roomFor(request.failure));
    if (needed > 0) this.#claimRoom(needed);
    const path = choosePath(request, (range) => this.#presentIn(range));
    const operations = [...operationsOf(path)];
    if (hasWrites(request))
      for (const operation of operations)
        if (operation.kind === 'put') this.#checkPutAgainstKeys(operation.request);
    for (const operation of operations)
      if (operation.kind === 'range') this.#checkRevision(operation.request.revision);
    const writing = this.#begin();
    const { succeeded, responses } = this.#runOrUndo(path, writing);
    const commit = this.#end(writing);
    return { answer: { revision: this.#revision, succeeded, responses }, commit };
  }

  /** Forgets every version that is not the present of its key at that revision. @throws EtcdFailure */
  compact(revision: number): void {
    if (revision <= this.#compactRevision) throw failed('compacted');
    if (revision > this.#revision) throw failed('futureRevision');
    this.#compactRevision = revision;
    const touched = new Set<KeyBytes>();
    let kept = 0;
    while (kept < this.#history.length && this.#history[kept]!.modRevision < revision)
      touched.add(this.#history[kept++]!.key);
    this.#history = this.#history.slice(kept);
    for (const { key, modRevision } of this.#history) if (modRevision === revision) touched.add(key);
    let isGone = false;
    for (const key of touched) {
      const versions = this.#keys.get(key);
      if (!versions) continue;
      const present = lastAt(versions, revision);
      if (present < 0) continue;
      // A deletion stays as long as a watch can receive it; it is not read any more.
      const first = versions[present]!.version === 0 ? present + 1 : present;
      for (const version of versions.splice(0, first)) this.#bytes -= sizeOf(version.key, version.value);
      if (versions.length > 0) continue;
      this.#keys.delete(key);
      isGone = true;
    }
    if (isGone) this.#sorted = this.#sorted.filter((key) => this.#keys.has(key));
  }

  /**
   * What happened from one revision to another, both counted in: whole revisions, as many as fit into about so many bytes,
   * one at least. The caller has seen that the first is not compacted.
   */
  history(from: number, to: number, bytes: number): readonly KeyVersion[] {
    const first = firstFrom(this.#history, from);
    let end = first;
    for (let taken = 0, revision = from; end < this.#history.length; end++) {
      const version = this.#history[end]!;
      if (version.modRevision > to || (version.modRevision !== revision && taken > bytes)) break;
      revision = version.modRevision;
      taken += sizeOf(version.key, version.value);
    }
    return this.#history.slice(first, end);
  }

  /** A key's state before that revision; undefined if it did not exist, was created again, or is compacted. */
  before({ key, createRevision, modRevision }: KeyVersion): KeyVersion | undefined {
    if (createRevision === modRevision || modRevision - 1 < this.#compactRevision) return undefined;
    return alive(versionAt(this.#keys.get(key), modRevision - 1));
  }

  /** All of it, to be kept. Versions may be held on to: they never change. */
  state(): KeySpaceState {
    // What is older than the history is what a compaction kept for being the present then.
    const older = [...this.#keys.values()]
      .flatMap((versions) => versions.filter(({ modRevision }) => modRevision < this.#compactRevision))
      .toSorted(orders.MOD);
    return {
      revision: this.#revision,
      compactRevision: this.#compactRevision,
      alarm: this.#alarm,
      versions: [...older, ...this.#history],
    };
  }

  /** Into an empty key space. */
  restore({ revision, compactRevision, alarm, versions }: KeySpaceState): void {
    for (const version of versions) {
      this.#keep(version);
      if (version.modRevision >= compactRevision) this.#history.push(version);
    }
    this.#sorted = [...this.#keys.keys()].toSorted();
    this.#revision = revision;
    this.#compactRevision = compactRevision;
    this.#alarm = alarm;
  }

  /** Makes a write again that was made before. */
  redo({ revision, versions }: Commit): void {
    for (const version of versions) this.#add(version);
    this.#revision = revision;
  }

  #begin(): Writing {
    return { revision: this.#revision + 1, versions: [] };
  }

  #end({ revision, versions }: Writing): Commit | undefined {
    if (versions.length === 0) return undefined;
    this.#revision = revision;
    return { revision, versions };
  }

  #add(version: KeyVersion): void {
    if (this.#keep(version)) {
      const last = this.#sorted.at(-1);
      if (last === undefined || last < version.key) this.#sorted.push(version.key);
      else this.#sorted.splice(firstKeyFrom(this.#sorted, version.key), 0, version.key);
    }
    this.#history.push(version);
  }

  /** Whether its key is new. */
  #keep(version: KeyVersion): boolean {
    this.#bytes += sizeOf(version.key, version.value);
    const versions = this.#keys.get(version.key);
    if (versions) versions.push(version);
    else this.#keys.set(version.key, [version]);
    return !versions;
  }

  /** The newest version of all. */
  #remove({ key, value }: KeyVersion): void {
    this.#history.pop();
    this.#bytes -= sizeOf(key, value);
    const versions = this.#keys.get(key);
    versions?.pop();
    if (versions?.length !== 0) return;
    this.#keys.delete(key);
    this.#sorted.splice(firstKeyFrom(this.#sorted, key), 1);
  }

  #claimRoom(needed: number): void {
    if (!this.#alarm && this.#bytes + needed < this.#quotaBytes) return;
    this.#alarm = true;
    throw failed('noSpace');
  }

  #current(key: KeyBytes): KeyVersion | undefined {
    return alive(this.#keys.get(key)?.at(-1));
  }

  /** What a transaction under way sees as the present. */
  #now(writing: Writing | undefined): number {
    return writing && writing.versions.length > 0 ? writing.revision : this.#revision;
  }

  #range(request: RangeRequest, writing: Writing | undefined): RangeAnswer {
    const now = this.#now(writing);
    const at = request.revision <= 0 ? now : request.revision;
    if (at > now) throw failed('futureRevision');
    if (at < this.#compactRevision) throw failed('compacted');
    const found: KeyVersion[] = [];
    let count = 0;
    // Bounds and orders apply after all keys have been fetched. With a sort target but no order, the first keys are
    // sorted, as in etcd; one more than the limit shows that there are more.
    const fetched =
      request.limit > 0 && request.sortOrder === 'NONE' && !hasBounds(request) ? request.limit + 1 : Infinity;
    for (const key of this.#keysIn(request)) {
      const version = alive(versionAt(this.#keys.get(key), at));
      if (!version) continue;
      count++;
      if (!request.countOnly && found.length < fetched) found.push(version);
    }
    if (request.countOnly) return { revision: now, kvs: [], more: false, count };
    const bounded = hasBounds(request) ? found.filter((version) => isWithin(request, version)) : found;
    const sorted = sortedBy(request, bounded);
    const kvs = request.limit > 0 ? sorted.slice(0, request.limit) : sorted;
    return {
      revision: now,
      kvs: request.keysOnly ? kvs.map((version) => ({ ...version, value: nothing })) : kvs,
      more: sorted.length > kvs.length,
      count,
    };
  }

  #put({ key, value, ignoreValue, prevKv }: PutRequest, writing: Writing): PutAnswer {
    const previous = this.#current(key);
    if (ignoreValue && !previous) throw failed('keyNotFound');
    const version: KeyVersion = {
      key,
      createRevision: previous?.createRevision ?? writing.revision,
      modRevision: writing.revision,
      version: (previous?.version ?? 0) + 1,
      value: (ignoreValue ? previous?.value : undefined) ?? value,
    };
    writing.versions.push(version);
    this.#add(version);
    return { revision: writing.revision, ...(prevKv && previous ? { prevKv: previous } : {}) };
  }

  #deleteRange(request: DeleteRangeRequest, writing: Writing): DeleteRangeAnswer {
    const previous = this.#presentIn(request);
    for (const { key } of previous) {
      const version: KeyVersion = {
        key,
        createRevision: 0,
        modRevision: writing.revision,
        version: 0,
        value: nothing,
      };
      writing.versions.push(version);
      this.#add(version);
    }
    return {
      revision: this.#now(writing),
      deleted: previous.length,
      prevKvs: request.prevKv ? previous : [],
    };
  }

  #checkPutAgainstKeys({ key, ignoreValue, ignoreLease, lease }: PutRequest): void {
    if ((ignoreValue || ignoreLease) && !this.#current(key)) throw failed('keyNotFound');
    if (lease !== 0) throw failed('leaseNotFound');
  }

  #checkRevision(revision: number): void {
    if (revision === 0) return;
    if (revision > this.#revision) throw failed('futureRevision');
    if (revision < this.#compactRevision) throw failed('compacted');
  }

  /** A validated request cannot fail, except for a key that is kept and deleted before: etcd itself crashes on that. */
  #runOrUndo(path: Path, writing: Writing): Omit<TxnAnswer, 'revision'> {
    try {
      return this.#run(path, writing);
    } catch (error) {
      for (const version of writing.versions.toReversed()) this.#remove(version);
      throw error;
    }
  }

  #run({ succeeded, steps }: Path, writing: Writing): Omit<TxnAnswer, 'revision'> {
    const responses = steps.flatMap(({ operation, path }): OperationAnswer | [] => {
      if (path) return { kind: 'txn', answer: { revision: undefined, ...this.#run(path, writing) } };
      if (operation.kind === 'range')
        return { kind: 'range', answer: this.#range(operation.request, writing) };
      if (operation.kind === 'put') return { kind: 'put', answer: this.#put(operation.request, writing) };
      if (operation.kind === 'deleteRange')
        return { kind: 'deleteRange', answer: this.#deleteRange(operation.request, writing) };
      return [];
    });
    return { succeeded, responses };
  }

  #presentIn(range: KeyRange): readonly KeyVersion[] {
    return this.#keysIn(range).flatMap((key) => this.#current(key) ?? []);
  }

  #keysIn({ key, rangeEnd }: KeyRange): readonly KeyBytes[] {
    if (rangeEnd === '') return this.#keys.has(key) ? [key] : [];
    const from = firstKeyFrom(this.#sorted, key);
    if (rangeEnd === endless) return this.#sorted.slice(from);
    return rangeEnd <= key ? [] : this.#sorted.slice(from, firstKeyFrom(this.#sorted, rangeEnd));
  }
}

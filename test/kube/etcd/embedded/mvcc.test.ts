/** The key space by itself: what is forgotten and what is not, and that it can be made again from what it wrote. */
import * as fc from 'fast-check';
import test from 'ava';
import { EtcdFailure } from '../../../../src/kube/etcd/failure.ts';
import { KeySpace } from '../../../../src/kube/etcd/embedded/mvcc.ts';
import { isEmptyRange, isInRange } from '../../../../src/kube/etcd/embedded/queries.ts';
import type { Commit, KeyVersion } from '../../../../src/kube/etcd/embedded/key-space-types.ts';
import { deleteOf, everything, putOf, rangeOf } from '../support/requests.ts';

const key = fc.constantFrom('a', 'b', 'ba', 'c', '\0', '\xff');
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('put' as const), key, value: fc.string({ maxLength: 3 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      key,
      end: fc.constantFrom('', '\0', 'b', 'c'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compact' as const), back: fc.nat({ max: 5 }) }) },
);
const steps = fc.array(step, { maxLength: 30 });

/** Everything at every revision that can still be asked for. */
function readings(keys: KeySpace): readonly unknown[] {
  const from = Math.max(1, keys.compactRevision);
  return Array.from({ length: keys.revision - from + 1 }, (_, place) =>
    plain(keys.range({ ...everything, revision: from + place }).kvs),
  );
}

function plain(versions: readonly KeyVersion[]): readonly unknown[] {
  return versions.map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value).toString('latin1') }));
}

test('a key space is made again from what it wrote, and from what it is', (t) => {
  fc.assert(
    fc.property(steps, (program) => {
      const keys = new KeySpace();
      const again = new KeySpace();
      for (const one of program) {
        let commit: Commit | undefined;
        if (one.kind === 'put') ({ commit } = keys.put(putOf(one.key, one.value)));
        else if (one.kind === 'delete') ({ commit } = keys.deleteRange(deleteOf(one.key, one.end)));
        else {
          const at = keys.revision - one.back;
          if (at <= keys.compactRevision) continue;
          keys.compact(at);
          again.compact(at);
        }
        if (commit) again.redo(commit);
      }
      const third = new KeySpace();
      third.restore(keys.state());
      for (const other of [again, third]) {
        t.deepEqual(readings(other), readings(keys));
        t.deepEqual(
          plain(other.history(Math.max(1, keys.compactRevision), keys.revision, Infinity)),
          plain(keys.history(Math.max(1, keys.compactRevision), keys.revision, Infinity)),
        );
      }
    }),
    { numRuns: 100 },
  );
});

test('a compaction changes nothing that can still be asked for, and gives room', (t) => {
  fc.assert(
    fc.property(steps, (program) => {
      const keys = new KeySpace();
      for (const one of program) {
        if (one.kind === 'put') keys.put(putOf(one.key, one.value));
        else if (one.kind === 'delete') keys.deleteRange(deleteOf(one.key, one.end));
      }
      const before = readings(keys);
      for (let revision = 1; revision <= keys.revision; revision++) {
        const room = keys.bytes;
        keys.compact(revision);
        t.true(keys.bytes <= room);
        t.deepEqual(readings(keys), before.slice(revision - 1));
      }
      // What is left is what there is, each once.
      t.is(
        keys
          .range(everything)
          .kvs.reduce((sum, { key: name, value }) => sum + name.length + value.length + 128, 0),
        keys.bytes,
      );
    }),
    { numRuns: 50 },
  );
});

test('history comes in whole revisions, as much as was asked for', (t) => {
  const keys = new KeySpace();
  keys.txn({
    compare: [],
    success: ['a', 'b', 'c'].map((name) => ({ kind: 'put' as const, request: putOf(name, '1') })),
    failure: [],
  });
  keys.put(putOf('a', '2'));
  keys.put(putOf('a', '3'));
  t.deepEqual(
    keys.history(1, 4, 1).map(({ modRevision }) => modRevision),
    [2, 2, 2],
  );
  t.deepEqual(
    keys.history(2, 3, 1e6).map(({ modRevision }) => modRevision),
    [2, 2, 2, 3],
  );
  t.deepEqual(
    keys.history(4, 4, 0).map(({ modRevision }) => modRevision),
    [4],
  );
  t.deepEqual(keys.history(5, 9, 1e6), []);
});

test('what is refused changes nothing', (t) => {
  const keys = new KeySpace({ quotaBytes: 1000 });
  keys.put(putOf('a', '1'));
  const before = keys.state();
  for (const refused of [
    () => keys.put(putOf('', '1')),
    () => keys.put({ ...putOf('b', ''), ignoreValue: true }),
    () => keys.put({ ...putOf('b', ''), lease: 1 }),
    () => keys.deleteRange(deleteOf('')),
    () => keys.range(rangeOf('a', '', { revision: 9 })),
    () =>
      keys.txn({
        compare: [],
        success: [
          { kind: 'put', request: putOf('b', '1') },
          { kind: 'range', request: rangeOf('a', '', { revision: 9 }) },
        ],
        failure: [],
      }),
    () =>
      keys.txn({
        compare: [],
        success: [{ kind: 'put', request: putOf('b', '1') }, { kind: 'none' }],
        failure: [],
      }),
    () =>
      keys.txn({
        compare: [],
        success: [
          { kind: 'put', request: putOf('new', '1') },
          { kind: 'deleteRange', request: deleteOf('a', '\0') },
          { kind: 'put', request: { ...putOf('a', ''), ignoreValue: true } },
        ],
        failure: [],
      }),
    () => keys.compact(9),
  ]) {
    t.throws(refused, { instanceOf: EtcdFailure });
    t.deepEqual(keys.state(), before);
  }
  t.throws(() => keys.put(putOf('b', 'x'.repeat(1000))), {
    instanceOf: EtcdFailure,
    message: 'etcdserver: mvcc: database space exceeded',
  });
  t.deepEqual(keys.state(), { ...before, alarm: true });
  t.notThrows(() => keys.deleteRange(deleteOf('a')));
});

test('which keys lie in a range', (t) => {
  t.true(isInRange({ key: 'a', rangeEnd: '' }, 'a'));
  t.false(isInRange({ key: 'a', rangeEnd: '' }, 'ab'));
  t.true(isInRange({ key: 'a', rangeEnd: 'b' }, 'a\xff'));
  t.false(isInRange({ key: 'a', rangeEnd: 'b' }, 'b'));
  t.true(isInRange({ key: 'a', rangeEnd: '\0' }, '\xff\xff'));
  t.false(isInRange({ key: 'b', rangeEnd: '\0' }, 'a'));
  t.deepEqual(
    [
      ['a', ''],
      ['a', '\0'],
      ['a', 'a'],
      ['b', 'a'],
      ['a', 'b'],
    ].map(([from = '', rangeEnd = '']) => isEmptyRange({ key: from, rangeEnd })),
    [false, false, true, true, false],
  );
});

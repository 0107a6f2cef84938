/** What is found on a disk, and what is not: `onDisk` counts only where the value was there at all. */
import test from 'ava';
import { onDisk, placeWords } from '../../../../src/features/etcdctl/at-rest/disk.ts';
import type { DiskSearch } from '../../../../src/features/etcdctl/at-rest/observations.ts';
import { shown } from '../../../../src/features/etcdctl/shown.ts';
import type { PlannedStep } from '../../../../src/engine/plan.ts';
import type { View } from '../../../../src/engine/view.ts';
import { reportOf, shownBy } from '../../support/reports.ts';

const at = (offset: number, file = 'member/wal/0.wal') => ({ file, offset });
const key = '/registry/secrets/default/db';
const step = { id: 'look', client: 'backup' } as unknown as PlannedStep;

function judged(searched: readonly DiskSearch[] | undefined, found: boolean): string {
  const view = {
    reports: () =>
      searched
        ? [
            {
              seq: 7,
              result: { kind: 'disk', server: 'etcd', program: 'etcd', files: 2, bytes: 9, searched },
            },
          ]
        : [],
  } as unknown as View;
  return onDisk.judge({ secret: 'password', under: key, found }, view, step).status;
}

test('a secret in clear, a secret that is not, and a key that is not there', (t) => {
  const holder = { what: key, places: [at(3)] };
  const clear = [{ what: 'password', places: [at(500)] }, holder];
  const sealed = [{ what: 'password', places: [] }, holder];
  t.deepEqual([judged(clear, true), judged(clear, false)], ['met', 'missed']);
  t.deepEqual([judged(sealed, true), judged(sealed, false)], ['missed', 'met']);
  // Nothing is proven by not finding it where its object is not.
  const nowhere = [
    { what: 'password', places: [] },
    { what: key, places: [] },
  ];
  for (const searched of [nowhere, [holder], [{ what: 'password', places: [] }], undefined])
    t.is(judged(searched, false), 'unobserved');
});

test('a place is the file and the offset of the first one, in hexadecimal', (t) => {
  t.is(placeWords({ what: 'password', places: [at(500)] }), 'member/wal/0.wal 0x01f4');
  t.is(
    placeWords({ what: 'password', places: [at(70_000, 'db\u001b[2J'), at(1)] }).includes('\u001b'),
    false,
  );
  t.regex(placeWords({ what: 'password', places: [at(1), at(2)] }), /, \+1$/);
});

test('both reports are shown in both languages, and what is in clear is marked', (t) => {
  const outcome = shownBy(
    shown,
    reportOf('backup', {
      kind: 'disk',
      server: 'etcd',
      program: 'etcd',
      files: 3,
      bytes: 144_801_792,
      searched: [
        { what: 'password', places: [at(1)] },
        { what: key, places: [at(2)] },
        { what: 'other', places: [] },
      ],
    }),
    (own, report) => own.outcome?.(report),
  );
  t.is(outcome.headline.text.en, 'The disk of etcd: 3 files, 144,801,792 bytes');
  t.deepEqual(
    outcome.statements.map(({ tone }) => tone),
    ['leaked', 'plain', 'plain'],
  );
  const encrypting = shownBy(
    shown,
    reportOf('admin', {
      kind: 'encryption',
      server: 'apiserver',
      resources: ['secrets'],
      providers: ['aescbc (key1)', 'identity'],
    }),
    (own, report) => own.outcome?.(report),
  );
  t.deepEqual(
    encrypting.statements.map(({ text }) => text.en),
    ['encrypted at rest: secrets', 'written with aescbc (key1)', 'read with aescbc (key1), identity'],
  );
  for (const { text } of [encrypting.headline, ...encrypting.statements]) t.regex(text.ko, /[가-힣]/);
});

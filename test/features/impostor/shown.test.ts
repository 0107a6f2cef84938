/** The table of which client lost the password, from handwritten events: taken, refused, never tried. */
import test from 'ava';
import { inLanguage, verbatim } from '../../../src/i18n/language.ts';
import type { CaptureDraft, Topology } from '../../../src/capture/event.ts';
import { CaptureLog } from '../../../src/capture/log.ts';
import { shown } from '../../../src/features/impostor/shown.ts';
import { shown as lookUp } from '../../../src/features/look-up/shown.ts';
import { ShownFeatures } from '../../../src/presentation/shown.ts';
import { present, tickingClock } from '../../helpers/capture.ts';

const topology: Topology = {
  participants: [
    { name: 'careless', role: 'client' },
    { name: 'careful', role: 'client' },
    { name: 'shop', role: 'server', kind: 'login-server', address: { host: '127.0.0.1', port: 1 } },
    { name: 'clone', role: 'server', kind: 'impostor', address: { host: '127.0.0.1', port: 2 } },
    { name: 'other-clone', role: 'server', kind: 'impostor', address: { host: '127.0.0.1', port: 3 } },
  ],
  wires: [],
};

const login = { user: 'alice', password: 'tiger-lily', rrn: '900101-1234567' };

function visit(
  id: string,
  who: string,
  port: number,
  extra: readonly CaptureDraft[] = [],
  logins = [] as (typeof login)[],
): CaptureDraft[] {
  return [
    { type: 'step', id, state: 'started' },
    {
      type: 'observed',
      who,
      result: {
        kind: 'resolved',
        name: '_https._tcp.shop.localhost',
        type: 'SRV',
        to: { host: '127.0.0.1', port },
      },
    },
    ...extra,
    {
      type: 'observed',
      who: 'clone',
      result: { kind: 'taken', connections: 1, requests: 1, logins: port === 2 ? logins : [] },
    },
    {
      type: 'observed',
      who: 'other-clone',
      result: { kind: 'taken', connections: 0, requests: 0, logins: port === 3 ? logins : [] },
    },
    { type: 'step', id, state: 'done' },
  ];
}

const refused = (reason: 'unknown_ca' | 'weak_key', by: 'client' | 'server' = 'client'): CaptureDraft => ({
  type: 'refused',
  conn: 1,
  hop: 'A',
  by,
  reason,
  detail: {},
});

/** The whole table, in English. */
function lossesIn(drafts: readonly CaptureDraft[], among = topology) {
  const log = new CaptureLog({ clock: tickingClock() });
  const features = new ShownFeatures([shown, lookUp]);
  const losses = present(features.tables()[0]);
  log.subscribe((event) =>
    losses.fold(event, event.type === 'observed' ? features.of(event).sentTo?.(event) : undefined),
  );
  for (const draft of [
    { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology: among } as const,
    ...drafts,
  ])
    log.append(draft);
  return losses.table({ findings: [], titleOf: verbatim });
}

function tableOf(drafts: readonly CaptureDraft[], language: 'en' | 'ko' = 'en') {
  const table = inLanguage(lossesIn(drafts), language);
  return table && { head: table.head, rows: table.rows };
}

test('a row per client, a column per impostor, and the reason where the client closed', (t) => {
  const drafts = [
    ...visit('a', 'careless', 2, [], [login]),
    ...visit('b', 'careful', 2, [refused('unknown_ca')]),
    ...visit('c', 'careless', 3, [refused('unknown_ca', 'server')]),
    ...visit('d', 'careful', 1),
  ];
  t.deepEqual(tableOf(drafts), {
    head: ['client', 'clone', 'other-clone'],
    rows: [
      ['careless', 'LOST', 'kept'],
      ['careful', 'unknown CA', '-'],
    ],
  });
  t.deepEqual(tableOf(drafts, 'ko')?.rows[0], ['careless', '유출', '지킴']);
});

test('a stolen login counts, whatever was rejected, and a reason without short words is shown as kept', (t) => {
  t.deepEqual(tableOf(visit('a', 'careful', 2, [refused('unknown_ca')], [login]))?.rows, [
    ['careful', 'LOST'],
  ]);
  t.deepEqual(tableOf(visit('a', 'careful', 2, [refused('weak_key')]))?.rows, [['careful', 'kept']]);
});

test('where no step has an impostor, or a new run began, there is no table', (t) => {
  t.is(tableOf(visit('a', 'careful', 1)), undefined);
  t.is(
    tableOf([
      ...visit('a', 'careful', 2, [], [login]),
      { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology },
    ]),
    undefined,
  );
});

test('a rejection in one step is not reported for the next', (t) => {
  t.deepEqual(
    tableOf([...visit('a', 'careful', 2, [refused('unknown_ca')]), ...visit('b', 'careless', 2)])?.rows,
    [
      ['careful', 'unknown CA'],
      ['careless', 'kept'],
    ],
  );
});

test('a lost cell is red and a kept one green; the cell of the step that has just ended is the current one', (t) => {
  const drafts = [
    ...visit('a', 'careless', 2, [], [login]),
    ...visit('b', 'careful', 3, [refused('unknown_ca')]),
  ];
  const { tones, current } = present(lossesIn(drafts));
  t.deepEqual(tones, [
    ['plain', 'leaked', 'dim'],
    ['plain', 'dim', 'sealed'],
  ]);
  t.deepEqual(current, { row: 1, column: 2 });
  t.is(present(lossesIn([...drafts, ...visit('c', 'careful', 1)])).current, undefined);
});

test('the title says whose the sites are, where all are of one', (t) => {
  const ownedBy = (...owners: readonly (string | undefined)[]): Topology => ({
    ...topology,
    participants: topology.participants.map((one) => {
      const owner = one.kind === 'impostor' ? owners[one.name === 'clone' ? 0 : 1] : undefined;
      return owner === undefined ? one : { ...one, owner };
    }),
  });
  const titleIn = (...owners: readonly (string | undefined)[]): string | undefined =>
    inLanguage(lossesIn(visit('a', 'careless', 2, [], [login]), ownedBy(...owners)), 'en')?.title;
  t.regex(titleIn('Mallory', 'Mallory') ?? '', /which of Mallory’s sites/);
  t.regex(titleIn('Mallory', 'Eve') ?? '', /which impostor/);
  t.regex(titleIn() ?? '', /which impostor/);
});

test('an impostor that was asked was reached', (t) => {
  const { taken } = shown.reports ?? {};
  const reached = (requests: number): boolean | undefined =>
    taken?.hasServed?.({
      seq: 1,
      who: 'clone',
      result: { kind: 'taken', connections: 1, requests, logins: [] },
    });
  t.true(reached(1));
  t.false(reached(0));
});

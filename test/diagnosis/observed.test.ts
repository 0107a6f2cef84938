/** What the bytes of a connection alone allow to say, and on which machine something is to be done. */
import test from 'ava';
import { findingOf } from '../../src/diagnosis/observed.ts';
import type { ObservedOutcome } from '../../src/diagnosis/observed.ts';
import { unfinishedIn } from '../../src/diagnosis/captured/unfinished.ts';
import type { SeenOutcome } from '../../src/diagnosis/captured/unfinished.ts';

const outcome = (facts: Partial<ObservedOutcome>): ObservedOutcome => ({
  kind: 'closed_without_alert',
  confidence: 'proven',
  detail: {},
  evidence: [],
  ...facts,
});

test('internal_error of a client right behind the certificate is a certificate that it did not accept', (t) => {
  const facts = { cause: 'internal_error', by: 'client', kind: 'refused_by_client' } as const;
  t.like(findingOf(outcome({ ...facts, step: 'server_flight' })), {
    cause: 'certificate_not_accepted',
    by: 'client',
    confidence: 'likely',
  });
  t.is(findingOf(outcome({ ...facts, step: 'client_hello' })).cause, 'internal_error');
  t.is(findingOf(outcome({ ...facts, by: 'server', step: 'server_flight' })).cause, 'internal_error');
});

test('a client that stops short of the newest version is looked at first, one that does not is not', (t) => {
  const facts = { cause: 'no_common_version', by: 'server' } as const;
  const capped = findingOf(outcome({ ...facts, detail: { offered: ['TLS 1.1', 'TLS 1.2'] } }));
  t.is(capped.remedy.on, 'client');
  t.regex(
    capped.remedy.words.en,
    /why the client offers TLS 1\.2 at most: .*\.curlrc.*let the server accept/,
  );
  t.is(findingOf(outcome({ ...facts, detail: { offered: ['TLS 1.2', 'TLS 1.3'] } })).remedy.on, 'server');
});

test('what is lost or reset on the way is nobody’s at the ends', (t) => {
  for (const cause of ['large_packets_lost', 'packets_lost', 'reset_on_the_way'] as const)
    t.like(findingOf(outcome({ cause, by: 'client' })), { by: 'between' });
});

/** Chunks by the number of the event that brought them. */
const spoke = (client: number | undefined, server: number | undefined) => ({
  stream: (_vantage: string, side: 'client' | 'server') => {
    const seq = side === 'client' ? client : server;
    return { chunks: seq === undefined ? [] : [{ seq }] };
  },
});

test('of an open connection it counts who waits for whom', (t) => {
  const said = (facts: Partial<SeenOutcome>, last: ReturnType<typeof spoke>): string | undefined =>
    unfinishedIn(outcome(facts), last as unknown as Parameters<typeof unfinishedIn>[1])?.cause;
  const open = { kind: 'open' } as const;
  t.is(said({ ...open, step: 'application_data' }, spoke(1, 2)), undefined);
  t.is(said({ ...open, step: 'application_data' }, spoke(3, 2)), 'capture_ends');
  t.is(said({ ...open, step: 'plaintext' }, spoke(1, undefined)), 'capture_ends');
  for (const step of [
    'client_hello',
    'server_flight',
    'client_certificate',
    'client_flight',
    'connected',
  ] as const)
    t.is(said({ ...open, step }, spoke(1, 2)), 'capture_ends', step);
  t.is(said(open, spoke(undefined, undefined)), 'capture_ends');
  t.is(said({ kind: 'completed', step: 'application_data' }, spoke(3, 2)), undefined);
  t.is(said({ kind: 'completed', incomplete: true }, spoke(3, 2)), 'capture_ends');
  t.is(said({ kind: 'completed', oneSided: true }, spoke(3, undefined)), 'capture_ends');
  t.is(said({ kind: 'reset', by: 'server', step: 'application_data' }, spoke(1, 2)), 'reset_in_data');
  t.is(said({ kind: 'nothing_said', by: 'client', step: 'connected' }, spoke(3, 2)), 'nothing_said');
  t.is(said({ kind: 'nothing_said', by: 'server', step: 'connected' }, spoke(3, 2)), undefined);
  t.is(said({ kind: 'left_on_request', by: 'client' }, spoke(3, 2)), 'nothing_said');
  t.is(said({ kind: 'empty', by: 'client' }, spoke(undefined, undefined)), 'nothing_sent');
  t.is(said({ kind: 'reset', by: 'client', step: 'application_data' }, spoke(1, 2)), undefined);
});

/** What is known of a refusal, joined from the side that refused, the client and the wire. */
import test from 'ava';
import type { CaptureDraft } from '../../src/capture/event.ts';
import { clientName } from '../../src/presentation/refusals.ts';
import { alertRecord, clientHello, refusal, serverHello, topologyWith } from '../ui/support/story.ts';
import { present } from '../helpers/capture.ts';
import { storiesOf } from './support/stories.ts';

const topology = topologyWith('mallory');

test('the endpoint, the client and the wire speak of one refusal', (t) => {
  const [story, ...more] = storiesOf(refusal(), topology);
  t.deepEqual(more, []);
  t.like(present(story), {
    ends: { client: 'mallory', server: 'front' },
    refuser: { name: 'front', role: 'proxy' },
    version: 'TLSv1.2',
    loginSent: false,
    wire: { hop: 'A' },
  });
  const { offset, length, readable } = present(present(story).alertPlace);
  t.deepEqual([offset, length, readable], [serverHello.length, alertRecord(48).length, true]);
});

test('without the endpoint’s word the version is the one on the wire, and without an alert there is no place', (t) => {
  const silent = refusal().flatMap((draft): CaptureDraft[] => {
    if (draft.type === 'bytes' && draft.bytes[0] === 21) return [];
    if (draft.type !== 'refused') return [draft];
    const { version: _version, ...rest } = draft;
    return [rest];
  });
  const story = present(storiesOf(silent, topology)[0]);
  t.is(story.version, 'TLSv1.2');
  t.is(story.alertPlace, undefined);
});

test('an unknown client: whether it had sent its request is known from the discarded bytes, or not at all', (t) => {
  const sent = (discardedBytes?: number): boolean | undefined => {
    const drafts = refusal()
      .filter(({ type }) => type !== 'observed')
      .map(
        (draft): CaptureDraft =>
          draft.type === 'refused'
            ? { ...draft, detail: discardedBytes === undefined ? {} : { discardedBytes } }
            : draft,
      );
    return present(storiesOf(drafts, topology)[0]).loginSent;
  };
  t.is(sent(), undefined);
  t.is(sent(0), false);
  t.is(sent(173), true);
});

test('a secondhand refusal is reported only without a direct one', (t) => {
  const secondhandReasons: CaptureDraft = {
    type: 'refused',
    conn: 2,
    hop: 'A',
    by: 'client',
    reason: 'closed_during_handshake',
    detail: {},
  };
  const opened = refusal().filter(({ type }) => type === 'opened');
  const bytes: CaptureDraft = {
    type: 'bytes',
    conn: 2,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: clientHello('x'),
  };
  t.deepEqual(
    storiesOf([...opened, bytes, secondhandReasons], topology).map((story) => story.refusal.reason),
    ['closed_during_handshake'],
  );
  t.deepEqual(
    storiesOf([secondhandReasons, ...refusal()], topology).map((story) => story.refusal.reason),
    ['unknown_ca'],
  );
});

test('a client has its name in a step, and is unnamed outside of the topology', (t) => {
  t.is(clientName('mallory', 'en', { topology, inStep: true }), 'mallory');
  t.is(clientName('mallory', 'en', { topology, inStep: false }), 'client');
  t.is(
    clientName('front', 'en', { topology, inStep: false }),
    'front',
    'the proxy is no stranger on the wire behind it',
  );
  t.is(clientName(undefined, 'ko', { topology, inStep: true }), '클라이언트');
});

/** The card of a refusal as data: its rows in order, what is known in each, hints apart, and nothing harmful in any. */
import test from 'ava';
import type { CaptureDraft, RefusalDetail } from '../../src/capture/event.ts';
import type { RefusalReason } from '../../src/capture/vocabulary.ts';
import { inLanguage, languages } from '../../src/i18n/language.ts';
import type { In, Language } from '../../src/i18n/language.ts';
import { refusalCard } from '../../src/presentation/card.ts';
import type { Card, CardRow, CardRowKind } from '../../src/presentation/types/values.ts';
import { refusal, summary, topologyWith } from '../ui/support/story.ts';
import { storiesOf } from './support/stories.ts';
import { present } from '../helpers/capture.ts';

const cardOf = (
  drafts: readonly CaptureDraft[],
  language: Language = 'en',
  inStep = true,
  name = 'mallory',
): In<Card> =>
  inLanguage(
    refusalCard(present(storiesOf(drafts, topologyWith(name))[0]), { topology: topologyWith(name), inStep }),
    language,
  );
const kinds = ({ rows }: In<Card>): CardRowKind[] => rows.map(({ kind }) => kind);
const row = ({ rows }: In<Card>, wanted: CardRowKind): In<CardRow> =>
  present(rows.find(({ kind }) => kind === wanted));

test('a refusal in full: who, why, what was presented and expected, the alert, the client, what helps', (t) => {
  const card = cardOf(refusal());
  t.is(card.headline, 'REFUSED by front: the client mallory (unknown CA)');
  t.deepEqual(kinds(card), [
    'who',
    'because',
    'presented',
    'expected',
    'alert',
    'onWire',
    'client',
    'words',
    'remedy',
    'seeIt',
  ]);
  t.is(row(card, 'who').text, "front (mallory proxy), on reading the client's Certificate (TLS 1.2)");
  t.like(row(card, 'onWire'), { label: 'on wire A', hint: undefined });
  t.regex(row(card, 'words').text, /^ERR_mallory \(sslv3 alert mallory\)$/);
  t.regex(present(row(cardOf(refusal()), 'alert').text), /^unknown_ca \(48\), fatal: /);
});

test('what is worth saying once is a hint beside the row, in every language', (t) => {
  const sealed = refusal().map((draft): CaptureDraft => {
    if (draft.type === 'observed' && draft.result.kind === 'login' && draft.result.error)
      return {
        ...draft,
        result: {
          ...draft.result,
          error: {
            ...draft.result.error,
            message: '1:error:2:SSL routines:f:sslv3 alert bad certificate:file:1:',
          },
        },
      };
    return draft;
  });
  for (const [language, expected] of [
    ['en', /SSLv3 in these words/],
    ['ko', /오류 문구의 SSLv3/],
  ] as const) {
    const words = row(cardOf(sealed, language), 'words');
    t.regex(present(words.hint), expected);
    t.notRegex(words.text, expected);
  }
  const stories = storiesOf(refusal(), topologyWith('mallory')).map((story) => ({
    ...story,
    alertPlace: { readable: false, offset: 16, length: 24 },
  }));
  for (const language of languages) {
    const onWire = row(
      inLanguage(
        refusalCard(present(stories[0]), { topology: topologyWith('mallory'), inStep: true }),
        language,
      ),
      'onWire',
    );
    t.regex(onWire.text, /24/);
    t.true(present(onWire.hint).length > 20);
    t.false(present(onWire.hint).startsWith('.'));
  }
});

test('a refusal without an alert, without a certificate, without a report of the client', (t) => {
  const bare = refusal()
    .filter(({ type }) => type !== 'observed')
    .map(
      (draft): CaptureDraft =>
        draft.type === 'refused'
          ? {
              type: 'refused',
              conn: draft.conn,
              hop: draft.hop,
              by: 'server',
              reason: 'certificate_missing',
              detail: {},
            }
          : draft,
    );
  const card = cardOf(bare);
  t.deepEqual(kinds(card), ['who', 'because', 'presented', 'alert', 'remedy']);
  t.is(row(card, 'presented').text, 'no certificate');
  t.regex(row(card, 'alert').text, /^none was sent/);
  const client = (discardedBytes: number): string =>
    row(
      cardOf(
        bare.map((draft) => (draft.type === 'refused' ? { ...draft, detail: { discardedBytes } } : draft)),
      ),
      'client',
    ).text;
  t.regex(client(0), /^had sent nothing more by then\. A browser opens some connections ahead/);
  t.regex(client(419), /^had sent 419 bytes, sealed/);
});

test('outside of a step the client is a stranger and there is nothing to run again', (t) => {
  const card = cardOf(refusal(), 'en', false);
  t.is(card.headline, 'REFUSED by front: the client (unknown CA)');
  t.false(kinds(card).includes('seeIt'));
});

test('nothing of the other side is harmful in a card', (t) => {
  for (const hostile of ['\u001b[2J', '\u009b2J', 'a\rb\n', '\u202etxt', '\u{1f600}']) {
    for (const language of languages) {
      const { headline, rows } = cardOf(refusal(hostile), language, true, hostile);
      for (const text of [headline, ...rows.flatMap((one) => [one.label, one.text, one.hint ?? ''])])
        t.notRegex(text, /[\p{Cc}\p{Cf}\p{Cs}]|[\u{10000}-\u{10ffff}]/u, JSON.stringify(text));
      t.true(rows.filter(({ text }) => text.includes('·')).length >= 4);
    }
  }
});

test('a name that is none is said to be none, and letters from other alphabets are pointed out', (t) => {
  const named = (subject: string, language: Language = 'en'): string => {
    const drafts = refusal().map(
      (draft): CaptureDraft =>
        draft.type === 'refused' && draft.detail.presented
          ? { ...draft, detail: { ...draft.detail, presented: { ...draft.detail.presented, subject } } }
          : draft,
    );
    return row(cardOf(drafts, language), 'presented').text;
  };
  t.regex(named(''), /^no name, issued by /);
  t.regex(named('', 'ko'), /^이름 없음, /);
  t.regex(named('CN=\u0430lice'), /\. Mind the \u0430: it is U\+0430, a Cyrillic letter$/);
  t.regex(named('CN=\u0430lice', 'ko'), /U\+0430, 키릴 문자/);
  t.regex(named('CN=al\u03b9ce'), /U\+03B9, a Greek letter$/);
  for (const whole of [
    'CN=alice',
    'CN=\u0430\u043b\u0438\u0441\u0430',
    'CN=앨리스,O=Workshop',
    'CN=\u03b1, O=x',
  ])
    t.notRegex(named(whole), /Mind the/, 'whole words of one alphabet are names');
});

test('a corrupted signature has no command that reproduces it', (t) => {
  const topology = topologyWith('mallory');
  const spoiled = {
    ...topology,
    participants: topology.participants.map((one) =>
      one.name === 'mallory' ? { ...one, kind: 'wrong-signature' } : one,
    ),
  };
  const [story] = storiesOf(refusal(), spoiled);
  for (const language of languages) {
    const card = inLanguage(refusalCard(present(story), { topology: spoiled, inStep: true }), language);
    t.notRegex(row(card, 'seeIt').text, /--hold|curl/);
    t.regex(row(cardOf(refusal(), language), 'seeIt').text, /--hold/);
  }
});

test('what was expected is what was missing: a trusted issuer only where the issuer was not trusted', (t) => {
  const detail = { presented: summary('mallory'), trusted: [{ subject: 'CN=Client CA' }] };
  const expected = (reason: RefusalReason, more: RefusalDetail = {}): string | undefined => {
    const drafts = refusal().map(
      (draft): CaptureDraft =>
        draft.type === 'refused' ? { ...draft, reason, detail: { ...detail, ...more } } : draft,
    );
    return cardOf(drafts).rows.find(({ kind }) => kind === 'expected')?.text;
  };
  t.is(expected('unknown_ca'), 'a certificate issued by CN=Client CA');
  t.is(expected('certificate_missing'), 'a certificate issued by CN=Client CA');
  t.is(
    expected('certificate_expired', { now: '2026-03-01T10:00:00.000Z' }),
    'a certificate that is valid on 2026-03-01',
  );
  t.is(expected('certificate_not_yet_valid'), 'a certificate that is valid now');
  t.is(expected('wrong_usage'), 'a certificate for clientAuth');
  t.is(expected('certificate_revoked'), 'a certificate that is not revoked');
  t.is(expected('name_not_admitted', { expected: 'CN=alice' }), 'a certificate for CN=alice');
  t.is(expected('malformed_certificate'), undefined);
});

test('a refusal that was answered over HTTP says so in the place of an alert', (t) => {
  const drafts = refusal().flatMap((draft): CaptureDraft[] => {
    if (draft.type !== 'refused') return [draft];
    const { alert: _, ...refused } = draft;
    const answer: CaptureDraft = {
      type: 'bytes',
      conn: draft.conn,
      hop: 'A',
      vantage: 'plaintext',
      from: 'server',
      bytes: Buffer.from('HTTP/1.1 403 Forbidden\r\n\r\n'),
    };
    return [refused, answer];
  });
  t.is(row(cardOf(drafts), 'alert').text, 'none was sent: the answer was HTTP/1.1 403 Forbidden');
});

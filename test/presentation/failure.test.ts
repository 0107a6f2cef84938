/** Why a connection of a capture failed, as a card of the same build as a live refusal's; where nothing failed there is none. */
import test from 'ava';
import { inLanguage } from '../../src/i18n/language.ts';
import type { CaptureDraft } from '../../src/capture/event.ts';
import { Flows } from '../../src/capture/flows.ts';
import { languages } from '../../src/i18n/language.ts';
import type { Language } from '../../src/i18n/language.ts';
import { connectionOutcome, refusalCard } from '../../src/presentation/card.ts';
import { loadWireReading, Speakers, verdictOf } from '../../src/presentation/refusals.ts';
import type { RefusalStory } from '../../src/presentation/refusals.ts';
import { present } from '../helpers/capture.ts';
import { logOf } from '../ui/support/story.ts';
import { answered, notAccepted, topology, unanswered, fromTheFuture } from './support/captured.ts';

await loadWireReading();

function failure(drafts: readonly CaptureDraft[]): RefusalStory | undefined {
  const { events } = logOf(drafts, topology);
  const flows = new Flows({ events });
  for (const event of events) flows.fold(event);
  return verdictOf(present(flows.connections[0]), { flows, topology, speakers: new Speakers() })?.story;
}

function card(story: RefusalStory, language: Language = 'en'): Readonly<Record<string, string>> {
  const { headline, rows } = inLanguage(refusalCard(story, { topology, inStep: false }), language);
  return { headline, ...Object.fromEntries(rows.map(({ kind, text }) => [kind, text])) };
}

test('a refusal that was read: who, why, the alert in clear, the certificate, where it is to be seen; the likely cause is called so', (t) => {
  const { headline, who, because, presented, alert, onWire, evidence, remedy } = card(
    present(failure(fromTheFuture())),
  );
  t.is(headline, 'REFUSED BY THE CLIENT (most likely: not yet valid)');
  t.is(who, "client, after the server's part of the handshake (TLS 1.2)");
  t.regex(because ?? '', /^most likely the server's certificate is valid from 20/);
  t.regex(presented ?? '', /^CN=shop\.localhost, issued by/);
  t.regex(alert ?? '', /^bad_certificate \(42\), fatal/);
  t.regex(onWire ?? '', /^in clear at 0x[0-9a-f]{4}/);
  t.regex(
    evidence ?? '',
    /^client: Alert, record 2, at 0x[0-9a-f]{4}; server: Certificate, record 2, at 0x[0-9a-f]{4}$/,
  );
  t.regex(remedy ?? '', /compare the clocks/);
  const korean = card(present(failure(fromTheFuture())), 'ko');
  t.is(korean['headline'], '클라이언트가 거부함 (추정: 아직 유효하지 않음)');
  t.regex(korean['evidence'] ?? '', /^클라이언트: Alert, 2번째 레코드, 오프셋 0x/);
});

test('where no TLS was spoken no alert is missed', (t) => {
  for (const [drafts, headline] of [
    [unanswered(), 'NO ANSWER (most likely: plaintext to a TLS port)'],
    [notAccepted(), 'CONNECTION REFUSED (nothing listens there)'],
  ] as const) {
    const rows = card(present(failure(drafts)));
    t.is(rows['headline'], headline);
    t.is(rows['alert'], undefined);
  }
});

test('what went well has no card; what an endpoint reports is told as it reports it', (t) => {
  t.is(failure(answered()), undefined);
  const reported: CaptureDraft = {
    type: 'refused',
    conn: 1,
    hop: 'A',
    by: 'client',
    reason: 'name_mismatch',
    detail: {},
  };
  const story = failure([...fromTheFuture().slice(0, -1), reported, ...fromTheFuture().slice(-1)]);
  t.is(story?.refusal.reason, 'name_mismatch');
  t.truthy(story?.reported);
  t.is(story?.outcome, undefined);
});

test('every card has its rows in every language, harmless', (t) => {
  for (const drafts of [fromTheFuture(), unanswered(), notAccepted()]) {
    for (const language of languages) {
      for (const [kind, text] of Object.entries(card(present(failure(drafts)), language)))
        t.notRegex(text, /\p{Cc}|undefined|^\s*$/u, kind);
    }
  }
});

test('what became of a connection is what its card says of it: how sure that is, and where it is to be seen', (t) => {
  const story = present(failure(fromTheFuture()));
  const { rows } = inLanguage(connectionOutcome(present(story.outcome)), 'en');
  t.deepEqual(
    rows.map(({ kind }) => kind),
    ['outcome', 'certainty', 'evidence'],
  );
  const { certainty, evidence } = card(story);
  t.deepEqual([rows[1]?.text, rows[2]?.text], [certainty, evidence]);
});

/** What became of each connection of a capture, in the text and in JSON. */
import test from 'ava';
import {
  answered,
  notAccepted,
  topology,
  unanswered,
  fromTheFuture,
} from '../presentation/support/captured.ts';
import { logOf, captureText, jsonText } from './support/story.ts';
import { outputValidator } from '../helpers/output-schema.ts';

const textOf = (drafts: Parameters<typeof logOf>[0], language: 'en' | 'ko' = 'en'): string =>
  captureText(logOf(drafts, topology).events, { language })
    .join('\n')
    .replace(/\n {13}/g, ' ');

test('each connection ends with what became of it, and a failure with where it is to be seen', (t) => {
  const text = textOf([...fromTheFuture(1), ...answered(2)]);
  t.regex(
    text,
    /^ {2}outcome +The client refused after the server's part of the handshake with the alert bad_certificate \(42\)\. Most likely the server's certificate is valid from .* What to try: /m,
  );
  t.regex(text, /^ {2}evidence +client: Alert, record 2, at 0x[0-9a-f]{4}; server: Certificate, record 2/m);
  t.regex(text, /^ {2}outcome +Completed: data was exchanged; the server closed first\.$/m);
  t.is(text.match(/^ {2}evidence/gm)?.length, 1);
  t.regex(
    textOf(fromTheFuture(), 'ko'),
    /^ {2}결과 +클라이언트가 서버 쪽 핸드셰이크 메시지 직후 알림\(Alert\) bad_certificate\(42\)를 보내 거부했습니다\. 추정되는 이유: /m,
  );
});

test('JSON has kind, step, cause, evidence and sentence, and fits the schema', (t) => {
  const fits = outputValidator();
  for (const [drafts, expected] of [
    [
      fromTheFuture(),
      {
        kind: 'refused_by_client',
        source: 'wire',
        by: 'client',
        step: 'server_flight',
        cause: 'certificate_not_yet_valid',
        inferred: true,
        alert: { code: 42 },
      },
    ],
    [
      unanswered(),
      { kind: 'no_answer', by: 'server', step: 'plaintext', cause: 'plaintext_on_tls_port', inferred: true },
    ],
    [
      notAccepted(),
      { kind: 'not_accepted', by: 'server', step: 'connecting', cause: 'nothing_listens', inferred: false },
    ],
    [answered(), { kind: 'completed', by: 'server', step: 'plaintext', inferred: false }],
  ] as const) {
    const lines = jsonText(logOf(drafts, topology).events).map(
      (line) =>
        JSON.parse(line) as {
          readonly kind: string;
          readonly outcome?: {
            readonly evidence: readonly unknown[];
            readonly sentence: { readonly ko: string };
          };
        },
    );
    for (const line of lines) t.true(fits(line), JSON.stringify(fits.errors));
    const outcome = lines.find(({ kind }) => kind === 'stream')?.outcome;
    t.like(outcome, expected);
    t.regex(outcome?.sentence.ko ?? '', /다\./);
    t.true((outcome?.evidence.length ?? 0) > 0);
  }
});

test('packets that a capture has are not called reconstructed; what a socket reported is', (t) => {
  const captured = answered().map((draft) =>
    draft.type === 'opened' || draft.type === 'closed' ? { ...draft, frame: 1 } : draft,
  );
  t.notRegex(textOf(captured), /reconstructed/);
  t.regex(textOf(captured), /TCP opened/);
  t.regex(textOf(answered()), /TCP opened \*[^]*reconstructed/);
  const own = captured.map((draft) =>
    draft.type === 'opened' ? ({ ...draft, reconstructed: true } as const) : draft,
  );
  t.regex(textOf(own), /TCP opened \*/);
});

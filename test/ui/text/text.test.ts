/** The text report over logs written by hand: what it says, that it is a function of the log, and that nothing breaks it. */
import test from 'ava';
import * as fc from 'fast-check';
import type { CaptureDraft } from '../../../src/capture/event.ts';
import { languages, verbatim } from '../../../src/i18n/language.ts';
import { cellWidth } from '../../../src/i18n/width.ts';
import { leak, logOf, refusal, reportText, topologyWith, verdictOf } from '../support/story.ts';
import type { ReportOptions } from '../support/story.ts';

const story = (lines: readonly string[]): string => lines.join('\n');
const both = [...leak(), ...refusal()];

test('a login in the clear: both ends named, direction in words, the secret with its place', (t) => {
  const text = story(reportText(logOf(leak()).events));
  t.regex(text, /^Wire B, connection 1: front → shop$/m);
  t.regex(text, /B → to server POST \/login\?x +\d+ B {2}x, form: username, password$/m);
  t.regex(text, /B ← to client 302 x +\d+ B {2}to x$/m);
  t.regex(text, /^ {6}! READABLE {2}password: tiger-lily \(at 0x00[0-9a-f]{2}, as plain text\)$/m);
  t.regex(text, /TCP closed \* +by the client\n {6}\* reconstructed/);
  const korean = story(reportText(logOf(leak()).events, { language: 'ko' }));
  t.regex(korean, /^구간 B, 연결 1: front → shop$/m);
  t.regex(korean, /B → 서버로 +POST \/login/);
  t.regex(korean, /! 노출 {2}password: tiger-lily \(오프셋 0x00[0-9a-f]{2}, 평문 그대로\)/);
});

test('the printed offset is that of the secret', (t) => {
  const { events } = logOf(leak());
  const offset = Number(/at (0x[0-9a-f]+),/.exec(story(reportText(events)))?.[1]);
  const sent = events.find((event) => event.type === 'bytes' && event.from === 'client');
  t.is(
    sent?.type === 'bytes' && Buffer.from(sent.bytes).toString('latin1', offset, offset + 10),
    'tiger-lily',
  );
});

test('a refusal as a card: who, why, what was presented, the alert and where, the client’s own words', (t) => {
  const text = story(reportText(logOf(refusal()).events));
  t.regex(text, /^Wire A \(mallory\), connection 2: mallory → front$/m);
  t.regex(text, /^ {2}REFUSED by front: the client mallory \(unknown CA\)$/m);
  t.regex(text, /^ {2}who +front \(mallory proxy\), on reading the client's Certificate \(TLS\n +1\.2\)$/m);
  t.regex(text, /^ {2}presented +CN=mallory, issued by CN=mallory CA/m);
  t.regex(text, /^ {2}expected +a certificate issued by CN=mallory \(key id mallory\) or CN=Client CA$/m);
  t.regex(text, /^ {2}alert +unknown_ca \(48\), fatal: /m);
  t.regex(text, /^ {2}on wire A +in clear at 0x[0-9a-f]{4}: any sniffer reads it$/m);
  t.regex(text, /^ {2}client +was still in the handshake: nothing of its request was sent$/m);
  t.regex(text, /^ {2}its words +ERR_mallory \(sslv3 alert mallory\)\. The SSLv3 in these words/m);
  t.regex(text, /^ {2}see it +.*--hold/m);
  t.notRegex(text, /All refusals/, 'one refusal needs no table');
});

test('an alert that cannot be read on the wire is not called readable', (t) => {
  const sealed = refusal().map((draft) =>
    draft.type === 'bytes' && draft.bytes[0] === 21
      ? { ...draft, bytes: Buffer.from([23, 3, 3, 0, 4, 1, 2, 3, 4]) }
      : draft,
  );
  const text = story(reportText(logOf(sealed).events));
  t.notRegex(text, /any sniffer reads it/);
  t.regex(text, /on wire A +not found among the records that could be read/);
});

test('a secondhand report belongs to the refusal and is not printed as another one', (t) => {
  const secondhandReasons: CaptureDraft = {
    type: 'refused',
    conn: 2,
    hop: 'A',
    by: 'client',
    reason: 'closed_during_handshake',
    detail: {},
  };
  const twice = refusal().flatMap((draft): CaptureDraft[] =>
    draft.type === 'refused' ? [secondhandReasons, draft, secondhandReasons] : [draft],
  );
  t.deepEqual(story(reportText(logOf(twice).events)).match(/REFUSED by \w+/g), ['REFUSED by front']);
  const alone = refusal().map((draft) => (draft.type === 'refused' ? secondhandReasons : draft));
  t.deepEqual(
    story(reportText(logOf(alone).events)).match(/REFUSED by \w+/g),
    ['REFUSED by mallory'],
    'without another report it is all there is',
  );
});

test('a second refusal for the same certificate says only what differs, and two make a table', (t) => {
  const twice = [...refusal(), ...refusal('mallory', 3, 'again')];
  for (const [language, rest, table] of [
    [
      'en',
      /the rest +certificate, reason and remedy are those of step 1/,
      /mallory +1\.2 +front +unknown CA +unknown_ca +clear +kept/g,
    ],
    [
      'ko',
      /나머지 +인증서, 이유, 해결 방법은 1단계와 같습니다/,
      /mallory +1\.2 +front +알 수 없는 CA +unknown_ca +평문 +미전송/g,
    ],
  ] as const) {
    const text = story(reportText(logOf(twice).events, { language }));
    t.regex(text, rest);
    t.is(text.match(table)?.length, 2);
  }
  const others = story(reportText(logOf([...refusal(), ...refusal('eve', 3, 'again')]).events));
  t.notRegex(others, /the rest/, 'another certificate is printed in full');
});

test('findings are under their step, and one that is not met is marked', (t) => {
  const verdict = verdictOf([
    { step: 'leak', says: verbatim('it leaked') },
    { step: 'refusal', status: 'missed', says: verbatim('nobody was refused') },
    { says: verbatim('no key was seen'), status: 'unobserved' },
  ]);
  const text = story(reportText(logOf(both).events, { verdict }));
  t.regex(text, /Verdict: FAILED {3}1 of 3 claims proven/);
  t.regex(
    text,
    /\n1\. Step x\n ✓ it leaked\n\n2\. A refusal\n ✗ nobody was refused \[NOT TRUE: claim-1\]\n\nAll steps together\n \? no key was seen \[NOT OBSERVED: claim-2\]$/m,
  );
});

test('a kept connection is printed when it sends more, but not when it only closes', (t) => {
  const drafts = leak();
  const kept = drafts.filter(({ type }) => type !== 'closed');
  const closed = drafts.filter(({ type }) => type === 'closed');
  const again = leak('x', 1, 'again').filter(({ type }) => type !== 'opened' && type !== 'closed');
  const text = story(reportText(logOf([...kept, ...again, ...closed]).events));
  t.regex(text, /^Wire B, connection 1: front → shop, kept open from before$/m);
  t.is(text.match(/connection 1/g)?.length, 2);
});

test('connections that a visitor causes are printed when the visitor’s closes, not when the kept one does', (t) => {
  const isPart = ({ type }: CaptureDraft): boolean =>
    type === 'opened' || type === 'bytes' || type === 'closed' || type === 'refused';
  const kept = leak().filter(({ type }) => type !== 'closed');
  const behind = leak('x', 1).filter(({ type }) => type === 'bytes');
  const text = story(reportText(logOf([...kept, ...behind, ...refusal('eve').filter(isPart)]).events));
  t.regex(
    text,
    /connection 2: client → front[^]*connection 1: front → shop, kept open from before\n.*POST[^]*REFUSED by front: the client \(unknown CA\)/,
  );
  t.notRegex(text, /see it|All refusals/, 'there is nothing to run again for a visitor');
});

/** Somebody's own login on wire B, outside of any step. */
const visitorBody = 'username=bob&password=hunter22&rrn=tiger-lily';
const visitor: readonly CaptureDraft[] = leak('x', 3)
  .filter(({ type }) => type === 'opened' || type === 'bytes' || type === 'closed')
  .map((draft) => {
    if (draft.type !== 'bytes' || draft.from !== 'client') return draft;
    const head = `POST /login HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${Buffer.from('eve:letmein').toString('base64')}\r\n`;
    return {
      ...draft,
      bytes: Buffer.from(
        `${head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${visitorBody.length}\r\n\r\n${visitorBody}`,
      ),
    };
  });

test('a visitor’s secrets are known by their shape; one that is known by its value is said once', (t) => {
  const text = story(reportText(logOf(visitor).events));
  t.regex(text, /^ {6}! READABLE {2}password: hunter22 \(at 0x[0-9a-f]{4}, form field\)$/m);
  t.regex(text, /^ {6}! READABLE {2}eve: letmein \(at 0x[0-9a-f]{4}, Basic authorization\)$/m);
  t.is(text.match(/tiger-lily/g)?.length, 1);
  t.notRegex(text, /username: bob|: bob /, 'a user name is no secret');
  const inStep = [...leak('x', 3).slice(0, 6), ...visitor, ...leak('x', 3).slice(-2)];
  t.notRegex(story(reportText(logOf(inStep).events)), /hunter22/, 'a step is about its own secrets');
});

test('outside of a step a client is not called by the name in the topology', (t) => {
  const onA = visitor.map((draft) => ('hop' in draft ? { ...draft, hop: 'A' } : draft));
  t.regex(story(reportText(logOf(onA).events)), /connection 3: client → front/);
});

test('sealed records that follow each other are one line, and their sizes add up', (t) => {
  const record = (length: number): Buffer =>
    Buffer.concat([Buffer.from([23, 3, 3, 0, length - 5]), Buffer.alloc(length - 5, 1)]);
  const drafts = refusal().flatMap((draft) =>
    draft.type === 'bytes' && draft.bytes[0] === 21
      ? [
          draft,
          { ...draft, bytes: record(28) },
          { ...draft, bytes: record(100) },
          { ...draft, from: 'client' as const, bytes: record(24) },
        ]
      : [draft],
  );
  const text = story(reportText(logOf(drafts).events));
  t.regex(text, /← to client ApplicationData +128 B {2}sealed: 28\+100$/m);
  t.regex(text, /→ to server ApplicationData +24 B {2}sealed$/m);
});

test('the same events give the same lines, as they come or all at once', (t) => {
  const { events } = logOf(both);
  for (const language of languages) {
    const lines = reportText(events, { language });
    t.deepEqual(reportText(events, { language }), lines);
    t.deepEqual(reportText(structuredClone<typeof events>(events), { language }), lines);
    t.true(lines.length > 40);
  }
});

test('speaker’s notes are for the speaker', (t) => {
  const { events } = logOf(leak('whisper'));
  t.true(reportText(events).includes('    whisper'));
  t.false(reportText(events, { notes: false }).includes('    whisper'));
});

const control = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const printed = (foreign: string, options: ReportOptions): string[] => {
  const verdict = verdictOf([
    { step: 'leak', says: verbatim(foreign), expectation: foreign, status: 'missed' },
    { step: foreign, says: verbatim(foreign) },
  ]);
  const topology = topologyWith(foreign);
  return reportText(
    logOf([...leak(foreign), ...refusal(foreign), ...refusal(foreign, 3, 'again')], topology).events,
    { ...options, topology, verdict, secretValue: foreign },
  );
};

test('hostile text is harmless wherever foreign text is shown', (t) => {
  for (const hostile of [
    '\u001b[2J\u001b]0;owned\u0007',
    '\u009b2J',
    'a\rb',
    '\u202etxt.exe',
    '\u200b\u2066',
    '\u{1f600}\u{e0001}',
    '\ud800',
    'x\u0008\u007f',
  ]) {
    for (const language of languages) {
      const lines = printed(hostile, { language });
      for (const line of lines) t.notRegex(line, control, JSON.stringify(line));
      // It was shown in all of these places, not left out.
      t.true(lines.filter((line) => line.includes('·')).length > 20, JSON.stringify(hostile));
    }
  }
});

test('no line is wider than 80 columns, whatever anybody says', (t) => {
  const foreign = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.string({
      unit: fc.constantFrom('a', '가', '한', '\u1112', '\u1161', '́', '…', '→', ' ', '\n', '-', '\u{20000}'),
      maxLength: 200,
    }),
    fc.string({ minLength: 81, maxLength: 300 }),
  );
  fc.assert(
    fc.property(foreign, fc.constantFrom(...languages), fc.boolean(), (text, language, ascii) => {
      for (const line of printed(text, { language, ascii })) {
        t.true(cellWidth(line) <= 80, JSON.stringify(line));
        t.notRegex(line, control);
        if (ascii)
          t.regex(
            line,
            language === 'en'
              ? /^[\u0020-\u007e]*$/
              : /^[\u0020-\u007e\u1100-\u11ff\u3130-\u318f\uac00-\ud7ff]*$/,
          );
      }
    }),
    { numRuns: 100 },
  );
});

test('in ASCII the columns are still aligned', (t) => {
  for (const language of languages) {
    const messages = reportText(logOf(both).events, { language, ascii: true }).filter((line) =>
      /^ *\d+\.\d{3} [AB]/.test(line),
    );
    t.true(messages.length > 6);
    const ends = messages
      .flatMap((line) => /^.{10,} \d+ B(?= |$)/.exec(line)?.[0] ?? [])
      .map((line) => cellWidth(line));
    t.is(new Set(ends).size, 1, String(ends));
  }
});

test('the output of other programs is below the card; their connections are not printed as the client’s', (t) => {
  const drafts = refusal().flatMap((draft): CaptureDraft[] => {
    if (draft.type !== 'step' || draft.state !== 'done') return [draft];
    const second = refusal('curl', 7).filter(
      ({ type }) => type !== 'step' && type !== 'note' && type !== 'observed',
    );
    return [
      ...second,
      {
        type: 'observed',
        who: 'curl',
        result: {
          kind: 'program',
          program: 'curl',
          version: '8.14.1',
          exitCode: 35,
          words: 'curl: (35) \u001b[31munknown ca\nmore',
          connections: [7],
        },
      },
      {
        type: 'observed',
        who: 'openssl',
        result: {
          kind: 'program',
          program: 'openssl',
          version: '3.5.9',
          exitCode: null,
          words: '',
          connections: [],
        },
      },
      {
        type: 'observed',
        who: 'node',
        result: { kind: 'program', program: 'node', version: '20.0.0', exitCode: null, words: 'ERR' },
      },
      draft,
    ];
  });
  const text = story(reportText(logOf(drafts).events));
  t.regex(text, /^ {2}curl 8\.14\.1: exit 35, curl: \(35\) .*unknown ca; more$/m);
  t.regex(text, /^ {2}openssl 3\.5\.9: did not end in time,/m);
  t.notRegex(text, /node 20|connection 7|\u001b/m);
  t.deepEqual(text.match(/REFUSED by \w+/g), ['REFUSED by front']);
  t.regex(story(reportText(logOf(drafts).events, { language: 'ko' })), /^ {2}curl 8\.14\.1: 종료 코드 35, /m);
});

/** Wire B leads to an etcd, which reports at the end of each step. */
const storeReport = (more: object = {}): CaptureDraft => ({
  type: 'observed',
  who: 'shop',
  result: {
    kind: 'etcd',
    program: 'etcd',
    requests: [],
    total: 0,
    rejected: [{ reason: 'unknown_ca', words: 'x509: certificate signed by unknown authority' }],
    ...more,
  },
});
const before = (drafts: readonly CaptureDraft[], ...more: readonly CaptureDraft[]): CaptureDraft[] =>
  drafts.flatMap((draft) => (draft.type === 'step' && draft.state === 'done' ? [...more, draft] : [draft]));

test('an etcd reports only on steps in which it had connections', (t) => {
  const printed = story(reportText(logOf(before(leak(), storeReport())).events));
  t.regex(
    printed,
    /^ {2}shop rejected a client; in its log: x509: certificate signed by unknown\n {2}authority$/m,
  );
  t.regex(
    story(reportText(logOf(before(leak(), storeReport())).events, { language: 'ko' })),
    /^ {2}shop, 연결 거부\(서버 로그: x509/m,
  );
  t.notRegex(
    story(reportText(logOf(before(refusal(), storeReport())).events)),
    /turned the caller away/,
    'the step was on wire A',
  );
});

test('the retries of etcdctl are printed once, even if it gave up before it learned why', (t) => {
  const etcdctl = (exitCode: number, connections: readonly number[]): CaptureDraft => ({
    type: 'observed',
    who: 'alice',
    result: {
      kind: 'etcdctl',
      program: 'etcdctl',
      version: '3.5.16',
      line: 'get /a',
      exitCode,
      output: '',
      words: '{"level":"warn","error":"rpc error: reset"}\nError: context deadline exceeded\n',
      connections,
    },
  });
  const tries = (exitCode: number): string => {
    const more = [7, 8].flatMap((conn) =>
      leak('x', conn).filter(({ type }) => type === 'opened' || type === 'bytes' || type === 'closed'),
    );
    return story(reportText(logOf(before(leak(), ...more, etcdctl(exitCode, [1, 7, 8]))).events));
  };
  const given = tries(1);
  t.regex(given, /^ {2}\$ etcdctl get \/a {3}\(3\.5\.16\)$|^ {2}\$ etcdctl get \/a \(3\.5\.16\)$/m);
  t.regex(given, /^ {2}rpc error: reset$/m);
  t.deepEqual(given.match(/connection \d/g), ['connection 1']);
  t.regex(given, /2 more tries that ended the same way/);
  t.deepEqual(
    tries(0).match(/connection \d/g),
    ['connection 1', 'connection 7', 'connection 8'],
    'what worked is told whole',
  );
});

test('a standing connection that ends after the last step is no visitor’s', (t) => {
  const drafts = leak();
  const closing = drafts.filter(({ type }) => type === 'closed');
  const standing = drafts.filter(({ type }) => type !== 'closed');
  const alone = story(reportText(logOf(standing).events));
  t.is(story(reportText(logOf([...standing, ...closing]).events)), alone);
});

test('a new revocation list is printed when it takes effect, with the revoked certificates', (t) => {
  const list: CaptureDraft = {
    type: 'observed',
    who: 'front',
    result: {
      kind: 'revocation',
      authority: 'CN=CA',
      number: 2,
      certificates: [{ subject: 'CN=laptop', serial: 'ab12' }],
    },
  };
  const drafts = refusal().flatMap((draft): CaptureDraft[] =>
    draft.type === 'refused' ? [list, draft] : [draft],
  );
  t.regex(
    story(reportText(logOf(drafts).events)),
    /^\d+\.\d{3} {3}front: revocation list 2 of CN=CA is in force from here on; it revokes\n +CN=laptop \(ab12\)$/m,
  );
  t.regex(story(reportText(logOf(drafts).events, { language: 'ko' })), /2번 인증서 폐기 목록\(CRL\)/);
});

/**
 * Logs as the worst of peers and authors would write them: any text in every place that somebody else can fill, any
 * bytes, events in any order. For properties that must hold whatever happened.
 */
import type { AlertName } from '../../../../src/capture/vocabulary.ts';
import * as fc from 'fast-check';
import type { CaptureDraft, Observation, Side, Topology } from '../../../../src/capture/event.ts';
import { alertOf, refusalReasons } from '../../../../src/capture/vocabulary.ts';
import type { CertificateSummary } from '../../../../src/capture/vocabulary.ts';
import type { Localized } from '../../../../src/i18n/language.ts';
import type { PlannedStep } from '../../../../src/engine/plan.ts';
import type { ManualCommand } from '../../../../src/engine/manual-commands.ts';
import type { Verdict } from '../../../../src/engine/verdict.ts';
import { alertRecord, certificate, clientHello, record, serverHello } from '../../support/story.ts';

/** Texts that have broken screens: controls, direction, width, marks, halves of characters. */
const nasty = [
  '',
  ' ',
  '\u001b[2J\u001b]0;title\u0007',
  'a\r\nb\tc',
  '\u0000\u0007\u0008\u007f\u0085\u009b31m',
  'abc\u202edef\u2066x\u2069',
  'a\u200bb\u200d\ufeff\u00ad',
  'e\u0301\u0301\u0301 \u0e33\u0902',
  '\u1112\u1161\u11ab\u1100\ud7b0',
  '한글 이름과 값',
  'ｆｕｌｌ　ｗｉｄｔｈ漢字',
  '😀👨‍👩‍👧🇰🇷',
  '\ud83d lone \udc00',
  '→←─│✓✗•·…“”’×↓↑▼⌚',
  '{bold}%s${1}\\u001b</b>',
  'x'.repeat(300),
  '가'.repeat(150),
  'two words and more of them, so that lines wrap somewhere in the middle of a sentence',
];

export const hostileText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nasty) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom(...nasty.flatMap((text) => text.split(''))),
      maxLength: 60,
    }),
  },
);

const localized: fc.Arbitrary<Localized> = fc.record({ en: hostileText, ko: hostileText });
const side = fc.constantFrom<Side>('client', 'server');
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.constant(Uint8Array.from({ length: 256 }, (_, byte) => byte)),
);

/** What a text may be inside of a line of HTTP: anything but the end of the line. */
const inLine = hostileText.map((text) => text.replace(/[\r\n]/g, ' '));
/** Names of secrets in these logs, and what a form may hold of them. */
export const secrets = [
  { id: 'password', value: 'tiger-lily' },
  { id: 'rrn', value: '900101-1234567' },
  { id: 'phrase', value: '비밀 문구' },
] as const;
const value = fc.oneof(inLine, fc.constantFrom<string>(...secrets.map((secret) => secret.value)));

const request = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'X'),
    target: value,
    host: value,
    name: inLine,
    values: fc.array(value, { maxLength: 3 }),
    encoded: fc.boolean(),
  })
  .map(({ method, target, host, name, values, encoded }) => {
    const form = values
      .map(
        (one, index) =>
          `${index === 0 ? name.replace(/[&=]/g, '') : 'password'}=${encoded ? encodeURIComponent(Buffer.from(one).toString()) : one}`,
      )
      .join('&');
    return Buffer.from(
      `${method} /${target.replace(/[\s\u0000-\u0020]/g, '')} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${Buffer.byteLength(form)}\r\n\r\n${form}`,
    );
  });
const response = fc
  .record({ reason: inLine, location: value, cookie: value })
  .map(({ reason, location, cookie }) =>
    Buffer.from(
      `HTTP/1.1 302 ${reason}\r\nLocation: ${location}\r\nSet-Cookie: ${cookie}\r\nContent-Length: 0\r\n\r\n`,
    ),
  );

/** Certificates take a millisecond to sign: one for each nasty name. */
const signed = new Map<string, Buffer>();
const certificateFor = (name: string): Buffer => {
  const known = signed.get(name) ?? certificate(name);
  signed.set(name, known);
  return known;
};

const tls = fc.oneof(
  hostileText.map((name) => clientHello(name)),
  fc.constant(serverHello),
  fc.constantFrom(...nasty.slice(0, 14)).map(certificateFor),
  fc.integer({ min: 0, max: 255 }).map(alertRecord),
  fc.tuple(fc.integer({ min: 0, max: 255 }), anyBytes).map(([type, payload]) => record(type, payload)),
  anyBytes.map((payload) => record(23, payload)),
);

const payload = fc.oneof(
  request,
  response,
  tls,
  anyBytes,
  hostileText.map((text) => Buffer.from(text)),
);

/** Wires from the client to the server, as many as there are names for. */
export const topologies: fc.Arbitrary<Topology> = fc
  .tuple(
    fc.uniqueArray(hostileText, { minLength: 1, maxLength: 5 }),
    fc.array(fc.record({ protocol: hostileText, seat: fc.option(localized, { nil: undefined }) }), {
      minLength: 5,
      maxLength: 5,
    }),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([names, rows, others, meet]) => {
    const all = ['client', ...names, 'server'];
    return {
      participants: all.map((name, index) =>
        index === 0
          ? { name, role: 'client' }
          : index === all.length - 1
            ? { name, role: 'server' }
            : { name, role: 'proxy', kind: rows[index % 5]?.protocol ?? '' },
      ),
      wires: all.slice(1).map((to, index) => {
        const { protocol = '', seat } = rows[index % 5] ?? {};
        // Some meet in the last, who calls every third of them.
        const ends =
          meet && index > 0
            ? index % 3 === 2
              ? { from: 'server', to: all[index] ?? '' }
              : { from: all[index] ?? '', to: 'server' }
            : { from: all[index] ?? '', to };
        return {
          hop: hopsOfHostile[index] ?? `${index}`,
          ...ends,
          protocol,
          ...(seat ? { seat } : {}),
          ...(others && index === 0 ? { alsoFrom: names } : {}),
        };
      }),
    };
  });

const hopsOfHostile = ['A', '구간', 'C\u001b[1m', '\u202eD', 'E', 'F', 'G'];

const summary: fc.Arbitrary<CertificateSummary> = fc
  .record({ text: hostileText, other: hostileText })
  .map(({ text, other }) => ({
    subject: `CN=${text}`,
    issuer: other,
    serial: text,
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2027-01-01T00:00:00Z',
    san: [other],
    extendedKeyUsage: [text],
    isCa: false,
    publicKey: other,
    keyId: text,
    authorityKeyId: other,
    sha256: text,
  }));

const observation: fc.Arbitrary<Observation> = fc.oneof(
  fc
    .record({
      outcome: fc.constantFrom('admitted', 'denied', 'refused', 'refusing', 'failed'),
      believedConnected: fc.boolean(),
      sentBytes: fc.constantFrom(0, 243),
      words: hostileText,
      code: hostileText,
      port: fc.integer({ min: 50_001, max: 50_004 }),
    })
    .map(
      ({ outcome, believedConnected, sentBytes, words, code, port }): Observation => ({
        kind: 'login',
        outcome,
        believedConnected,
        sentBytes,
        from: { host: '127.0.0.1', port },
        user: words,
        error: { code, message: words, alert: { level: 'fatal', code: 48, description: words as AlertName } },
      }),
    ),
  fc.record({ user: hostileText }).map(
    ({ user }): Observation => ({
      kind: 'served',
      connections: 1,
      requests: 1,
      logins: [{ user, accepted: true }],
    }),
  ),
  fc.record({ words: hostileText, port: fc.integer({ min: 50_001, max: 50_004 }) }).map(
    ({ words, port }): Observation => ({
      kind: 'visit',
      requests: [
        {
          method: words,
          url: words,
          title: words,
          cookies: [words],
          from: { host: '127.0.0.1', port },
          status: 200,
        },
      ],
      shown: { url: words, user: words },
      knowsHsts: true,
      error: { code: words, message: words },
    }),
  ),
  fc
    .record({ words: hostileText })
    .map(
      ({ words }): Observation => ({ kind: 'program', program: words, version: words, exitCode: 56, words }),
    ),
);

const steps = ['first', 'second'] as const;

/** Any event of connections 1 to 4, each on one wire. */
const event: fc.Arbitrary<CaptureDraft> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .record({
        conn: fc.integer({ min: 1, max: 4 }),
        from: side,
        vantage: fc.constantFrom('wire', 'wire', 'plaintext'),
        bytes: payload,
      })
      .map(({ conn, from, vantage, bytes }) => ({
        type: 'bytes' as const,
        conn,
        hop: hopOf(conn),
        vantage,
        from,
        bytes,
      })),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: 1, max: 4 }).map(
      (conn): CaptureDraft => ({
        type: 'opened',
        conn,
        hop: hopOf(conn),
        transport: 'tcp',
        from: { host: '127.0.0.1', port: 50_000 + conn },
        to: { host: '::1', port: 8443 },
      }),
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        conn: fc.integer({ min: 1, max: 4 }),
        by: fc.constantFrom('client', 'server', 'unknown'),
        how: fc.constantFrom('end', 'reset', 'timeout'),
      })
      .map(({ conn, by, how }) => ({ type: 'closed' as const, conn, hop: hopOf(conn), by, how })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ id: fc.constantFrom(...steps), state: fc.constantFrom('asked', 'started', 'done') })
      .map(({ id, state }) => ({ type: 'step' as const, id, state })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        part: fc.constantFrom(
          'title',
          'intro',
          'step-title',
          'before',
          'question',
          'choices',
          'headline',
          'answer',
          'after',
          'speaker',
          'takeaway',
          'does-not-prove',
          'often-told',
        ),
        step: fc.option(fc.constantFrom(...steps), { nil: undefined }),
        text: localized,
      })
      .map(({ part, step, text }) => ({
        type: 'note' as const,
        part,
        text,
        ...(step === undefined ? {} : { step }),
      })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        conn: fc.integer({ min: 1, max: 4 }),
        by: side,
        reason: fc.constantFrom(...refusalReasons),
        code: fc.integer({ min: 0, max: 130 }),
        word: hostileText,
        presented: fc.option(summary, { nil: undefined }),
        discardedBytes: fc.constantFrom(0, 173),
      })
      .map(({ conn, by, reason, code, word, presented, discardedBytes }) => ({
        type: 'refused' as const,
        conn,
        hop: hopOf(conn),
        by,
        reason,
        alert: { ...alertOf(code), ...(code > 121 ? { description: word as AlertName } : {}) },
        version: 'TLSv1.3' as const,
        detail: {
          ...(presented ? { presented } : {}),
          trusted: [{ subject: word, keyId: word }],
          expected: word,
          code: word,
          now: '2026-06-01T00:00:00Z',
          discardedBytes,
        },
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ conn: fc.integer({ min: 1, max: 4 }), side, cipher: hostileText, peer: summary })
      .map(({ conn, side, cipher, peer }) => ({
        type: 'secured' as const,
        conn,
        hop: hopOf(conn),
        side,
        version: 'TLSv1.3' as const,
        cipher,
        alpn: cipher,
        serverName: cipher,
        peer,
      })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ who: fc.oneof(fc.constant('client'), hostileText), result: observation })
      .map(({ who, result }) => ({ type: 'observed' as const, who, result })),
  },
  {
    weight: 1,
    arbitrary: fc
      .oneof(hostileText, fc.constant(`CLIENT_RANDOM ${'07'.repeat(32)} ${'ab'.repeat(48)}`))
      .map((line) => ({ type: 'keylog' as const, line })),
  },
);

const hopOf = (conn: number): string => hopsOfHostile[(conn - 1) % 2] ?? 'A';

export const hostileEvents: fc.Arbitrary<CaptureDraft[]> = fc.array(event, { maxLength: 24 });

export const hostileSteps: fc.Arbitrary<PlannedStep[]> = fc
  .record({ texts: localized, client: hostileText, one: fc.boolean() })
  .map(({ texts, client, one }) =>
    steps.map(
      (id): PlannedStep => ({
        id,
        base: id,
        kind: 'login',
        reports: 'login',
        client,
        entryPoints: [{ to: 'server', wire: 'A' }],
        login: { client, to: 'server', account: 'a' } as NonNullable<PlannedStep['login']>,
        path: one ? ['A'] : ['A', '구간'],
        server: 'server',
        text: { title: texts, question: texts },
      }),
    ),
  );

export const hostileVerdict: fc.Arbitrary<Verdict> = fc
  .array(
    fc.record({
      status: fc.constantFrom('met', 'missed', 'unobserved'),
      says: localized,
      expectation: hostileText,
      step: fc.constantFrom<'first' | 'second' | undefined>(...steps, undefined),
    }),
    { maxLength: 4 },
  )
  .map((findings) => ({
    scenario: 'hostile',
    status: findings.every(({ status }) => status === 'met') ? 'passed' : 'failed',
    findings: findings.map(({ step, ...finding }) => ({
      ...finding,
      evidence: [],
      ...(step === undefined ? {} : { step }),
    })),
  }));

export const hostileWays: fc.Arbitrary<ManualCommand[]> = fc.array(
  fc
    .record({ client: hostileText, to: hostileText, curl: hostileText, openssl: hostileText })
    .map((way) => ({ ...way, hop: 'A' })),
  { maxLength: 2 },
);

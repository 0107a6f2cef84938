/**
 * What the top of the screen claims: never SEALED for what was not sent, never LEAKED for what was not readable, and at
 * each moment only what was known by then.
 */
import test from 'ava';
import type { CaptureDraft, Side, Vantage } from '../../src/capture/event.ts';
import { inLanguage, languages } from '../../src/i18n/language.ts';
import { cellWidth } from '../../src/i18n/width.ts';
import { connectionsOn } from '../../src/presentation/moment.ts';
import { stepOutcome } from '../../src/presentation/step-outcome.ts';
import { wireState } from '../../src/presentation/wire-outcome.ts';
import { present } from '../helpers/capture.ts';
import { record } from '../ui/support/story.ts';
import type { Driver } from '../ui/tui/support/driver.ts';
import { byHand, recorded } from '../ui/tui/support/scenes.ts';

const topology = {
  participants: [
    { name: 'client', role: 'client' },
    { name: 'front', role: 'proxy', kind: 'tls' },
    { name: 'shop', role: 'server' },
  ],
  wires: [
    { hop: 'A', from: 'client', to: 'front', protocol: 'https' },
    { hop: 'B', from: 'front', to: 'shop', protocol: 'http' },
  ],
} as const;
const began: CaptureDraft = { type: 'began', version: '0', wallClock: '2026-01-01T00:00:00.000Z', topology };
const opened = (conn: number, hop: string): CaptureDraft => ({
  type: 'opened',
  conn,
  hop,
  transport: 'tcp',
  from: { host: '127.0.0.1', port: 50_000 + conn },
  to: { host: '127.0.0.1', port: 80 },
});
const bytes = (
  conn: number,
  hop: string,
  payload: string | Uint8Array,
  vantage: Vantage = 'wire',
  from: Side = 'client',
): CaptureDraft => ({ type: 'bytes', conn, hop, vantage, from, bytes: Buffer.from(payload) });
const hello = record(22, Buffer.from([1, 0, 0, 0]));
/** Begins as TLS does. */
const sealedLogin = bytes(1, 'A', Buffer.concat([hello, record(23, Buffer.alloc(71, 0xa5))]));
const body = 'password=tiger-lily';
const login = `POST /login HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const secrets = [{ id: 'password', value: 'tiger-lily' }];

function top(driver: Driver, language: 'en' | 'ko' = 'en'): string[] {
  const { headline, statements } = inLanguage(
    stepOutcome(driver.look, (value) => value),
    language,
  );
  return [headline.text, ...statements.map(({ mark, text }) => `${mark} ${text}`)];
}

const logOf = (...drafts: readonly CaptureDraft[]): Driver => byHand([began, ...drafts], { secrets }).driver;

test('nothing on the wire claims nothing', (t) => {
  t.deepEqual(top(logOf()), ['nothing on the wire yet']);
  t.deepEqual(top(logOf(opened(1, 'A'))).slice(1), []);
});

test('ciphertext without a hit proves nothing unless the secret was seen to arrive', (t) => {
  const [headline, line = ''] = top(logOf(opened(1, 'A'), sealedLogin));
  t.is(headline, 'nothing proven yet');
  t.regex(
    line,
    /^\? wire A: no secret found in 85 bytes, and none was seen at the server: this proves nothing$/,
  );
  t.notRegex(
    top(logOf(opened(1, 'A'), sealedLogin))
      .slice(1)
      .join('\n'),
    /SEALED/,
  );
});

test('during a handshake nothing is SEALED yet; it is once the login has arrived', (t) => {
  const { driver, runs } = recorded('tls', { slow: true });
  runs.feed('tls');
  driver.press('space', 'space');
  const headlines: string[] = [];
  while (driver.stop.startsWith('question')) {
    const [headline = ''] = top(driver);
    if (headline !== headlines.at(-1)) headlines.push(headline);
    runs.feed('tls', 1);
  }
  t.deepEqual(headlines, [
    'what do you think?',
    'nothing on the wire yet',
    'nothing proven yet',
    'SEALED',
    '2 secrets LEAKED on B',
  ]);
});

test('it is SEALED once the same secret was seen above TLS, or behind it', (t) => {
  const expected = /^# wire A SEALED: password not in 85 bytes; in TLS at front$/;
  t.regex(top(logOf(opened(1, 'A'), sealedLogin, bytes(1, 'A', login, 'plaintext')))[1] ?? '', expected);
  const behind = top(logOf(opened(1, 'A'), sealedLogin, opened(2, 'B'), bytes(2, 'B', login)));
  t.true(
    behind.some((line) => /wire B|password {2}wire B/.test(line)),
    behind.join('\n'),
  );
  // A server that reports a request has received it.
  const { driver } = recorded('tls');
  while (driver.stop !== 'reveal sealed-login') driver.press('space');
  t.regex(top(driver).join('\n'), /# wire A SEALED: password, rrn not in [\d,]+ bytes; both reached shop$/m);
});

test('what a sealed wire proves is one row of 80 cells, in every language', (t) => {
  let rows = 0;
  for (const name of ['tls', 'mtls'] as const) {
    for (const language of languages) {
      const { driver } = recorded(name, { language });
      for (let stop = -1; driver.look.place.stop !== stop; driver.press('space')) {
        stop = driver.look.place.stop;
        const texts = top(driver, language).filter((line) =>
          /SEALED: .* not in|암호화됨: .* 없음/.test(line),
        );
        for (const text of texts) t.true(cellWidth(` ${text}`) < 80, text);
        rows += texts.length;
      }
    }
  }
  t.true(rows > 8);
});

test('what leaked stands before why the connection failed', (t) => {
  const { driver } = byHand(
    [
      began,
      opened(1, 'A'),
      bytes(1, 'A', login),
      { type: 'closed', conn: 1, hop: 'A', by: 'server', how: 'end' },
    ],
    { isCapture: true, secrets },
  );
  const [headline, first = '', second = ''] = top(driver);
  t.is(headline, '1 secret LEAKED on A');
  t.regex(first, /^! password on wire A.*tiger-lily/);
  t.regex(second, /^\? most likely the client spoke plain text where TLS is expected/);
});

test('a demonstration without secrets claims no seal', (t) => {
  const { driver } = byHand([began, opened(1, 'A'), sealedLogin, bytes(1, 'A', login, 'plaintext')], {
    secrets: [],
  });
  t.regex(top(driver)[1] ?? '', /^\? .*proves nothing/);
});

test('a leak is reported with its wire, direction, offset and encoding', (t) => {
  const driver = logOf(opened(2, 'B'), bytes(2, 'B', login));
  t.deepEqual(top(driver), [
    '1 secret LEAKED on B',
    `! password on wire B, to the server, at 0x${login.indexOf('tiger').toString(16).padStart(4, '0')}: tiger-lily (as plain text)`,
  ]);
  const encoded = logOf(
    opened(2, 'B'),
    bytes(
      2,
      'B',
      `GET / HTTP/1.1\r\nAuthorization: Basic ${Buffer.from('alice:tiger-lily').toString('base64')}\r\n\r\n`,
    ),
  );
  t.regex(top(encoded)[1] ?? '', /tiger-lily \((?!as plain text).*Base64/i);
});

test('plaintext above TLS is no leak: only an endpoint reads it', (t) => {
  const driver = logOf(opened(1, 'A'), sealedLogin, bytes(1, 'A', login, 'plaintext'));
  t.is(top(driver)[0], 'SEALED');
  t.is(wireState(driver.look, 'A'), 'sealed');
});

test('a wire without TLS is READABLE also where no secret went over it, and is never SEALED', (t) => {
  const driver = logOf(opened(1, 'A'), bytes(1, 'A', 'GET / HTTP/1.1\r\n\r\n'));
  t.is(top(driver)[0], 'READABLE');
  t.is(wireState(driver.look, 'A'), 'readable');
  t.is(wireState(driver.look, 'B'), 'quiet');
});

test('a wire without TLS on which nothing was found is never called SEALED, wherever the secret was seen', (t) => {
  const driver = logOf(
    opened(1, 'A'),
    bytes(1, 'A', 'GET / HTTP/1.1\r\n\r\n'),
    opened(2, 'B'),
    bytes(2, 'B', Buffer.concat([hello, record(23, Buffer.alloc(71, 0xa5))])),
    bytes(2, 'B', login, 'plaintext'),
  );
  t.notRegex(top(driver).join('\n'), /wire A SEALED/);
});

test('payload that was dropped before it was searched seals nothing', (t) => {
  const dropped: CaptureDraft = {
    type: 'bytes',
    conn: 1,
    hop: 'A',
    vantage: 'wire',
    from: 'client',
    bytes: new Uint8Array(0),
    dropped: 400,
  };
  const driver = logOf(opened(1, 'A'), sealedLogin, dropped, bytes(1, 'A', login, 'plaintext'));
  t.notRegex(top(driver).join('\n'), /SEALED/);
  t.is(top(driver)[0], 'nothing proven yet');
});

test('a refusal says who, whom, why, and what became of the login', (t) => {
  const { driver } = recorded('mtls');
  for (let count = 0; count < 6; count++) driver.press('space');
  t.deepEqual(top(driver), [
    'REFUSED by front',
    'x front turned the client nobody away: no certificate',
    '# the request had left the client, sealed (243 bytes); it never reached shop',
  ]);
  driver.press('space', 'space');
  t.deepEqual(top(driver), [
    'REFUSED by front',
    'x front turned the client nobody away: no certificate',
    '  the request was not sent, not even sealed',
  ]);
  const { driver: tls } = recorded('tls');
  for (let count = 0; count < 6; count++) tls.press('space');
  t.is(top(tls)[1], 'x customer turned the server stranger away: unknown CA');
});

test('each stop of each demonstration says what it came to in both languages', (t) => {
  for (const name of ['plaintext', 'tls', 'mtls'] as const) {
    const { driver } = recorded(name);
    for (let stop = ''; stop !== driver.stop; driver.press('space')) {
      stop = driver.stop;
      const { statements } = stepOutcome(driver.look, (value) => value);
      t.true(
        statements.every(({ text }) => /[가-힣]/.test(text.ko) && !/[가-힣]/.test(text.en)),
        driver.stop,
      );
      if (driver.stop.startsWith('verdict')) break;
    }
  }
});

test('the verdict counts what was met, and a failed one is no pass', (t) => {
  const finding = (status: 'met' | 'missed' | 'unobserved') => ({
    expectation: status,
    status,
    evidence: [],
    says: { en: 'it', ko: '그것' },
  });
  const verdict = {
    scenario: 'x',
    status: 'failed' as const,
    findings: [finding('met'), finding('missed'), finding('unobserved')],
  };
  const { driver } = byHand([began], { secrets, verdict });
  driver.press('space');
  t.deepEqual(top(driver), ['FAILED: 1 of 3 claims proven']);
  t.regex(driver.screen(), /NOT TRUE: missed/);
  t.regex(driver.screen(), /NOT OBSERVED: unobserved/);
});

test('a question claims nothing and is shown unchanged', (t) => {
  const { driver } = recorded('tls');
  driver.press('space');
  const [headline, line = ''] = top(driver);
  t.is(headline, 'what do you think?');
  t.true(line.startsWith('? '));
  t.true(line.includes(present(driver.scene.narrationOf('sealed-login').question).en));
});

/** One client at two ports of one site: in the clear, and over TLS. */
function visited(
  options: {
    readonly summaryClaims?: readonly string[];
    readonly said?: string;
    readonly arrives?: boolean;
  } = {},
): Driver {
  const {
    summaryClaims = ['visit/cookie-visible'],
    said = 'GET / HTTP/1.1\r\nCookie: session=1\r\n\r\n',
    arrives = false,
  } = options;
  const two = {
    participants: [
      { name: 'alice', role: 'client' },
      { name: 'port-80', role: 'server' },
      { name: 'shop', role: 'server' },
    ],
    wires: [
      { hop: 'A', from: 'alice', to: 'port-80', protocol: 'http' },
      { hop: 'B', from: 'bob', alsoFrom: ['alice'], to: 'shop', protocol: 'https' },
    ],
  } as const;
  const text = { title: { en: 'Visit', ko: '방문' } };
  const step = {
    id: 'visit',
    base: 'visit',
    kind: 'visit',
    reports: 'visit',
    client: 'alice',
    entryPoints: [
      { to: 'port-80', wire: 'A' },
      { to: 'shop', wire: 'B' },
    ],
    path: ['A', 'B'],
    server: 'shop',
    text,
  } as const;
  const finding = (expectation: string, status: 'met' | 'missed') => ({
    expectation,
    step: 'visit',
    status,
    evidence: [],
    says: { en: `${expectation} is said`, ko: `${expectation} 이야기` },
  });
  const drafts: CaptureDraft[] = [
    { ...began, topology: two } as CaptureDraft,
    { type: 'step', id: 'visit', state: 'asked' },
    { type: 'step', id: 'visit', state: 'started' },
    ...(said === '' ? [] : [opened(1, 'A'), bytes(1, 'A', said)]),
    opened(2, 'B'),
    bytes(2, 'B', Buffer.concat([hello, record(23, Buffer.alloc(71, 0xa5))])),
    bytes(2, 'B', arrives ? login : 'GET /profile HTTP/1.1\r\n\r\n', 'plaintext'),
    { type: 'step', id: 'visit', state: 'done' },
  ];
  const { driver } = byHand(drafts, {
    secrets,
    plan: [step],
    findings: [finding('visit/cookie-visible', 'met'), finding('visit/visited', 'missed')],
    summaryClaims,
  });
  driver.press('space');
  return driver;
}

test('the result of a visit is shown without a secret, and counts all claims', (t) => {
  const driver = visited();
  t.deepEqual(top(driver), ['1 of 2 claims proven', '✓ visit/cookie-visible is said']);
  t.deepEqual(top(driver, 'ko').slice(1), ['✓ visit/cookie-visible 이야기']);
  t.deepEqual(top(visited({ summaryClaims: ['visit/visited'] })).slice(1), ['✗ visit/visited is said']);
  t.regex(
    top(visited({ summaryClaims: [] })).join('\n'),
    /^nothing proven yet\n\? wire A/,
    'without such a finding nothing is different from before',
  );
});

test('leaks precede the result of a visit, sealed secrets follow it', (t) => {
  t.deepEqual(
    top(visited({ said: login })).map((line) => line.split(':')[0]),
    ['1 secret LEAKED on A', '! wire A LEAKED', '✓ visit/cookie-visible is said', '# wire B SEALED'],
  );
  t.deepEqual(
    top(visited({ arrives: true })).map((line) => line.split(':')[0]),
    ['SEALED', '✓ visit/cookie-visible is said', '# wire B SEALED'],
  );
});

test('two ways of one client are drawn as two, and who asked and who answered are found on whichever spoke', (t) => {
  const driver = visited({ said: '' });
  t.regex(driver.screen(), /alice ──http──\[A\]──> port-80 {3}alice ──https──\[B\]──> shop/);
  t.notRegex(driver.screen(), /it never reached/);
  t.true(driver.screen().split('GET').length > 2, 'the client sent and the server got the same');
});

test("of connections that are open at the same time each has its own refusal and its own server's side", (t) => {
  const drafts: readonly CaptureDraft[] = [
    began,
    opened(1, 'A'),
    bytes(1, 'A', hello),
    opened(2, 'A'),
    bytes(2, 'A', hello),
    { ...opened(3, 'B'), onBehalfOf: 1 } as CaptureDraft,
    bytes(3, 'B', 'GET /of-the-other HTTP/1.1\r\n\r\n'),
    { ...opened(4, 'B'), onBehalfOf: 2 } as CaptureDraft,
    {
      type: 'refused',
      conn: 1,
      hop: 'A',
      by: 'server',
      reason: 'certificate_missing',
      detail: { discardedBytes: 0 },
    },
    { type: 'closed', conn: 1, hop: 'A', by: 'server', how: 'end' },
    bytes(2, 'A', login, 'plaintext'),
  ];
  const { driver } = byHand(drafts, { isVisited: true });
  t.is(driver.look.stop?.conn, 2, 'the newest is shown');
  t.notRegex(top(driver).join('\n'), /turned the client away|REFUSED/);
  t.deepEqual(
    connectionsOn(driver.look, 'B').map(({ conn }) => conn),
    [4],
    'what was opened for it, and not for the other',
  );
  t.not(wireState(driver.look, 'A', []), 'refused');
});

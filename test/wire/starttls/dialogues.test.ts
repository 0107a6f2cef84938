/**
 * Requests for TLS, as a server and as a client: the two sides of each protocol agree with one another, in pieces of any
 * size; what else a peer says is refused; and nothing that is sent ahead of TLS is kept.
 */
import test from 'ava';
import { Duplex } from 'node:stream';
import { Exchange, ExchangeError } from '../../../src/wire/starttls/exchange.ts';
import { starttlsNames, starttlsProtocol, starttlsRows } from '../../../src/wire/starttls/protocols.ts';
import type { StarttlsName } from '../../../src/wire/starttls/protocols.ts';

/** A pipe's end: what is written to it is heard by the other, in pieces of at most `size` bytes. */
class End extends Duplex {
  other: End | undefined;
  readonly #size: number;

  constructor(size = Infinity) {
    super();
    this.#size = size;
  }

  override _read(): void {}

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    const size = Math.min(this.#size, chunk.length);
    for (let at = 0; at < chunk.length; at += size)
      this.other?.push(Buffer.from(chunk.subarray(at, at + size)));
    done();
  }

  override _final(done: () => void): void {
    this.other?.push(null);
    done();
  }
}

function pipe(size?: number): [End, End] {
  const [one, other] = [new End(size), new End(size)];
  one.other = other;
  other.other = one;
  return [one, other];
}

/** What a server makes of a client that sends exactly this and leaves; what it answered, and why it refused. */
async function answered(name: StarttlsName, sent: string | Uint8Array) {
  const [client, server] = pipe();
  const said: Buffer[] = [];
  client.on('data', (bytes: Buffer) => said.push(bytes));
  const exchange = new Exchange(server);
  const protocol = await starttlsProtocol(name);
  client.write(sent);
  client.end();
  const outcome = await protocol.answer(exchange).then(
    (how) => (typeof how === 'string' ? how : 'tls'),
    (error: unknown) => {
      if (!(error instanceof ExchangeError)) throw error;
      return `${error.reason ?? 'left'}: ${error.code}`;
    },
  );
  const left = exchange.stop();
  await new Promise((resolve) => setImmediate(resolve));
  return { outcome, said: Buffer.concat(said).toString('latin1'), left: left?.length ?? 0 };
}

/** What a client makes of a server that says this, each part after something was sent to it. */
async function asked(name: StarttlsName, parts: readonly (string | Uint8Array)[], endsAtOnce = false) {
  const [client, server] = pipe();
  const exchange = new Exchange(client);
  const protocol = await starttlsProtocol(name);
  const left = [...parts];
  if (starttlsRows[name].greeting !== 'none') server.write(left.shift() ?? '');
  server.on('data', () => {
    const next = left.shift();
    if (server.writableEnded) return;
    if (next === undefined) server.end();
    else server.write(next);
  });
  if (endsAtOnce) server.end(left.shift());
  try {
    const greeting = await protocol.readGreeting(exchange);
    protocol.checkOffer?.(greeting);
    await protocol.ask(exchange, greeting);
    exchange.refuseEarlyBytes();
    return `tls after ${JSON.stringify(Buffer.from(greeting).toString('latin1'))}`;
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return `${error.reason ?? 'left'}: ${error.code}`;
  }
}

for (const name of starttlsNames)
  for (const size of [1, 3, Infinity]) {
    test(`${name}: both sides agree on TLS, in pieces of ${size}`, async (t) => {
      const [client, server] = pipe(size);
      const protocol = await starttlsProtocol(name);
      const heard: string[] = [];
      const asking = new Exchange(client, {
        record: (from, bytes) => heard.push(`${from} ${Buffer.from(bytes).toString('latin1')}`),
      });
      const answering = new Exchange(server);
      const [greeting] = await Promise.all([
        protocol.readGreeting(asking).then(async (said) => {
          await protocol.ask(asking, said);
          return said;
        }),
        protocol.answer(answering),
      ]);
      t.is(greeting.length > 0, starttlsRows[name].greeting !== 'none');
      t.is(asking.held.length, 0);
      t.is(answering.held.length, 0);
      t.true(heard.some((one) => one.startsWith('self')));
      t.true(heard.some((one) => one.startsWith('peer')));
    });
  }

const request = {
  postgres: Buffer.from('0000000804d2162f', 'hex'),
  gss: Buffer.from('0000000804d21630', 'hex'),
};
const startTls = Buffer.from('301d02010177188016312e332e362e312e342e312e313436362e3230303337', 'hex');
const bind = Buffer.from('300c020101600702010304008000', 'hex');

const packet = (number: number, ...parts: readonly (string | readonly number[] | Uint8Array)[]): Buffer => {
  const payload = Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );
  return Buffer.concat([Buffer.of(payload.length & 255, payload.length >> 8, 0, number), payload]);
};
/** The beginning of a login of MySQL. @param lower its capabilities' two lower bytes */
const login = (lower: readonly [number, number], more = ''): Buffer =>
  packet(1, lower, [8, 0, 0, 0, 0, 1, 45], Buffer.alloc(23), more);
const greetingOf = (lower: readonly [number, number]): Buffer =>
  packet(0, [10], '5.5.5-x\0', [7, 0, 0, 0], 'scramble', [0], lower, [45, 2, 0, 8, 0, 21], Buffer.alloc(10));

for (const [name, sent, outcome, said] of [
  ['mysql', login([0, 0x8a]), 'tls', /^.{4}\n8\.0\.0\0/s],
  [
    'mysql',
    login([0, 0x82], 'alice\0\0'),
    'starttls_required: HandshakeResponse',
    /\xff\x57\x0c#HY000.*TLS/s,
  ],
  ['mysql', login([0, 0x8a], 'alice\0\0'), 'starttls_required: HandshakeResponse', /\xff\x57\x0c#HY000/s],
  ['mysql', Buffer.from('1603010200010001fc0303', 'hex'), 'starttls_required: TLS ClientHello', /\n8/],
  [
    'mysql',
    packet(1, [5, 0, 0, 0, 0], 'alice\0'),
    'starttls_violated: a login of a version before 4.1',
    /#08S01/,
  ],
  ['mysql', packet(0, [3], 'select 1'), 'starttls_violated: not a login of MySQL', /#08S01/],
  ['mysql', '', 'left: ECONNRESET', /^.{4}\n8/s],
  ['smtp', 'EHLO a\r\nSTARTTLS\r\n', 'tls', /^220 .*\r\n250-.*\r\n250 STARTTLS\r\n220 /s],
  [
    'smtp',
    'STARTTLS\nEHLO injected\r\n',
    'starttls_violated: bytes in clear behind the request for TLS',
    /^220 [^\n]*\n$/,
  ],
  ['smtp', 'EHLO a\r\nAUTH PLAIN AGEAYg==\r\nQUIT\r\n', 'starttls_required: AUTH', /530 5\.7\.0 /],
  ['smtp', 'EHLO a\r\nMAIL FROM:<a@b>\r\n', 'starttls_required: MAIL', /530 /],
  ['smtp', 'EHLO a\r\nQUIT\r\n', 'left: QUIT', /221 /],
  ['smtp', '', 'left: ECONNRESET', /^220 /],
  ['smtp', '\x16\x03\x01\x02\x00', 'starttls_required: TLS ClientHello', /^220 [^\n]*\n$/],
  ['smtp', 'x'.repeat(9_000), 'starttls_violated: a line without an end', /^220 [^\n]*\n$/],
  ['smtp', 'NOOP\r\n'.repeat(100), 'starttls_required: 32 commands', /250 /],
  ['imap', 'a CAPABILITY\r\nb STARTTLS\r\n', 'tls', /b OK /],
  ['imap', 'a LOGIN alice secret\r\n', 'starttls_required: LOGIN', /a NO \[PRIVACYREQUIRED\]/],
  ['imap', 'a LOGOUT\r\n', 'left: QUIT', /\* BYE/],
  ['pop3', 'CAPA\r\nSTLS\r\n', 'tls', /STLS\r\n/],
  ['pop3', 'USER alice\r\nPASS secret\r\nQUIT\r\n', 'starttls_required: USER', /-ERR STLS first/],
  ['postgres', request.postgres, 'tls', /^S$/],
  ['postgres', Buffer.concat([request.gss, request.postgres]), 'tls', /^NS$/],
  [
    'postgres',
    Buffer.concat([request.postgres, Buffer.from('x')]),
    'starttls_violated: bytes in clear behind the request for TLS',
    /^$/,
  ],
  ['postgres', Buffer.from('0000000900030000', 'hex'), 'starttls_required: StartupMessage', /SFATAL/],
  [
    'postgres',
    Buffer.concat([request.gss, request.gss, request.gss, request.gss]),
    'starttls_violated: one request for GSSAPI after the other',
    /^NNN$/,
  ],
  ['postgres', Buffer.from('16030100', 'hex'), 'direct', /^$/],
  ['ldap', startTls, 'tls', /^0.*1\.3\.6\.1\.4\.1\.1466\.20037$/s],
  [
    'ldap',
    Buffer.concat([startTls, bind]),
    'starttls_violated: bytes in clear behind the request for TLS',
    /^$/,
  ],
  ['ldap', bind, 'starttls_required: bind', /StartTLS first/],
  ['ldap', Buffer.from('3084ffffffff', 'hex'), 'starttls_violated: a message that is too long', /^$/],
  ['ldap', Buffer.from('GET / HTTP/1.1\r\n'), 'starttls_violated: not LDAP', /^$/],
  ['ldap', Buffer.from('3003020101', 'hex'), 'starttls_violated: not LDAP', /^$/],
] as const)
  test(`${name}, as a server: ${JSON.stringify(Buffer.from(sent).toString('latin1').slice(0, 40))} is ${outcome}`, async (t) => {
    const result = await answered(name, sent);
    t.is(result.outcome, outcome);
    t.regex(result.said, said);
    // TLS begins with the next byte, or the bytes of whoever was refused are dropped.
    if (outcome === 'tls') t.is(result.left, 0);
  });

for (const [name, parts, outcome] of [
  ['mysql', [greetingOf([0, 0x82])], 'target_starttls_refused: CLIENT_SSL is not offered'],
  [
    'mysql',
    [packet(0, [255, 0x10, 0x04], 'Too many connections')],
    'target_greeting_refused: 1040 Too many connections',
  ],
  ['mysql', ['SSH-2.0-x\r\n'], 'starttls_violated: not MySQL'],
  ['mysql', [packet(0, [9], 'old\0')], 'starttls_violated: not MySQL'],
  ['mysql', [packet(0, [10], 'short\0')], 'starttls_violated: not MySQL'],
  [
    'smtp',
    ['220-a\r\n220 b\r\n', '250-b\r\n250 STARTTLS\r\n', '220 go\r\n'],
    'tls after "220-a\\r\\n220 b\\r\\n"',
  ],
  ['smtp', ['554 no\r\n'], 'target_greeting_refused: 554 no'],
  ['smtp', ['220 b\r\n', '250 b\r\n'], 'target_starttls_refused: STARTTLS is not offered'],
  ['smtp', ['220 b\r\n', '250 STARTTLS\r\n', '454 no\r\n'], 'target_starttls_refused: 454 no'],
  [
    'smtp',
    ['220 b\r\n', '250 STARTTLS\r\n', '220 go\r\n250 injected\r\n'],
    'starttls_violated: bytes in clear behind the request for TLS',
  ],
  ['smtp', ['hello\r\n'], 'starttls_violated: hello'],
  ['smtp', ['220 b\r\n'], 'left: ECONNRESET'],
  ['smtp', ['220-x\r\n'.repeat(20_000)], 'starttls_violated: too many bytes before TLS'],
  ['imap', ['* OK hi\r\n', '* CAPABILITY x\r\nW1 OK go\r\n'], 'tls after "* OK hi\\r\\n"'],
  ['imap', ['* BYE full\r\n'], 'target_greeting_refused: * BYE full'],
  ['imap', ['* OK hi\r\n', 'W1 NO not now\r\n'], 'target_starttls_refused: W1 NO not now'],
  ['imap', ['* OK hi\r\n', '* x\r\n'.repeat(100)], 'starttls_violated: no tagged response'],
  ['pop3', ['+OK hi\r\n', '-ERR no\r\n'], 'target_starttls_refused: -ERR no'],
  ['postgres', ['S'], 'tls after ""'],
  ['postgres', ['N'], 'target_starttls_refused: N'],
  ['postgres', ['SX'], 'starttls_violated: bytes in clear behind the request for TLS'],
  ['postgres', ['H'], 'starttls_violated: H'],
  ['ldap', [Buffer.from('300c02010178070a010004000400', 'hex')], 'tls after ""'],
  [
    'ldap',
    [Buffer.from('300e02010178090a013404000402686f', 'hex')],
    'target_starttls_refused: resultCode 52: ho',
  ],
  ['ldap', [Buffer.from('3005020101600100', 'hex')], 'starttls_violated: not LDAP'],
] as const)
  test(`${name}, as a client: ${parts.map((part) => JSON.stringify(part.toString().slice(0, 30))).join(' ')} is ${outcome}`, async (t) => {
    t.is(await asked(name, parts), outcome);
  });

/** A login as each side of a proxy numbers it, in pieces of any size. */
for (const size of [1, 3, 5, 1_000])
  for (const requested of ['client', 'target'] as const)
    test(`mysql, TLS requested by the ${requested} alone: the login's numbers differ by one, commands' do not, in pieces of ${size}`, async (t) => {
      const protocol = await starttlsProtocol('mysql');
      const translated = protocol.translation!(requested);
      const own = requested === 'client' ? 1 : 0;
      const other = 1 - own;
      const ssl = (isSet: number): readonly [number, number] => [0, isSet ? 0x8a : 0x82];
      const whole = (numbered: number, isMade: number): readonly (readonly ['c' | 's', Buffer])[] => [
        ['c', packet(1 + numbered, ssl(isMade), [8, 0, 0, 0, 0, 1, 45], Buffer.alloc(23), 'alice\0\0')],
        ['s', packet(2 + numbered, [0xfe], 'mysql_native_password\0', Buffer.alloc(20, 0), [0])],
        ['c', packet(3 + numbered)],
        ['s', packet(4 + numbered, [1, 3])],
        ['s', packet(5 + numbered, [0, 0, 0, 2, 0, 0, 0])],
        ['c', packet(0, [3], 'select 1')],
        ['s', Buffer.concat([packet(1, [1]), packet(2, [255, 1, 2])])],
        ['c', packet(0, [1])],
      ];
      const [clients, targets] = [whole(own, own), whole(other, other)];
      for (const [index, [from]] of clients.entries()) {
        const [sent, expected] = from === 'c' ? [clients, targets] : [targets, clients];
        const bytes = sent[index]![1];
        const out: Uint8Array[] = [];
        for (let at = 0; at < bytes.length; at += size)
          out.push(translated[from === 'c' ? 'send' : 'receive'](bytes.subarray(at, at + size)));
        t.deepEqual(Buffer.concat(out), expected[index]![1], `packet ${index}`);
      }
    });

test('mysql, a login that is translated: whatever the bytes are, as many come out', async (t) => {
  const protocol = await starttlsProtocol('mysql');
  let seed = 7_919;
  const random = (below: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((seed / 2_147_483_648) * below);
  };
  for (let round = 0; round < 200; round++) {
    const translated = protocol.translation!(round % 2 === 0 ? 'client' : 'target');
    for (let piece = 0; piece < 8; piece++) {
      const bytes = Buffer.from(Array.from({ length: random(90) }, () => random(random(2) === 0 ? 4 : 256)));
      const before = Buffer.from(bytes);
      const out = translated[random(2) === 0 ? 'send' : 'receive'](bytes);
      if (out.length !== bytes.length || !bytes.equals(before)) t.fail(`round ${round}`);
    }
  }
  t.pass();
});

for (const name of starttlsNames)
  test(`${name}: random bytes end in a refusal or in TLS, on both sides`, async (t) => {
    let seed = name.length * 7_919;
    const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648);
    for (let round = 0; round < 60; round++) {
      const bytes = Buffer.from(Array.from({ length: random() % 200 }, () => random() & 255));
      const { outcome } = await answered(name, bytes);
      t.regex(outcome, /^(?:tls|direct|left|starttls_)/);
      t.regex(await asked(name, [bytes, bytes], true), /^(?:tls|left|starttls_)/);
    }
  });

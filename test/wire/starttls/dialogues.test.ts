/**
 * Requests for TLS, as a server and as a client: the two sides of each protocol agree with one another, in pieces of any
 * size; what else a peer says is refused; and nothing that is sent ahead of TLS is kept.
 */
import test from 'ava';
import { Duplex } from 'node:stream';
import { Exchange, ExchangeError } from '../../../src/wire/starttls/exchange.ts';
import { starttlsNames } from '../../../src/wire/starttls/names.ts';
import { starttlsProtocol } from '../../../src/wire/starttls/protocols.ts';
import type { StarttlsName } from '../../../src/wire/starttls/names.ts';

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
    (how) => how ?? 'tls',
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
  if (protocol.hasGreeting) server.write(left.shift() ?? '');
  server.on('data', () => {
    const next = left.shift();
    if (server.writableEnded) return;
    if (next === undefined) server.end();
    else server.write(next);
  });
  if (endsAtOnce) server.end(left.shift());
  try {
    const greeting = await protocol.readGreeting(exchange);
    await protocol.ask(exchange);
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
          await protocol.ask(asking);
          return said;
        }),
        protocol.answer(answering),
      ]);
      t.is(greeting.length > 0, protocol.hasGreeting);
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

for (const [name, sent, outcome, said] of [
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
  [
    'smtp',
    ['220-a\r\n220 b\r\n', '250-b\r\n250 STARTTLS\r\n', '220 go\r\n'],
    'tls after "220-a\\r\\n220 b\\r\\n"',
  ],
  ['smtp', ['554 no\r\n'], 'target_starttls_refused: 554 no'],
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
  ['imap', ['* BYE full\r\n'], 'target_starttls_refused: * BYE full'],
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

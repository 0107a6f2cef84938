import { constants, createPrivateKey, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import type { SecureVersion } from 'node:tls';
import test from 'ava';
import * as fc from 'fast-check';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { TlsConversation } from '../../../../src/protocols/tls/conversation.ts';
import { isKeySource, keySources } from '../../../../src/protocols/tls/keys/key-sources.ts';
import {
  keylogLinesBy,
  keylogLinesByRsa,
  openBy,
  openWithRsa,
  readRsaKey,
} from '../../../../src/protocols/tls/keys/rsa-key.ts';
import { alice, answer, login } from '../../helpers/handshakes.ts';
import { exchange, recordTls } from '../../helpers/recorded-tls.ts';
import type { RecordOptions, Recording } from '../../helpers/recorded-tls.ts';
import { selfSigned } from '../../helpers/self-signed.ts';

const shop = selfSigned('shop.localhost', 'RSA');
const key = readRsaKey(shop.key, 'shop.key');
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

/** OpenSSL's SSL_OP_NO_EXTENDED_MASTER_SECRET, which node:crypto does not name. */
const noExtendedMasterSecret = 1;

interface Case {
  readonly version: SecureVersion;
  readonly ciphers: string;
  readonly extended?: boolean;
  readonly mutual?: boolean;
  readonly talk?: RecordOptions['talk'];
}

async function record({ version, ciphers, extended = true, mutual = false, talk }: Case): Promise<Recording> {
  const options = {
    minVersion: version,
    maxVersion: version,
    ciphers: `${ciphers}:@SECLEVEL=0`,
    // Without tickets the server names a session.
    secureOptions: constants.SSL_OP_NO_TICKET | (extended ? 0 : noExtendedMasterSecret),
  } as const;
  return recordTls({
    server: { ...shop, ...options, requestCert: mutual, rejectUnauthorized: false },
    client: { ...options, ...(mutual && alice), servername: 'shop.localhost' },
    talk:
      talk ??
      (async (client, server) => {
        await exchange(client, server, login);
        await exchange(server, client, answer);
      }),
  });
}

function read(recording: Recording): TlsConversation {
  const conversation = new TlsConversation();
  for (const event of recording.events) if (event.type === 'bytes') conversation.feed(event);
  return conversation;
}

function said(conversation: TlsConversation, from: 'client' | 'server'): Buffer {
  return Buffer.concat(conversation.plaintext(from).map((piece) => piece.bytes ?? Buffer.alloc(0)));
}

const cases: readonly Case[] = [
  { version: 'TLSv1', ciphers: 'AES128-SHA' },
  { version: 'TLSv1', ciphers: 'AES256-SHA', extended: false },
  { version: 'TLSv1.1', ciphers: 'AES128-SHA', mutual: true },
  { version: 'TLSv1.1', ciphers: 'CAMELLIA128-SHA', extended: false },
  { version: 'TLSv1.2', ciphers: 'AES128-SHA256' },
  { version: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384' },
  { version: 'TLSv1.2', ciphers: 'AES256-GCM-SHA384', extended: false },
  { version: 'TLSv1.2', ciphers: 'AES128-GCM-SHA256', mutual: true },
  { version: 'TLSv1.2', ciphers: 'AES128-CCM8', extended: false, mutual: true },
];

for (const one of cases) {
  const { version, ciphers, extended = true, mutual = false } = one;
  test(`${version}, ${ciphers}${extended ? '' : ', without the extended master secret'}${mutual ? ', both present certificates' : ''}: the server's key opens what was recorded`, async (t) => {
    const recording = await record(one);
    const conversation = read(recording);
    const hello = conversation.messages
      .map(({ content }) => content)
      .find((content) => content.type === 'server_hello');
    t.is(hello?.extensions.types.includes(23), extended);
    t.deepEqual(openWithRsa(conversation, [stranger]), []);
    t.deepEqual(said(conversation, 'client'), Buffer.alloc(0));
    const lines = openWithRsa(conversation, [stranger, key]);
    t.deepEqual(
      lines.map((line) => line.toLowerCase()),
      recording.keylog.map((line) => line.toLowerCase()),
    );
    t.deepEqual(said(conversation, 'client'), login);
    t.deepEqual(said(conversation, 'server'), answer);
    t.deepEqual(openWithRsa(conversation, [key]), lines);
  });
}

test('forward secrecy: under ECDHE the same key opens nothing', async (t) => {
  const recording = await record({ version: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
  const conversation = read(recording);
  t.deepEqual(openWithRsa(conversation, [key]), []);
  t.deepEqual(said(conversation, 'client'), Buffer.alloc(0));
  conversation.openWith(recording.keylog);
  t.deepEqual(said(conversation, 'client'), login);
});

for (const extended of [true, false]) {
  test(`a renegotiation inside the connection is opened too, ${extended ? 'with' : 'without'} the extended master secret`, async (t) => {
    const recording = await record({
      version: 'TLSv1.2',
      ciphers: 'AES128-SHA',
      extended,
      talk: async (client, server) => {
        await exchange(client, server, login);
        await new Promise<void>((resolve, reject) =>
          client.renegotiate({ rejectUnauthorized: false }, (error) => (error ? reject(error) : resolve())),
        );
        await exchange(client, server, login);
        await exchange(server, client, answer);
      },
    });
    const conversation = read(recording);
    t.is(openWithRsa(conversation, [key]).length, 2);
    t.deepEqual(said(conversation, 'client'), Buffer.concat([login, login]));
    t.deepEqual(said(conversation, 'server'), answer);
  });
}

test('an altered key exchange, one cut short, and any bytes after it give nothing and never throw', async (t) => {
  const recording = await record({ version: 'TLSv1.2', ciphers: 'AES128-SHA' });
  const { messages } = read(recording);
  t.is(keylogLinesByRsa(messages, [key]).length, 1);
  const exchangeAt = messages.findIndex(({ content }) => content.type === 'client_key_exchange');
  const original = messages[exchangeAt]?.bytes ?? new Uint8Array(0);
  fc.assert(
    fc.property(
      fc.nat(original.length - 1),
      fc.integer({ min: 1, max: 255 }),
      fc.boolean(),
      (at, flip, cut) => {
        const altered = cut
          ? original.subarray(0, at)
          : original.map((byte, index) => (index === at ? byte ^ flip : byte));
        const lines = keylogLinesByRsa(
          messages.map((message, index) => (index === exchangeAt ? { ...message, bytes: altered } : message)),
          [key],
        );
        // The header's four bytes are in the session hash and nowhere else.
        return lines.length === 0 || (!cut && at < 4);
      },
    ),
    { numRuns: 60 },
  );
  t.deepEqual(keylogLinesByRsa(messages.slice(0, exchangeAt), [key]), []);
  t.deepEqual(keylogLinesByRsa(messages.slice(1), [key]), []);
  t.deepEqual(
    keylogLinesByRsa(
      messages.map((message) => ({ ...message, bytes: undefined })),
      [key],
    ),
    [],
  );
});

test('a connection that holds thousands of handshakes is decrypted as far as the bound', async (t) => {
  const recording = await record({ version: 'TLSv1.2', ciphers: 'AES128-SHA' });
  const { messages } = read(recording);
  const handshake = messages.slice(
    0,
    messages.findIndex(({ content }) => content.type === 'client_key_exchange') + 1,
  );
  const many = Array.from({ length: 2000 }, () => handshake).flat();
  t.is(keylogLinesByRsa(many, [key]).length, 64);
});

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
const locked = createPrivateKey(shop.key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'secret' })
  .toString();
for (const [title, pem] of [
  ['a certificate', shop.cert],
  ['an elliptic-curve key', ec.export({ type: 'pkcs8', format: 'pem' }).toString()],
  ['a key behind a passphrase', locked],
  ['anything else', 'hello'],
] as const) {
  test(`${title} is a mistake that says what is expected, in both languages`, (t) => {
    const { facts } = t.throws(() => readRsaKey(pem, 'server.key'), { instanceOf: UserError });
    t.is(facts.where, 'server.key');
    for (const text of [facts.what, facts.expected, facts.remedy]) {
      t.regex(text?.ko ?? '', /[가-힣]/);
      t.regex(text?.en ?? '', /^[a-z]/);
    }
  });
}

/** What `openssl` and old programs log: the premaster secret, under one name or another. */
function premasterIn(conversation: TlsConversation): {
  readonly encrypted: Buffer;
  readonly premaster: Buffer;
} {
  const message = conversation.messages.find(({ content }) => content.type === 'client_key_exchange');
  const encrypted = Buffer.from(message?.bytes?.subarray(6) ?? []);
  const block = privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, encrypted);
  return { encrypted, premaster: block.subarray(-48) };
}

for (const version of ['TLSv1', 'TLSv1.2'] as const)
  test(`${version}: a key log of premaster secrets, by the client random or by the encrypted form, opens what was recorded`, async (t) => {
    const recording = await record({ version, ciphers: 'AES128-SHA' });
    const { encrypted, premaster } = premasterIn(read(recording));
    const { clientRandom } = read(recording).negotiated;
    const forms = [
      `PMS_CLIENT_RANDOM ${clientRandom} ${premaster.toString('hex')}`,
      `RSA ${encrypted.subarray(0, 8).toString('hex').toUpperCase()} ${premaster.toString('hex')}`,
    ];
    for (const line of forms) {
      t.true(isKeySource(line));
      const sources = keySources(['CLIENT_RANDOM no', line]);
      if (!sources) return t.fail();
      const conversation = read(recording);
      t.deepEqual(
        openBy(conversation, sources).map((one) => one.toLowerCase()),
        recording.keylog.map((one) => one.toLowerCase()),
      );
      t.deepEqual(said(conversation, 'client'), login);
    }
  });

test('a line that openssl s_client prints opens the session that it names, while it is read', async (t) => {
  const recording = await record({ version: 'TLSv1.2', ciphers: 'AES128-SHA' });
  const hello = read(recording).messages.find(({ content }) => content.type === 'server_hello');
  const session = hello?.content.type === 'server_hello' ? Buffer.from(hello.content.sessionId) : undefined;
  const master = recording.keylog[0]?.split(' ')[2];
  const sources = keySources([
    `RSA Session-ID:${session?.toString('hex').toUpperCase()} Master-Key:${master}`,
  ]);
  if (!sources) return t.fail();
  const conversation = new TlsConversation({
    passing: true,
    keysFor: (messages) => keylogLinesBy(messages, sources),
  });
  let read1 = '';
  for (const event of recording.events)
    if (event.type === 'bytes')
      for (const { content, bytes, from } of conversation.feed(event))
        if (content.type === 'application_data' && from === 'client')
          read1 += Buffer.from(bytes ?? []).toString();
  t.is(read1, login.toString());
});

test('other lines are no sources, and without any there are none', (t) => {
  const others = [
    '',
    '# RSA',
    'RSA 0011 22',
    `RSA Session-ID:00 Master-Key:${'0'.repeat(95)}`,
    `CLIENT_RANDOM ${'0'.repeat(64)} ${'0'.repeat(96)}`,
    'PMS_CLIENT_RANDOM 00 00',
  ];
  t.deepEqual(others.filter(isKeySource), []);
  t.is(keySources(others), undefined);
});

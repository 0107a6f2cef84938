import { writeFile } from 'node:fs/promises';
import { TlsConversation } from '../../../../src/protocols/tls/conversation.ts';
import { fieldOf } from '../../../../src/protocols/tls/message/message-field.ts';
import type { TlsChunk } from '../../../../src/protocols/tls/conversation.ts';
import type { TlsMessage } from '../../../../src/protocols/tls/message/message.ts';
import { withPeer } from '../../../helpers/peer.ts';
import { alice } from '../../helpers/handshakes.ts';
import { selfSigned } from '../../helpers/self-signed.ts';
import { Talker, withServer } from '../../helpers/tapped-programs.ts';
import type { Programs } from '../../helpers/tapped-programs.ts';
import { coverageFaults } from '../../helpers/tree.ts';

const shop = selfSigned('shop.localhost', 'RSA');

const titles = (messages: readonly TlsMessage[], from?: 'client' | 'server'): string[] =>
  messages.filter((message) => !from || message.from === from).map((message) => message.title);

function readAll(chunks: readonly TlsChunk[] = [], keylog: readonly string[] = []): TlsConversation {
  const conversation = new TlsConversation();
  for (const chunk of chunks) conversation.feed(chunk);
  conversation.openWith(keylog);
  conversation.end();
  return conversation;
}

function said(conversation: TlsConversation, from: 'client' | 'server'): string {
  return Buffer.concat(
    conversation.plaintext(from).map((piece) => piece.bytes ?? Buffer.alloc(0)),
  ).toString();
}

/** A client that says something and waits for the answer, so that it has seen whatever the server sent before. */
async function converse(
  { port, server }: Programs,
  parameters: readonly string[],
  name: string,
): Promise<void> {
  const client = new Talker('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...parameters]);
  client.say(`from ${name}`);
  await server.hears(new RegExp(`from ${name}`));
  server.say(`to ${name}`);
  await client.hears(new RegExp(`to ${name}`));
  client.say('Q');
  await client.end();
}

const resumptions = [
  ['TLS 1.2 by its ticket', ['-tls1_2'], []],
  ['TLS 1.2 by its id', ['-tls1_2', '-no_ticket'], []],
  ['TLS 1.2 in CBC by its ticket', ['-tls1_2', '-cipher', 'AES128-SHA'], []],
  [
    'TLS 1.0 by its id',
    ['-tls1', '-no_ticket', '-cipher', 'AES128-SHA:@SECLEVEL=0'],
    ['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0'],
  ],
  ['TLS 1.3 by a pre-shared key', ['-tls1_3'], []],
] as const;

for (const [title, serverParameters, clientParameters] of resumptions) {
  withPeer(
    'openssl',
    `a session resumed under ${title} is opened by the lines of its own client random`,
    async (t) => {
      await withServer(shop, serverParameters, async (programs) => {
        await converse(programs, [...clientParameters, '-sess_out', programs.file('session')], 'first');
        await converse(programs, [...clientParameters, '-sess_in', programs.file('session')], 'second');
        const keylog = await programs.keylog();
        const [first, second] = programs.connections.map((chunks) => readAll(chunks, keylog)) as [
          TlsConversation,
          TlsConversation,
        ];
        t.true(titles(first.messages).includes('Certificate'));
        t.false(titles(second.messages).includes('Certificate'), 'it was resumed');
        for (const [conversation, name] of [
          [first, 'first'],
          [second, 'second'],
        ] as const) {
          t.is(said(conversation, 'client'), `from ${name}\n`);
          t.is(said(conversation, 'server'), `to ${name}\n`);
          t.true(conversation.messages.every((message) => !message.encrypted || message.opened));
        }
      });
    },
  );
}

for (const suite of ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256']) {
  withPeer(
    'openssl',
    `${suite}: early data is opened with its own secret, before the ServerHello has come and after`,
    async (t) => {
      await withServer(shop, ['-tls1_3', '-early_data', '-ciphersuites', suite], async (programs) => {
        await converse(programs, ['-sess_out', programs.file('session')], 'first');
        await writeFile(programs.file('early'), 'early bird\n'.repeat(2000).slice(0, 16_000));
        await converse(
          programs,
          ['-sess_in', programs.file('session'), '-early_data', programs.file('early')],
          'second',
        );
        const keylog = await programs.keylog();
        const chunks = programs.connections[1] ?? [];
        const conversation = readAll(chunks, keylog);
        t.is(said(conversation, 'client'), `${'early bird\n'.repeat(2000).slice(0, 16_000)}from second\n`);
        t.true(titles(conversation.messages, 'client').includes('EndOfEarlyData'));
        t.true(conversation.messages.every((message) => !message.encrypted || message.opened));
        for (const message of conversation.messages)
          t.deepEqual(coverageFaults(fieldOf(message)), [], message.title);
        // In a live run the early data stands there before the server has answered.
        const firstWords = readAll(
          chunks.filter(({ from }) => from === 'client'),
          keylog,
        );
        t.true(said(firstWords, 'client').startsWith('early bird\n'));
        const withoutEarly = readAll(
          chunks,
          keylog.filter((line) => !line.startsWith('CLIENT_EARLY')),
        );
        t.is(said(withoutEarly, 'client'), 'from second\n', 'without its secret only it stays shut');
      });
    },
  );
}

withPeer('openssl', 'early data that the server refuses is opened, and so is what follows it', async (t) => {
  await withServer(shop, ['-tls1_3', '-early_data'], async (programs) => {
    await converse(programs, ['-sess_out', programs.file('session')], 'first');
    await writeFile(programs.file('early'), 'early bird\n');
    // The session may be used for early data once: the server refuses a replay.
    for (const name of ['second', 'third']) {
      await converse(
        programs,
        ['-sess_in', programs.file('session'), '-early_data', programs.file('early')],
        name,
      );
    }
    const keylog = await programs.keylog();
    const third = readAll(programs.connections[2], keylog);
    t.false(titles(third.messages, 'client').includes('EndOfEarlyData'), 'it was refused');
    t.true(said(third, 'client').endsWith('from third\n'));
  });
});

withPeer('openssl', 'TLS 1.3: a certificate asked for after the handshake is read', async (t) => {
  await withServer(shop, ['-tls1_3'], async (programs) => {
    await Promise.all([
      writeFile(programs.file('alice.key'), alice.key, { mode: 0o600 }),
      writeFile(programs.file('alice.pem'), alice.cert),
    ]);
    const { port, server } = programs;
    const client = new Talker('openssl', [
      's_client',
      '-connect',
      `127.0.0.1:${port}`,
      '-enable_pha',
      '-cert',
      programs.file('alice.pem'),
      '-key',
      programs.file('alice.key'),
    ]);
    client.say('before');
    await server.hears(/before/);
    server.say('c');
    await server.hears(/SSL_do_handshake -> 1/);
    client.say('after');
    await server.hears(/after/);
    server.say('bye');
    await client.hears(/bye/);
    client.say('Q');
    await client.end();
    const conversation = readAll(programs.connections[0], await programs.keylog());
    // Later versions of openssl compress it (RFC 8879).
    const fromClient = titles(conversation.messages, 'client').map((title) =>
      title.replace('Compressed', ''),
    );
    t.deepEqual(fromClient.slice(fromClient.indexOf('ApplicationData')).slice(0, 5), [
      'ApplicationData',
      'Certificate',
      'CertificateVerify',
      'Finished',
      'ApplicationData',
    ]);
    const fromServer = titles(conversation.messages, 'server');
    t.true(fromServer.indexOf('CertificateRequest') > fromServer.indexOf('Finished'));
    t.is(said(conversation, 'client'), 'before\nafter\n');
    t.true(conversation.messages.every((message) => message.content.type !== 'malformed'));
  });
});

/** Suites that only another stack speaks, or speaks in its own way: what gnutls-cli is told, and what the server is. */
const gnutls = [
  ['NONE:+VERS-TLS1.2:+AES-128-CCM:+RSA:+AEAD:+SIGN-ALL:+GROUP-ALL', 'AES128-CCM'],
  ['NONE:+VERS-TLS1.2:+AES-256-CCM:+DHE-RSA:+AEAD:+SIGN-ALL:+GROUP-ALL', 'DHE-RSA-AES256-CCM'],
  ['NONE:+VERS-TLS1.2:+AES-128-CCM-8:+RSA:+AEAD:+SIGN-ALL:+GROUP-ALL', 'AES128-CCM8'],
  ['NONE:+VERS-TLS1.2:+AES-256-CCM-8:+RSA:+AEAD:+SIGN-ALL:+GROUP-ALL', 'AES256-CCM8'],
  ['NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM', 'TLS_AES_128_CCM_SHA256'],
  ['NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-CCM-8', 'TLS_AES_128_CCM_8_SHA256'],
  ['NORMAL:-VERS-ALL:+VERS-TLS1.0:-CIPHER-ALL:+AES-128-CBC', 'AES128-SHA'],
  ['NORMAL:-VERS-ALL:+VERS-TLS1.1:-CIPHER-ALL:+AES-256-CBC:%NO_ETM', 'AES256-SHA'],
  ['NORMAL:-VERS-ALL:+VERS-TLS1.2:-CIPHER-ALL:+CAMELLIA-128-CBC:+SHA256:-KX-ALL:+RSA', 'CAMELLIA128-SHA256'],
  ['NONE:+VERS-TLS1.2:+NULL:+RSA:+SHA256:+SIGN-ALL', 'NULL-SHA256'],
] as const;

for (const [priority, cipher] of gnutls) {
  withPeer(
    ['openssl', 'gnutls-cli'],
    `gnutls-cli speaks ${cipher} under ${/VERS-(TLS1.\d)/.exec(priority)?.[1]}, and it is opened`,
    async (t) => {
      const parameters = cipher.startsWith('TLS_')
        ? ['-ciphersuites', cipher, '-cipher', 'DEFAULT:@SECLEVEL=0']
        : ['-cipher', `${cipher}:@SECLEVEL=0`, '-min_protocol', 'TLSv1'];
      await withServer(shop, parameters, async ({ server, port, connections, keylog }) => {
        const client = new Talker('gnutls-cli', [
          '--insecure',
          '--no-ca-verification',
          '--sni-hostname',
          'shop.localhost',
          '-p',
          String(port),
          '--priority',
          priority,
          '127.0.0.1',
        ]);
        client.say('from gnutls');
        await server.hears(/from gnutls/);
        server.say('to gnutls');
        await client.hears(/to gnutls/);
        await client.end();
        const conversation = readAll(connections[0], await keylog());
        t.is(said(conversation, 'client'), 'from gnutls\n');
        t.is(said(conversation, 'server'), 'to gnutls\n');
        t.true(conversation.messages.every((message) => !message.encrypted || message.opened));
        for (const message of conversation.messages)
          t.deepEqual(coverageFaults(fieldOf(message)), [], message.title);
      });
    },
  );
}

/** What openssl does beyond a plain handshake: a stapled answer, a certificate asked for later, early data, padding. */
import { writeFile } from 'node:fs/promises';
import type { ExecutionContext } from 'ava';
import { findField } from '../../../src/core/field.ts';
import { openCompressedCertificate } from '../../../src/protocols/tls/certificate-compression.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import { fieldOf } from '../../../src/protocols/tls/message/message-field.ts';
import type { TlsChunk } from '../../../src/protocols/tls/conversation.ts';
import type { CompressedCertificate } from '../../../src/protocols/tls/handshake.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { alice } from '../helpers/handshakes.ts';
import { selfSigned } from '../helpers/self-signed.ts';
import { Talker, withServer } from '../helpers/tapped-programs.ts';
import { coverageFaults } from '../helpers/tree.ts';

const shop = selfSigned('shop.localhost');

function readAll(
  t: ExecutionContext,
  chunks: readonly TlsChunk[] = [],
  keylog: readonly string[] = [],
): TlsConversation {
  const conversation = new TlsConversation();
  for (const chunk of chunks) conversation.feed(chunk);
  conversation.openWith(keylog);
  conversation.end();
  for (const message of conversation.messages)
    t.deepEqual(coverageFaults(fieldOf(message)), [], message.title);
  return conversation;
}

for (const version of ['-tls1_2', '-tls1_3']) {
  withPeer(
    'openssl',
    `an OCSP response that is stapled under ${version.slice(1)} says how the certificate stands`,
    async (t) => {
      // The first server only makes the files for the second.
      await withServer(shop, [version], async ({ file }) => {
        const run = async (...parameters: string[]): Promise<void> => {
          const { exitCode, stderr } = await runProgram('openssl', parameters);
          if (exitCode !== 0) throw new Error(stderr);
        };
        await writeFile(file('index'), '');
        await run(
          'ocsp',
          '-issuer',
          file('cert.pem'),
          '-cert',
          file('cert.pem'),
          '-reqout',
          file('question'),
        );
        await run(
          'ocsp',
          '-index',
          file('index'),
          '-rsigner',
          file('cert.pem'),
          '-rkey',
          file('key.pem'),
          '-CA',
          file('cert.pem'),
          '-reqin',
          file('question'),
          '-respout',
          file('answer'),
          '-ndays',
          '1',
        );
        await withServer(
          shop,
          [version, '-status_file', file('answer')],
          async ({ port, server, connections, keylog }) => {
            const client = new Talker('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, '-status']);
            client.say('hello');
            await server.hears(/hello/);
            client.say('Q');
            await client.end();
            const { messages } = readAll(t, connections[0], await keylog());
            const stapled = messages
              .map(({ content }) =>
                content.type === 'certificate'
                  ? content.stapled
                  : content.type === 'certificate_status'
                    ? content.response
                    : undefined,
              )
              .find(Boolean);
            t.like(stapled, { status: 'successful', responder: 'CN=shop.localhost' });
            // Its index knows no certificate.
            t.deepEqual(
              stapled?.responses.map(({ status }) => status),
              ['unknown'],
            );
          },
        );
      });
    },
  );
}

function opened(content: CompressedCertificate): readonly Uint8Array[] {
  const result = openCompressedCertificate(content);
  return 'list' in result ? result.list.certificates : [];
}

withPeer(
  'openssl',
  'a certificate that is asked for after the handshake is read, and what was asked with it',
  async (t) => {
    await withServer(
      shop,
      ['-tls1_3', '-verify', '1', '-verify_quiet'],
      async ({ port, server, file, connections, keylog }) => {
        await Promise.all([
          writeFile(file('alice.pem'), alice.cert),
          writeFile(file('alice.key'), alice.key, { mode: 0o600 }),
        ]);
        const client = new Talker('openssl', [
          's_client',
          '-connect',
          `127.0.0.1:${port}`,
          '-enable_pha',
          '-cert',
          file('alice.pem'),
          '-key',
          file('alice.key'),
        ]);
        client.say('before');
        await server.hears(/before/);
        server.say('c');
        await server.hears(/SSL_do_handshake -> 1/);
        // OpenSSL's client looks for the request only when it reads; what it says next comes after its answer.
        server.say('anything');
        await client.hears(/anything/);
        client.say('after');
        await server.hears(/after/);
        client.say('Q');
        await client.end();
        const { messages } = readAll(t, connections[0], await keylog());
        const titles = messages
          .filter(({ contentType }) => contentType === 22)
          .map(({ title, from }) => `${from} ${title}`);
        const asked = titles.lastIndexOf('server CertificateRequest');
        t.true(asked > titles.indexOf('client Finished'));
        // Some versions of OpenSSL compress their certificate here.
        t.deepEqual(
          titles
            .slice(asked + 1)
            .filter((title) => title.startsWith('client'))
            .map((title) => title.replace('Compressed', '')),
          ['client Certificate', 'client CertificateVerify', 'client Finished'],
        );
        const shown = messages.findLast(
          ({ content }) => content.type === 'certificate' || content.type === 'compressed_certificate',
        );
        const certificates =
          shown?.content.type === 'certificate'
            ? shown.content.certificates
            : shown?.content.type === 'compressed_certificate'
              ? opened(shown.content)
              : [];
        t.deepEqual(
          certificates.map((der) => Buffer.from(der)),
          [Buffer.from(alice.der)],
        );
        const context = shown && findField(fieldOf(shown), 'tls.handshake.certificate.request_context');
        t.true(
          context?.value instanceof Uint8Array && context.value.length > 0,
          'it names the request that it answers',
        );
      },
    );
  },
);

withPeer('openssl', 'early data is opened with its own key, and its end is seen', async (t) => {
  await withServer(
    shop,
    ['-tls1_3', '-early_data', '-no_anti_replay'],
    async ({ port, server, file, connections, keylog }) => {
      await writeFile(file('early'), 'said at once\n');
      const converse = async (parameters: readonly string[], name: string): Promise<void> => {
        const client = new Talker('openssl', ['s_client', '-connect', `127.0.0.1:${port}`, ...parameters]);
        client.say(`from ${name}`);
        await server.hears(new RegExp(`from ${name}`));
        server.say(`to ${name}`);
        await client.hears(new RegExp(`to ${name}`));
        client.say('Q');
        await client.end();
      };
      await converse(['-sess_out', file('session')], 'first');
      await converse(['-sess_in', file('session'), '-early_data', file('early')], 'second');
      const conversation = readAll(t, connections[1], await keylog());
      t.is(
        Buffer.concat(
          conversation.plaintext('client').map(({ bytes }) => bytes ?? Buffer.alloc(0)),
        ).toString(),
        'said at once\nfrom second\n',
      );
      const titles = conversation.messages.filter(({ from }) => from === 'client').map(({ title }) => title);
      t.true(titles.includes('EndOfEarlyData'));
      t.true(titles.indexOf('ApplicationData') < titles.indexOf('EndOfEarlyData'));
    },
  );
});

withPeer('openssl', 'records that openssl pads are opened without their padding', async (t) => {
  await withServer(
    shop,
    ['-tls1_3', '-record_padding', '512'],
    async ({ port, server, connections, keylog }) => {
      const client = new Talker('openssl', ['s_client', '-connect', `127.0.0.1:${port}`]);
      client.say('hello');
      await server.hears(/hello/);
      server.say('padded');
      await client.hears(/padded/);
      client.say('Q');
      await client.end();
      const conversation = readAll(t, connections[0], await keylog());
      t.is(
        Buffer.concat(
          conversation.plaintext('server').map(({ bytes }) => bytes ?? Buffer.alloc(0)),
        ).toString(),
        'padded\n',
      );
      const message = conversation.messages.find(
        ({ from, plaintextLength }) => from === 'server' && plaintextLength > 0,
      );
      const padding = message && findField(fieldOf(message), 'tls.record.padding');
      t.is(padding && padding.range[1] - padding.range[0], 512 - 1 - 'padded\n'.length);
    },
  );
});

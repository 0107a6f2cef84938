/** The ClientHello of wirelab's own: well formed for our reader, accepted by OpenSSL's server, however it travels. */
import test from 'ava';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import { clientHello, helloPieces } from '../../../src/diagnosis/attempt/hello.ts';
import type { HelloContents } from '../../../src/diagnosis/attempt/hello.ts';
import { TlsConversation } from '../../../src/protocols/tls/conversation.ts';
import { world } from '../../cli/certs/support/files.ts';

const contents: HelloContents = {
  serverName: 'shop.localhost',
  alpn: ['h2', 'http/1.1'],
  isHybrid: false,
  sent: 'whole',
};

function read(hello: HelloContents): TlsConversation {
  const conversation = new TlsConversation();
  let offset = 0;
  for (const piece of helloPieces(clientHello(hello), hello.sent)) {
    conversation.feed({ from: 'client', offset, bytes: piece });
    offset += piece.length;
  }
  return conversation;
}

test('it says what it was asked to say', (t) => {
  for (const isHybrid of [false, true])
    for (const sent of ['whole', 'in-segments', 'in-records'] as const) {
      const [message] = read({ ...contents, isHybrid, sent }).messages;
      const content = message?.content;
      if (content?.type !== 'client_hello') return t.fail(content?.type);
      t.is(content.extensions.serverName, 'shop.localhost');
      t.deepEqual(content.extensions.alpn, ['h2', 'http/1.1']);
      t.true(content.extensions.supportedVersions?.includes(0x0304));
      t.is(content.extensions.groups?.includes(0x11ec) ?? false, isHybrid);
    }
});

test('a hybrid one takes more than a packet, a classical one does not', (t) => {
  const length = (isHybrid: boolean): number => clientHello({ ...contents, isHybrid }).length;
  t.true(length(true) > 1500, String(length(true)));
  t.true(length(false) < 700, String(length(false)));
});

test('groups, suites and the size of records are those that it was asked for', (t) => {
  const [message] = read({
    ...contents,
    groups: [0x001a],
    suites: [0xc02b, 0x0041],
    limitsRecords: true,
  }).messages;
  const content = message?.content;
  if (content?.type !== 'client_hello') return t.fail(content?.type);
  t.deepEqual(content.extensions.groups, [0x001a]);
  // A suite without an ephemeral key needs no group: the server would take it without having one of these.
  t.deepEqual(content.cipherSuites.map(Number), [0x1301, 0x1302, 0x1303, 0xc02b, 0x00ff]);
  const bytes = Buffer.from(clientHello({ ...contents, limitsRecords: true }));
  t.true(
    bytes.includes(Buffer.from('0001000101', 'hex')) && bytes.includes(Buffer.from('001c00020200', 'hex')),
  );
});

test('an address is no server name', (t) => {
  const [message] = read({ ...contents, serverName: '127.0.0.1' }).messages;
  t.is(message?.content.type === 'client_hello' ? message.content.extensions.serverName : '?', undefined);
});

test('OpenSSL answers each of them with a ServerHello', async (t) => {
  const server = createServer({
    key: world.identity('shop').key,
    cert: world.chain('shop'),
  });
  server.on('tlsClientError', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  for (const isHybrid of [false, true])
    for (const sent of ['whole', 'in-segments', 'in-records'] as const)
      for (const versions of [undefined, [0x0304], [0x0303]]) {
        const hello = { ...contents, isHybrid, sent, ...(versions ? { versions } : {}) };
        const socket = connect({ port, host: '127.0.0.1', noDelay: true });
        const answered = once(socket, 'data');
        for (const piece of helloPieces(clientHello(hello), sent)) socket.write(piece);
        const [bytes] = (await answered) as [Buffer];
        // A handshake record with a ServerHello.
        t.deepEqual([bytes[0], bytes[5]], [22, 2], JSON.stringify(hello));
        socket.destroy();
      }
});

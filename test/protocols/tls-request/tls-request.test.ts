/** How clients of databases ask for TLS: PostgreSQL with eight bytes and one in answer, MySQL with thirty-six. */
import test from 'ava';
import {
  fieldOfTlsRequest,
  looksLikeTlsRequest,
  TlsRequestConversation,
} from '../../../src/protocols/tls-request/tls-request.ts';
import { present } from '../../helpers/capture.ts';
import { coverageFaults } from '../helpers/tree.ts';

const request = Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47);

test('a request for TLS is known by its eight bytes, of a client alone', (t) => {
  for (let length = 0; length < 8; length++)
    t.is(looksLikeTlsRequest(request.subarray(0, length), 'client'), undefined);
  t.true(looksLikeTlsRequest(request, 'client'));
  t.true(looksLikeTlsRequest(Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 48), 'client'));
  t.false(looksLikeTlsRequest(Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 49), 'client'));
  t.false(looksLikeTlsRequest(Uint8Array.of(0, 0, 0, 9), 'client'));
  t.false(looksLikeTlsRequest(request, 'server'));
});

for (const size of [8, 1, 3]) {
  test(`request and answer, then a handover on both sides, in pieces of ${size}`, (t) => {
    const opening = new TlsRequestConversation();
    const messages = [];
    for (let at = 0; at < 8; at += size)
      messages.push(
        ...opening.feed({ from: 'client', offset: 40 + at, bytes: request.subarray(at, at + size), tag: at }),
      );
    t.true(opening.isAsked);
    messages.push(
      ...opening.feed({ from: 'server', offset: 7, bytes: Buffer.from('S\u0016', 'latin1'), tag: 9 }),
    );
    t.false(opening.isAsked);
    t.deepEqual(
      messages.map(({ from, title, offset, length }) => [from, title.en, offset, length]),
      [
        ['client', 'SSLRequest', 40, 8],
        ['server', 'S: TLS may begin', 7, 1],
      ],
    );
    t.deepEqual(
      opening.takeHandovers().map(({ from, offset, bytes }) => [from, offset, bytes.length]),
      [
        ['client', 48, 0],
        ['server', 8, 1],
      ],
    );
    for (const message of messages)
      t.deepEqual(
        coverageFaults({
          ...present(fieldOfTlsRequest(message)),
          id: 'message',
          children: [present(fieldOfTlsRequest(message))],
        }),
        [],
      );
  });
}

test('an answer that nobody knows is shown as it stands', (t) => {
  const opening = new TlsRequestConversation();
  opening.feed({ from: 'client', offset: 0, bytes: request, tag: 0 });
  t.is(opening.feed({ from: 'server', offset: 0, bytes: Uint8Array.of(0xff), tag: 1 })[0]?.title.en, '0xff');
});

/** Length 32, number 1, flags with CLIENT_SSL and CLIENT_PROTOCOL_41, 16 MiB, utf8mb4, zeros. */
const mysql = Uint8Array.of(32, 0, 0, 1, 0x05, 0xae, 0x03, 0, 0, 0, 0, 1, 255, ...new Uint8Array(23));

test('MySQL asks with the beginning of a login, which is handed over without an answer', (t) => {
  for (let length = 0; length < 36; length++)
    t.is(looksLikeTlsRequest(mysql.subarray(0, length), 'client'), undefined);
  t.true(looksLikeTlsRequest(mysql, 'client'));
  t.false(
    looksLikeTlsRequest(
      Uint8Array.from(mysql, (byte, index) => (index === 5 ? byte & ~0x08 : byte)),
      'client',
    ),
    'a login without CLIENT_SSL',
  );
  t.false(
    looksLikeTlsRequest(
      Uint8Array.from(mysql, (byte, index) => (index === 20 ? 1 : byte)),
      'client',
    ),
  );
  const requests = new TlsRequestConversation();
  const [message, ...more] = requests.feed({
    from: 'client',
    offset: 0,
    bytes: Buffer.concat([mysql, Buffer.from([0x16])]),
    tag: 0,
  });
  t.like(message, { protocol: 'mysql', title: { en: 'SSLRequest' }, length: 36 });
  t.deepEqual(more, []);
  t.false(requests.isAsked);
  t.deepEqual(
    requests.takeHandovers().map(({ offset, bytes }) => [offset, bytes.length]),
    [[36, 1]],
  );
  t.deepEqual(coverageFaults(present(fieldOfTlsRequest(present(message)))), []);
});

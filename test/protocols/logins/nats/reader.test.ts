/** NATS: logins, subjects, payloads, and TLS behind the server's first line. */
import test from 'ava';
import { nats } from '../../../../src/protocols/logins/nats/protocol.ts';
import { explainedNatsFields } from '../../../../src/protocols/logins/nats/texts.ts';
import {
  checkHostile,
  checkMessages,
  hear,
  idsIn,
  linesOf,
  readerOf,
  recognition,
  text,
} from '../../helpers/spoken.ts';

const info =
  'INFO {"server_id":"NA","server_name":"one","version":"2.10.4","auth_required":true,"max_payload":1048576} \r\n';
const connect =
  'CONNECT {"verbose":false,"user":"alice","pass":"or\\"chid","lang":"go","name":"pass"}\r\nPING\r\n';

const said = [
  text('server', info),
  text('client', connect),
  text('server', 'PONG\r\n'),
  text(
    'client',
    'SUB shop.> 1\r\nPUB shop.orders inbox.7 11\r\nhello\r\nPUB \r\nHPUB a 12 14\r\nNATS/1.0\r\n\r\nhi\r\n',
  ),
  text('server', "MSG shop.orders 1 inbox.7 11\r\nhello\r\nPUB \r\n-ERR 'Authorization Violation'\r\n"),
];

for (const size of [Infinity, 1, 7])
  test(`a login, subjects and messages, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerOf(nats), said, size);
    t.deepEqual(linesOf(messages), [
      '← INFO, one, 2.10.4',
      '→ CONNECT, user alice',
      '  password_message alice: or"chid',
      '→ PING',
      '← PONG',
      '→ SUB shop.>',
      '→ PUB shop.orders, 11 B',
      '→ HPUB a, 14 B',
      '← MSG shop.orders, 11 B',
      "← -ERR, 'Authorization Violation'",
    ]);
    checkMessages(t, messages, 'nats');
    const [secret] = messages.flatMap(({ credentials = [] }) => credentials);
    t.is(connect.slice(secret?.offset, (secret?.offset ?? 0) + (secret?.length ?? 0)), 'or\\"chid');
  });

test('a token is a secret; a signature is none', async (t) => {
  t.deepEqual(
    linesOf(
      hear(await readerOf(nats), [
        text('client', 'CONNECT {"auth_token" : "t0ken"}\r\n'),
        text('client', 'CONNECT {"nkey":"UDX","sig":"abc","pass":""}\r\n'),
      ]),
    ),
    ['→ CONNECT', '  password_message auth_token: t0ken', '→ CONNECT, signed with a key'],
  );
});

test('a server that goes on with TLS hands over', async (t) => {
  const reader = await readerOf(nats);
  const [from, bytes] = text('server', info);
  reader.feed({ from, offset: 0, bytes, tag: 0 });
  t.deepEqual(reader.feed({ from, offset: info.length, bytes: Buffer.of(0x16, 3, 3, 0, 4), tag: 1 }), []);
  t.deepEqual(
    reader.takeHandovers?.().map((handover) => [handover.from, handover.offset]),
    [['server', info.length]],
  );
});

test('every explained field is one that a conversation shows', async (t) => {
  const ids = idsIn(hear(await readerOf(nats), [...said, text('client', 'nonsense\r\n')]));
  t.deepEqual(
    explainedNatsFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by either side’s first line, however it is cut, and by nothing else', (t) => {
  for (const [from, start] of [
    ['server', info],
    ['client', connect],
  ] as const) {
    const verdicts = recognition(nats, from, Buffer.from(start));
    t.is(verdicts.at(-1), true);
    t.false(verdicts.includes(false));
  }
  for (const other of ['CONNECT shop:443 HTTP/1.1', 'INFO', 'GET / HTTP/1.1'])
    t.false(nats.looksLike(Buffer.from(other), 'client'), other);
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => checkHostile(t, nats, said));

/** MySQL and MariaDB: the greeting, the login in all its ways, TLS in the middle of it, commands. */
import test from 'ava';
import { mysql } from '../../../../src/protocols/logins/mysql/protocol.ts';
import { explainedMysqlFields } from '../../../../src/protocols/logins/mysql/texts.ts';
import type { Utterance } from '../../helpers/spoken.ts';
import {
  checkHostile,
  checkMessages,
  hear,
  hex,
  idsIn,
  linesOf,
  readerOf,
  recognition,
} from '../../helpers/spoken.ts';

/** A packet: its length, its number, what it says. */
const packet = (from: Utterance[0], number: number, body: string): Utterance => {
  const bytes = Buffer.from(body, 'latin1');
  return [from, Buffer.concat([Buffer.from([bytes.length & 0xff, bytes.length >> 8, 0, number]), bytes])];
};

const greeting = hex(
  'server',
  '680000000a31312e382e392d4d6172696144422d302b646562313375312066726f6d2044656269616e00050000005d592755583a562200feff2d0200ff81150000000000003d0000004679526a4040614927262a40006d7973716c5f6e61746976655f70617373776f726400',
);

const native = hex(
  'client',
  'd100000184a2bf00000010002d000000000000000000000000000000000000001d000000616c69636500143930f30641ce11082447bf003f35a7f6e67aa5376d7973716c5f6e61746976655f70617373776f7264007f035f6f73054c696e75780c5f636c69656e745f6e616d650a6c69626d617269616462045f7069640533303936340f5f636c69656e745f76657273696f6e06332e342e3130095f706c6174666f726d067838365f36340c70726f6772616d5f6e616d65056d7973716c0c5f7365727665725f686f7374093132372e302e302e31',
);

const denied = hex(
  'server',
  '49000002ff15042332383030304163636573732064656e69656420666f7220757365722027616c6963652740276c6f63616c686f73742720287573696e672070617373776f72643a2059455329',
);

/** Flags of a client with CLIENT_PROTOCOL_41, CLIENT_SECURE_CONNECTION, CLIENT_CONNECT_WITH_DB and CLIENT_PLUGIN_AUTH. */
const flags = '\x08\x82\x08\x00';

const login = (number: number, plugin: string, response: string, own = flags): Utterance =>
  packet(
    'client',
    number,
    `${own}\0\0\0\x01\x2d${'\0'.repeat(23)}alice\0${String.fromCharCode(response.length)}${response}shop\0${plugin}\0`,
  );

const ok = (number: number): Utterance => packet('server', number, '\0\0\0\x02\0\0\0');

const sha2 = login(1, 'caching_sha2_password', 'r'.repeat(32));

const session: readonly Utterance[] = [
  greeting,
  native,
  packet('server', 2, '\xfemysql_clear_password\0'),
  packet('client', 3, 'tiger-lily\0'),
  ok(4),
  packet('client', 0, "\x03CREATE USER bob IDENTIFIED BY 'rosebud'"),
  ok(1),
  packet('client', 0, '\x03select 1, 2 from t where id = 123456'),
  packet('server', 1, '\x02'),
  packet('server', 2, 'column one'),
  packet('server', 3, 'column two'),
  packet('server', 4, '\xfe\0\0\x02\0'),
  packet('client', 0, '\x02shop'),
  ok(1),
  packet('client', 0, '\x0e'),
  ok(1),
  packet('client', 0, '\x11carol\0\x14rrrrrrrrrrrrrrrrrrrr\0\x21\0mysql_native_password\0'),
  packet('server', 1, '\xff\x15\x04#28000denied'),
  packet('client', 0, '\x01'),
];

const sessionLines = [
  '← greeting, 11.8.9-MariaDB-0+deb13u1 from Debian, mysql_native_password',
  '→ login, user alice, mysql_native_password',
  '  mysql_native_password alice: 3930f30641ce11082447bf003f35a7f6e67aa537',
  '← AuthSwitchRequest, mysql_clear_password',
  '→ answer, mysql_clear_password',
  '  password_message alice: tiger-lily',
  '← OK: logged in',
  "→ COM_QUERY CREATE USER bob IDENTIFIED BY '…'",
  '  sql_password bob: rosebud',
  '← OK',
  '→ COM_QUERY select 1, 2 from t where id = …',
  '← result, 2 columns',
  '← row',
  '← row',
  '← row',
  '→ COM_INIT_DB, shop',
  '← OK',
  '→ COM_PING',
  '← OK',
  '→ COM_CHANGE_USER, user carol',
  `  mysql_native_password carol: ${'72'.repeat(20)}`,
  '← ERR 1045, denied',
  '→ COM_QUIT',
];

for (const size of [Infinity, 1])
  test(`a session, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerOf(mysql), session, size);
    t.deepEqual(linesOf(messages), sessionLines);
    checkMessages(t, messages, 'mysql');
  });

test('a login that the server refuses', async (t) => {
  const messages = hear(await readerOf(mysql), [greeting, native, denied]);
  t.is(
    linesOf(messages).at(-1),
    "← ERR 1045, Access denied for user 'alice'@'localhost' (using password: YES)",
  );
  checkMessages(t, messages, 'mysql, denied');
});

test('caching_sha2_password: a proof is enough, or the password comes under RSA, or in clear', async (t) => {
  const proof = `  caching_sha2_password alice: ${'72'.repeat(32)}`;
  const first = ['→ login, user alice, database shop, caching_sha2_password', proof];
  const fast = hear(await readerOf(mysql), [greeting, sha2, packet('server', 2, '\x01\x03'), ok(3)]);
  t.deepEqual(linesOf(fast).slice(1), [...first, '← AuthMoreData, the proof is enough', '← OK: logged in']);
  const rsa = hear(await readerOf(mysql), [
    greeting,
    sha2,
    packet('server', 2, '\x01\x04'),
    packet('client', 3, '\x02'),
    packet('server', 4, `\x01${'key '.repeat(100)}`),
    packet('client', 5, 'z'.repeat(256)),
    ok(6),
  ]);
  t.deepEqual(linesOf(rsa).slice(3), [
    '← AuthMoreData, the whole password is needed',
    "→ asks for the server's public key, caching_sha2_password",
    "← AuthMoreData, the server's public key",
    '→ answer, caching_sha2_password',
    `  sha2_rsa alice: ${'7a'.repeat(256)}`,
    '← OK: logged in',
  ]);
  const clear = hear(await readerOf(mysql), [
    greeting,
    sha2,
    packet('server', 2, '\x01\x04'),
    packet('client', 3, 'tiger-lily\0'),
    ok(4),
  ]);
  t.is(linesOf(clear)[5], '  password_message alice: tiger-lily');
  for (const messages of [fast, rsa, clear]) checkMessages(t, messages, 'sha2');
});

test('other plugins: a signature can be guessed, a ticket cannot, no password is none', async (t) => {
  const kindsOf = async (plugin: string, response: string): Promise<(string | undefined)[]> =>
    hear(await readerOf(mysql), [greeting, login(1, plugin, response)]).flatMap(({ credentials = [] }) =>
      credentials.map(({ kind }) => kind),
    );
  t.deepEqual(await kindsOf('client_ed25519', 's'.repeat(64)), ['client_ed25519']);
  t.deepEqual(await kindsOf('auth_gssapi_client', 'ticket'), ['mysql_other']);
  t.deepEqual(await kindsOf('mysql_native_password', ''), []);
  t.deepEqual(await kindsOf('mysql_clear_password', 'lily\0'), ['password_message']);
});

test('the request for TLS hands both directions over, and above TLS the login goes on', async (t) => {
  const reader = await readerOf(mysql);
  const ssl = '\x08\x8a\x08\x00';
  const request = packet('client', 1, `${ssl}\0\0\0\x01\x2d${'\0'.repeat(23)}`);
  reader.feed({ from: 'server', offset: 0, bytes: greeting[1], tag: 0 });
  const bytes = Buffer.concat([request[1], Buffer.from([0x16, 3, 1])]);
  t.deepEqual(linesOf(reader.feed({ from: 'client', offset: 0, bytes, tag: 1 })), [
    '→ SSLRequest: TLS begins',
  ]);
  t.deepEqual(
    reader.takeHandovers?.().map((one) => [one.from, one.offset, one.bytes.length]),
    [
      ['client', 36, 3],
      ['server', greeting[1].length, 0],
    ],
  );
  t.false(reader.expects('server', true));
  const above = reader.above?.();
  t.not(above, undefined);
  if (!above) return;
  t.deepEqual(linesOf(hear(above, [login(2, 'mysql_clear_password', 'lily\0', ssl), ok(3)])), [
    '→ login, user alice, database shop, mysql_clear_password',
    '  password_message alice: lily',
    '← OK: logged in',
  ]);
});

test('compressed packets are counted, not opened', async (t) => {
  const compressing = '\x28\x82\x08\x00';
  const messages = hear(await readerOf(mysql), [
    greeting,
    login(1, 'mysql_native_password', 'r'.repeat(20), compressing),
    ok(2),
    ['client', Buffer.from([2, 0, 0, 0, 0, 0, 0, 0x78, 0x9c])],
  ]);
  t.is(linesOf(messages).at(-1), '→ compressed packet');
  checkMessages(t, messages, 'compressed');
});

test('every explained field is one that a conversation shows', async (t) => {
  const ids = new Set([
    ...idsIn(hear(await readerOf(mysql), [...session, ['client', Buffer.from([9])]])),
    ...idsIn(hear(await readerOf(mysql), [greeting, sha2, packet('server', 2, '\x01\x04')])),
  ]);
  t.deepEqual(
    explainedMysqlFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by the greeting or by a login, however they are cut, and not by a request for TLS alone', (t) => {
  for (const [from, start] of [
    ['server', greeting[1].subarray(0, 12)],
    ['client', native[1].subarray(0, 40)],
    ['server', Buffer.from([0x20, 0, 0, 0, 0xff, 0x10, 0x04, 0x54])],
  ] as const) {
    const verdicts = recognition(mysql, from, start);
    t.is(verdicts.at(-1), true);
    t.false(verdicts[1], 'any byte may begin a packet: one alone is not held back');
    t.false(verdicts.slice(2).includes(false));
  }
  const request = packet('client', 1, `\x08\x8a\x08\x00\0\0\0\x01\x2d${'\0'.repeat(23)}`)[1];
  t.false(mysql.looksLike(request, 'client'));
  t.false(mysql.looksLike(Buffer.from('\x0a5.5'), 'server'));
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => checkHostile(t, mysql, session));

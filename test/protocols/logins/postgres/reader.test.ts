/** PostgreSQL, as psql 15 and its server spoke: the login in three ways, queries, copied data, errors. */
import test from 'ava';
import { postgres } from '../../../../src/protocols/logins/postgres/protocol.ts';
import { explainedPostgresFields } from '../../../../src/protocols/logins/postgres/texts.ts';
import {
  checkHostile,
  checkMessages,
  hear,
  hex,
  idsIn,
  linesOf,
  readerOf,
  recognition,
  text,
} from '../../helpers/spoken.ts';

const int32 = (value: number): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes.toString('latin1');
};
const message = (type: string, body: string): string => type + int32(body.length + 4) + body;
const startup = (...words: string[]): string => {
  const body = `${int32(196_608)}${words.map((word) => `${word}\0`).join('')}\0`;
  return int32(body.length + 4) + body;
};

const scram = [
  hex(
    'client',
    '0000003c000300007573657200616c69636500646174616261736500706f737467726573006170706c69636174696f6e5f6e616d65007073716c0000',
  ),
  hex('server', '52000000170000000a534352414d2d5348412d3235360000'),
  hex(
    'client',
    '7000000036534352414d2d5348412d32353600000000206e2c2c6e3d2c723d61616a2f4a376a6465486f4f342f6f78685a625845483155',
  ),
  hex(
    'server',
    '520000005c0000000b723d61616a2f4a376a6465486f4f342f6f78685a62584548315530555a437762734c71704164444b32776f6c6d49374470542c733d2b5130393530796c65666e7a65674d45426b6f5258413d3d2c693d34303936',
  ),
  hex(
    'client',
    '700000006c633d626977732c723d61616a2f4a376a6465486f4f342f6f78685a62584548315530555a437762734c71704164444b32776f6c6d49374470542c703d6c336f51684c6d32623731707a7571726131366c6362783433587372355646786a6c3861326f396172484d3d',
  ),
  hex(
    'server',
    '52000000360000000c763d4d7745564a58593962474a4455675a577a6d6369726d54514757625a366b56414374354e38614b6d732b303d520000000800000000530000001a6170706c69636174696f6e5f6e616d65007073716c0053000000197365727665725f656e636f64696e67005554463800',
  ),
  text('server', message('S', 'is_superuser\0on\0')),
  hex('server', '4b0000000c000078dde4282c425a0000000549'),
  text('client', message('Q', 'select generate_series(1,3)\0')),
  hex(
    'server',
    '5400000028000167656e65726174655f73657269657300000000000000000000170004ffffffff0000440000000b00010000000131440000000b00010000000132440000000a0001ffffffff430000000d53454c4543542033005a0000000549',
  ),
  text('client', message('Q', "alter role bob password 'tiger''lily'\0")),
  text('client', message('P', 's1\0select $1\0\0\0') + message('S', '')),
  text(
    'client',
    message('Q', 'COPY t FROM STDIN\0') + message('d', '1\n') + message('d', '2\n') + message('c', ''),
  ),
  text('server', message('E', 'SERROR\0C42703\0Mcolumn "nothing" does not exist\0\0')),
  text('client', message('X', '')),
] as const;

const expected = [
  '→ StartupMessage, user alice, database postgres',
  '← AuthenticationSASL, SCRAM-SHA-256',
  '→ SASLInitialResponse, SCRAM-SHA-256',
  '← AuthenticationSASLContinue',
  '→ SASLResponse',
  '  scram alice: l3oQhLm2b71pzuqra16lcbx43Xsr5VFxjl8a2o9arHM=',
  '← AuthenticationSASLFinal',
  '← AuthenticationOk',
  '← ParameterStatus × 2, application_name psql',
  '← ParameterStatus, is_superuser on',
  '← BackendKeyData',
  '← ReadyForQuery',
  '→ Query select generate_series(1,3)',
  '← RowDescription',
  '← DataRow × 3',
  '← CommandComplete, SELECT 3',
  '← ReadyForQuery',
  "→ Query alter role bob password '…'",
  "  sql_password bob: tiger'lily",
  '→ Parse select $1',
  '→ Sync',
  '→ Query COPY t FROM STDIN',
  '→ CopyData × 2',
  '→ CopyDone',
  '← ErrorResponse 42703, column "nothing" does not exist',
  '→ Terminate',
];

test('a login by SCRAM and what follows: rows in one piece are one message', async (t) => {
  const messages = hear(await readerOf(postgres), scram);
  t.deepEqual(linesOf(messages), expected);
  checkMessages(t, messages, 'scram');
});

test('byte by byte the same secrets are found', async (t) => {
  const messages = hear(await readerOf(postgres), scram, 1);
  checkMessages(t, messages, 'scram, byte by byte');
  t.deepEqual(
    linesOf(messages).filter((line) => line.startsWith('  ')),
    expected.filter((line) => line.startsWith('  ')),
  );
});

test('a password in clear is readable, an MD5 response is not the password', async (t) => {
  const clear = hear(await readerOf(postgres), [
    text('client', startup('user', 'alice')),
    text('server', message('R', int32(3))),
    text('client', message('p', 'sekr\xc3\xa9t\0')),
    text('server', message('R', int32(0))),
  ]);
  t.deepEqual(linesOf(clear), [
    '→ StartupMessage, user alice',
    '← AuthenticationCleartextPassword',
    '→ PasswordMessage',
    '  password_message alice: sekrét',
    '← AuthenticationOk',
  ]);
  const hash = `md5${'0123456789abcdef'.repeat(2)}`;
  const md5 = hear(await readerOf(postgres), [
    text('client', startup('user', 'bob')),
    text('server', message('R', `${int32(5)}salt`)),
    text('client', message('p', `${hash}\0`)),
    text('server', message('E', 'SFATAL\0C28P01\0Mpassword authentication failed\0\0')),
  ]);
  t.deepEqual(linesOf(md5).slice(2), [
    '→ PasswordMessage',
    `  postgres_md5 bob: ${hash}`,
    '← ErrorResponse 28P01, password authentication failed',
  ]);
});

test('Kerberos gives nothing away, and a cancel request is one message', async (t) => {
  const messages = hear(await readerOf(postgres), [
    text('client', startup('user', 'alice')),
    text('server', message('R', int32(7))),
    text('client', message('p', 'token')),
  ]);
  t.deepEqual(linesOf(messages).slice(-2), ['→ GSSResponse', '  sasl_kerberos alice: 5 B']);
  const cancel = hear(await readerOf(postgres), [
    text('client', int32(16) + int32(80_877_102) + int32(4711) + int32(99)),
  ]);
  t.deepEqual(linesOf(cancel), ['→ CancelRequest']);
  checkMessages(t, cancel, 'cancel');
});

test('every explained field is one that a conversation shows', async (t) => {
  const ids = new Set([
    ...idsIn(hear(await readerOf(postgres), [...scram, text('client', 'nonsense')])),
    ...idsIn(
      hear(await readerOf(postgres), [
        text('client', startup('user', 'bob')),
        text('server', message('R', `${int32(5)}salt`)),
        text('client', message('p', 'md5x\0')),
      ]),
    ),
  ]);
  t.deepEqual(
    explainedPostgresFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by a start-up message or a cancel request, however they are cut', (t) => {
  for (const start of [startup('user', 'alice'), int32(16) + int32(80_877_102) + int32(4711) + int32(99)]) {
    const verdicts = recognition(postgres, 'client', Buffer.from(start, 'latin1'));
    t.is(verdicts.at(-1), true);
    t.false(verdicts.slice(1).includes(false));
  }
  // The request for TLS is another protocol's.
  t.false(postgres.looksLike(Uint8Array.of(0, 0, 0, 8, 4, 210, 22, 47), 'client'));
  t.false(postgres.looksLike(Buffer.from(startup('user', 'alice'), 'latin1'), 'server'));
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => checkHostile(t, postgres, scram));

test('a copy of gigabytes is counted, of which the beginning is kept', async (t) => {
  const reader = await readerOf(postgres);
  reader.feed({ from: 'client', offset: 0, bytes: Buffer.from(startup('user', 'a'), 'latin1'), tag: 0 });
  const head = Buffer.from(`d${int32(1_000_000_000)}`, 'latin1');
  const body = Buffer.alloc(1_000_000);
  let at = startup('user', 'a').length;
  for (const bytes of [head, ...Array.from({ length: 20 }, () => body)]) {
    t.deepEqual(reader.feed({ from: 'client', offset: at, bytes, tag: 1 }), []);
    at += bytes.length;
  }
  const [rest] = reader.cut?.('client') ?? [];
  t.is(rest?.length, 20_000_005);
  t.true((rest?.bytes.length ?? 0) <= 64 * 1024);
});

/** Redis: commands and replies by title, and the passwords in them. */
import test from 'ava';
import { redis } from '../../../../src/protocols/logins/redis/protocol.ts';
import { explainedRedisFields } from '../../../../src/protocols/logins/redis/texts.ts';
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

const bulk = (word: string): string => `$${word.length}\r\n${word}\r\n`;
const command = (...words: string[]): string => `*${words.length}\r\n${words.map(bulk).join('')}`;

const said = [
  text('client', command('AUTH', 'tiger-lily')),
  text('server', '+OK\r\n'),
  text('client', command('auth', 'alice', 'p w') + command('HELLO', '3', 'AUTH', 'bob', 'rosebud')),
  text('server', '-WRONGPASS invalid username-password pair\r\n'),
  text('server', '%1\r\n$6\r\nserver\r\n$5\r\nredis\r\n'),
  text('client', command('SET', 'session:1', 'secret value')),
  text('server', '+OK\r\n'),
  text('client', command('CONFIG', 'SET', 'requirepass', 'new-one')),
  text('client', command('ACL', 'SETUSER', 'carol', 'on', '>orchid', '~*')),
  text('client', command('MIGRATE', 'h', '1', 'k', '0', '9', 'AUTH2', 'u', 'pw')),
  text('server', ':1\r\n_\r\n#t\r\n,1.5\r\n$-1\r\n*2\r\n:1\r\n$3\r\nabc\r\n!5\r\nERR x\r\n'),
  text('server', '|1\r\n+ttl\r\n:5\r\n*0\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n'),
  text('client', 'PING now\r\nAUTH inline-word\r\n'),
] as const;

const expected = [
  '→ AUTH',
  '  auth_command default: tiger-lily',
  '← OK',
  '→ AUTH alice',
  '  auth_command alice: p w',
  '→ HELLO 3',
  '  auth_command bob: rosebud',
  '← WRONGPASS invalid username-password pair',
  '← map of 1',
  '→ SET session:1',
  '← OK',
  '→ CONFIG SET',
  '  redis_config requirepass: new-one',
  '→ ACL SETUSER',
  '  redis_config carol: orchid',
  '→ MIGRATE',
  '  auth_command u: pw',
  '← 1',
  '← no value',
  '← t',
  '← 1.5',
  '← no value',
  '← array of 2',
  '← error',
  '← attributes, 1',
  '← push of 2',
  '→ PING now',
  '→ AUTH',
  '  auth_command default: inline-word',
];

for (const size of [Infinity, 1, 7])
  test(`commands and replies are messages, and passwords are found, in pieces of ${size}`, async (t) => {
    const messages = hear(await readerOf(redis), said, size);
    t.deepEqual(linesOf(messages), expected);
    checkMessages(t, messages, 'redis');
  });

test('every explained field is one that a conversation shows', async (t) => {
  const ids = idsIn(hear(await readerOf(redis), [...said, text('client', '*1\r\nx')]));
  t.deepEqual(
    explainedRedisFields.filter((id) => !ids.has(id)),
    [],
  );
});

test('it is recognised by an array of strings, however it is cut, and by nothing else', (t) => {
  const verdicts = recognition(redis, 'client', Buffer.from(command('PING')));
  t.is(verdicts.at(-1), true);
  t.false(verdicts.slice(1).includes(false));
  for (const other of ['*x', '*1\r\n:1\r\n', '* OK ready', '+OK\r\n', 'GET / HTTP/1.1'])
    t.false(redis.looksLike(Buffer.from(other), 'client'), other);
  t.false(redis.looksLike(Buffer.from('*1\r\n$4\r\nPING'), 'server'));
});

test('hostile bytes: nothing is thrown, nothing is lost', async (t) => checkHostile(t, redis, said));

test('announced lengths and depths are only counted: memory does not follow them', async (t) => {
  const reader = await readerOf(redis);
  const huge = [text('client', `*1000000000\r\n$2000000000\r\n${'x'.repeat(100_000)}`)];
  const [message] = hear(reader, huge);
  t.true(message?.isCut);
  t.is(message?.length, 100_000 + '*1000000000\r\n$2000000000\r\n'.length);
  t.true((message?.bytes.length ?? 0) <= 64 * 1024);
  const deep = hear(await readerOf(redis), [text('server', '*1\r\n'.repeat(1000))]);
  t.is(
    deep.reduce((sum, { length }) => sum + length, 0),
    4000,
  );
});

/** The line-based protocols of mail and files: what is a message, what in it is a secret, and where TLS takes over. */
import test from 'ava';
import * as fc from 'fast-check';
import type { Side } from '../../../src/capture/event.ts';
import { CommandConversation, fieldOfCommand } from '../../../src/protocols/commands/conversation.ts';
import type { CommandMessage } from '../../../src/protocols/commands/conversation.ts';
import { coverageFaults, tilingFaults } from '../helpers/tree.ts';

type Said = readonly [from: Side, text: string];
const C = (text: string): Said => ['client', text];
const S = (text: string): Said => ['server', text];
const base64 = (text: string): string => Buffer.from(text).toString('base64');

interface Dialogue {
  readonly protocol: CommandMessage['protocol'];
  readonly said: readonly Said[];
  /** `kind title`, the client's with `>`. */
  readonly told: readonly string[];
  /** `kind name=value`. */
  readonly secrets: readonly string[];
}

const dialogues: Readonly<Record<string, Dialogue>> = {
  'SMTP with AUTH PLAIN and a mail': {
    protocol: 'smtp',
    said: [
      S('220 mail.localhost ESMTP ready\r\n'),
      C('EHLO me\r\n'),
      S('250-mail.localhost\r\n250-AUTH PLAIN LOGIN\r\n250 STARTTLS\r\n'),
      C(`AUTH PLAIN ${base64('\0alice\0tiger-lily')}\r\n`),
      S('235 2.7.0 welcome\r\n'),
      C('MAIL FROM:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n'),
      S('250 ok\r\n250 ok\r\n354 go on\r\n'),
      C('Subject: hi\r\n\r\n.. dots\r\nEHLO is no command here\r\n.\r\n'),
      S('250 kept\r\n'),
      C('QUIT\r\n'),
      S('221 bye\r\n'),
    ],
    told: [
      '< reply 220 mail.localhost ESMTP ready',
      '> command EHLO me',
      '< reply 250-mail.localhost',
      '> command AUTH PLAIN',
      '< reply 235 2.7.0 welcome',
      '> command MAIL FROM:<a@x>',
      '> command RCPT TO:<b@x>',
      '> command DATA',
      '< reply 250 ok',
      '< reply 250 ok',
      '< reply 354 go on',
      '> content message',
      '< reply 250 kept',
      '> command QUIT',
      '< reply 221 bye',
    ],
    secrets: ['sasl_plain alice=tiger-lily'],
  },
  'SMTP with AUTH LOGIN in three lines': {
    protocol: 'smtp',
    said: [
      S('220 x ESMTP\r\n'),
      C('EHLO me\r\n'),
      S('250 AUTH LOGIN\r\n'),
      C('AUTH LOGIN\r\n'),
      S(`334 ${base64('Username:')}\r\n`),
      C(`${base64('alice')}\r\n`),
      S(`334 ${base64('Password:')}\r\n`),
      C(`${base64('tiger-lily')}\r\n`),
      S('535 no\r\n'),
      C('RSET\r\n'),
    ],
    told: [
      '< reply 220 x ESMTP',
      '> command EHLO me',
      '< reply 250 AUTH LOGIN',
      '> command AUTH LOGIN',
      `< reply 334 ${base64('Username:')}`,
      '> command (LOGIN)',
      `< reply 334 ${base64('Password:')}`,
      '> command (LOGIN)',
      '< reply 535 no',
      '> command RSET',
    ],
    secrets: ['sasl_login alice=tiger-lily'],
  },
  'SMTP with chunks of BDAT, which may hold anything': {
    protocol: 'smtp',
    said: [
      S('220 x ESMTP\r\n'),
      C('EHLO me\r\n'),
      S('250 CHUNKING\r\n'),
      C('BDAT 6 LAST\r\n\x16\x03\x01\r\n.'),
      C('QUIT\r\n'),
    ],
    told: [
      '< reply 220 x ESMTP',
      '> command EHLO me',
      '< reply 250 CHUNKING',
      '> command BDAT 6 LAST',
      '> command QUIT',
    ],
    secrets: [],
  },
  'a mechanism that proves a password without sending it': {
    protocol: 'smtp',
    said: [
      S('220 x ESMTP\r\n'),
      C('EHLO me\r\n'),
      S('250 AUTH CRAM-MD5\r\n'),
      C('AUTH CRAM-MD5\r\n'),
      S(`334 ${base64('<1@x>')}\r\n`),
      C(`${base64('alice 9876543210')}\r\n`),
      S('235 ok\r\n'),
    ],
    told: [
      '< reply 220 x ESMTP',
      '> command EHLO me',
      '< reply 250 AUTH CRAM-MD5',
      '> command AUTH CRAM-MD5',
      `< reply 334 ${base64('<1@x>')}`,
      '> command (CRAM-MD5)',
      '< reply 235 ok',
    ],
    secrets: [],
  },
  'a bearer token': {
    protocol: 'smtp',
    said: [
      S('220 x ESMTP\r\n'),
      C('EHLO me\r\n'),
      S('250 AUTH XOAUTH2\r\n'),
      C(`AUTH XOAUTH2 ${base64('user=alice\u0001auth=Bearer t0k3n\u0001\u0001')}\r\n`),
      S('235 ok\r\n'),
    ],
    told: [
      '< reply 220 x ESMTP',
      '> command EHLO me',
      '< reply 250 AUTH XOAUTH2',
      '> command AUTH XOAUTH2',
      '< reply 235 ok',
    ],
    secrets: ['bearer alice=t0k3n'],
  },
  'POP3 with lists and a mail': {
    protocol: 'pop3',
    said: [
      S('+OK ready\r\n'),
      C('CAPA\r\n'),
      S('+OK\r\nSTLS\r\nUSER\r\n.\r\n'),
      C('USER alice\r\n'),
      S('+OK\r\n'),
      C('PASS tiger lily\r\n'),
      S('+OK in\r\n'),
      C('LIST\r\nRETR 1\r\nLIST 1\r\n'),
      S('+OK 1\r\n1 20\r\n.\r\n+OK 20\r\n+OK is no status here\r\n..\r\n.\r\n+OK 1 20\r\n'),
      C('RETR 9\r\n'),
      S('-ERR none\r\n'),
    ],
    told: [
      '< reply +OK ready',
      '> command CAPA',
      '< reply +OK',
      '> command USER alice',
      '< reply +OK',
      '> command PASS',
      '< reply +OK in',
      '> command LIST',
      '> command RETR 1',
      '> command LIST 1',
      '< reply +OK 1',
      '< reply +OK 20',
      '< reply +OK 1 20',
      '> command RETR 9',
      '< reply -ERR none',
    ],
    secrets: ['pass_command alice=tiger lily'],
  },
  'IMAP with a quoted password': {
    protocol: 'imap',
    said: [
      S('* OK [CAPABILITY IMAP4rev1] ready\r\n'),
      C('a1 LOGIN alice "tiger \\"lily\\""\r\n'),
      S('* CAPABILITY IMAP4rev1\r\na1 OK in\r\n'),
    ],
    told: [
      '< reply * OK [CAPABILITY IMAP4rev1] ready',
      '> command LOGIN alice',
      '< reply * CAPABILITY IMAP4rev1',
      '< reply a1 OK in',
    ],
    secrets: ['login_command alice=tiger "lily"'],
  },
  'IMAP with literals, in which lines mean nothing': {
    protocol: 'imap',
    said: [
      S('* OK ready\r\n'),
      C('a1 LOGIN {5}\r\n'),
      S('+ go on\r\n'),
      C('alice {10+}\r\ntiger\r\nlil\r\n'),
      S('a1 OK in\r\n* 1 FETCH (BODY[] {4}\r\n\r\n) FLAGS)\r\n'),
      C('a2 NOOP\r\n'),
    ],
    told: [
      '< reply * OK ready',
      '< reply + go on',
      '> command LOGIN alice',
      '< reply a1 OK in',
      '< reply * 1 FETCH (BODY[] {4}',
      '> command NOOP',
    ],
    secrets: ['login_command alice=tiger\r\nlil'],
  },
  'IMAP with AUTHENTICATE PLAIN': {
    protocol: 'imap',
    said: [
      S('* OK ready\r\n'),
      C('a1 AUTHENTICATE PLAIN\r\n'),
      S('+ \r\n'),
      C(`${base64('\0alice\0비밀')}\r\n`),
      S('a1 OK\r\n'),
      C('a2 SELECT INBOX\r\n'),
    ],
    told: [
      '< reply * OK ready',
      '> command AUTHENTICATE PLAIN',
      '< reply +',
      '> command (PLAIN)',
      '< reply a1 OK',
      '> command SELECT INBOX',
    ],
    secrets: ['sasl_plain alice=비밀'],
  },
  FTP: {
    protocol: 'ftp',
    said: [
      S('220-welcome\r\n 220 not yet\r\n220 ready\r\n'),
      C('USER alice\r\n'),
      S('331 password\r\n'),
      C('PASS tiger-lily\r\n'),
      S('230 in\r\n'),
      C('PASV\r\n'),
      S('227 (127,0,0,1,4,1)\r\n'),
    ],
    told: [
      '< reply 220-welcome',
      '> command USER alice',
      '< reply 331 password',
      '> command PASS',
      '< reply 230 in',
      '> command PASV',
      '< reply 227 (127,0,0,1,4,1)',
    ],
    secrets: ['pass_command alice=tiger-lily'],
  },
};

function read(
  said: readonly Said[],
  size = Infinity,
  conversation = new CommandConversation(),
): CommandMessage[] {
  const offsets = { client: 0, server: 0 };
  const messages = said.flatMap(([from, text], tag) => {
    const bytes = Buffer.from(text, 'latin1');
    const got: CommandMessage[] = [];
    for (let at = 0; at < bytes.length; at += size)
      got.push(
        ...conversation.feed({ from, offset: offsets[from] + at, bytes: bytes.subarray(at, at + size), tag }),
      );
    offsets[from] += bytes.length;
    return got;
  });
  return [...messages, ...conversation.cut('client'), ...conversation.cut('server')];
}

const lengthOf = (said: readonly Said[], from: Side): number =>
  said.reduce((sum, [side, text]) => sum + (side === from ? text.length : 0), 0);
const line = ({ from, kind, title }: CommandMessage): string =>
  `${from === 'client' ? '>' : '<'} ${kind} ${title}`.trim();
const plain = (message: CommandMessage) => ({
  ...message,
  bytes: Buffer.from(message.bytes).toString('latin1'),
});
/** Where a message is cut into pieces it says so by its tags alone. */
const untagged = ({ firstTag: _first, lastTag: _last, ...rest }: ReturnType<typeof plain>) => rest;

for (const [name, { protocol, said, told, secrets }] of Object.entries(dialogues)) {
  test(`${name}: every message, its protocol and its secrets`, (t) => {
    const messages = read(said);
    t.deepEqual(messages.map(line), told);
    t.deepEqual(
      messages.flatMap(({ credentials }) =>
        credentials.map(({ kind, name: user, value }) => `${kind} ${user}=${value}`),
      ),
      secrets,
    );
    const conversation = new CommandConversation();
    read(said, Infinity, conversation);
    t.is(conversation.protocol, protocol);
    t.true(messages.every(({ complete }) => complete));
    for (const message of messages) {
      for (const { offset, length } of message.credentials) {
        t.true(offset >= message.offset && offset + length <= message.offset + message.length);
        t.false(message.title.includes('tiger'), 'no title tells a secret');
      }
    }
  });

  test(`${name}: the messages tile both streams, their leaves name every byte, a secret is a leaf`, (t) => {
    const messages = read(said);
    for (const from of ['client', 'server'] as const)
      t.deepEqual(
        tilingFaults(
          messages.filter((message) => message.from === from),
          lengthOf(said, from),
        ),
        [],
      );
    for (const message of messages) {
      const tree = fieldOfCommand(message);
      t.deepEqual(coverageFaults(tree), [], message.title);
      const leaves = tree.children
        .filter(({ id }) => id === 'commands.command.secret')
        .map(({ range }) => range);
      t.deepEqual(
        leaves,
        message.credentials.map(({ offset, length }) => [offset, offset + length] as const),
      );
    }
  });

  test(`${name}: byte by byte and in odd pieces gives the same messages`, (t) => {
    const whole = read(said).map(plain);
    for (const size of [1, 2, 3, 7, 50]) t.deepEqual(read(said, size).map(plain), whole, `pieces of ${size}`);
  });

  test(`${name}: every strict prefix of a direction begins as the whole does, and never throws`, (t) => {
    for (const side of ['client', 'server'] as const) {
      const whole = read(said)
        .filter(({ from }) => from === side)
        .map(plain);
      for (let length = 0; length < lengthOf(said, side); length++) {
        let left = length;
        const cut = said.map(([from, text]): Said => {
          if (from !== side) return [from, text];
          const taken = text.slice(0, left);
          left -= taken.length;
          return [from, taken];
        });
        const messages = read(cut).filter(({ from }) => from === side);
        t.deepEqual(tilingFaults(messages, length), []);
        const complete = messages.filter((message) => message.complete).map(plain);
        t.deepEqual(complete.map(untagged), whole.slice(0, complete.length).map(untagged));
      }
    }
  });
}

const hello = '\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00';
for (const size of [Infinity, 1, 3]) {
  test(`a line that begins as a record of TLS is handed over, in pieces of ${size}`, (t) => {
    const conversation = new CommandConversation();
    const before = [
      S('220 x ESMTP\r\n'),
      C('EHLO me\r\n'),
      S('250 STARTTLS\r\n'),
      C('STARTTLS\r\n'),
      S('220 go\r\n'),
    ];
    const messages = read(
      [...before, C(`${hello}more`), S('\x15\x03\x03\x00\x02\x02\x28')],
      size,
      conversation,
    );
    t.deepEqual(messages.map(line), [
      '< reply 220 x ESMTP',
      '> command EHLO me',
      '< reply 250 STARTTLS',
      '> command STARTTLS',
      '< reply 220 go',
    ]);
    const handovers = conversation.takeHandovers();
    t.deepEqual(
      handovers.map(({ from, offset }) => [from, offset]),
      [
        ['client', lengthOf(before, 'client')],
        ['server', lengthOf(before, 'server')],
      ],
    );
    for (const { bytes, from } of handovers)
      t.true(
        (from === 'client' ? `${hello}more` : '\x15\x03\x03\x00\x02\x02\x28').startsWith(
          Buffer.from(bytes).toString('latin1'),
        ),
      );
    t.true(handovers.every(({ bytes }) => bytes.length >= 5));
  });
}

test('TLS right behind STARTTLS in one piece is found: nobody need wait for the answer', (t) => {
  const conversation = new CommandConversation('smtp');
  const messages = conversation.feed({
    from: 'client',
    offset: 10,
    bytes: Buffer.from(`STARTTLS\r\n${hello}`, 'latin1'),
    tag: 1,
  });
  t.deepEqual(
    messages.map(({ title, offset, length }) => [title, offset, length]),
    [['STARTTLS', 10, 10]],
  );
  t.like(conversation.takeHandovers()[0], { from: 'client', offset: 20 });
});

test('a gap cuts the message under way off', (t) => {
  const conversation = new CommandConversation();
  const first = conversation.feed({
    from: 'client',
    offset: 0,
    bytes: Buffer.from('EHLO me\r\nMAIL FR'),
    tag: 1,
  });
  const later = conversation.feed({ from: 'client', offset: 100, bytes: Buffer.from('QUIT\r\n'), tag: 2 });
  t.deepEqual(
    [...first, ...later].map(({ title, offset, length, complete }) => [title, offset, length, complete]),
    [
      ['EHLO me', 0, 9, true],
      ['MAIL FR', 9, 7, false],
      ['QUIT', 100, 6, true],
    ],
  );
});

test('a line without an end is not held: its bytes are counted', (t) => {
  const conversation = new CommandConversation();
  const messages = [...conversation.feed({ from: 'client', offset: 0, bytes: Buffer.from('EHLO '), tag: 0 })];
  for (let at = 5; at < 1_000_000; at += 5000)
    messages.push(
      ...conversation.feed({ from: 'client', offset: at, bytes: Buffer.alloc(5000, 'x'), tag: at }),
    );
  messages.push(...conversation.cut('client'));
  t.deepEqual(tilingFaults(messages, 1_000_005 - 5 + 5), []);
  t.true(messages.every(({ bytes }) => bytes.length <= 65_536));
});

test('random bytes and altered dialogues never throw, whole or in pieces, and tile their stream', (t) => {
  const all = Object.values(dialogues);
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.nat(400),
      fc.nat(255),
      fc.integer({ min: 1, max: 60 }),
      ({ said }, at, byte, size) => {
        const index = at % said.length;
        const altered = said.map(
          ([from, text], place): Said =>
            place === index
              ? [
                  from,
                  text.slice(0, at % text.length) +
                    String.fromCharCode(byte) +
                    text.slice((at % text.length) + 1),
                ]
              : [from, text],
        );
        const conversation = new CommandConversation();
        const messages = read(altered, size, conversation);
        const handovers = conversation.takeHandovers();
        for (const from of ['client', 'server'] as const) {
          const end = handovers.find((handover) => handover.from === from)?.offset ?? lengthOf(altered, from);
          t.deepEqual(
            tilingFaults(
              messages.filter((message) => message.from === from),
              end,
            ),
            [],
          );
        }
        for (const message of messages) t.deepEqual(coverageFaults(fieldOfCommand(message)), []);
      },
    ),
    { numRuns: 400 },
  );
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom<Side>('client', 'server'),
          fc.string({
            unit: fc.constantFrom(
              '220 ',
              '250-',
              '+OK',
              '* ',
              'a1 LOGIN ',
              'AUTH PLAIN ',
              'PASS ',
              'DATA',
              '354',
              '{3}',
              '\r\n',
              '\n',
              '.',
              '"',
              '\\',
              ' ',
              'x',
              '\u0016\u0003',
              '\u00ff',
            ),
            maxLength: 12,
          }),
        ),
        { maxLength: 8 },
      ),
      (said) => {
        const messages = read(said, 5);
        for (const message of messages) t.deepEqual(coverageFaults(fieldOfCommand(message)), []);
      },
    ),
    { numRuns: 500 },
  );
});

test('no title holds an argument that may be a secret, whichever protocol the line is taken for', (t) => {
  const secret = 'tiger-lily';
  const lines = [
    `AUTH ${secret}`,
    `AUTH alice ${secret}`,
    `AUTH PLAIN ${base64(`\0alice\0${secret}`)}`,
    `AUTH PLAIN ${secret}`,
    `AUTHENTICATE PLAIN ${secret}`,
    `PASS ${secret}`,
    `ACCT ${secret}`,
    `SITE PSWD old ${secret}`,
    `USER alice ${secret}`,
    `APOP alice ${secret}`,
    `LOGIN alice ${secret}`,
    `LOGIN ${secret}`,
    `XAUTH alice ${secret}`,
    `AUTHINFO PASS ${secret}`,
    `SET key ${secret}`,
    `a1 LOGIN alice ${secret}`,
    `a1 AUTHENTICATE PLAIN ${base64(`\0alice\0${secret}`)}`,
    secret,
    base64(secret),
  ];
  const greetings = [undefined, '220 x ESMTP\r\n', '220 ftp\r\n', '+OK pop\r\n', '* OK imap\r\n'];
  for (const greeting of greetings)
    for (const said of lines) {
      const messages = read(greeting === undefined ? [C(`${said}\r\n`)] : [S(greeting), C(`${said}\r\n`)]);
      for (const { title } of messages)
        t.false(
          [secret, base64(secret), base64(`\0alice\0${secret}`)].some((one) => title.includes(one)),
          title,
        );
    }
});

test('AUTH with an argument that is no mechanism gives a password', (t) => {
  const found = (line: string) =>
    read([C(`${line}\r\n`)]).flatMap(({ credentials }) =>
      credentials.map(({ kind, name, value, offset, length }) =>
        [kind, name, value, offset, length].join(' '),
      ),
    );
  t.deepEqual(found('AUTH tiger-lily'), ['auth_command AUTH tiger-lily 5 10']);
  t.deepEqual(found('AUTH alice tiger-lily'), ['auth_command alice tiger-lily 11 10']);
  t.deepEqual(found(`AUTH PLAIN ${base64('\0alice\0tiger-lily')}`), ['sasl_plain alice tiger-lily 11 24']);
  t.deepEqual(found('AUTH TLS'), []);
  t.deepEqual(found('AUTH SCRAM-SHA-256'), []);
});

test('the answer to AUTH LOGIN is no title where the reply before it is missing', (t) => {
  const messages = read([C(`AUTH LOGIN\r\n${base64('alice')}\r\n${base64('tigerlily')}\r\n`)]);
  t.deepEqual(
    messages.map(({ title }) => title),
    ['AUTH LOGIN', '(LOGIN)', '(LOGIN)'],
  );
  t.deepEqual(
    messages.flatMap(({ credentials }) => credentials.map(({ value }) => value)),
    ['tigerlily'],
  );
});

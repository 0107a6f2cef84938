/**
 * TLS that begins in the middle of a connection, spoken by real programs through a plaintext proxy: what was said before it
 * is readable, the handshake is found, and the client's keys open what follows.
 */
import type { ExecutionContext } from 'ava';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext, TLSSocket } from 'node:tls';
import { conversation, loadReadings, readToEnd } from '../../src/analysis/conversation/conversation.ts';
import type { Message } from '../../src/analysis/conversation/message.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { Connection } from '../../src/capture/connection.ts';
import { newLog, world } from '../features/support/shop.ts';
import { present } from '../helpers/capture.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { openProxy } from './support/proxies.ts';

await loadReadings();

/** What a server says: at once, and to a line or packet; `tls` where it goes on under TLS after saying so. */
interface Script {
  readonly greeting?: string;
  readonly answer: (said: string) => string | undefined;
  readonly turns: (said: string) => string | undefined;
}

const byLine =
  (answers: readonly (readonly [RegExp, string])[]) =>
  (said: string): string | undefined => {
    for (const [pattern, answer] of answers) {
      const match = pattern.exec(said);
      if (match) return answer.replace('$1', match[1] ?? '');
    }
    return undefined;
  };

const mysqlGreeting = Buffer.concat([
  Buffer.from([0, 0, 0, 0, 10]),
  Buffer.from('8.0.0\0'),
  Buffer.from([1, 0, 0, 0]),
  Buffer.alloc(8, 'x'),
  Buffer.from([0, 0xff, 0xff, 33, 2, 0, 0xff, 0xff, 21]),
  Buffer.alloc(10),
  Buffer.alloc(12, 'y'),
  Buffer.from('\0mysql_native_password\0'),
]);
mysqlGreeting[0] = mysqlGreeting.length - 4;

const scripts = {
  smtp: {
    greeting: '220 mail.localhost ESMTP\r\n',
    answer: byLine([
      [/^EHLO/, '250-mail.localhost\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n'],
      [/^AUTH PLAIN\r/, '334 \r\n'],
      [/^[A-Za-z0-9+/=]{8,}\r\n$/, '235 in\r\n'],
      [/^(MAIL|RCPT)/, '250 ok\r\n'],
      [/^DATA/, '354 go on\r\n'],
      [/\r\n\.\r\n$/, '250 kept\r\n'],
      [/^QUIT/, '221 bye\r\n'],
    ]),
    turns: byLine([[/^STARTTLS/, '220 go ahead\r\n']]),
  },
  pop3: {
    greeting: '+OK ready\r\n',
    answer: byLine([
      [/^CAPA/, '+OK\r\nSTLS\r\nUSER\r\n.\r\n'],
      [/^(USER|PASS)/, '+OK\r\n'],
      [/^LIST/, '+OK\r\n1 20\r\n.\r\n'],
      [/^QUIT/, '+OK bye\r\n'],
    ]),
    turns: byLine([[/^STLS/, '+OK begin\r\n']]),
  },
  imap: {
    greeting: '* OK [CAPABILITY IMAP4rev1 STARTTLS] ready\r\n',
    answer: byLine([
      [/^(\S+) CAPABILITY/, '* CAPABILITY IMAP4rev1 STARTTLS\r\n$1 OK\r\n'],
      [/^(\S+) LOGIN/, '$1 OK in\r\n'],
      [/^(\S+) LIST/, '* LIST () "/" INBOX\r\n$1 OK\r\n'],
      [/^(\S+) LOGOUT/, '* BYE\r\n$1 OK\r\n'],
    ]),
    turns: byLine([[/^(\S+) STARTTLS/, '$1 OK begin\r\n']]),
  },
  ftp: {
    greeting: '220 files ready\r\n',
    answer: byLine([
      [/^USER/, '331 password\r\n'],
      [/^PASS/, '230 in\r\n'],
      [/^PBSZ|^PROT/, '200 ok\r\n'],
      [/^QUIT/, '221 bye\r\n'],
      [/^[A-Z]/, '502 no\r\n'],
    ]),
    turns: byLine([[/^AUTH/, '234 go ahead\r\n']]),
  },
  nntp: {
    greeting: '200 news ready\r\n',
    answer: byLine([
      [/^CAPABILITIES/, '101\r\nSTARTTLS\r\n.\r\n'],
      [/^QUIT/, '205 bye\r\n'],
    ]),
    turns: byLine([[/^STARTTLS/, '382 go\r\n']]),
  },
  postgres: { answer: () => undefined, turns: (said) => (said.length === 8 ? 'S' : undefined) },
  mysql: { greeting: mysqlGreeting.toString('latin1'), answer: () => undefined, turns: () => '' },
  ldap: { answer: () => undefined, turns: () => '\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00' },
  xmpp: {
    answer: byLine([
      [
        /<stream:stream/,
        "<stream:stream xmlns:stream='http://etherx.jabber.org/streams' version='1.0'><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
      ],
    ]),
    turns: byLine([[/<starttls/, "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"]]),
  },
} as const satisfies Readonly<Record<string, Script>>;

interface Server {
  readonly port: number;
  readonly keys: string[];
}

/** A server that follows a script, in the clear and above TLS. */
async function serve(t: ExecutionContext, script: Script): Promise<Server> {
  const { certificate, key } = world().identity('shop');
  const secureContext = createSecureContext({ cert: certificate, key });
  const keys: string[] = [];
  const sockets = new Set<Socket>();
  const talk = (socket: Socket): void => {
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      const said = bytes.toString('latin1');
      const go = socket instanceof TLSSocket ? undefined : script.turns(said);
      if (go === undefined) {
        const answer = script.answer(said);
        if (answer !== undefined) socket.write(answer, 'latin1');
        if (/QUIT|LOGOUT/.test(said)) socket.end();
        return;
      }
      socket.removeAllListeners('data');
      socket.pause();
      // A client that waits for no answer may have begun with TLS already.
      const hello = bytes.indexOf('\x16\x03\x01', 0, 'latin1');
      if (hello >= 0) socket.unshift(bytes.subarray(hello));
      socket.write(go, 'latin1');
      const secure = new TLSSocket(socket, { isServer: true, secureContext });
      secure.on('keylog', (line: Buffer) => keys.push(line.toString().trim()));
      talk(secure);
    });
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    if ('greeting' in script && script.greeting !== undefined) socket.write(script.greeting, 'latin1');
    talk(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, keys };
}

function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-starttls-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'ca.crt'), world().authority('server-ca'));
  writeFileSync(join(folder, 'mail'), 'Subject: hi\r\n\r\nHello\r\n');
  return folder;
}

/** Runs a program against a server of that protocol; answers with the first connection of the wire, and the server's keys. */
async function wiretap(
  t: ExecutionContext,
  protocol: keyof typeof scripts,
  run: (port: number, folder: string) => Promise<unknown>,
): Promise<{ readonly connection: Connection; readonly keys: readonly string[] }> {
  const folder = folderOf(t);
  const server = await serve(t, scripts[protocol]);
  const log = newLog();
  const flows = new Flows(log);
  log.subscribe(flows.fold);
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: { host: '127.0.0.1', port: server.port },
    more: { pump: 'bytes' },
  });
  await run(proxy.address.port, folder);
  return { connection: present(flows.onWire('A')[0]), keys: server.keys };
}

const told = (messages: readonly Message[]): string[] =>
  messages
    .filter(({ from }) => from !== null)
    .map(({ from, protocol, title }) => `${from === 'client' ? '>' : '<'} ${protocol} ${title.en}`);
const shakesHands = ['> tls ClientHello', '< tls ServerHello'];

/** The messages of a direction tile its stream: nothing is lost where one protocol ends and another begins. */
function tiles(t: ExecutionContext, messages: readonly Message[], connection: Connection): void {
  for (const from of ['client', 'server'] as const) {
    const wire = messages.filter((message) => message.vantage === 'wire' && message.from === from);
    let at = 0;
    for (const message of wire) {
      t.is(message.offset, at, message.title.en);
      at += message.length;
    }
    t.is(at, connection.stream('wire', from).length);
  }
}

const before: Readonly<Record<keyof typeof scripts, readonly string[]>> = {
  smtp: [
    '< smtp 220 mail.localhost ESMTP',
    '> smtp EHLO mail.example.com',
    '< smtp 250-mail.localhost',
    '> smtp STARTTLS',
    '< smtp 220 go ahead',
  ],
  pop3: ['< pop3 +OK ready', '> pop3 STLS', '< pop3 +OK begin'],
  imap: [
    '< imap * OK [CAPABILITY IMAP4rev1 STARTTLS] ready',
    '> imap CAPABILITY',
    '< imap * CAPABILITY IMAP4rev1 STARTTLS',
    '< imap . OK',
    '> imap STARTTLS',
    '< imap . OK begin',
  ],
  ftp: ['< ftp 220 files ready', '> ftp AUTH TLS', '< ftp 234 go ahead'],
  nntp: ['< data data', '> data data', '< data data', '> data data', '< data data'],
  postgres: ['> postgres SSLRequest', '< postgres S: TLS may begin'],
  mysql: ['< mysql greeting', '> mysql SSLRequest: TLS begins'],
  ldap: ['> ldap ExtendedRequest, StartTLS', '< ldap ExtendedResponse'],
  xmpp: ['> data data', '< data data', '> data data', '< data data'],
};

for (const protocol of Object.keys(scripts) as (keyof typeof scripts)[]) {
  for (const version of ['-tls1_2', '-tls1_3']) {
    withPeer(
      'openssl',
      `openssl s_client -starttls ${protocol} ${version}: what was said before TLS, and the handshake`,
      async (t) => {
        const { connection, keys } = await wiretap(t, protocol, async (port, folder) =>
          runProgram(
            'openssl',
            [
              's_client',
              '-starttls',
              protocol,
              version,
              '-CAfile',
              join(folder, 'ca.crt'),
              '-connect',
              `127.0.0.1:${port}`,
              '-verify_return_error',
            ],
            { input: 'Q' },
          ),
        );
        const messages = conversation(connection);
        const lines = told(messages);
        t.deepEqual(lines.slice(0, before[protocol].length + 2), [...before[protocol], ...shakesHands]);
        tiles(t, messages, connection);
        t.true(connection.carriesTls);
        const { tls } = readToEnd(connection, { keys });
        t.is(tls?.negotiated.version, version === '-tls1_2' ? 'TLSv1.2' : 'TLSv1.3');
        t.true(
          tls?.messages.every(({ content }) => content.type !== 'malformed' && content.type !== 'sealed'),
          'the keys open every record',
        );
        t.true(tls?.messages.some(({ content }) => content.type === 'finished'));
      },
    );
  }
}

const logins = {
  smtp: {
    words: (port: number, folder: string) => [
      `smtp://127.0.0.1:${port}/me`,
      '--mail-from',
      'a@localhost',
      '--mail-rcpt',
      'b@localhost',
      '--upload-file',
      join(folder, 'mail'),
    ],
    seen: /^> smtp \(PLAIN\)$/,
    secret: 'sasl_plain',
  },
  pop3: {
    words: (port: number) => [`pop3://127.0.0.1:${port}/`],
    seen: /^> pop3 PASS$/,
    secret: 'pass_command',
  },
  imap: {
    words: (port: number) => [`imap://127.0.0.1:${port}/`],
    seen: /^> imap LOGIN alice$/,
    secret: 'login_command',
  },
  ftp: {
    words: (port: number) => [`ftp://127.0.0.1:${port}/`],
    seen: /^> ftp PASS$/,
    secret: 'pass_command',
  },
} as const;

for (const [protocol, { words, seen, secret }] of Object.entries(logins) as [
  keyof typeof logins,
  (typeof logins)[keyof typeof logins],
][]) {
  const run =
    (security: readonly string[]) =>
    async (port: number, folder: string): Promise<unknown> =>
      runProgram(
        'curl',
        [
          '-sS',
          '-m',
          '20',
          '--user',
          'alice:tiger-lily',
          '--login-options',
          'AUTH=*',
          '--cacert',
          join(folder, 'ca.crt'),
          '--resolve',
          `shop.localhost:${port}:127.0.0.1`,
          ...security,
          ...words(port, folder).map((word) => word.replace('127.0.0.1', 'shop.localhost')),
        ],
        { timeout: 25_000 },
      );
  const secretsOf = (messages: readonly Message[]): string[] =>
    messages.flatMap(({ vantage, credentials }) =>
      credentials().map(({ kind, name, value }) => `${vantage} ${kind} ${name}=${value}`),
    );

  withPeer('curl', `curl logs in by ${protocol} in plain text: the password leaks`, async (t) => {
    const { connection } = await wiretap(t, protocol, run([]));
    const messages = conversation(connection);
    t.true(
      told(messages).some((line) => seen.test(line)),
      told(messages).join('\n'),
    );
    t.deepEqual(secretsOf(messages), [`wire ${secret} alice=tiger-lily`]);
    tiles(t, messages, connection);
    const [found] = messages.flatMap(({ credentials }) => credentials());
    const wire = Buffer.from(
      present(connection.stream('wire', 'client').read(present(found).offset, present(found).length)),
    ).toString('latin1');
    t.true(
      wire === 'tiger-lily' || Buffer.from(wire, 'base64').toString('latin1').endsWith('tiger-lily'),
      'it stands where it is said to stand',
    );
  });

  withPeer(
    'curl',
    `curl logs in by ${protocol} after STARTTLS: the password is sealed, and the keys open it`,
    async (t) => {
      const { connection, keys } = await wiretap(t, protocol, run(['--ssl-reqd']));
      const sealed = conversation(connection);
      t.deepEqual(secretsOf(sealed), []);
      t.true(told(sealed).includes('> tls ClientHello'));
      t.false(Buffer.from(present(connection.stream('wire', 'client').all())).includes('tiger-lily'));
      const opened = conversation(connection, { keys });
      t.true(
        told(opened).some((line) => seen.test(line)),
        told(opened).join('\n'),
      );
      t.deepEqual(secretsOf(opened), [`plaintext ${secret} alice=tiger-lily`]);
      tiles(t, opened, connection);
    },
  );
}

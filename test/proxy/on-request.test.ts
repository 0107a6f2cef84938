/**
 * A proxy that ends and begins TLS where a protocol turns to it on request, and one that reads and writes PROXY headers: with its
 * own endpoints on both sides. Real programs are in `on-request.slow.test.ts`.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { conversation, loadReadings } from '../../src/analysis/conversation/conversation.ts';
import { Flows } from '../../src/capture/flows.ts';
import type { CaptureLog } from '../../src/capture/log.ts';
import { systemClock } from '../../src/core/clock.ts';
import { readProxyHeader } from '../../src/protocols/proxy-header/header.ts';
import { accept } from '../../src/wire/accept.ts';
import { dial } from '../../src/wire/dial.ts';
import type { Accepted, DialOptions } from '../../src/wire/endpoint.ts';
import type { StarttlsName } from '../../src/wire/starttls/protocols.ts';
import { dialing, listening, newLog, world } from '../features/support/shop.ts';
import { openProxy, eventsOf, streamOf } from './support/proxies.ts';
import type { ProxyChoices } from './support/proxies.ts';

await loadReadings();

/** What a server says to each connection, and its answer to what it hears. */
interface Server {
  readonly starttls?: StarttlsName;
  readonly proxyHeader?: boolean;
  readonly greeting?: string;
  readonly answer?: (said: string) => string;
}

async function openServer(t: ExecutionContext, { greeting, answer = (said) => said, ...more }: Server) {
  const accepted: Accepted[] = [];
  const listener = await accept(
    {
      ...listening(more.starttls === undefined ? 'plain' : 'tls'),
      security: more.starttls === undefined ? 'plain' : 'tls',
      clock: systemClock,
      ...more,
    },
    (connection) => {
      accepted.push(connection);
      const { stream } = connection;
      stream.on('error', () => {});
      if (greeting !== undefined) stream.write(greeting, 'latin1');
      stream.on('data', (bytes: Buffer) => stream.write(answer(bytes.toString('latin1')), 'latin1'));
      stream.on('end', () => stream.end());
    },
  );
  t.teardown(async () => listener.close(0));
  return { address: listener.address, accepted };
}

async function hear(stream: Duplex): Promise<string> {
  const [bytes] = (await once(stream, 'data')) as [Buffer];
  return bytes.toString('latin1');
}

async function closed(stream: Duplex): Promise<void> {
  stream.on('error', () => {}).resume();
  if (!stream.closed) await new Promise((resolve) => stream.once('close', resolve));
}

async function ends(t: ExecutionContext, log: CaptureLog, count: number): Promise<void> {
  await log.until(() => eventsOf(log, 'closed').length >= count, 5_000);
  t.is(eventsOf(log, 'closed').length, count);
}

const identified = (options: DialOptions): DialOptions => ({
  ...options,
  identity: world().identity('alice'),
});

for (const kind of ['tls', 'mtls'] as const)
  for (const target of [undefined, 'imap'] as const) {
    test(`${kind}, imap ${target === undefined ? 'before the proxy alone' : 'on both sides'}: one greeting, then what is above TLS`, async (t) => {
      const log = newLog();
      const server = await openServer(t, {
        ...(target ? { starttls: target } : { greeting: '* OK the real one\r\n' }),
        answer: (said) => `${said.split(' ')[0] ?? ''} OK done\r\n`,
      });
      const more = target ? { client: 'imap' as const, target } : { client: 'imap' as const };
      const proxy = await openProxy(t, {
        log,
        kind,
        to: server.address,
        second: target ? 'tls' : 'plain',
        more: { pump: 'bytes', starttls: more },
      });
      const options = { ...dialing(kind, proxy.address), starttls: 'imap' as const };
      const dialed = await dial(kind === 'mtls' ? identified(options) : options);
      if (dialed.outcome === 'failed') return t.fail(dialed.failure.message);
      t.regex(Buffer.from(dialed.greeting ?? []).toString(), /^\* OK \[CAPABILITY .* STARTTLS/);
      dialed.stream.write('a1 LOGIN alice tiger-lily\r\n');
      t.is(await hear(dialed.stream), 'a1 OK done\r\n');
      dialed.stream.end();
      await ends(t, log, 2);
      t.is(streamOf(log, 'A', 'plaintext', 'client'), 'a1 LOGIN alice tiger-lily\r\n');
      t.is(streamOf(log, 'A', 'plaintext', 'server'), 'a1 OK done\r\n');
      t.regex(streamOf(log, 'A', 'wire', 'client'), /^W1 STARTTLS\r\n\x16\x03/);
      // What an endpoint reads begins in clear and goes on above TLS, as the same protocol.
      const flows = new Flows(log);
      for (const event of log.events) flows.fold(event);
      const connection = flows.connections.find(({ hop }) => hop === 'A')!;
      const messages = conversation(connection, { vantage: 'plaintext' });
      t.deepEqual(
        messages
          .filter(({ from, protocol }) => from === 'client' && protocol === 'imap')
          .map(({ vantage, title }) => [vantage, title.en]),
        [
          ['wire', 'STARTTLS'],
          ['plaintext', 'LOGIN alice'],
        ],
      );
      return t.is(eventsOf(log, 'refused').length, 0);
    });
  }

test('mtls by request: a client without a certificate is refused, and the target is not even dialed', async (t) => {
  const log = newLog();
  const server = await openServer(t, { starttls: 'smtp' });
  const proxy = await openProxy(t, {
    log,
    kind: 'mtls',
    to: server.address,
    second: 'tls',
    more: { pump: 'bytes', starttls: { client: 'smtp', target: 'smtp' } },
  });
  const dialed = await dial({ ...dialing('tls', proxy.address), starttls: 'smtp' });
  if (dialed.outcome === 'connected') dialed.stream.on('error', () => {}).end();
  await ends(t, log, 1);
  t.deepEqual(
    eventsOf(log, 'refused').map(({ by, reason }) => [by, reason]),
    [['server', 'certificate_missing']],
  );
  t.is(server.accepted.length, 0);
});

test('a client that goes on in clear is refused in the words of the protocol, and nothing reaches the target', async (t) => {
  const log = newLog();
  const server = await openServer(t, { starttls: 'smtp' });
  const proxy = await openProxy(t, {
    log,
    kind: 'tls',
    to: server.address,
    second: 'tls',
    more: { pump: 'bytes', starttls: { client: 'smtp', target: 'smtp' } },
  });
  const dialed = await dial({ ...dialing('plain', proxy.address) });
  if (dialed.outcome === 'failed') return t.fail();
  t.regex(await hear(dialed.stream), /^220 /);
  dialed.stream.write('AUTH PLAIN AGFsaWNlAHRpZ2VyLWxpbHk=\r\n');
  t.regex(await hear(dialed.stream), /^530 /);
  dialed.stream.end('QUIT\r\n');
  await ends(t, log, 1);
  t.deepEqual(
    eventsOf(log, 'refused').map(({ hop, by, reason, detail }) => [hop, by, reason, detail.code]),
    [['A', 'server', 'starttls_required', 'AUTH']],
  );
  return t.is(server.accepted.length, 0);
});

for (const [name, greeting, reason, code] of [
  ['offers no TLS', '220 plain\r\n', 'target_starttls_refused', 'STARTTLS is not offered'],
  ['is no mail server', 'SSH-2.0-x\r\n', 'starttls_violated', 'SSH-2.0-x'],
] as const)
  test(`a target that ${name}: the reason is in the log, and the client is disconnected`, async (t) => {
    const log = newLog();
    const server = await openServer(t, { greeting, answer: () => '250 plain\r\n' });
    const proxy = await openProxy(t, {
      log,
      kind: 'plaintext',
      to: server.address,
      second: 'tls',
      more: { pump: 'bytes', starttls: { target: 'smtp' } },
    });
    const dialed = await dial(dialing('plain', proxy.address));
    if (dialed.outcome === 'connected') {
      dialed.stream.on('error', () => {}).resume();
      await closed(dialed.stream);
    }
    await ends(t, log, 2);
    t.deepEqual(
      eventsOf(log, 'refused').map(({ hop, reason: why, detail }) => [hop, why, detail.code]),
      [['B', reason, code]],
    );
  });

test('a plaintext client in front of STARTTLS hears the greeting of the target', async (t) => {
  const log = newLog();
  const server = await openServer(t, { starttls: 'smtp', answer: () => '250 hello\r\n' });
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: server.address,
    second: 'tls',
    more: { pump: 'bytes', starttls: { target: 'smtp' } },
  });
  const dialed = await dial(dialing('plain', proxy.address));
  if (dialed.outcome === 'failed') return t.fail();
  t.is(await hear(dialed.stream), '220 localhost ESMTP\r\n');
  dialed.stream.write('EHLO me\r\n');
  t.is(await hear(dialed.stream), '250 hello\r\n');
  dialed.stream.end();
  await ends(t, log, 2);
  return t.is(streamOf(log, 'B', 'plaintext', 'client'), 'EHLO me\r\n');
});

test('a plaintext client that would like TLS of PostgreSQL is told that there is none', async (t) => {
  const log = newLog();
  const server = await openServer(t, { starttls: 'postgres', answer: () => 'R' });
  const choices: ProxyChoices = {
    log,
    kind: 'plaintext',
    to: server.address,
    second: 'tls',
    more: { pump: 'bytes', starttls: { target: 'postgres' } },
  };
  const proxy = await openProxy(t, choices);
  const dialed = await dial(dialing('plain', proxy.address));
  if (dialed.outcome === 'failed') return t.fail();
  dialed.stream.write(Buffer.from('0000000804d2162f', 'hex'));
  t.is(await hear(dialed.stream), 'N');
  dialed.stream.write('startup');
  t.is(await hear(dialed.stream), 'R');
  dialed.stream.end();
  await ends(t, log, 2);
  return t.is(streamOf(log, 'B', 'plaintext', 'client'), 'startup');
});

const mysqlGreeting = Buffer.concat([
  Buffer.of(0, 0, 0, 0, 10),
  Buffer.from('5.5.5-x\0'),
  Buffer.of(42, 0, 0, 0),
  Buffer.from('scramble\0'),
  Buffer.of(0xfe, 0xff, 45, 2, 0, 0xff, 0x81, 21),
  Buffer.alloc(10),
  Buffer.from('another-half\0mysql_native_password\0'),
]);
mysqlGreeting[0] = mysqlGreeting.length - 4;

/** A login of alice. @param isTls whether it says that TLS was requested */
function mysqlLogin(number: number, isTls: boolean): Buffer {
  const login = Buffer.concat([
    Buffer.of(0, 0, 0, number, 0x05, isTls ? 0xaa : 0xa2, 0x08, 0, 0, 0, 0, 1, 45),
    Buffer.alloc(23),
    Buffer.from('alice\0\0mysql_native_password\0'),
  ]);
  login[0] = login.length - 4;
  return login;
}

const mysqlOk = (number: number): Buffer => Buffer.of(7, 0, 0, number, 0, 0, 0, 2, 0, 0, 0);

test('mysql before the proxy alone: the client hears the challenge of the target, and the target a login without TLS', async (t) => {
  const log = newLog();
  const server = await openServer(t, {
    greeting: mysqlGreeting.toString('latin1'),
    answer: () => mysqlOk(2).toString('latin1'),
  });
  const proxy = await openProxy(t, {
    log,
    kind: 'mtls',
    to: server.address,
    more: { pump: 'bytes', starttls: { client: 'mysql' } },
  });
  const dialed = await dial(identified({ ...dialing('mtls', proxy.address), starttls: 'mysql' }));
  if (dialed.outcome === 'failed') return t.fail(dialed.failure.message);
  const offered = Buffer.from(mysqlGreeting);
  t.deepEqual(Buffer.from(dialed.greeting ?? []), offered, 'it offers TLS already, and nothing else changes');
  dialed.stream.write(mysqlLogin(2, true));
  t.is(await hear(dialed.stream), mysqlOk(3).toString('latin1'));
  dialed.stream.end();
  await ends(t, log, 2);
  t.is(streamOf(log, 'B', 'wire', 'client'), mysqlLogin(1, false).toString('latin1'));
  t.is(streamOf(log, 'A', 'plaintext', 'client'), mysqlLogin(2, true).toString('latin1'));
  return t.is(eventsOf(log, 'refused').length, 0);
});

test('mysql with TLS behind the proxy alone: the client is offered none, and the target hears its capabilities', async (t) => {
  const log = newLog();
  const server = await openServer(t, {
    starttls: 'mysql',
    answer: () => mysqlOk(3).toString('latin1'),
  });
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: server.address,
    second: 'tls',
    more: { pump: 'bytes', starttls: { target: 'mysql' } },
  });
  const dialed = await dial(dialing('plain', proxy.address));
  if (dialed.outcome === 'failed') return t.fail(dialed.failure.message);
  const greeting = Buffer.from(await hear(dialed.stream), 'latin1');
  const theirs = Buffer.from(streamOf(log, 'B', 'wire', 'server'), 'latin1').subarray(0, greeting.length);
  const at = greeting.indexOf(0, 5) + 15;
  t.is(theirs.readUInt8(at) & 8, 8);
  t.is(greeting.readUInt8(at) & 8, 0);
  greeting.writeUInt8(greeting.readUInt8(at) | 8, at);
  t.deepEqual(greeting, theirs);
  dialed.stream.write(mysqlLogin(1, false));
  t.is(await hear(dialed.stream), mysqlOk(2).toString('latin1'));
  dialed.stream.end();
  await ends(t, log, 2);
  t.is(streamOf(log, 'B', 'plaintext', 'client'), mysqlLogin(2, true).toString('latin1'));
  return t.is(
    streamOf(log, 'B', 'wire', 'client').slice(4, 36),
    mysqlLogin(1, true).toString('latin1', 4, 36),
  );
});

test('mysql, a client without a certificate: it is refused, and the connection that greeted it ends without a login', async (t) => {
  const log = newLog();
  const server = await openServer(t, { starttls: 'mysql' });
  const proxy = await openProxy(t, {
    log,
    kind: 'mtls',
    to: server.address,
    second: 'tls',
    more: { pump: 'bytes', starttls: { client: 'mysql', target: 'mysql' } },
  });
  const dialed = await dial({ ...dialing('tls', proxy.address), starttls: 'mysql' });
  if (dialed.outcome === 'connected') dialed.stream.on('error', () => {}).end();
  await ends(t, log, 2);
  t.deepEqual(
    eventsOf(log, 'refused').map(({ hop, reason }) => [hop, reason]),
    [['A', 'certificate_missing']],
  );
  t.is(streamOf(log, 'B', 'wire', 'client'), '');
  t.is(server.accepted.length, 0);
});

for (const [name, greeting, reason, code, words] of [
  [
    'is full',
    '\x17\0\0\0\xff\x10\x04Too many connections',
    'target_greeting_refused',
    '1040 Too many connections',
    /^.\0\0\0\xff\x10\x04Too many connections$/s,
  ],
  ['is no MySQL', 'SSH-2.0-x\r\n', 'starttls_violated', 'not MySQL', /^.\0\0\0\xff\x51\x04not MySQL$/s],
] as const)
  for (const target of [undefined, 'mysql'] as const)
    test(`mysql, a target that ${name}, ${target ? 'with' : 'without'} TLS: the client is told in the words of its protocol`, async (t) => {
      const log = newLog();
      const server = await openServer(t, { greeting, answer: () => '' });
      const proxy = await openProxy(t, {
        log,
        kind: 'tls',
        to: server.address,
        second: target ? 'tls' : 'plain',
        more: { pump: 'bytes', starttls: { client: 'mysql', ...(target ? { target } : {}) } },
      });
      const dialed = await dial(dialing('plain', proxy.address));
      if (dialed.outcome === 'failed') return t.fail();
      t.regex(await hear(dialed.stream), words);
      dialed.stream.end();
      await ends(t, log, 2);
      return t.deepEqual(
        eventsOf(log, 'refused').map(({ hop, reason: why, detail }) => [hop, why, detail.code]),
        [['B', reason, code]],
      );
    });

test('mysql and several targets are refused at the start: the target speaks before the client can name one', async (t) => {
  const dialingTo = { to: { host: '127.0.0.1', port: 1 }, security: 'plain' } as const;
  await t.throwsAsync(
    openProxy(t, {
      log: newLog(),
      kind: 'tls',
      to: dialingTo.to,
      more: {
        pump: 'bytes',
        starttls: { client: 'mysql' },
        routes: [{ serverNames: ['a.example'], authorities: [], dial: dialingTo }],
      },
    }),
    { message: /greets the client before/ },
  );
});

for (const version of [1, 2] as const)
  for (const kind of ['plaintext', 'tls', 'passthrough'] as const) {
    test(`PROXY v${version}, ${kind}: the addresses of the header are those of the log, and are passed on`, async (t) => {
      const log = newLog();
      const server = await openServer(t, { proxyHeader: true });
      const proxy = await openProxy(t, {
        log,
        kind,
        to: server.address,
        more: {
          pump: 'bytes',
          accept: { ...listening(kind === 'tls' ? 'tls' : 'plain'), proxyHeader: true },
          targetProxyHeader: version,
        },
      });
      const source = { host: '192.0.2.7', port: 1111 };
      const destination = { host: '198.51.100.1', port: 443 };
      const dialed = await dial({
        ...dialing(kind === 'tls' ? 'tls' : 'plain', proxy.address),
        proxyHeader: { version, source, destination },
      });
      if (dialed.outcome === 'failed') return t.fail(dialed.failure.message);
      dialed.stream.write('hello');
      t.is(await hear(dialed.stream), 'hello');
      dialed.stream.end();
      await ends(t, log, 2);
      const [opened] = eventsOf(log, 'opened', 'A');
      t.deepEqual([opened?.from, opened?.to], [source, destination]);
      t.deepEqual([server.accepted[0]?.remote, server.accepted[0]?.local], [source, destination]);
      const sent = readProxyHeader(Buffer.from(streamOf(log, 'B', 'wire', 'client'), 'latin1'));
      return t.is(sent.kind === 'header' && sent.header.version, version);
    });
  }

for (const [name, bytes, reason] of [
  ['missing', 'GET / HTTP/1.1\r\n\r\n', 'proxy_header_missing'],
  ['malformed', 'PROXY TCP4 nonsense\r\n', 'proxy_header_malformed'],
] as const)
  test(`a PROXY header that is ${name}: the client is refused and nothing is forwarded`, async (t) => {
    const log = newLog();
    const server = await openServer(t, {});
    const proxy = await openProxy(t, {
      log,
      kind: 'plaintext',
      to: server.address,
      more: { pump: 'bytes', accept: { ...listening('plain'), proxyHeader: true } },
    });
    const dialed = await dial(dialing('plain', proxy.address));
    if (dialed.outcome === 'failed') return t.fail();
    dialed.stream.on('error', () => {}).resume();
    dialed.stream.write(bytes);
    await once(dialed.stream, 'end');
    dialed.stream.end();
    await ends(t, log, 1);
    t.deepEqual(
      eventsOf(log, 'refused').map((event) => event.reason),
      [reason],
    );
    t.is(streamOf(log, 'A', 'wire', 'client'), bytes);
    return t.is(server.accepted.length, 0);
  });

test('a client that says nothing and leaves was not refused', async (t) => {
  const log = newLog();
  const server = await openServer(t, {});
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: server.address,
    more: { pump: 'bytes', accept: { ...listening('plain'), proxyHeader: true } },
  });
  const dialed = await dial(dialing('plain', proxy.address));
  if (dialed.outcome === 'failed') return t.fail();
  dialed.stream.on('error', () => {}).resume();
  dialed.stream.end();
  await ends(t, log, 1);
  return t.is(eventsOf(log, 'refused').length, 0);
});

test('a header that never comes is refused in time', async (t) => {
  const log = newLog();
  const server = await openServer(t, {});
  const proxy = await openProxy(t, {
    log,
    kind: 'plaintext',
    to: server.address,
    more: {
      pump: 'bytes',
      accept: { ...listening('plain'), proxyHeader: true },
      timeouts: { handshake: 50 },
    },
  });
  const dialed = await dial(dialing('plain', proxy.address));
  if (dialed.outcome === 'failed') return t.fail();
  dialed.stream.on('error', () => {}).resume();
  dialed.stream.write('PROXY TCP4 ');
  await once(dialed.stream, 'end');
  dialed.stream.end();
  await ends(t, log, 1);
  return t.deepEqual(
    eventsOf(log, 'refused').map((event) => event.reason),
    ['proxy_header_missing'],
  );
});

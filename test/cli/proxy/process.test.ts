/**
 * `wirelab proxy` as a process between real sockets: its output, reloading, and the end.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer as createTcpServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { readCaptureFile } from '../../capture/support/read.ts';
import { until } from '../../helpers/until.ts';
import { freePort } from '../../helpers/free-port.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';
import type { Running } from '../../helpers/running.ts';
import { askWirelab, mainFile, runWirelab, wirelabEnvironment } from '../../helpers/wirelab.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const files = mkdtempSync(join(tmpdir(), 'wirelab-proxy-'));
test.after.always(() => rmSync(files, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(files, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

/** Files of a world's row, as an engineer has them; those that a test changes carry its name. */
const serverFiles = (name = ''): string[] => [
  '--cert',
  file(`server${name}.crt`, world.identity('server').certificate),
  '--key',
  file(`server${name}.key`, world.identity('server').key),
];
const clientCa = file('client-ca.crt', world.authority('client-ca'));

/** A site that responds with the request it received. */
async function site(
  t: ExecutionContext,
  answer: (request: IncomingMessage, body: string) => string = (_request, body) => body,
): Promise<number> {
  const server = createServer((incoming, response) => {
    let body = '';
    incoming
      .setEncoding('utf8')
      .on('data', (text: string) => (body += text))
      .on('end', () => response.end(answer(incoming, body)));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close(() => {}));
  t.teardown(() => server.closeAllConnections());
  return (server.address() as AddressInfo).port;
}

/** An echo server that closes on request. */
async function echo(t: ExecutionContext): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

async function proxyOn(
  t: ExecutionContext,
  words: readonly string[],
  before?: string,
): Promise<Running & { readonly port: number }> {
  const running = start(t, ['proxy', '--listen', '127.0.0.1:0', ...words], before);
  const said = await running.until(/listening on 127\.0\.0\.1:\d+/);
  return { ...running, port: Number(/listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]) };
}

async function get(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{
  readonly status: number | undefined;
  readonly type: string | undefined;
  readonly body: string;
}> {
  return new Promise((resolve, reject) => {
    request({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (text: string) => (body += text))
        .on('end', () =>
          resolve({ status: response.statusCode, type: response.headers['content-type'], body }),
        );
    })
      .on('error', reject)
      .end();
  });
}

/** What comes back over TLS when a client of that name says hello; undefined when it is turned away. */
async function saidBack(port: number, client: string | undefined): Promise<string | undefined> {
  const identity =
    client === undefined ? {} : { cert: world.identity(client).certificate, key: world.identity(client).key };
  return new Promise((resolve) => {
    const socket = connectTls(
      {
        host: '127.0.0.1',
        port,
        servername: 'shop.localhost',
        ca: world.authority('server-ca'),
        ...identity,
      },
      () => socket.write('hello'),
    );
    socket.on('error', () => resolve(undefined)).on('close', () => resolve(undefined));
    socket.once('data', (bytes: Buffer) => {
      resolve(bytes.toString());
      socket.destroy();
    });
  });
}

/** As it would stand on one endless line. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

test('plaintext: what a client reveals is printed at once, and a signal ends it', async (t) => {
  const proxy = await proxyOn(t, ['--mode', 'plaintext', '--target', `127.0.0.1:${await site(t)}`, '--http']);
  await new Promise<void>((resolve, reject) => {
    const posted = request(
      {
        host: '127.0.0.1',
        port: proxy.port,
        path: '/login',
        method: 'POST',
        agent: false,
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      (response) => response.resume().on('end', resolve),
    );
    posted.on('error', reject).end('user=alice&password=tiger-lily');
  });
  const output = await proxy.until(/A #\d+ closed[^]*|closed by the client/);
  t.regex(output, /A #0 → POST \/login, \d+ B, 127\.0\.0\.1:\d+, form: user, password/);
  t.regex(output, /READABLE password: tiger-lily/);
  t.regex(output, /B #1 → POST \/login/);
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
});

test('mtls: one is admitted, one turned away with a card that says how to see it again', async (t) => {
  const proxy = await proxyOn(t, [
    '--mode',
    'mtls',
    '--target',
    String(await echo(t)),
    ...serverFiles(),
    '--cacert',
    clientCa,
    '--allow-cn',
    'alice',
  ]);
  t.is(await saidBack(proxy.port, 'alice'), 'hello');
  t.is(await saidBack(proxy.port, 'bob'), undefined);
  t.is(await saidBack(proxy.port, undefined), undefined);
  const output = flat(await proxy.until(/no certificate\)[^]*see it/));
  t.regex(output, /the client is CN=alice/);
  t.regex(output, /REFUSED by proxy: the client \(not on the list\)/);
  t.regex(output, new RegExp(`openssl s_client -connect 127\\.0\\.0\\.1:${proxy.port} -tls1_3`));
  t.regex(output, /its name \(CN=bob\) is not one that the server admits: CN=alice/);
  proxy.child.kill('SIGINT');
  t.deepEqual([...(await proxy.exit)], [130, null]);
});

test('another CA is trusted after SIGHUP; a broken file changes nothing and is reported; open connections stay open', async (t) => {
  const trusted = file('trusted.crt', world.authority('client-ca'));
  const proxy = await proxyOn(t, [
    '--mode',
    'mtls',
    '--target',
    String(await echo(t)),
    ...serverFiles('-sighup'),
    '--cacert',
    trusted,
    '--allow-all',
  ]);
  const open = connectTls({
    host: '127.0.0.1',
    port: proxy.port,
    servername: 'shop.localhost',
    ca: world.authority('server-ca'),
    cert: world.identity('alice').certificate,
    key: world.identity('alice').key,
  });
  open.write('in ');
  await once(open, 'data');
  writeFileSync(trusted, 'nothing of the kind');
  proxy.child.kill('SIGHUP');
  const kept = await proxy.until(/the old ones remain in force[^]*nothing\s+of\s+the\s+kind/);
  t.regex(flat(kept), /--cacert: no certificate in this file/);
  t.is(await saidBack(proxy.port, 'alice'), 'hello');
  writeFileSync(join(files, 'renamed.crt'), world.authority('rogue-ca'));
  renameSync(join(files, 'renamed.crt'), trusted);
  proxy.child.kill('SIGHUP');
  await proxy.until(/were\s+reloaded/);
  t.is(await saidBack(proxy.port, 'alice'), undefined);
  t.is(await saidBack(proxy.port, 'mallory'), 'hello');
  open.write('still here');
  const [bytes] = (await once(open, 'data')) as [Buffer];
  t.is(bytes.toString(), 'still here');
  open.destroy();
  proxy.child.kill('SIGTERM');
  await proxy.exit;
});

withPeer(
  'script',
  'lines on a terminal that is closed: the recording and the archive are finished',
  async (t) => {
    const port = await freePort();
    const target = createServer((_request, response) => response.end('hello')).listen(0, '127.0.0.1');
    t.teardown(() => target.close());
    await once(target, 'listening');
    const [capture, archive] = [join(files, 'closed.pcapng'), join(files, 'closed.har')];
    const to = (target.address() as AddressInfo).port;
    const command = `exec ${process.execPath} ${mainFile} proxy --no-tui --mode plaintext --listen 127.0.0.1:${port} --target 127.0.0.1:${to} -w ${capture} --har ${archive} 2>&3`;
    const terminal = spawn('script', ['-qfc', command, '/dev/null'], {
      env: wirelabEnvironment({ TERM: 'xterm', SHELL: '/bin/sh' }),
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    t.teardown(() => terminal.kill('SIGKILL'));
    let shown = '';
    // Held by the proxy too: over when it has ended.
    const held = terminal.stdio[3] as Socket;
    let complaints = '';
    held.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    terminal.stdout.setEncoding('utf8');
    const until = async (wanted: RegExp): Promise<void> => {
      while (!wanted.test(shown)) shown += ((await once(terminal.stdout, 'data')) as [string])[0];
    };
    await until(/listening on/);
    const client = connect(port, '127.0.0.1');
    client.write('GET / HTTP/1.0\r\n\r\n');
    client.resume();
    await once(client, 'close');
    await until(/200 OK/);
    terminal.kill('SIGKILL');
    await once(held, 'close');
    t.is(complaints, '');
    t.false(existsSync(`${capture}.partial`));
    t.true(existsSync(capture));
    t.regex(readFileSync(archive, 'utf8'), /"status":\s*200/);
  },
);

test('files that change are read by themselves: a certificate and its key, one after the other', async (t) => {
  const words = serverFiles('-watched');
  const proxy = await proxyOn(t, ['--mode', 'tls', '--target', String(await echo(t)), ...words]);
  t.is(await saidBack(proxy.port, undefined), 'hello');
  writeFileSync(words[1] ?? '', world.identity('server-rogue').certificate);
  writeFileSync(words[3] ?? '', world.identity('server-rogue').key);
  const output = await proxy.until(/were\s+reloaded/);
  t.notRegex(output, /the old ones remain/);
  t.is(await saidBack(proxy.port, undefined), undefined, 'the rogue certificate is shown now');
  proxy.child.kill('SIGTERM');
  await proxy.exit;
});

test('SIGTERM takes no new connection and lets an open one come to its end', async (t) => {
  const proxy = await proxyOn(t, ['--mode', 'plaintext', '--target', String(await echo(t))]);
  const open = connect(proxy.port, '127.0.0.1');
  open.write('before ');
  await once(open, 'data');
  proxy.child.kill('SIGTERM');
  // Refused once it does not listen any more.
  const refused = async (): Promise<void> => {
    for (;;) {
      const late = connect(proxy.port, '127.0.0.1');
      const came = await new Promise<boolean>((resolve) =>
        late.once('connect', () => resolve(true)).once('error', () => resolve(false)),
      );
      late.destroy();
      if (!came) return;
    }
  };
  await refused();
  open.write('after');
  const [bytes] = (await once(open, 'data')) as [Buffer];
  t.is(bytes.toString(), 'after');
  open.end();
  t.deepEqual([...(await proxy.exit)], [143, null]);
});

test('what does not end in time is broken off, and said', async (t) => {
  const proxy = await proxyOn(t, [
    '--mode',
    'plaintext',
    '--target',
    String(await echo(t)),
    '--shutdown-timeout',
    '50ms',
  ]);
  const open = connect(proxy.port, '127.0.0.1');
  open.on('error', () => {}).write('x');
  await once(open, 'data');
  let said = '';
  proxy.child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
  t.regex(said, /connections aborted: 1/);
});

test('--json: an object a line, from the beginning to the last connection', async (t) => {
  const running = start(t, [
    'proxy',
    '--json',
    '--mode',
    'plaintext',
    '--listen',
    '0',
    '--target',
    String(await site(t)),
    '--http',
  ]);
  const began = await running.until(/"kind":"began".*\n/);
  const { topology } = JSON.parse(began.split('\n')[0] ?? '') as {
    topology: { participants: { name: string; address?: { port: number } }[] };
  };
  const port = topology.participants.find(({ name }) => name === 'proxy')?.address?.port ?? 0;
  await get(port, '/a?b=c');
  const output = await running.until(/"kind":"stream".*\n[^]*"kind":"stream".*\n|"kind":"stream".*\n/);
  running.child.kill('SIGTERM');
  await running.exit;
  const kinds = output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { v: number; kind: string });
  t.true(kinds.every(({ v }) => v === 2));
  for (const kind of ['opened', 'bytes', 'http', 'closed', 'stream'])
    t.true(
      kinds.some((line) => line.kind === kind),
      kind,
    );
});

test('--status: health and numbers, as JSON and for Prometheus', async (t) => {
  const statusPort = await freePort();
  const proxy = await proxyOn(t, [
    '--mode',
    'plaintext',
    '--target',
    String(await site(t)),
    '--http',
    '--status',
    String(statusPort),
  ]);
  await get(proxy.port, '/');
  const health = JSON.parse((await get(statusPort, '/_status')).body) as Record<string, unknown>;
  t.is(health['ok'], true);
  t.is(health['mode'], 'plaintext');
  t.is((health['target'] as { state: string }).state, 'reached');
  const text = await get(statusPort, '/_metrics');
  t.regex(text.type ?? '', /^text\/plain; version=0\.0\.4/);
  t.regex(text.body, /wirelab_connections_total\{hop="B"\} 1/);
  const numbers = JSON.parse((await get(statusPort, '/_metrics', { accept: 'application/json' })).body) as {
    hops: Record<string, { opened: number }>;
  };
  t.is(numbers.hops['B']?.opened, 1);
  t.is((await get(statusPort, '/')).status, 404);
  t.is((await get(statusPort, '/__proto__')).status, 404);
  proxy.child.kill('SIGTERM');
  await proxy.exit;
});

test('-w and --keylog: a capture and its keys, readable by their owner alone', async (t) => {
  const capture = join(files, 'seen.pcapng');
  const keys = join(files, 'keys.log');
  const proxy = await proxyOn(t, [
    '--mode',
    'tls',
    '--target',
    String(await echo(t)),
    ...serverFiles('-kept'),
    '-w',
    capture,
    '--keylog',
    keys,
  ]);
  t.is(await saidBack(proxy.port, undefined), 'hello');
  proxy.child.kill('SIGTERM');
  await proxy.exit;
  t.regex(readFileSync(keys, 'utf8'), /^SERVER_TRAFFIC_SECRET_0 /m);
  t.is(statSync(keys).mode & 0o777, 0o600);
  t.is(readFileSync(capture).readUInt32LE(0), 0x0a0d0d0a);
});

test('-w on a full disk: it is reported at once, traffic continues, and the recording up to then is readable', async (t) => {
  const capture = join(files, 'full.pcapng');
  const proxy = await proxyOn(
    t,
    ['--mode', 'plaintext', '--target', String(await echo(t)), '-w', capture],
    'ulimit -f 400',
  );
  const warned = once(proxy.child.stderr, 'data') as Promise<[Buffer]>;
  const sent = Buffer.alloc(3_000_000, 'x');
  const socket = connect(proxy.port, '127.0.0.1');
  const back = new Promise<number>((resolve) => {
    let length = 0;
    socket.on('data', (bytes: Buffer) => {
      length += bytes.length;
      if (length === sent.length) resolve(length);
    });
  });
  socket.write(sent);
  t.is(await back, sent.length);
  t.regex((await warned)[0].toString(), /no room for the file/);
  socket.destroy();
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [2, null]);
  t.false(existsSync(capture));
  const read = await askWirelab(['inspect', `${capture}.partial`, '--no-tui']);
  t.is(read.exitCode, 0);
  t.regex(read.stdout, /127\.0\.0\.1|connection 0/);
});

test('-w before a proxy that cannot start leaves alone what lay there', async (t) => {
  const capture = file('older.pcapng', 'older');
  const output = await askWirelab([
    'proxy',
    '--mode',
    'plaintext',
    '--listen',
    `127.0.0.1:${await echo(t)}`,
    '--target',
    '127.0.0.1:1',
    '-w',
    capture,
  ]);
  t.is(output.exitCode, 2);
  t.is(readFileSync(capture, 'utf8'), 'older');
  t.false(existsSync(`${capture}.partial`));
});

for (const [what, secrets] of [
  ['without its keys', []],
  ['with its keys', ['--with-secrets']],
] as const) {
  /** A proxy that is killed in the middle of everything, a moment after a client was answered; what it leaves. */
  const killed = async (t: ExecutionContext): Promise<string> => {
    const name = `killed-${secrets.length}-${Math.random().toString(36).slice(2)}`;
    const capture = file(`${name}.pcapng`, 'what an older run has left');
    const proxy = await proxyOn(t, [
      '--mode',
      'tls',
      '--target',
      String(await echo(t)),
      ...serverFiles(`-${name}`),
      '-w',
      capture,
      ...secrets,
    ]);
    t.is(await saidBack(proxy.port, undefined), 'hello');
    // Both connections are over, and their last packets on the disk: FIN or RST, behind 20 bytes of IPv4.
    const ends = (): number =>
      readCaptureFile(readFileSync(`${capture}.partial`)).packets.filter(
        ({ bytes }) => ((bytes[33] ?? 0) & 5) !== 0,
      ).length;
    t.true(await until(() => ends() >= 2));
    proxy.child.kill('SIGKILL');
    t.deepEqual([...(await proxy.exit)], [null, 'SIGKILL']);
    t.is(readFileSync(capture, 'utf8'), 'what an older run has left');
    return capture;
  };

  test(`a proxy that is killed leaves what it has captured, ${what}, and inspect reads it`, async (t) => {
    const capture = await killed(t);
    const read = await askWirelab([
      'inspect',
      `${capture}.partial`,
      '--no-tui',
      ...(secrets.length > 0 ? ['--keylog', `${capture}.partial.keys`] : []),
    ]);
    t.is(read.exitCode, 0, read.stderr);
    t.regex(read.stdout, /ClientHello/);
    t.is(existsSync(`${capture}.partial.keys`), secrets.length > 0);
    if (secrets.length > 0)
      for (const name of [`${capture}.partial`, `${capture}.partial.keys`])
        t.is(statSync(name).mode & 0o777, 0o600);
    const again = await askWirelab([
      'proxy',
      '--mode',
      'plaintext',
      '--listen',
      '0',
      '--target',
      '1',
      '-w',
      capture,
      ...secrets,
    ]);
    t.is(again.exitCode, 2);
    t.regex(flat(again.stderr), /partial already exists.*inspect/);
  });

  withPeer(
    'tshark',
    `a proxy that is killed leaves what it has captured, ${what}, and tshark reads it`,
    async (t) => {
      const capture = await killed(t);
      const keys =
        secrets.length > 0
          ? ['-o', `tls.keylog_file:${capture}.partial.keys`, '-d', 'tcp.port==1-65535,tls']
          : [];
      const read = await runProgram('tshark', [
        '-r',
        `${capture}.partial`,
        ...keys,
        '-T',
        'fields',
        '-e',
        'tcp.flags.syn',
        '-e',
        'data.data',
      ]);
      t.is(read.exitCode, 0, read.stderr);
      t.regex(read.stdout, /^(1|True)/);
      if (secrets.length > 0) t.regex(read.stdout, /68656c6c6f/, 'hello, opened with the keys');
    },
  );
}

test('at the limit of open files, rejected connections are reported and the proxy continues', async (t) => {
  const proxy = await proxyOn(t, ['--mode', 'plaintext', '--target', String(await echo(t))], 'ulimit -n 100');
  const sockets = Array.from({ length: 60 }, () => connect(proxy.port, '127.0.0.1').on('error', () => {}));
  const output = flat(await proxy.until(/rejected[^]*ulimit/));
  t.regex(
    output,
    /a connection from 127\.0\.0\.1:\d+ was rejected: this process has reached its limit of 100 open files/,
  );
  for (const socket of sockets) socket.destroy();
  // Where there was no room there is some again.
  for (;;) {
    const socket = connect(proxy.port, '127.0.0.1');
    const came = await new Promise<boolean>((resolve) =>
      socket
        .on('error', () => resolve(false))
        .on('close', () => resolve(false))
        .once('data', () => resolve(true))
        .write('again'),
    );
    socket.destroy();
    if (came) break;
  }
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
});

test('--insecure warns; without it a server of an unknown CA is refused, and the card says by whom', async (t) => {
  const inner = await proxyOn(t, [
    '--mode',
    'tls',
    '--target',
    String(await echo(t)),
    ...serverFiles('-inner'),
  ]);
  const careful = await proxyOn(t, [
    '--mode',
    'plaintext',
    '--target',
    `127.0.0.1:${inner.port}`,
    '--target-tls',
    'tls',
    '--target-cacert',
    file('rogue.crt', world.authority('rogue-ca')),
    '--override-server-name',
    'shop.localhost',
  ]);
  connect(careful.port, '127.0.0.1')
    .on('error', () => {})
    .write('x');
  t.regex(
    await careful.until(/REFUSED[^]*see it[^\n]*/),
    /REFUSED by proxy: the server server \(unknown CA\)|REFUSED by proxy: the server \(unknown CA\)/,
  );
  const believing = start(t, [
    'proxy',
    '--mode',
    'plaintext',
    '--listen',
    '0',
    '--target',
    String(inner.port),
    '--target-tls',
    'tls',
    '-k',
  ]);
  const [warning] = (await once(believing.child.stderr, 'data')) as [Buffer];
  t.regex(warning.toString(), /the server is not verified/);
  for (const { child, exit } of [careful, believing, inner]) {
    child.kill('SIGTERM');
    await exit;
  }
});

test('bad input ends with 2 before anything listens', async (t) => {
  const copy = join(files, 'locked.key');
  copyFileSync(clientCa, copy);
  for (const [words, says] of [
    [['proxy'], /missing --mode/],
    [
      [
        'proxy',
        '--mode',
        'tls',
        '--listen',
        '0',
        '--target',
        '1',
        '--cert',
        join(files, 'none.crt'),
        '--key',
        copy,
      ],
      /it does not exist/,
    ],
    [
      ['proxy', '--mode', 'tls', '--listen', '0', '--target', '1', '--cert', clientCa, '--key', copy],
      /no private key in this file/,
    ],
    [
      [
        'proxy',
        '--mode',
        'tls',
        '--listen',
        '0',
        '--target',
        '1',
        '--cert',
        file('a.crt', world.identity('server').certificate),
        '--key',
        file('b.key', world.identity('alice').key),
      ],
      /does not match the certificate/,
    ],
    [
      [
        'proxy',
        '--mode',
        'plaintext',
        '--listen',
        '0',
        '--target',
        '1',
        '-w',
        join(files, 'no', 'such', 'folder.pcapng'),
      ],
      /-w|folder/,
    ],
  ] as const) {
    const { exitCode, stderr, stdout } = await askWirelab(words);
    t.is(exitCode, 2, words.join(' '));
    t.regex(stderr, says);
    t.is(stdout, '');
  }
  t.false(existsSync(join(files, 'no')));
});

test('silent clients do not exhaust --max-concurrent-conns; lines and metrics report the closed ones', async (t) => {
  const statusPort = await freePort();
  const proxy = await proxyOn(t, [
    '--mode',
    'plaintext',
    '--target',
    String(await echo(t)),
    '--max-concurrent-conns',
    '2',
    '--status',
    String(statusPort),
  ]);
  const silent = [connect(proxy.port, '127.0.0.1'), connect(proxy.port, '127.0.0.1')];
  for (const socket of silent) socket.on('error', () => {});
  await proxy.until(/ A #\d+ 127[^]* A #\d+ 127/);
  const speaking = connect(proxy.port, '127.0.0.1');
  speaking.write('hello');
  const [echoed] = (await once(speaking, 'data')) as [Buffer];
  t.is(echoed.toString(), 'hello');
  t.regex((await get(statusPort, '/_metrics')).body, /^wirelab_silent_closed_total 1$/m);
  t.like(JSON.parse((await get(statusPort, '/_status')).body), {
    silentClosed: 1,
    waiting: 0,
    sentAway: { waiting: 0, open: 0 },
  });
  t.regex(
    flat(await proxy.until(/closed to make room[^]*--max-concurrent-conns/)),
    /#\d+ 127\.0\.0\.1:\d+ was closed to make room: no data was exchanged, and others are waiting \(--max-concurrent-conns 2\)/,
  );
  for (const socket of [...silent, speaking]) socket.destroy();
});

withPeer(
  'mkfifo',
  'a certificate, a key or a CA that is a named pipe is a mistake; nobody waits for a writer',
  async (t) => {
    const pipe = join(files, 'pipe');
    t.is((await runProgram('mkfifo', [pipe])).exitCode, 0);
    const [cert = '', certFile = '', key = '', keyFile = ''] = serverFiles();
    for (const words of [
      [cert, pipe, key, keyFile, '--cacert', clientCa],
      [cert, certFile, key, pipe, '--cacert', clientCa],
      [cert, certFile, key, keyFile, '--cacert', pipe],
    ]) {
      const { exitCode, stderr } = await runWirelab([
        'proxy',
        '--mode',
        'mtls',
        '--listen',
        '127.0.0.1:0',
        '--target',
        '127.0.0.1:1',
        '--allow-all',
        ...words,
      ]);
      t.is(exitCode, 2);
      t.regex(stderr, /it is not a regular file\n +where: .*pipe/);
    }
  },
);

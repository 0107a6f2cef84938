/**
 * Real programs that speak HTTP/2 and gRPC, through the proxy in each mode; what was captured is read by wirelab and by tshark,
 * and both must say the same: every frame, every header.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createSecureServer, createServer } from 'node:http2';
import type { Http2Server, ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEtcd } from '../../helpers/etcd.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { start } from '../../helpers/running.ts';
import { runWirelab } from '../../helpers/wirelab.ts';
import { ask } from '../../protocols/http2/recorded-http2.ts';
import { makeWorld } from '../../wire/support/world.ts';

const world = makeWorld();
const folder = mkdtempSync(join(tmpdir(), 'wirelab-http2-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const serverCa = file('server-ca.crt', world.authority('server-ca'));
const clientCa = file('client-ca.crt', world.authority('client-ca'));
const serverFiles = {
  cert: file('server.crt', world.identity('server').certificate),
  key: file('server.key', world.identity('server').key),
};
const aliceFiles = {
  cert: file('alice.crt', world.identity('alice').certificate),
  key: file('alice.key', world.identity('alice').key),
};

function answer(stream: ServerHttp2Stream): void {
  let received = 0;
  stream.on('error', () => undefined);
  stream.on('data', (bytes: Buffer) => {
    received += bytes.length;
  });
  stream.on('end', () => {
    stream.respond(
      { ':status': 200, 'content-type': 'application/json', 'set-cookie': 'session=s3cr3t; Path=/' },
      { waitForTrailers: true },
    );
    stream.on('wantTrailers', () => {
      stream.sendTrailers({ 'x-received': String(received) });
    });
    stream.end(`{"received":${received},"more":"${'x'.repeat(20_000)}"}`);
  });
}

async function site(t: ExecutionContext, isSecure: boolean): Promise<number> {
  const { certificate: cert, key } = world.identity('server');
  const server: Http2Server = isSecure ? createSecureServer({ cert, key }) : createServer();
  server.on('stream', answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  return (server.address() as AddressInfo).port;
}

interface Mode {
  readonly name: string;
  /** What the client connects with, and what the target does. */
  readonly client: 'plain' | 'tls' | 'mtls';
  readonly target: 'plain' | 'tls';
  readonly words: readonly string[];
}

const listener = ['--cert', serverFiles.cert, '--key', serverFiles.key, '--alpn', 'h2'];
const towards = ['--target-tls', 'tls', '--target-cacert', serverCa];

const modes: readonly Mode[] = [
  { name: 'plaintext', client: 'plain', target: 'plain', words: [] },
  { name: 'tls', client: 'tls', target: 'tls', words: [...listener, ...towards] },
  {
    name: 'mtls',
    client: 'mtls',
    target: 'plain',
    words: [...listener, '--cacert', clientCa, '--allow-cn', 'alice'],
  },
  { name: 'passthrough', client: 'tls', target: 'tls', words: [] },
];

interface Talk {
  readonly url: string;
  readonly mode: Mode;
  /** Where a client writes its keys. */
  readonly keylog: string;
}

interface Client {
  readonly program: string;
  readonly talk: (t: ExecutionContext, talk: Talk) => Promise<void>;
  /** Requests on each wire. */
  readonly requests: number;
  readonly modes: readonly string[];
}

const certificateOf = ({ client }: Mode): readonly string[] =>
  client === 'mtls' ? ['--cert', aliceFiles.cert, '--key', aliceFiles.key] : [];

async function run(
  t: ExecutionContext,
  program: string,
  words: readonly string[],
  keylog: string,
): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram(program, words, {
    env: { ...process.env, SSLKEYLOGFILE: keylog },
  });
  t.is(exitCode, 0, `${program}: ${stdout}${stderr}`);
  return stdout;
}

const clients: readonly Client[] = [
  {
    program: 'curl',
    requests: 2,
    modes: modes.map(({ name }) => name),
    async talk(t, { url, mode, keylog }) {
      const words = [
        '-sS',
        mode.client === 'plain' ? '--http2-prior-knowledge' : '--http2',
        ...(mode.client === 'plain' ? [] : ['--cacert', serverCa]),
        ...certificateOf(mode),
        '-d',
        'user=alice&password=hunter2',
        '-u',
        'alice:pa55word',
        '-w',
        ' %{http_version} %{http_code}\n',
        `${url}/login?api_key=k-123456`,
        `${url}/again`,
      ];
      t.regex(await run(t, 'curl', words, keylog), / 2 200\n.* 2 200\n$/s);
    },
  },
  {
    program: 'nghttp',
    requests: 3,
    modes: ['plaintext', 'tls', 'passthrough'],
    async talk(t, { url, keylog }) {
      const words = [
        '-n',
        '--no-verify-peer',
        '-H',
        'authorization: Bearer tok-123456',
        `${url}/1`,
        `${url}/2`,
        `${url}/3`,
      ];
      await run(t, 'nghttp', words, keylog);
    },
  },
  {
    program: 'h2load',
    requests: 60,
    modes: ['plaintext', 'tls'],
    async talk(t, { url, keylog }) {
      const said = await run(t, 'h2load', ['-n', '60', '-c', '3', '-m', '10', `${url}/load`], keylog);
      t.regex(said, /60 done, 60 succeeded, 0 failed/);
    },
  },
  {
    program: 'node',
    requests: 2,
    modes: ['plaintext', 'tls', 'mtls'],
    async talk(t, { url, mode }) {
      const { certificate: cert, key } = world.identity('alice');
      const client = connect(url, {
        ca: world.authority('server-ca'),
        ...(mode.client === 'mtls' ? { cert, key } : {}),
      });
      const body = await ask(client, { ':method': 'POST', ':path': '/node' }, [
        '{"password":',
        '"in-two-parts"}',
      ]);
      t.true(body.startsWith('{"received":27,'), body.slice(0, 40));
      await ask(client, { ':path': '/trailers', ':method': 'PUT' }, ['x'], { 'x-sum': '1' });
      const closed = once(client, 'close');
      client.close();
      await closed;
    },
  },
];

type Line = Readonly<Record<string, unknown>> & { readonly kind: string };

async function inspected(path: string, keylog: string): Promise<readonly Line[]> {
  const { exitCode, stdout, stderr } = await runWirelab(['inspect', path, '--json'], {
    env: { SSLKEYLOGFILE: keylog },
  });
  if (exitCode !== 0) throw new Error(stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text) as Line);
}

const listOf = (value: unknown): readonly unknown[] =>
  value === undefined || value === null ? [] : Array.isArray(value) ? value : [value];

/** Of tshark: each frame as packet and length, each header as packet and text. */
async function dissected(
  path: string,
  keylog: string,
  plain: readonly number[],
): Promise<{ readonly frames: readonly string[]; readonly headers: readonly string[] }> {
  const { stdout } = await runProgram(
    'tshark',
    [
      '-r',
      path,
      '-o',
      `tls.keylog_file:${keylog}`,
      // By itself it knows HTTP/2 in clear from the client's preface on: a server may have spoken before.
      ...plain.flatMap((port) => ['-d', `tcp.port==${port},http2`]),
      '-T',
      'ek',
      '-Y',
      'http2',
    ],
    { timeout: 60_000 },
  );
  const frames: string[] = [];
  const headers: string[] = [];
  for (const text of stdout.split('\n')) {
    if (!text.includes('"layers"')) continue;
    const { layers } = JSON.parse(text) as { layers: Record<string, Record<string, unknown>> };
    const packet = String(listOf(layers['frame']?.['frame_frame_number'])[0]);
    for (const one of listOf(layers['http2']).flatMap((each) => listOf(each)) as Record<string, unknown>[]) {
      for (const _ of listOf(one['http2_http2_magic'])) frames.push(`${packet} 24`);
      for (const length of listOf(one['http2_http2_length'])) frames.push(`${packet} ${Number(length) + 9}`);
      const names = listOf(one['http2_http2_header_name']);
      const values = listOf(one['http2_http2_header_unescaped']);
      for (const [index, name] of names.entries())
        headers.push(`${packet} ${String(name)}: ${String(values[index])}`);
    }
  }
  return { frames: frames.toSorted(), headers: headers.toSorted() };
}

interface Head {
  readonly method?: string;
  readonly scheme?: string;
  readonly authority?: string;
  readonly path?: string;
  readonly status?: number;
  readonly headers: readonly (readonly [string, string])[];
}

const pseudo = ['method', 'scheme', 'authority', 'path', 'status'] as const;

async function sameAsTshark(
  t: ExecutionContext,
  path: string,
  keylog: string,
  plain: readonly number[],
): Promise<readonly Line[]> {
  const lines = await inspected(path, keylog);
  const messages = lines.filter(
    ({ protocol, kind }) => kind === 'message' && (protocol === 'http2' || protocol === 'grpc'),
  );
  const frames = messages.map(({ frame, length }) => `${String(frame)} ${String(length)}`).toSorted();
  const headers = messages
    .flatMap(({ frame, http }) => {
      const head = http as Head | undefined;
      if (!head) return [];
      return [
        ...pseudo.flatMap((name) =>
          head[name] === undefined ? [] : [[`:${name}`, String(head[name])] as const],
        ),
        ...head.headers,
      ].map(([name, value]) => `${String(frame)} ${name}: ${value}`);
    })
    .toSorted();
  const others = await dissected(path, keylog, plain);
  t.true(frames.length > 0);
  t.deepEqual(frames, others.frames);
  t.deepEqual(headers, others.headers);
  return lines;
}

async function through(
  t: ExecutionContext,
  name: string,
  target: number,
  words: readonly string[],
): Promise<{ readonly port: number; readonly stop: () => Promise<string> }> {
  const path = join(folder, `${name}.pcapng`);
  const running = start(t, [
    'proxy',
    '--listen',
    '127.0.0.1:0',
    '--target',
    `127.0.0.1:${target}`,
    '--no-tui',
    '--with-secrets',
    '-w',
    path,
    ...words,
  ]);
  const text = await running.until(/listening on 127\.0\.0\.1:(\d+)/);
  return {
    port: Number(/listening on 127\.0\.0\.1:(\d+)/.exec(text)?.[1]),
    async stop() {
      running.child.kill('SIGTERM');
      await running.exit;
      return path;
    },
  };
}

for (const client of clients)
  for (const mode of modes.filter(({ name }) => client.modes.includes(name)))
    withPeer([client.program, 'tshark'], `${client.program} through ${mode.name}`, async (t) => {
      const name = `${client.program}-${mode.name}`;
      const keylog = file(`${name}.keys`, '');
      const target = await site(t, mode.target === 'tls');
      const { port, stop } = await through(t, name, target, ['--mode', mode.name, ...mode.words]);
      const url = `${mode.client === 'plain' ? 'http' : 'https'}://127.0.0.1:${port}`;
      await client.talk(t, { url, mode, keylog });
      const plain = [
        ...(mode.client === 'plain' ? [port] : []),
        ...(mode.target === 'plain' ? [target] : []),
      ];
      const lines = await sameAsTshark(t, await stop(), keylog, plain);
      const requests = lines.filter(({ http }) => {
        const head = http as Head | undefined;
        return head?.method !== undefined;
      });
      t.is(requests.length, 2 * client.requests, 'on both wires');
      if (client.program === 'curl') {
        const secrets = lines
          .filter(({ kind }) => kind === 'secret')
          .map(({ field, value }) => `${String(field)} ${String(value)}`);
        for (const one of ['password hunter2', 'alice pa55word', 'api_key k-123456', 'session s3cr3t'])
          t.true(secrets.includes(one), `${one} in ${secrets.join(', ')}`);
      }
    });

for (const mode of ['plaintext', 'mtls', 'passthrough'] as const)
  withPeer(['etcd', 'etcdctl', 'tshark'], `etcdctl and etcd through ${mode}`, async (t) => {
    const isSecure = mode !== 'plaintext';
    const etcd = await startEtcd(
      isSecure ? { ...world.identity('server'), clientAuthority: world.authority('client-ca') } : undefined,
    );
    t.teardown(async () => etcd.close());
    const keylog = file(`etcd-${mode}.keys`, '');
    const words =
      mode === 'mtls'
        ? [
            ...listener,
            '--cacert',
            clientCa,
            '--allow-cn',
            'alice',
            '--target-tls',
            'mtls',
            '--target-cacert',
            serverCa,
            '--target-cert',
            aliceFiles.cert,
            '--target-key',
            aliceFiles.key,
          ]
        : [];
    const { port, stop } = await through(t, `etcd-${mode}`, etcd.port, ['--mode', mode, ...words]);
    const flags = [
      '--endpoints',
      `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}`,
      ...(isSecure ? ['--cacert', serverCa, '--cert', aliceFiles.cert, '--key', aliceFiles.key] : []),
    ];
    const etcdctl = async (...rest: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await runProgram('etcdctl', [...flags, ...rest], {
        env: { ...process.env, ETCDCTL_API: '3', SSLKEYLOGFILE: keylog },
      });
      t.is(exitCode, 0, stderr);
      return stdout;
    };
    await etcdctl('put', '/registry/secrets/default/db', 'pa55word');
    t.is(await etcdctl('get', '/registry/secrets/default/db', '--print-value-only'), 'pa55word\n');
    const path = await stop();
    // Go's etcdctl writes no keys: a passive observer of it reads nothing.
    if (mode === 'passthrough') {
      const lines = await inspected(path, keylog);
      t.false(lines.some(({ kind }) => kind === 'message'));
      t.false(readFileSync(path).includes('pa55word'));
      return;
    }
    const lines = await sameAsTshark(t, path, keylog, isSecure ? [] : [port, etcd.port]);
    const said = lines
      .filter(({ protocol }) => protocol === 'grpc')
      .map(({ title, facts }) => `${String(title)}: ${String(facts)}`);
    t.true(
      said.some((one) =>
        /^Put request: stream \d+, key: "\/registry\/secrets\/default\/db", value: "pa55word"/.test(one),
      ),
      said.join('\n'),
    );
    t.true(
      said.some((one) => one.startsWith('Range response')),
      said.join('\n'),
    );
  });

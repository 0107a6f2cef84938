/** Protocols that know nothing of us, spoken by their own programs through a proxy. */
import test from 'ava';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { newLog, world } from '../features/support/shop.ts';
import { freePort } from '../helpers/free-port.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { folderOf, serving } from './support/programs.ts';
import { eventsOf, openProxy, streamOf } from './support/proxies.ts';

const redisWords = (port: number): string[] => [
  '--port',
  String(port),
  '--bind',
  '127.0.0.1',
  '--save',
  '',
  '--appendonly',
  'no',
];

withPeer(
  ['redis-server', 'redis-cli'],
  'Redis through plaintext: every command and answer, and the password on the wire',
  async (t) => {
    const port = await freePort();
    await serving(t, 'redis-server', [...redisWords(port), '--requirepass', 'tiger-lily'], port);
    const log = newLog();
    const proxy = await openProxy(t, {
      log,
      kind: 'plaintext',
      to: { host: '127.0.0.1', port },
      more: { pump: 'bytes' },
    });
    const big = 'x'.repeat(200_000);
    const commands = `AUTH tiger-lily\nSET greeting hello\nGET greeting\nSET big ${big}\nSTRLEN big\nGET big\nPING\n`;
    const { stdout, exitCode } = await runProgram(
      'redis-cli',
      ['-h', '127.0.0.1', '-p', String(proxy.address.port)],
      { input: commands },
    );
    t.is(exitCode, 0);
    t.deepEqual(stdout.trimEnd().split('\n'), ['OK', 'OK', 'hello', 'OK', '200000', big, 'PONG']);
    t.true(streamOf(log, 'A', 'wire', 'client').includes('tiger-lily'));
    t.is(streamOf(log, 'A', 'wire', 'client'), streamOf(log, 'B', 'wire', 'client'));
    t.is(streamOf(log, 'A', 'wire', 'server'), streamOf(log, 'B', 'wire', 'server'));
  },
);

for (const kind of ['tls', 'mtls'] as const) {
  withPeer(
    ['redis-server', 'redis-cli'],
    `Redis through ${kind}: the client speaks TLS, the server does not`,
    async (t) => {
      const folder = folderOf(t);
      const port = await freePort();
      await serving(t, 'redis-server', redisWords(port), port);
      const log = newLog();
      const proxy = await openProxy(t, {
        log,
        kind,
        to: { host: '127.0.0.1', port },
        more: { pump: 'bytes' },
      });
      writeFileSync(join(folder, 'ca.crt'), world().authority('server-ca'));
      writeFileSync(join(folder, 'alice.crt'), world().identity('alice').certificate);
      writeFileSync(join(folder, 'alice.key'), world().identity('alice').key, { mode: 0o600 });
      const shown =
        kind === 'mtls' ? ['--cert', join(folder, 'alice.crt'), '--key', join(folder, 'alice.key')] : [];
      const talk = async (words: readonly string[]): Promise<string> =>
        (
          await runProgram('redis-cli', [
            '-h',
            '127.0.0.1',
            '-p',
            String(proxy.address.port),
            '--tls',
            '--cacert',
            join(folder, 'ca.crt'),
            ...words,
            'INCR',
            'n',
          ])
        ).stdout.trim();
      t.is(await talk(shown), '1');
      t.is(await talk(shown), '2');
      if (kind === 'mtls') t.not(await talk([]), '3');
      t.true(streamOf(log, 'A', 'plaintext', 'client').includes('INCR'));
      t.false(streamOf(log, 'A', 'wire', 'client').includes('INCR'));
    },
  );
}

withPeer(
  ['etcd', 'etcdctl'],
  'etcd’s gRPC over mutual TLS through passthrough: it sees records, and who is asked for by name',
  async (t) => {
    const folder = folderOf(t);
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text, { mode: 0o600 });
      return join(folder, name);
    };
    const [port, peerPort] = [await freePort(), await freePort()];
    const serverCa = file('server-ca.crt', world().authority('server-ca'));
    const clientCa = file('client-ca.crt', world().authority('client-ca'));
    const shop = world().identity('shop');
    const alice = world().identity('alice');
    await serving(
      t,
      'etcd',
      [
        '--data-dir',
        join(folder, 'data'),
        '--listen-client-urls',
        `https://127.0.0.1:${port}`,
        '--advertise-client-urls',
        `https://127.0.0.1:${port}`,
        '--listen-peer-urls',
        `http://127.0.0.1:${peerPort}`,
        '--initial-advertise-peer-urls',
        `http://127.0.0.1:${peerPort}`,
        '--initial-cluster',
        `default=http://127.0.0.1:${peerPort}`,
        '--cert-file',
        file('shop.crt', shop.certificate),
        '--key-file',
        file('shop.key', shop.key),
        '--client-cert-auth',
        '--trusted-ca-file',
        clientCa,
        '--unsafe-no-fsync',
        '--log-level',
        'fatal',
      ],
      port,
    );
    const log = newLog();
    const proxy = await openProxy(t, { log, kind: 'passthrough', to: { host: '127.0.0.1', port } });
    const etcdctl = async (...words: string[]): Promise<string> => {
      const common = [
        '--endpoints',
        `https://127.0.0.1:${proxy.address.port}`,
        '--cacert',
        serverCa,
        '--cert',
        file('alice.crt', alice.certificate),
        '--key',
        file('alice.key', alice.key),
        '--dial-timeout',
        '10s',
        '--command-timeout',
        '10s',
      ];
      const { stdout, stderr } = await runProgram('etcdctl', [...common, ...words], {
        env: { ...process.env, ETCDCTL_API: '3' },
      });
      return stdout.trim() || stderr.trim();
    };
    t.is(await etcdctl('put', 'secret-name', 'tiger-lily'), 'OK');
    t.is(await etcdctl('get', 'secret-name', '--print-value-only'), 'tiger-lily');
    const wire = ['client', 'server'] as const;
    for (const from of wire) {
      t.is(streamOf(log, 'A', 'wire', from), streamOf(log, 'B', 'wire', from));
      t.false(streamOf(log, 'A', 'wire', from).includes('tiger-lily'));
      t.is(streamOf(log, 'A', 'plaintext', from), '');
    }
    t.is(eventsOf(log, 'secured').length, 0);
  },
);

test('a late reply after the client has ended arrives, and its bytes stand in the log', async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    let heard = '';
    socket
      .on('data', (bytes: Buffer) => (heard += bytes.toString()))
      .on('end', () => socket.end(`heard ${heard}`));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'passthrough',
    to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
  });
  const client = connect({ ...proxy.address, allowHalfOpen: true });
  let reply = '';
  client.on('data', (bytes: Buffer) => (reply += bytes.toString()));
  client.end('all that I have');
  await once(client, 'close');
  t.is(reply, 'heard all that I have');
  t.is(streamOf(log, 'A', 'wire', 'server'), reply);
});

test('--close-timeout: who goes on for too long after the other has ended is broken off', async (t) => {
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    socket.on('error', () => {}).resume(),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => void server.close());
  const log = newLog();
  const proxy = await openProxy(t, {
    log,
    kind: 'passthrough',
    to: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    more: { timeouts: { close: 50 } },
  });
  const client = connect({ ...proxy.address, allowHalfOpen: true });
  await new Promise((resolve) =>
    client
      .on('error', () => {})
      .on('close', resolve)
      .resume()
      .end('done'),
  );
  t.true(await log.until(() => eventsOf(log, 'closed').length === 2, 5000));
});

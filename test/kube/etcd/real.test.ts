/** The real etcd as a program: its log in words, how it begins, and how it ends. */
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { assert, json, oneof, property, string } from 'fast-check';
import { systemClock } from '../../../src/core/clock.ts';
import { EtcdClient } from '../../../src/kube/etcd/client.ts';
import { findEtcd } from '../../../src/kube/etcd/real.ts';
import { readLogLine } from '../../../src/kube/etcd/etcd-log.ts';
import type { RealEtcdReport } from '../../../src/kube/etcd/etcd-log.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { Unreachable } from '../../../src/wire/http/client.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { clientOf, etcdFolder, startTestEtcd, world } from '../support/etcd.ts';

const asking = { signal: new AbortController().signal };

test('a line of the log is a report where a person should know of it', (t) => {
  const rejected = readLogLine(
    '{"level":"warn","msg":"rejected connection on client endpoint","remote-addr":"127.0.0.1:1","server-name":"","error":"tls: client didn\'t provide a certificate"}',
  );
  t.is(rejected.report?.kind, 'rejected');
  t.deepEqual(rejected.report?.remote, { host: '127.0.0.1', port: 1 });
  t.deepEqual(
    readLogLine('{"level":"warn","msg":"rejected connection","remote-addr":"[::1]:65535"}').report?.remote,
    { host: '::1', port: 65_535 },
  );
  t.is(rejected.report?.text.en, "etcd refused a client: tls: client didn't provide a certificate");
  t.is(readLogLine('{"level":"info","msg":"embedded etcd: ready"}').report, undefined);
  t.is(
    readLogLine('{"level":"fatal","msg":"discovery failed","error":"x"}').report?.text.en,
    'etcd reports a problem: discovery failed: x',
  );
  t.deepEqual(readLogLine('panic: no'), { text: 'panic: no', isTrouble: true, isFatal: true });
  t.deepEqual(readLogLine(''), { text: '', isTrouble: false, isFatal: false });
  t.like(readLogLine('{"level":"panic","msg":"failed to open database","error":"file size too small"}'), {
    text: 'failed to open database: file size too small',
    isTrouble: true,
    isFatal: true,
  });
  // What follows a panic says where in etcd it was, and not what it was.
  for (const line of [
    'goroutine 1 [running]:',
    'go.etcd.io/etcd/raft.newRaft(0xc0004fad98)',
    '\tgo.etcd.io/etcd/server/main.go:31 +0x28',
    'go.uber.org/zap.(*Logger).Panic(0xc00004b340?, {0x124d6ca?, 0x180?})',
    'main.main()',
    'created by go.etcd.io/etcd/server/etcdserver.openBackend in goroutine 1',
    'exit status 2',
  ])
    t.false(readLogLine(line).isTrouble, line);
  t.true(readLogLine('etcd: unknown flag (see --help)').isTrouble);
});

test('any line is read', (t) => {
  assert(property(oneof(string(), json()), (line) => readLogLine(line).text.length < 1100));
  for (const line of ['null', '7', '[]', '{"msg":{}}', '{"level":["fatal"]}'])
    t.is(readLogLine(line).report, undefined);
});

test('an etcd is found on PATH where it says its version, and asked once', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-path-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  t.is(await findEtcd({ PATH: folder }), undefined);
  t.is(await findEtcd({}), undefined);
  writeFileSync(
    join(folder, 'etcd'),
    `#!/bin/sh\necho x >> ${join(folder, 'asked')}\necho 'etcd Version: 3.5.99'\n`,
    { mode: 0o755 },
  );
  t.deepEqual(await findEtcd({ PATH: `:/nowhere:${folder}` }), {
    path: join(folder, 'etcd'),
    version: '3.5.99',
  });
  await findEtcd({ PATH: folder });
  t.is(statSync(join(folder, 'asked')).size, 2);
});

withPeer(
  ['etcd', 'etcdctl'],
  'it takes those whom its own CA vouches for, refuses others with an alert, and says whom',
  async (t) => {
    const reports: RealEtcdReport[] = [];
    const { etcd, folder, end } = await startTestEtcd({ onReport: (report) => void reports.push(report) });
    t.teardown(end);
    t.is(statSync(join(folder, 'data')).mode & 0o777, 0o700);
    const client = clientOf(t, etcd.address);
    const { version } = await client.status(asking);
    t.is(version, etcd.version);
    const authorities = [world.authority('etcd-ca')];
    for (const [more, reason] of [
      [{}, 'certificate_missing'],
      [{ identity: world.identity('admin.conf') }, 'unknown_ca'],
    ] as const) {
      const stranger = new EtcdClient({ to: etcd.address, authorities, clock: systemClock, ...more });
      t.teardown(() => stranger.close());
      const error = await t.throwsAsync(stranger.put('/a', 'b', asking), { instanceOf: Unreachable });
      t.is(error?.failure.reason, reason);
    }
    const { certificate, key } = world.identity('etcd-healthcheck-client');
    writeFileSync(join(folder, 'c.crt'), certificate);
    writeFileSync(join(folder, 'c.key'), key);
    await client.put('/registry/a', 'tiger-lily', asking);
    const { stdout } = await runProgram(
      'etcdctl',
      [
        '--endpoints',
        `https://127.0.0.1:${etcd.address.port}`,
        '--cacert',
        join(folder, 'pki/etcd/ca.crt'),
        '--cert',
        join(folder, 'c.crt'),
        '--key',
        join(folder, 'c.key'),
        'get',
        '/registry/a',
      ],
      { env: { PATH: process.env['PATH'] } },
    );
    t.is(stdout, '/registry/a\ntiger-lily\n');
    await etcd.close();
    t.deepEqual(
      reports.map(
        ({ kind, words = '' }) => `${kind} ${words.replace(/^tls: failed to verify certificate: /, '')}`,
      ),
      [
        'ready ',
        "rejected tls: client didn't provide a certificate",
        'rejected x509: certificate signed by unknown authority',
        'ended ',
      ],
    );
  },
);

withPeer('etcd', 'unprotected it speaks with anybody', async (t) => {
  const { etcd, end } = await startTestEtcd({ security: 'plaintext' });
  t.teardown(end);
  const client = clientOf(t, etcd.address, { security: 'plain' });
  await client.put('/a', 'b', asking);
  t.is((await client.range({ key: '/a' }, asking)).items[0]?.value.toString(), 'b');
});

withPeer(
  'etcd',
  'that it does not start says what it said: a port that is taken, a certificate that is none',
  async (t) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.teardown(() => server.close());
    const taken = await t.throwsAsync(startTestEtcd({ port: (server.address() as AddressInfo).port }), {
      instanceOf: UserError,
    });
    t.regex(taken?.facts.received ?? '', /address already in use/);
    const folder = etcdFolder();
    t.teardown(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'broken.crt');
    writeFileSync(file, 'nothing');
    const broken = await t.throwsAsync(
      startTestEtcd({
        files: { certificate: file, key: file, authority: file, peerCertificate: file, peerKey: file },
      }),
      { instanceOf: UserError },
    );
    t.not(broken?.facts.received ?? '', '');
  },
);

withPeer('etcd', 'it does not outlive the process that started it, however that ends', async (t) => {
  const folder = etcdFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const module = (name: string): string =>
    JSON.stringify(new URL(`../../../src/kube/etcd/${name}.js`, import.meta.url).href);
  const program = `
    const { etcdFilesIn, findEtcd, startRealEtcd } = await import(${module('real')});
    const etcd = await startRealEtcd({ etcd: await findEtcd(process.env), files: etcdFilesIn(${JSON.stringify(join(folder, 'pki'))}), folder: ${JSON.stringify(join(folder, 'data'))} });
    console.log(etcd.address.port);
    process.kill(process.pid, 'SIGKILL');
  `;
  const { stdout } = await runProgram(process.execPath, ['--input-type=module', '-e', program]);
  const port = Number(stdout);
  t.true(port > 0);
  const until = Date.now() + 10_000;
  const isThere = async (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
  while ((await isThere()) && Date.now() < until);
  t.false(await isThere());
});

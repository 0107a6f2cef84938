/** The embedded etcd as a server: whom it lets in and what the others are told, what it costs, and what lasts. */
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { mkdtempSync, readFileSync, rmSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { CaptureLog } from '../../../src/capture/log.ts';
import { systemClock } from '../../../src/core/clock.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { startEmbeddedEtcd } from '../../../src/kube/etcd/embedded.ts';
import type { EmbeddedEtcd, EmbeddedEtcdOptions } from '../../../src/kube/etcd/embedded/embedded-options.ts';
import type { EtcdReport } from '../../../src/kube/etcd/reports.ts';
import { startEtcd } from '../../helpers/etcd.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';
import { encoded, gatewayClient, world } from './support/client.ts';
import type { GatewayClient } from './support/client.ts';

const authority = world.authority('etcd-ca');

interface Started {
  readonly etcd: EmbeddedEtcd;
  readonly reports: readonly EtcdReport[];
  readonly client: GatewayClient;
}

/** With mutual TLS, unless it is said otherwise. */
async function start(t: ExecutionContext, options: Partial<EmbeddedEtcdOptions> = {}): Promise<Started> {
  const reports: EtcdReport[] = [];
  const etcd = await startEmbeddedEtcd({
    listen: { host: '127.0.0.1', port: 0 },
    identity: world.identity('server'),
    clientAuthorities: [authority],
    clock: systemClock,
    onReport: (report) => reports.push(report),
    ...options,
  });
  const client = gatewayClient(
    etcd.address.port,
    options.security === 'plaintext' ? undefined : { ca: authority, ...keyPair('client') },
  );
  t.teardown(async () => {
    client.close();
    await etcd.close(0);
  });
  return { etcd, reports, client };
}

const plain = { security: 'plaintext', clientAuthorities: [] } as const;

function keyPair(name: string): { readonly cert: string; readonly key: string } {
  const { certificate, key } = world.identity(name);
  return { cert: certificate, key };
}

/** How a connection is refused in the words of Node's client: after the handshake under TLS 1.3. */
async function refusalOf(port: number, options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, ca: authority, ...options });
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) =>
      resolve(`${error.code} ${/alert number \d+/.exec(error.message)?.[0] ?? ''}`),
    );
    socket.on('close', () => resolve('closed'));
    socket.on('data', () => resolve('answered'));
    socket.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
  });
}

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-etcd-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const callers = [
  { who: 'a client of its CA', name: 'client' },
  { who: 'nobody', name: undefined },
  { who: 'a client of another CA', name: 'stranger' },
  { who: 'one whose certificate is over', name: 'expired' },
  { who: 'one whose certificate begins later', name: 'early' },
  { who: 'one whose certificate is for servers', name: 'server-only' },
] as const;

withPeer(
  ['etcd', 'curl'],
  'who is refused hears of it as from etcd, and the log has the same words',
  async (t) => {
    const { etcd, reports } = await start(t);
    const real = await startEtcd({ ...world.identity('server'), clientAuthority: authority });
    t.teardown(async () => real.close());
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      for (const { who, name } of callers) {
        const options = { maxVersion, ...(name ? keyPair(name) : {}) };
        t.is(
          await refusalOf(etcd.address.port, options),
          await refusalOf(real.port, options),
          `${who}, ${maxVersion}`,
        );
      }
    }
    // A client that does not believe the server.
    const folder = folderFor(t);
    writeFileSync(join(folder, 'other.crt'), world.authority('ca'));
    for (const port of [etcd.address.port, real.port])
      t.is(
        (
          await runProgram('curl', [
            '-sS',
            '--cacert',
            join(folder, 'other.crt'),
            `https://127.0.0.1:${port}/health`,
          ])
        ).exitCode,
        60,
      );
    // HTTP to the port of HTTPS.
    for (const port of [etcd.address.port, real.port]) {
      const socket = connectPlain({ host: '127.0.0.1', port });
      socket.on('error', () => {});
      socket.end('GET /health HTTP/1.1\r\nHost: x\r\n\r\n').resume();
      await once(socket, 'close');
    }
    const rejected = (words: string): string => words.replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME');
    const mine = reports.flatMap((report) => (report.kind === 'rejected' ? rejected(report.words) : []));
    const theirs = real.log.flatMap((line) => {
      const { msg, error } = JSON.parse(line) as { readonly msg?: string; readonly error?: string };
      return msg?.startsWith('rejected connection on client endpoint') ? rejected(error ?? '') : [];
    });
    // What Go makes of an alert that curl sends at that moment is its own affair.
    const isOfServer = (words: string): boolean => !/^(?:remote|local) error/.test(words);
    t.deepEqual(mine.filter(isOfServer).toSorted(), theirs.filter(isOfServer).toSorted());
    t.deepEqual(
      mine.filter((words) => !isOfServer(words)),
      ['remote error: tls: unknown certificate authority'],
    );
  },
);

test('a client of its CA is answered, known by its name, and every byte is recorded', async (t) => {
  const log = new CaptureLog({ clock: systemClock });
  const { client, reports, etcd } = await start(t, { tap: { log, hop: 'B' } });
  t.is((await client.post('/v3/kv/put', { key: encoded('a'), value: encoded('1') })).code, 200);
  // Its gateway has found out before that it is let in itself.
  t.like(
    reports.findLast(({ kind }) => kind === 'answered'),
    { kind: 'answered', method: 'POST', path: '/v3/kv/put', code: 200, user: 'kube-apiserver-etcd-client' },
  );
  t.like(reports[0], { kind: 'opened', revision: 1 });
  t.is(etcd.kind, 'embedded');
  t.true(
    [...log.events].some(
      (event) =>
        event.type === 'bytes' &&
        event.vantage === 'plaintext' &&
        Buffer.from(event.bytes).includes('/v3/kv/put'),
    ),
  );
});

/** What a raw connection is answered, until it is closed. */
async function rawAnswer(port: number, request: string | Uint8Array): Promise<string> {
  const socket = connectPlain({ host: '127.0.0.1', port });
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk)).on('error', () => {});
  socket.end(request);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString('latin1');
}

test('who speaks HTTP/2 is told what there is', async (t) => {
  const { etcd, reports } = await start(t, plain);
  const answer = await rawAnswer(etcd.address.port, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0');
  t.is(answer.slice(0, 9), '\0\0\0\x04\0\0\0\0\0');
  t.regex(answer.slice(9), /^\0\0.\x07\0{9}\0\0\0\x0dthe embedded etcd does not speak gRPC/s);
  t.regex(
    reports.flatMap((report) => (report.kind === 'rejected' ? report.text.en : [])).join('\n'),
    /which the embedded etcd does not support: use --etcd real/,
  );

  const { etcd: secured, reports: told } = await start(t);
  t.is(
    await refusalOf(secured.address.port, { ...keyPair('client'), ALPNProtocols: ['h2'] }),
    'EPROTO alert number 120',
  );
  t.regex(
    told.flatMap((report) => (report.kind === 'rejected' ? report.text.en : [])).join('\n'),
    /use --etcd real/,
  );
  t.is(
    await refusalOf(secured.address.port, { ...keyPair('client'), ALPNProtocols: ['h2', 'http/1.1'] }),
    'answered',
  );
});

withPeer('etcdctl', 'etcdctl comes to a clear end, with words', async (t) => {
  const { etcd, reports } = await start(t);
  const folder = folderFor(t);
  const { cert, key } = keyPair('client');
  for (const [name, text] of [
    ['ca.crt', authority],
    ['client.crt', cert],
    ['client.key', key],
  ] as const)
    writeFileSync(join(folder, name), text);
  const { exitCode } = await runProgram(
    'etcdctl',
    [
      '--endpoints',
      `https://127.0.0.1:${etcd.address.port}`,
      '--cacert',
      'ca.crt',
      '--cert',
      'client.crt',
      '--key',
      'client.key',
      '--command-timeout',
      '500ms',
      '--dial-timeout',
      '400ms',
      'get',
      'a',
    ],
    { cwd: folder, env: { PATH: process.env['PATH'], HOME: folder } },
  );
  t.is(exitCode, 1);
  t.regex(
    reports.flatMap((report) => (report.kind === 'rejected' ? report.text.ko : [])).join('\n'),
    /--etcd real/,
  );
});

test('an etcd that trusts nobody is a mistake', async (t) => {
  await t.throwsAsync(start(t, { clientAuthorities: [] }), { instanceOf: UserError });
});

test('what was written is there after it is started again, with its history', async (t) => {
  const folder = join(folderFor(t), 'etcd');
  const first = await start(t, { folder, ...plain });
  for (const value of ['1', '2', '3'])
    await first.client.post('/v3/kv/put', { key: encoded('a'), value: encoded(value) });
  await first.client.post('/v3/kv/deleterange', { key: encoded('a') });
  const range = { key: encoded('\0'), range_end: encoded('\0') };
  const before = await first.client.post('/v3/kv/range', { ...range, revision: '3' });
  await t.throwsAsync(start(t, { folder, ...plain }), { instanceOf: UserError });
  await first.etcd.close(0);

  const second = await start(t, { folder, ...plain });
  t.like(second.reports[0], {
    kind: 'opened',
    folder,
    revision: 5,
    recovered: { revision: 5, tornBytes: 0 },
  });
  t.deepEqual((await second.client.post('/v3/kv/range', { ...range, revision: '3' })).body, before.body);
  const lines = await second.client.watch(
    JSON.stringify({ create_request: { ...range, start_revision: '3', prev_kv: true } }),
    (some) => some.length > 1,
  );
  t.is(lines[1]?.result?.events?.length, 3);
  t.like((await second.client.post('/v3/kv/put', { key: encoded('b') })).body, { header: { revision: '6' } });
  await second.etcd.close(0);

  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.log'));
  const bytes = readFileSync(join(folder, file));
  bytes[60]! ^= 1;
  writeFileSync(join(folder, file), bytes);
  const mistake = await t.throwsAsync(start(t, { folder, ...plain }), { instanceOf: UserError });
  t.regex(mistake.facts.where ?? '', /\.log: line \d+, byte \d+$/);
  t.false(readdirSync(folder).includes('lock'));
});

test('what is written while the one before goes to the disk is told, without anybody writing once more', async (t) => {
  const { client } = await start(t, { ...plain, folder: folderFor(t) });
  const rounds = 20;
  const heard = client.watch(
    JSON.stringify({ create_request: { key: encoded('\0'), range_end: encoded('\0') } }),
    (lines) => lines.flatMap(({ result }) => result?.events ?? []).length === 3 * rounds,
  );
  for (let round = 0; round < rounds; round++) {
    const writes: Promise<unknown>[] = [];
    for (const key of ['a', 'b', 'c']) {
      writes.push(client.post('/v3/kv/put', { key: encoded(key), value: encoded(String(round)) }));
      // In the next turn: the one before is on its way to the disk.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Promise.all(writes);
  }
  t.is((await heard).flatMap(({ result }) => result?.events ?? []).length, 3 * rounds);
});

test('without room puts are refused until there is room and the alarm is disarmed', async (t) => {
  const { client } = await start(t, { ...plain, quotaBytes: 100_000 });
  const value = Buffer.alloc(20_000).toString('base64');
  const codes: number[] = [];
  for (let number = 0; number < 7; number++)
    codes.push((await client.post('/v3/kv/put', { key: encoded('a'), value })).code);
  t.deepEqual(codes, [200, 200, 200, 200, 429, 429, 429]);
  t.like((await client.post('/v3/kv/put', { key: encoded('small') })).body, {
    code: 8,
    message: 'etcdserver: mvcc: database space exceeded',
  });
  t.deepEqual(
    [(await client.ask('GET', '/health')).code, (await client.ask('GET', '/health')).text],
    [503, '{"health":"false","reason":"ALARM NOSPACE"}\n'],
  );
  t.like((await client.post('/v3/maintenance/status', {})).body, { errors: ['alarm:NOSPACE '] });
  await client.post('/v3/kv/compaction', { revision: '5' });
  const { alarms } = (await client.post('/v3/maintenance/alarm', {})).body as {
    readonly alarms: readonly { readonly memberID: string; readonly alarm: string }[];
  };
  t.like((await client.post('/v3/maintenance/alarm', { action: 'DEACTIVATE', ...alarms[0] })).body, {
    alarms,
  });
  t.is((await client.post('/v3/kv/put', { key: encoded('small') })).code, 200);
  t.is((await client.ask('GET', '/health')).code, 200);
});

test('watches are told of progress where they asked for it, and by request', async (t) => {
  const { client } = await start(t, { ...plain, progressEvery: 20 });
  const quiet = await client.watch(
    JSON.stringify({ create_request: { key: encoded('a'), progress_notify: true } }),
    (lines) => lines.length > 1,
  );
  t.deepEqual(Object.keys(quiet[1]?.result ?? {}), ['header']);
  const asked = await client.watch(
    '{"create_request":{"key":"YQ=="}}{"progress_request":{}}',
    (lines) => lines.length > 1,
  );
  t.is(asked[1]?.result?.watch_id, '-1');
});

test('what a watch is asked badly is refused at once', async (t) => {
  const { client } = await start(t, plain);
  for (const body of [
    '',
    '{}',
    '[]',
    '{"create_request":',
    '{"create_request":{"key":"!"}}',
    '{"create_request":5}',
    '\xff',
    '{"nope":{}}',
    `{"create_request":{"key":"${'A'.repeat(2_000_000)}"`,
  ]) {
    const { code } = await client.ask('POST', '/v3/watch', body);
    t.is(code, 400, body.slice(0, 50));
  }
});

test('thousands of watches are told, and no more are made than there may be', async (t) => {
  const { client } = await start(t, { ...plain, limits: { watches: 3000 } });
  const body = Array.from({ length: 3005 }, () => '{"create_request":{"key":"YQ=="}}').join('');
  let written: Promise<unknown> | undefined;
  const lines = await client.watch(body, (some) => {
    if (some.length >= 3005) written ??= client.post('/v3/kv/put', { key: 'YQ==' });
    return some.length >= 6005;
  });
  await written;
  t.is(lines.filter(({ result }) => result?.cancel_reason === 'etcdserver: too many watches').length, 5);
  t.is(lines.filter(({ result }) => result?.events?.length === 1).length, 3000);
});

test('a client that does not read costs what its buffers hold, and hears all of it later', async (t) => {
  const { etcd, client } = await start(t, plain);
  const socket: Socket = connectPlain({ host: '127.0.0.1', port: etcd.address.port });
  t.teardown(() => socket.destroy());
  const body = JSON.stringify({ create_request: { key: encoded('a'), prev_kv: true } });
  socket.write(`POST /v3/watch HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
  await once(socket, 'readable');
  const value = Buffer.alloc(300_000, 7).toString('base64');
  for (let number = 0; number < 60; number++) await client.post('/v3/kv/put', { key: encoded('a'), value });
  const before = process.memoryUsage().arrayBuffers;
  let text = '';
  socket.on(
    'data',
    (chunk: Buffer) => (text += chunk.toString('latin1').replaceAll(/[A-Za-z0-9+/]{1000,}/g, '')),
  );
  // Sixty, and what was before each but the first.
  const told = (): number => [...text.matchAll(/"mod_revision":"\d+","version"/g)].length;
  await new Promise<void>((resolve) => socket.on('data', () => told() === 119 && resolve()));
  t.true(before < 200_000_000);
});

test('an answer that is too large is refused, and a deletion of as much is told in several lines to who asked for that', async (t) => {
  const { client } = await start(t, plain);
  const value = Buffer.alloc(1_400_000).toString('base64');
  for (let number = 0; number < 4; number++)
    await client.post('/v3/kv/put', { key: encoded(`k${number}`), value });
  const all = { key: encoded('\0'), range_end: encoded('\0') };
  const { code, body } = await client.post('/v3/kv/txn', {
    success: Array.from({ length: 30 }, () => ({ request_range: all })),
  });
  t.is(code, 429);
  t.regex((body as { readonly message: string }).message, /^grpc: trying to send message larger than max/);
  await client.post('/v3/kv/deleterange', all);
  const told = async (fragment: boolean) =>
    client.watch(
      JSON.stringify({ create_request: { ...all, start_revision: '6', prev_kv: true, fragment } }),
      (some) => some.flatMap(({ result }) => result?.events ?? []).length === 4,
    );
  t.deepEqual(
    (await told(true)).map(({ result }) => [result?.events?.length, result?.fragment]),
    [
      [undefined, undefined],
      [2, true],
      [2, undefined],
    ],
  );
  t.deepEqual(
    (await told(false)).map(({ result }) => [result?.events?.length, result?.fragment]),
    [
      [undefined, undefined],
      [4, undefined],
    ],
  );
});

test('requests that break off, and bytes that are none, harm nobody', async (t) => {
  const { etcd, client } = await start(t, plain);
  const body = '{"key":"YQ==","value":"MQ=="}';
  const request = `POST /v3/kv/put HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  for (let length = 0; length < request.length; length += 3)
    await rawAnswer(etcd.address.port, request.slice(0, length));
  await rawAnswer(etcd.address.port, Buffer.from([0, 1, 2, 255, 254]));
  t.like((await client.post('/v3/kv/range', { key: 'YQ==' })).body, { header: { revision: '1' } });
  t.is((await client.ask('POST', '/v3/kv/put', '{"x":'.repeat(500_000))).code, 400);
  t.is(
    (
      await client.ask(
        'POST',
        '/v3/kv/put',
        Buffer.concat([Buffer.from('{"key":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      )
    ).code,
    400,
  );
  t.is((await client.ask('POST', '/v3/kv/range', '{"key":"YQ==","sort_target":77}')).code, 400);
  t.is((await client.ask('GET', '/v3/kv/put')).code, 501);
  t.is((await client.ask('PUT', '/health')).code, 405);
  t.is((await client.ask('OPTIONS', '/v3/kv/put')).code, 200);
  t.is((await client.ask('GET', '/version')).code, 200);
});

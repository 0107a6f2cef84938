/**
 * `wirelab proxy --workers 2` as processes between real sockets: what several processes relay is printed, recorded, counted
 * and ended as if one did.
 */
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { parseCommand } from '../../../../src/cli/command.ts';
import type { Environment } from '../../../../src/cli/command.ts';
import { proxy as proxyCommand } from '../../../../src/cli/proxy.ts';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { readCaptureFile } from '../../../capture/support/read.ts';
import { until } from '../../../helpers/until.ts';
import { freePort } from '../../../helpers/free-port.ts';
import { start } from '../../../helpers/running.ts';
import type { Running } from '../../../helpers/running.ts';
import { runWirelab } from '../../../helpers/wirelab.ts';
import { makeWorld } from '../../../wire/support/world.ts';

const world = makeWorld();
const files = mkdtempSync(join(tmpdir(), 'wirelab-workers-'));
test.after.always(() => rmSync(files, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(files, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
}

const serverFiles = [
  '--cert',
  file('server.crt', world.identity('server').certificate),
  '--key',
  file('server.key', world.identity('server').key),
];

interface Echo {
  readonly port: number;
}

/** Sends back what comes. */
async function echo(t: ExecutionContext): Promise<Echo> {
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    open.add(socket);
    socket.on('error', () => {}).on('close', () => open.delete(socket));
    socket.pipe(socket);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 512 });
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return { port: (server.address() as AddressInfo).port };
}

async function proxyOn(
  t: ExecutionContext,
  words: readonly string[],
): Promise<Running & { readonly port: number }> {
  const running = start(t, ['proxy', '--workers', '2', '--listen', '127.0.0.1:0', ...words]);
  const said = await running.until(
    /"address":\{"host":"127\.0\.0\.1","port":\d+\}|listening on 127\.0\.0\.1:\d+/,
  );
  return { ...running, port: Number(/(?:"port":|listening on 127\.0\.0\.1:)(\d+)/.exec(said)?.[1]) };
}

/** Connects, sends and gets the same back; resolves with the client's port. */
async function visit(port: number, bytes: Uint8Array): Promise<number> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const { localPort = 0 } = socket;
  let length = 0;
  socket.on('data', (piece: Buffer) => {
    length += piece.length;
    if (length === bytes.length) socket.end();
  });
  socket.write(bytes);
  await once(socket, 'close');
  if (length !== bytes.length) throw new Error(`${length} of ${bytes.length} bytes came back`);
  return localPort;
}

/** So many visits by some clients at a time, each with bytes of its own; the ports of the clients and what they sent. */
async function visits(port: number, count: number, atOnce: number): Promise<ReadonlyMap<number, Buffer>> {
  const sent = new Map<number, Buffer>();
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) {
        const bytes = randomBytes(200 + (left % 7) * 900);
        sent.set(await visit(port, bytes), bytes);
      }
    }),
  );
  return sent;
}

/** What comes back over TLS when a client of that name says hello; undefined when it is turned away. */
async function saidBack(port: number, client: string): Promise<string | undefined> {
  const { certificate: cert, key } = world.identity(client);
  return new Promise((resolve) => {
    const socket = connectTls(
      {
        host: '127.0.0.1',
        port,
        servername: 'shop.localhost',
        ca: world.authority('server-ca'),
        cert,
        key,
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

/** The processes whose parent is this one. */
function childrenOf(pid: number | undefined): readonly number[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === pid)
    .map(([child = 0]) => child);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Asks again until it holds. */
async function eventually(holds: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await until(holds))) throw new Error('it does not come to hold');
}

/** What the status page says; undefined if nobody answers. */
async function asked(port: number, path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let body = '';
      response
        .setEncoding('utf8')
        .on('data', (text: string) => (body += text))
        .on('end', () => resolve(body));
    })
      .on('error', () => resolve(undefined))
      .end();
  });
}

/** With a status page, on a port that nobody else has taken meanwhile. */
async function proxyWithStatus(
  t: ExecutionContext,
  words: readonly string[],
): Promise<{ readonly proxy: Running & { readonly port: number }; readonly statusPort: number }> {
  for (;;) {
    const statusPort = await freePort();
    const proxy = await proxyOn(t, [...words, '--status', `127.0.0.1:${statusPort}`]).catch(() => undefined);
    if (!proxy) continue;
    let hasEnded = false;
    void proxy.exit.then(() => (hasEnded = true));
    let isServed = false;
    await eventually(async () => {
      isServed = (await asked(statusPort, '/_status'))?.startsWith('{') ?? false;
      return isServed || hasEnded;
    });
    if (isServed) return { proxy, statusPort };
  }
}

const statusOf = (text: string | undefined): { readonly clients: number; readonly waiting: number } =>
  JSON.parse(text ?? '{}') as { clients: number; waiting: number };

/** A connection that has said something and was answered; it stays open. */
async function spoken(t: ExecutionContext, port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  t.teardown(() => socket.destroy());
  socket.write('hello');
  await once(socket, 'data');
  return socket;
}

/** Whether nobody listens there. */
async function refused(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const came = await new Promise<boolean>((resolve) =>
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false)),
  );
  socket.destroy();
  return !came;
}

/** The first packet of a connection. */
function isSyn({ bytes }: { readonly bytes: Uint8Array }): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return view.getUint8(view.getUint8(0) >> 4 === 4 ? 33 : 53) === 0x02;
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** As it would stand on one endless line. */
const flat = (text: string): string => text.replace(/\s+/g, ' ');

const targetOf = ({ port }: Echo): string[] => ['--mode', 'plaintext', '--target', `127.0.0.1:${port}`];

test('lines: every connection once, in order of time, with its bytes and a number of its own', async (t) => {
  const proxy = await proxyOn(t, targetOf(await echo(t)));
  const sent = await visits(proxy.port, 60, 6);
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
  const lines = (await proxy.until(/$/)).split('\n').filter((line) => /^\d\d:/.test(line));
  const opened = lines.flatMap((line) => {
    const [, conn, port] = / A #(\d+) 127\.0\.0\.1:(\d+) → /.exec(line) ?? [];
    return conn === undefined ? [] : [{ conn, port: Number(port) }];
  });
  t.deepEqual(
    opened.map(({ port }) => port).sort((one, other) => one - other),
    [...sent.keys()].sort((one, other) => one - other),
  );
  const numbers = lines.flatMap((line) => / [AB] #(\d+) \S+ → .*connected$/.exec(line)?.[1] ?? []);
  t.is(numbers.length, 120);
  t.is(new Set(numbers).size, 120);
  for (const { conn, port } of opened) {
    const bytes = sent.get(port)?.length.toLocaleString('en');
    const its = lines.filter((line) => line.includes(` #${conn} `));
    t.regex(its[0] ?? '', /connected$/);
    t.regex(its.at(-1) ?? '', new RegExp(`closed by the client +→ ${bytes} B +← ${bytes} B$`));
  }
  const times = lines.map((line) => line.slice(0, 12));
  t.deepEqual(times, times.toSorted());
});

test('--json: numbers of events rise over all workers, what refers to them is there, and all bytes are', async (t) => {
  const proxy = await proxyOn(t, [...targetOf(await echo(t)), '--json']);
  const sent = await visits(proxy.port, 40, 5);
  proxy.child.kill('SIGINT');
  t.deepEqual([...(await proxy.exit)], [130, null]);
  const lines = (await proxy.until(/$/))
    .trimEnd()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as Record<string, unknown> & { kind: string; seq?: number; conn?: number },
    );
  t.is(lines[0]?.kind, 'began');
  t.is(lines.filter(({ kind }) => kind === 'began').length, 1);
  t.is(lines.filter(({ kind }) => kind === 'note').length, 1, 'listening is said once');
  const seqs = lines.flatMap(({ seq }) => seq ?? []);
  t.deepEqual(
    seqs,
    [...new Set(seqs)].sort((one, other) => one - other),
  );
  // A line about messages has their own times, and stands where the connection ends.
  const times = lines.flatMap(({ seq, at }) => (seq !== undefined && typeof at === 'number' ? at : []));
  t.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
  for (const { event } of lines) if (event !== undefined) t.true(seqs.includes(event as number));
  const opened = lines.filter(({ kind }) => kind === 'opened');
  t.is(new Set(opened.map(({ conn }) => conn)).size, 80);
  for (const { conn, hop, from } of opened) {
    if (hop !== 'A') continue;
    const bytes = lines.filter(
      (line) => line.kind === 'bytes' && line.conn === conn && line['from'] === 'client',
    );
    const { port } = from as { port: number };
    t.deepEqual(
      Buffer.concat(bytes.map((line) => Buffer.from(line['bytes'] as string, 'base64'))),
      sent.get(port),
    );
  }
});

test('-w: one file in order of time, with every stream whole', async (t) => {
  const path = join(files, 'all.pcapng');
  const proxy = await proxyOn(t, [...targetOf(await echo(t)), '-w', path]);
  t.true(existsSync(`${path}.partial`));
  const sent = await visits(proxy.port, 40, 5);
  proxy.child.kill('SIGTERM');
  await proxy.exit;
  t.false(existsSync(`${path}.partial`));
  const { packets, problem, interfaces } = readCaptureFile(readFileSync(path));
  t.is(problem, undefined);
  t.deepEqual(
    interfaces.map(({ name }) => name),
    ['A', 'B'],
  );
  const times = packets.map(({ microseconds }) => microseconds);
  t.deepEqual(
    times,
    times.toSorted((one, other) => one - other),
  );
  t.true(Math.abs(Date.now() * 1000 - (times.at(-1) ?? 0)) < 600_000_000);
  const { stdout, exitCode } = await runWirelab(['inspect', path, '--json']);
  t.is(exitCode, 0);
  const streams = stdout
    .trimEnd()
    .split('\n')
    .map(
      (line) => JSON.parse(line) as { kind: string; from?: { port: number }; sha256?: { client?: string } },
    );
  t.is(streams.filter(({ kind }) => kind === 'stream').length, 80);
  const contents = [...new Set([...sent.values()].map(digest))];
  for (const content of contents) t.true(stdout.includes(content), 'the content of a stream, by its hash');
});

test('mtls: a refused client has its card, wherever it was relayed; reloading reaches all workers or none', async (t) => {
  const cacert = file('trusted.crt', world.authority('client-ca'));
  const target = await echo(t);
  const proxy = await proxyOn(t, [
    '--mode',
    'mtls',
    '--target',
    `127.0.0.1:${target.port}`,
    ...serverFiles,
    '--cacert',
    cacert,
    '--allow-all',
  ]);
  const all = async (client: string): Promise<readonly (string | undefined)[]> =>
    Promise.all(Array.from({ length: 8 }, async () => saidBack(proxy.port, client)));
  t.deepEqual(
    await all('alice'),
    Array.from({ length: 8 }, () => 'hello'),
  );
  t.deepEqual(
    await all('mallory'),
    Array.from({ length: 8 }, () => undefined),
  );
  const cards = await proxy.until(/(?:REFUSED by proxy[^]*?openssl s_client[^]*){8}/);
  for (const [card] of cards.matchAll(/REFUSED by proxy[^]*?openssl s_client .*/g))
    t.notRegex(card, /\d\d:\d\d:\d\d\.\d{3}/, 'the lines of a card stay together');

  // Files that change are read by themselves.
  writeFileSync(cacert, 'nothing of the kind');
  await proxy.until(/the\s+old\s+ones\s+remain/);
  t.deepEqual(
    await all('alice'),
    Array.from({ length: 8 }, () => 'hello'),
  );
  writeFileSync(cacert, world.authority('rogue-ca'));
  const reloaded = flat(await proxy.until(/were\s+reloaded/));
  t.is(reloaded.match(/the old ones remain/g)?.length, 1, 'said once');
  t.is(reloaded.match(/were reloaded/g)?.length, 1, 'said once');
  t.deepEqual(
    await all('alice'),
    Array.from({ length: 8 }, () => undefined),
  );
  t.deepEqual(
    await all('mallory'),
    Array.from({ length: 8 }, () => 'hello'),
  );
  proxy.child.kill('SIGHUP');
  await proxy.until(/were\s+reloaded[^]*were\s+reloaded/);
  t.deepEqual(
    await all('mallory'),
    Array.from({ length: 8 }, () => 'hello'),
  );
});

test('tls: a session is resumed by whichever worker; the keys of all are in the files', async (t) => {
  const [path, keys] = [join(files, 'keys.pcapng'), join(files, 'keys.log')];
  const { port } = await echo(t);
  const proxy = await proxyOn(t, [
    '--mode',
    'tls',
    '--target',
    `127.0.0.1:${port}`,
    ...serverFiles,
    '-w',
    path,
    '--with-secrets',
    '--keylog',
    keys,
  ]);
  const ask = async (session?: Buffer): Promise<{ readonly isReused: boolean; readonly session: Buffer }> => {
    const socket = connectTls({
      host: '127.0.0.1',
      port: proxy.port,
      servername: 'shop.localhost',
      ca: world.authority('server-ca'),
      maxVersion: 'TLSv1.2',
      ...(session ? { session } : {}),
    });
    await once(socket, 'secureConnect');
    socket.write('hello');
    await once(socket, 'data');
    const own = socket.getSession();
    const isReused = socket.isSessionReused();
    socket.end();
    await once(socket, 'close');
    if (!own) throw new Error('there is no session');
    return { isReused, session: own };
  };
  const { session, isReused } = await ask();
  t.false(isReused);
  const again = await Promise.all(Array.from({ length: 10 }, async () => ask(session)));
  t.deepEqual(
    again.map((one) => one.isReused),
    again.map(() => true),
  );
  proxy.child.kill('SIGTERM');
  await proxy.exit;
  const lines = readFileSync(keys, 'utf8').trimEnd().split('\n');
  t.is(lines.length, 11);
  t.is(new Set(lines).size, 11);
  t.deepEqual(readCaptureFile(readFileSync(path)).keylog.toSorted(), lines.toSorted());
});

test('--max-concurrent-conns holds over all workers, and --status has the sums', async (t) => {
  const target = await echo(t);
  const { proxy, statusPort } = await proxyWithStatus(t, [
    ...targetOf(target),
    '--max-concurrent-conns',
    '3',
  ]);
  await visits(proxy.port, 40, 12);

  // Three that have said something keep their places; the others wait, in whichever worker.
  const held = await Promise.all(Array.from({ length: 3 }, async () => spoken(t, proxy.port)));
  const waiting = Array.from({ length: 6 }, () => connect(proxy.port, '127.0.0.1').on('error', () => {}));
  t.teardown(() => {
    for (const socket of waiting) socket.destroy();
  });
  await eventually(async () => statusOf(await asked(statusPort, '/_status')).waiting === 6);
  t.is(statusOf(await asked(statusPort, '/_status')).clients, 9);
  const metrics = (await asked(statusPort, '/_metrics')) ?? '';
  t.regex(metrics, /^wirelab_connections_waiting 6$/m);
  t.regex(metrics, /^wirelab_connections_total\{hop="A"\} 43$/m);
  t.regex(metrics, /^wirelab_connections_open\{hop="A"\} 3$/m);
  t.regex(metrics, /^wirelab_target_up 1$/m);

  // Who has said something is served first, as soon as one has closed.
  const [first] = waiting;
  first?.write('now');
  await new Promise((resolve) => setImmediate(resolve));
  held[0]?.destroy();
  const [answer] = (await once(first ?? held[1] ?? proxy.child, 'data')) as [Buffer];
  t.is(answer.toString(), 'now');
  proxy.child.kill('SIGTERM');
  for (const socket of [...held, ...waiting]) socket.destroy();
  await proxy.exit;
  let served = 0;
  let most = 0;
  for (const [, what] of (await proxy.until(/$/)).matchAll(/ A #\d+ .*(connected|closed|aborted)/g)) {
    served += what === 'connected' ? 1 : -1;
    most = Math.max(most, served);
  }
  t.deepEqual([served, most], [0, 3], 'as many at once as are allowed, never more');
});

test('silent connections of one worker make room for those that wait in any; it is said once', async (t) => {
  const proxy = await proxyOn(t, [...targetOf(await echo(t)), '--max-concurrent-conns', '2']);
  const silent = [connect(proxy.port, '127.0.0.1'), connect(proxy.port, '127.0.0.1')];
  for (const socket of silent) socket.on('error', () => {});
  await proxy.until(/ A #\d+ 127[^]* A #\d+ 127/);
  t.deepEqual(await visit(proxy.port, Buffer.from('hello')).then(() => 'served'), 'served');
  const said = flat(await proxy.until(/closed to make room[^]*--max-concurrent-conns/));
  t.is(said.match(/closed to make room/g)?.length, 1);
  t.regex(said, / #\d+ 127\.0\.0\.1:\d+ was closed to make room/);
  for (const socket of silent) socket.destroy();
});

test('SIGTERM lets the open connections of all workers come to their end', async (t) => {
  const proxy = await proxyOn(t, targetOf(await echo(t)));
  const open = await Promise.all(Array.from({ length: 6 }, async () => spoken(t, proxy.port)));
  proxy.child.kill('SIGTERM');
  await eventually(async () => refused(proxy.port));
  for (const socket of open) {
    socket.write('after');
    const [bytes] = (await once(socket, 'data')) as [Buffer];
    t.is(bytes.toString(), 'after');
    socket.end();
  }
  t.deepEqual([...(await proxy.exit)], [143, null]);
  const lines = await proxy.until(/$/);
  t.is(lines.match(/ A #\d+ closed by the client +→ 10 B +← 10 B/g)?.length, 6);
});

test('what does not end in time is broken off in all workers, and the sum is said', async (t) => {
  const proxy = await proxyOn(t, [...targetOf(await echo(t)), '--shutdown-timeout', '50ms']);
  await Promise.all(Array.from({ length: 5 }, async () => spoken(t, proxy.port)));
  let said = '';
  proxy.child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
  t.regex(said, /^wirelab: connections aborted: 5$/m);
  t.is((await proxy.until(/$/)).match(/ A #\d+ .*closed|aborted/g)?.length, 5);
});

test('a second signal ends all at once; no worker is left', async (t) => {
  const proxy = await proxyOn(t, targetOf(await echo(t)));
  const workers = childrenOf(proxy.child.pid);
  t.is(workers.length, 2);
  await spoken(t, proxy.port);
  proxy.child.kill('SIGINT');
  await eventually(async () => refused(proxy.port));
  proxy.child.kill('SIGINT');
  t.deepEqual([...(await proxy.exit)], [130, null]);
  await eventually(() => !workers.some(isAlive));
  t.pass();
});

test('workers do not outlive a supervisor that is killed', async (t) => {
  const proxy = await proxyOn(t, targetOf(await echo(t)));
  const workers = childrenOf(proxy.child.pid);
  t.is(workers.length, 2);
  const open = await spoken(t, proxy.port);
  proxy.child.kill('SIGKILL');
  await once(open, 'close');
  await eventually(() => !workers.some(isAlive));
  t.true(await refused(proxy.port));
});

test('a worker that is killed takes its connections with it, which is said, and is replaced; what it relayed is kept', async (t) => {
  const path = join(files, 'killed.pcapng');
  const proxy = await proxyOn(t, [...targetOf(await echo(t)), '-w', path]);
  const before = childrenOf(proxy.child.pid);
  const open = await Promise.all(Array.from({ length: 8 }, async () => spoken(t, proxy.port)));
  // All is printed that was relayed so far.
  await proxy.until(/(?:A #\d+ 127[^]*?){8}/);
  const [victim = 0] = before;
  let lost = 0;
  for (const socket of open) socket.on('close', () => lost++);
  process.kill(victim, 'SIGKILL');
  const said = flat(await proxy.until(/takes\s+its\s+place/));
  const [, number] =
    /worker \d ended unexpectedly \(SIGKILL\); its open connections \((\d)\) are lost/.exec(said) ?? [];
  await eventually(() => lost === Number(number));
  await eventually(() => childrenOf(proxy.child.pid).length === 2);
  // On a busy machine the second worker may listen only now: it is the first that says where the proxy listens.
  await eventually(async () =>
    visit(proxy.port, randomBytes(200)).then(
      () => true,
      () => false,
    ),
  );
  const sent = await visits(proxy.port, 20, 4);
  for (const socket of open) if (!socket.destroyed) socket.end();
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
  const lines = await proxy.until(/$/);
  const numbers = [...lines.matchAll(/ [AB] #(\d+) \S+ → \S+ +connected/g)].map(([, conn]) => conn);
  t.is(numbers.length, 2 * (8 + 1 + sent.size));
  t.is(new Set(numbers).size, numbers.length, 'no number is used again');
  const { packets, problem } = readCaptureFile(readFileSync(path));
  t.is(problem, undefined);
  t.is(packets.filter(isSyn).length, numbers.length, 'each connection is in the file');
});

test('a worker that listens only after the others were killed listens on their port', async (t) => {
  const { port } = await echo(t);
  const target = `127.0.0.1:${port}`;
  const words = `proxy --workers 2 --listen 127.0.0.1:0 --mode plaintext --target ${target}`;
  const proxy = start(t, words.split(' '));
  const { child } = proxy;
  await eventually(() => childrenOf(child.pid).length === 2);
  const [first = 0, late = 0] = [...childrenOf(child.pid)].sort((one, other) => one - other);
  process.kill(late, 'SIGSTOP');
  t.teardown(() => {
    // Nothing else can end it where the test fails.
    if (childrenOf(child.pid).includes(late)) process.kill(late, 'SIGKILL');
  });
  const listening = Number(
    /listening on 127\.0\.0\.1:(\d+)/.exec(await proxy.until(/listening on \S+:\d+/))?.[1],
  );
  process.kill(first, 'SIGKILL');
  await proxy.until(/takes\s+its\s+place/);
  process.kill(late, 'SIGCONT');
  await eventually(async () => !(await refused(listening)));
  t.is((await visits(listening, 12, 4)).size, 12);
  child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
});

test('where all workers were killed, the new ones listen on the same port', async (t) => {
  const proxy = await proxyOn(t, targetOf(await echo(t)));
  const before = childrenOf(proxy.child.pid);
  for (const worker of before) process.kill(worker, 'SIGKILL');
  await proxy.until(/worker\s+1\s+ended[^]*takes\s+its\s+place/);
  await proxy.until(/worker\s+2\s+ended[^]*takes\s+its\s+place/);
  await eventually(() => childrenOf(proxy.child.pid).filter((pid) => !before.includes(pid)).length === 2);
  await eventually(async () => !(await refused(proxy.port)));
  t.is((await visits(proxy.port, 12, 4)).size, 12);
  proxy.child.kill('SIGTERM');
  t.deepEqual([...(await proxy.exit)], [143, null]);
});

test('with the screen, several workers are a mistake', async (t) => {
  const words = [
    '--mode',
    'plaintext',
    '--listen',
    '127.0.0.1:0',
    '--target',
    '127.0.0.1:1',
    '--workers',
    '2',
  ];
  const environment = {
    variables: {},
    language: 'en',
    stdout: { isTTY: true },
    stdin: { isTTY: true },
  } as unknown as Environment;
  const error = await t.throwsAsync(
    proxyCommand.run(parseCommand('proxy', proxyCommand.options, words), environment),
    {
      instanceOf: UserError,
    },
  );
  t.is(error.facts.what.en, 'the screen is one process and cannot show several workers');
});

test('an address that is in use is one mistake, and no worker is left', async (t) => {
  const { port } = await echo(t);
  const running = start(
    t,
    `proxy --workers 2 --mode plaintext --listen 127.0.0.1:${port} --target 127.0.0.1:1`.split(' '),
  );
  let said = '';
  running.child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  t.deepEqual([...(await running.exit)], [2, null]);
  t.is(said.match(/in use/g)?.length, 1, said);
});

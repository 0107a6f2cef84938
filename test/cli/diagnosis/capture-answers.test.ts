/** `wirelab why CAPTURE` where the handshake went well, or was not wanted: what was answered above it, and what was not. */
import test from 'ava';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls, createServer } from 'node:tls';
import { ipv4, pcap, udp } from '../../capture/support/packets.ts';
import type { PcapPacket } from '../../capture/support/packets.ts';
import { desk, world } from '../certs/support/files.ts';
import { askWirelab } from '../../helpers/wirelab.ts';
import { bye, icmp, talk } from './support/talk.ts';
import type { Said } from './support/talk.ts';

interface Line {
  readonly cause: string;
  readonly by: string;
  readonly confidence: string;
  readonly because: { readonly en: string };
  readonly remedy: { readonly on: string; readonly words: { readonly en: string } };
  readonly evidence: readonly { readonly frame?: number; readonly offset?: number }[];
  readonly others: readonly Line[];
}

async function why(t: Parameters<typeof desk>[0], packets: readonly PcapPacket[]) {
  const { folder } = desk(t);
  writeFileSync(join(folder, 'seen.pcap'), pcap(packets));
  const { exitCode, stdout } = await askWirelab(['why', '--json', 'seen.pcap'], { cwd: folder });
  return { exitCode, line: JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Line };
}

const get = (path: string): Said => ({
  from: 'client',
  payload: `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n\r\n`,
  flags: 'P',
});
const answer = (status: string): Said => ({
  from: 'server',
  payload: `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`,
  flags: 'P',
});
/** An acknowledgement. */
const taken: Said = { from: 'server' };
const after = (milliseconds: number, said: Said): Said => ({ ...said, after: milliseconds });

test('a request without an answer, and a client that gives up: the application is silent', async (t) => {
  for (const flags of ['F', 'R']) {
    const { exitCode, line } = await why(t, talk([get('/'), taken, after(2000, { from: 'client', flags })]));
    t.is(exitCode, 1, flags);
    t.like(line, { cause: 'application_silent', by: 'server', confidence: 'proven' });
    t.regex(line.because.en, /GET \/ came: the client waited 2\.0 s/);
    t.like(line.evidence[0], { frame: 4, offset: 0 });
  }
});

test('a client that leaves at once, and one that was answered, gave up nothing', async (t) => {
  const left = await why(t, talk([get('/'), taken, after(100, { from: 'client', flags: 'F' })]));
  t.is(left.exitCode, 3);
  const idle = await why(
    t,
    talk([get('/'), answer('200 OK'), after(5000, { from: 'client', flags: 'F' }), ...bye.slice(1)]),
  );
  t.is(idle.exitCode, 0);
});

test('an answer that refuses is the cause, with its packet and that of the request', async (t) => {
  const bad = await why(t, talk([get('/a'), answer('502 Bad Gateway'), ...bye]));
  t.is(bad.exitCode, 1);
  t.like(bad.line, { cause: 'refused_by_application', by: 'server', confidence: 'likely' });
  t.deepEqual(
    bad.line.evidence.map(({ frame }) => frame),
    [5, 4],
  );
  t.regex(bad.line.because.en, /GET \/a is 502 Bad Gateway/);
  t.notRegex(bad.line.because.en, /TLS/);
  const refused = await why(t, talk([get('/a'), answer('403 Forbidden'), ...bye]));
  t.like(refused.line, { cause: 'refused_by_application', confidence: 'proven' });
});

test('what is asked for in vain beside what was served is only noted', async (t) => {
  const { exitCode, line } = await why(
    t,
    talk([get('/'), answer('200 OK'), get('/favicon.ico'), answer('404 Not Found'), ...bye]),
  );
  t.is(exitCode, 0);
  t.is(line.others[0]?.cause, 'refused_by_application');
  const failed = await why(t, talk([get('/'), answer('200 OK'), get('/b'), answer('500 Oops'), ...bye]));
  t.is(failed.exitCode, 1);
});

test('a password that was asked for, and given the next time, is no failure', async (t) => {
  const first = talk([get('/'), answer('401 Unauthorized'), ...bye]);
  t.is((await why(t, first)).line.remedy.on, 'client');
  const second = talk([get('/'), answer('200 OK'), ...bye], { clientPort: 50_002, at: 100 });
  t.is((await why(t, [...first, ...second])).exitCode, 0);
  t.is(
    (await why(t, talk([get('/'), answer('401 Unauthorized'), get('/'), answer('200 OK'), ...bye]))).exitCode,
    0,
  );
  const connect: Said = { from: 'client', payload: 'CONNECT shop.test:443 HTTP/1.1\r\n\r\n', flags: 'P' };
  const proxied = await why(t, talk([connect, answer('407 Proxy Authentication Required'), ...bye]));
  t.like(proxied.line, { cause: 'tunnel_refused', confidence: 'proven' });
});

/** A ClientHello of TLS 1.2 with one suite and no extensions. */
const hello = Buffer.from(`160301002d010000290303${'11'.repeat(32)}000002c02f0100`, 'hex');

test('a STARTTLS that was refused stays refused where the client says hello all the same', async (t) => {
  const { line } = await why(
    t,
    talk([
      { from: 'server', payload: '220 mx.test ESMTP\r\n' },
      { from: 'client', payload: 'EHLO a\r\n' },
      { from: 'server', payload: '250-mx.test\r\n250 STARTTLS\r\n' },
      { from: 'client', payload: 'STARTTLS\r\n' },
      { from: 'server', payload: '454 TLS currently unavailable\r\n' },
      { from: 'client', payload: hello },
      { from: 'server', payload: '501 NUL characters are not allowed\r\n' },
      ...bye,
    ]),
  );
  t.like(line, { cause: 'starttls_refused', by: 'server', confidence: 'proven' });
  t.is(line.evidence[0]?.frame, 8);
  t.is(line.evidence[0]?.offset, 46);
});

/** A message of PostgreSQL. */
function postgres(type: string, body: string): Buffer {
  const bytes = Buffer.from(`${type}0000${body}`, 'latin1');
  bytes.writeUInt32BE(body.length + 4, 1);
  return bytes;
}

test('a database that ends the session with an error has refused it', async (t) => {
  const startup = Buffer.from('0000user\0anna\0database\0nirgends\0\0', 'latin1');
  const whole = Buffer.concat([Buffer.alloc(4), startup]);
  whole.writeUInt32BE(whole.length, 0);
  whole.writeUInt32BE(0x30000, 4);
  const error = (code: string): Said => ({
    from: 'server',
    payload: postgres('E', `SFATAL\0C${code}\0Mdatabase "nirgends" does not exist\0\0`),
  });
  const ask: Said = { from: 'client', payload: whole };
  const ends: readonly Said[] = [
    { from: 'server', flags: 'F' },
    { from: 'client', flags: 'F' },
  ];
  const { exitCode, line } = await why(t, talk([ask, error('3D000'), ...ends]));
  t.is(exitCode, 1);
  t.like(line, { cause: 'refused_by_application', by: 'server', confidence: 'proven' });
  t.regex(line.because.en, /does not exist/);
  t.is(line.evidence[0]?.frame, 5);
  const login = await why(t, talk([ask, error('28000'), ...ends]));
  t.regex(login.line.because.en, /^the login was refused/);
});

const record = (type: number, length: number): Buffer =>
  Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 0xff]), Buffer.alloc(length, 7)]);
const extensions = (text: string): string => `${(text.length / 2).toString(16).padStart(4, '0')}${text}`;
const handshake = (type: string, body: string): Buffer => {
  const bytes = Buffer.from(`${type}${(body.length / 2).toString(16).padStart(6, '0')}${body}`, 'hex');
  return Buffer.concat([Buffer.from([0x16, 3, 3, bytes.length >> 8, bytes.length & 0xff]), bytes]);
};
const version13 = '002b0003020304';
const http11 = '0010000b000908687474702f312e31';
const hello13 = (more: string): Buffer =>
  handshake('01', `0303${'11'.repeat(32)}00000213010100${extensions(`${version13}${more}`)}`);
const serverHello13 = handshake('02', `0303${'22'.repeat(32)}00130100${extensions('002b00020304')}`);

/** TLS 1.3 up to the Finished of the client. */
const openedFor = (more: string): readonly Said[] => [
  { from: 'client', payload: hello13(more) },
  { from: 'server', payload: Buffer.concat([serverHello13, record(23, 900), record(23, 53)]) },
  { from: 'client', payload: record(23, 53) },
];
const opened = openedFor(http11);
const ticket: Said = { from: 'server', payload: record(23, 250) };
const sealed = (from: 'client' | 'server', length: number): Said => ({ from, payload: record(23, length) });

test('sealed data one way only: an application that does not answer is likely, tickets are no answer', async (t) => {
  const silent = await why(
    t,
    talk([...opened, sealed('client', 96), ticket, ticket, after(2000, { from: 'client', flags: 'F' })]),
  );
  t.is(silent.exitCode, 1);
  t.like(silent.line, { cause: 'application_silent', by: 'unknown', confidence: 'likely' });
  const answered = await why(
    t,
    talk([
      ...opened,
      sealed('client', 96),
      ticket,
      ticket,
      sealed('server', 300),
      after(2000, { from: 'client', flags: 'F' }),
      ...bye.slice(1),
    ]),
  );
  t.is(answered.exitCode, 0);
  // What speaks no HTTP may have said all that it had to say.
  const other = await why(
    t,
    talk([
      ...openedFor(''),
      sealed('client', 96),
      after(2000, { from: 'client', flags: 'F' }),
      ...bye.slice(1),
    ]),
  );
  t.is(other.exitCode, 3);
  // A single record may be the answer.
  const one = await why(
    t,
    talk([
      ...opened,
      sealed('client', 96),
      ticket,
      after(2000, { from: 'client', flags: 'F' }),
      ...bye.slice(1),
    ]),
  );
  t.is(one.exitCode, 0);
});

test('a server whose window stays shut does not read', async (t) => {
  const { line } = await why(
    t,
    talk([
      { from: 'client', payload: 'PUT / HTTP/1.1\r\nContent-Length: 9999\r\n\r\n' },
      { from: 'client', payload: 'x'.repeat(900) },
      { from: 'server', window: 0 },
      after(3000, { from: 'client' }),
      { from: 'server', window: 0 },
    ]),
  );
  t.like(line, { cause: 'application_silent', by: 'server', confidence: 'likely' });
  t.regex(line.because.en, /window of zero/);
  const opens = await why(
    t,
    talk([get('/'), { from: 'server', window: 0 }, { from: 'server' }, answer('200 OK'), ...bye]),
  );
  t.is(opens.exitCode, 0);
});

const [syn] = talk([]);

test('ICMP says who refused a packet, and why', async (t) => {
  const packet = syn?.bytes ?? new Uint8Array(0);
  const rows = [
    [13, 'rejected_on_the_way', 'between', 'proven', 'between'],
    [1, 'target_unreachable', 'between', 'proven', 'between'],
    [0, 'target_unreachable', 'between', 'proven', 'between'],
    [3, 'rejected_on_the_way', 'between', 'likely', 'between'],
  ] as const;
  for (const [code, cause, by, confidence, on] of rows) {
    const { exitCode, line } = await why(t, [
      ...(syn ? [syn] : []),
      { bytes: icmp(packet, { code, reporter: '10.0.9.9' }), microseconds: 1_700_000_000_001_000 },
    ]);
    t.is(exitCode, 1, `${code}`);
    t.like(line, { cause, by, confidence });
    t.is(line.remedy.on, on);
    t.regex(line.because.en, /10\.0\.9\.9 answered packets to 10\.0\.0\.2:443/);
    t.is(line.evidence[0]?.frame, 2);
  }
});

test('a packet that is too large for the path: the MTU is named, and nothing of a connection that got over it', async (t) => {
  const large = {
    from: 'client',
    payload: Buffer.concat([hello, Buffer.alloc(1400, 1)]),
    flags: 'P',
  } as const;
  const [, , , sent] = talk([large]);
  const report = {
    bytes: icmp(sent?.bytes ?? new Uint8Array(0), { code: 4, mtu: 1280, reporter: '10.0.9.9' }),
    microseconds: 1_700_000_000_010_000,
  };
  const opening = talk([large]);
  const again = [1, 2, 3].map((times) => ({
    bytes: sent?.bytes ?? new Uint8Array(0),
    microseconds: 1_700_000_000_010_000 + times * 400_000,
  }));
  const lost = await why(t, [...opening, report, ...again]);
  t.like(lost.line, { cause: 'large_packets_lost', by: 'between', confidence: 'likely' });
  t.regex(lost.line.because.en, /10\.0\.9\.9 passes on only packets of at most 1280 bytes/);
  t.is(lost.line.evidence[0]?.frame, 5);
  const well = talk([get('/'), answer('200 OK'), ...bye]);
  t.is((await why(t, [...well.slice(0, 4), report, ...well.slice(4)])).exitCode, 0);
});

/** A question of DNS for an A record, or its answer without one. */
function dns(name: string, code?: number): Buffer {
  const labels = Buffer.concat(
    [...name.split('.'), ''].map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
  );
  const head = Buffer.from('000101000001000000000000', 'hex');
  if (code !== undefined) head.writeUInt16BE(0x8180 | code, 2);
  return Buffer.concat([head, labels, Buffer.from('00010001', 'hex')]);
}

const asking = (name: string, code: number): PcapPacket[] =>
  [
    ipv4(udp({ sourcePort: 40_000, destinationPort: 53, payload: dns(name) }), { protocol: 17 }),
    ipv4(udp({ sourcePort: 53, destinationPort: 40_000, payload: dns(name, code) }), {
      protocol: 17,
      source: '10.0.0.2',
      destination: '10.0.0.1',
    }),
  ].map((bytes, index) => ({ bytes, microseconds: 1_699_999_999_000_000 + index * 1000 }));

test('a name that leads nowhere is why there is no connection, and beside one that went well only a note', async (t) => {
  const alone = await why(t, asking('shop.test', 3));
  t.is(alone.exitCode, 1);
  t.like(alone.line, { cause: 'host_not_found', by: 'client', confidence: 'proven' });
  t.regex(alone.line.because.en, /shop\.test leads to no address: the resolver answered NXDOMAIN/);
  t.is(alone.line.evidence[0]?.frame, 2);
  const beside = await why(t, [...asking('shop.test', 3), ...talk([get('/'), answer('200 OK'), ...bye])]);
  t.is(beside.exitCode, 0);
  t.is(beside.line.others[0]?.cause, 'host_not_found');
  t.is((await why(t, asking('shop.test', 2))).line.remedy.on, 'between');
});

test('a capture that begins within a connection shows no healthy one', async (t) => {
  const whole = talk([{ from: 'client', payload: 'a' }, { from: 'server', payload: 'b' }, ...bye]);
  const { exitCode, line } = await why(t, whole.slice(3));
  t.is(exitCode, 3);
  t.regex(line.because.en, /the opening of the connection is not in the capture/);
  const beside = talk([get('/'), answer('200 OK'), ...bye], { clientPort: 50_002 });
  t.is((await why(t, [...whole.slice(3), ...beside])).exitCode, 0);
});

test('a tunnel of a proxy is no answer: what is said in it counts', async (t) => {
  const tunnel: readonly Said[] = [
    { from: 'client', payload: 'CONNECT shop.test:443 HTTP/1.1\r\n\r\n', flags: 'P' },
    { from: 'server', payload: 'HTTP/1.1 200 OK\r\n\r\n', flags: 'P' },
  ];
  const { line } = await why(
    t,
    talk([
      ...tunnel,
      ...opened,
      sealed('client', 96),
      ticket,
      ticket,
      after(2000, { from: 'client', flags: 'F' }),
    ]),
  );
  t.like(line, { cause: 'application_silent', confidence: 'likely' });
});

/** What two real ends say in a handshake, of which the client speaks up afterwards, or leaves without a word. */
async function handshakeFor(servername: string, isSpoken: boolean): Promise<readonly Said[]> {
  const said: Said[] = [];
  const server = createServer({
    cert: world.chain('shop'),
    key: world.identity('shop').key,
    maxVersion: 'TLSv1.2',
  }).on('secureConnection', (socket) => socket.on('error', () => {}).pipe(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const relay = createTcpServer((client) => {
    const target = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client
      .on('error', () => {})
      .on('data', (payload) => said.push({ from: 'client', payload }))
      .pipe(target);
    target
      .on('error', () => {})
      .on('data', (payload) => said.push({ from: 'server', payload }))
      .pipe(client);
  }).listen(0, '127.0.0.1');
  await once(relay, 'listening');
  const socket = connectTls({
    host: '127.0.0.1',
    port: (relay.address() as AddressInfo).port,
    servername,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  if (isSpoken) {
    socket.write('hello');
    await once(socket, 'data');
  }
  socket.destroy();
  relay.close();
  server.close();
  return [...said, ...bye];
}

test('a client that leaves without a word where the certificate lacks the name that it asked for', async (t) => {
  // The certificates are of today.
  const at = Date.now() - 1_700_000_000_000;
  const good = talk(await handshakeFor('shop.localhost', true), { at });
  const bad = talk(await handshakeFor('pay.localhost', false), { at: at + 100, clientPort: 50_002 });
  for (const packets of [bad, [...good, ...bad]]) {
    const { exitCode, line } = await why(t, packets);
    t.is(exitCode, 1);
    t.like(line, { cause: 'name_mismatch', by: 'client', confidence: 'likely' });
  }
  t.is((await why(t, good)).exitCode, 0);
  // Of one that was given what it asked for, nothing is known.
  const probe = talk(await handshakeFor('shop.localhost', false), { at, clientPort: 50_003 });
  t.is((await why(t, probe)).exitCode, 3);
});

test('a reset at the first words in the clear, without an answer, is no healthy connection', async (t) => {
  const asked: Said = { from: 'client', payload: '*1\r\n$4\r\nPING\r\n', flags: 'P' };
  const { exitCode, line } = await why(t, talk([asked, { from: 'server', flags: 'R' }], { port: 6379 }));
  t.is(exitCode, 3);
  t.regex(line.because.en, /reset at the first data of the client, which is not encrypted/);
});

test('a login without TLS that the rules of the database do not admit is mended at the client', async (t) => {
  const startup = Buffer.from('00000029000300007573657200616c6963650064617461626173650073686f7000', 'hex');
  startup.writeUInt32BE(startup.length, 0);
  const fields = Buffer.from(
    'SFATAL\0C28000\0Mno pg_hba.conf entry for host "10.0.0.1", user "alice", database "shop", no encryption\0\0',
    'latin1',
  );
  const error = Buffer.concat([Buffer.from('E\0\0\0\0', 'latin1'), fields]);
  error.writeUInt32BE(error.length - 1, 1);
  const { exitCode, line } = await why(
    t,
    talk([{ from: 'client', payload: startup }, { from: 'server', payload: error }, ...bye], { port: 5432 }),
  );
  t.is(exitCode, 1);
  t.like(line, { cause: 'starttls_required', confidence: 'likely', remedy: { on: 'client' } });
  t.regex(line.remedy.words.en, /sslmode=require/);
});

test('a client that only hears the greeting, and leaves: what it missed is not known', async (t) => {
  const greeting: Said = { from: 'server', payload: '220 mx.test ESMTP\r\n' };
  const { exitCode, line } = await why(t, talk([greeting, ...bye], { port: 25 }));
  t.is(exitCode, 3);
  t.like(line, { cause: 'unknown', confidence: 'unknown' });
  t.regex(line.because.en, /read the greeting/);
  const quit = [
    greeting,
    { from: 'client', payload: 'QUIT\r\n' },
    { from: 'server', payload: '221 bye\r\n' },
  ] as const;
  t.is((await why(t, talk([...quit, ...bye], { port: 25 }))).exitCode, 0);
});

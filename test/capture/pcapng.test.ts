import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import * as fc from 'fast-check';
import type { CaptureEvent } from '../../src/capture/event.ts';
import { KeylogFile } from '../../src/capture/file/keylog-file.ts';
import { PacketMaker } from '../../src/capture/file/packets.ts';
import type { Packet } from '../../src/capture/file/packets.ts';
import {
  interfaceBlock,
  packetBlock,
  reconstructedComment,
  sectionHeaderBlock,
} from '../../src/capture/file/pcapng-blocks.ts';
import { partialKeysOf, partialOf, PcapngSpool } from '../../src/capture/file/pcapng-writer.ts';
import { fromHex } from '../../src/core/hex.ts';
import { UserError } from '../../src/i18n/user-error.ts';
import { until } from '../helpers/until.ts';
import { shareOf } from '../helpers/at-length.ts';
import { present, ScriptedLog, tickingClock } from '../helpers/capture.ts';
import { loginRequest, recordLogin } from '../helpers/live.ts';
import { runProgram, withPeer } from '../helpers/peer.ts';
import { readCaptureFile, readIfCapture } from './support/read.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-pcapng-'));
test.after.always(() => rmSync(folder, { recursive: true }));
let files = 0;
const fresh = (): string => {
  const inside = join(folder, String(files++));
  mkdirSync(inside);
  return join(inside, 'run.pcapng');
};

/** Folds the events into a file and returns its path. */
function write(events: readonly CaptureEvent[], withSecrets = false): string {
  const path = fresh();
  const spool = new PcapngSpool(path, { withSecrets });
  for (const event of events) spool.fold(event);
  spool.close();
  return path;
}

function packetsOf(events: readonly CaptureEvent[]): Packet[] {
  const packets: Packet[] = [];
  const maker = new PacketMaker((packet) => packets.push(packet));
  for (const event of events) maker.fold(event);
  return packets;
}

/** Every kind of beginning and end, both address families, more bytes than a window without scaling holds. */
function manyEnds(): ScriptedLog {
  const scripted = new ScriptedLog();
  scripted.began();
  const dialogue = (conn: number, addresses: Parameters<ScriptedLog['opened']>[2] = {}): void => {
    scripted.opened(conn, 'A', addresses);
    scripted.bytes('client', loginRequest, { conn });
    scripted.bytes('server', 'HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n', { conn });
    scripted.bytes('server', Buffer.alloc(300_000, 'x'), { conn });
  };
  dialogue(1);
  scripted.closed('client', 'end', 1);
  dialogue(2, { from: '::1', to: '::1' });
  scripted.closed('server', 'end', 2);
  dialogue(3, { from: '::ffff:127.0.0.1' });
  scripted.closed('client', 'reset', 3);
  dialogue(4, { from: '127.0.0.1', to: 'fe80::1%lo' });
  scripted.closed('unknown', 'end', 4);
  dialogue(5);
  scripted.closed('server', 'timeout', 5);
  dialogue(6);
  return scripted;
}

/** Lines of `tshark -T fields`. */
async function fields(path: string, names: readonly string[], filter = ''): Promise<string[][]> {
  const result = await runProgram('tshark', [
    '-r',
    path,
    '-T',
    'fields',
    ...['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]),
    ...names.flatMap((name) => ['-e', name]),
    ...(filter ? ['-Y', filter] : []),
  ]);
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return result.stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}

const complaints =
  '_ws.malformed || _ws.expert.severity >= warning || ip.checksum.status == "Bad" || tcp.checksum.status == "Bad" || udp.checksum.status == "Bad" || ' +
  'tcp.analysis.lost_segment || tcp.analysis.ack_lost_segment || tcp.analysis.retransmission || tcp.analysis.out_of_order || tcp.analysis.window_full';

withPeer(
  'tshark',
  'tshark has no complaint about any kind of connection, and follows every byte',
  async (t) => {
    const path = write(manyEnds().log.events);
    // An RST is what a reset is: tshark rates it a warning, and it is no complaint about the file.
    t.deepEqual(
      await fields(path, ['frame.number', '_ws.expert.message'], `(${complaints}) && !tcp.flags.reset == 1`),
      [],
    );
    t.is((await fields(path, ['frame.number'], 'tcp.flags.reset == 1')).length, 2);
    t.is(
      (await fields(path, ['frame.number'], 'tcp.checksum.status == "Good"')).length,
      (await fields(path, ['frame.number'])).length,
    );
    const logins = await fields(
      path,
      ['http.request.uri', 'http.file_data', 'frame.interface_name'],
      'http.request.method == POST',
    );
    t.is(logins.length, 6);
    for (const [uri, data, wire] of logins)
      t.deepEqual(
        [uri, Buffer.from(data ?? '', 'hex').toString(), wire],
        ['/login', loginRequest.split('\r\n\r\n')[1], 'A'],
      );
    t.is(
      (await fields(path, ['frame.number'], 'http.response.code == 200 && http.content_length == 300000'))
        .length,
      6,
    );
    t.is(
      (await fields(path, ['frame.number'], 'tcp.completeness == 31')).length > 0,
      true,
      'handshake, data and FIN',
    );
  },
);

withPeer(
  'tshark',
  'the complaints that the test above asks for are there when the file deserves them',
  async (t) => {
    const scripted = manyEnds();
    const [first, ...rest] = packetsOf(scripted.log.events);
    const spoilt = present(rest[3]).bytes.slice();
    spoilt[25] = (spoilt[25] ?? 0) ^ 1;
    const path = fresh();
    const blocks = [present(first), { ...present(rest[3]), bytes: spoilt }, ...rest.slice(5)].map(
      ({ bytes }) => packetBlock(0, 1, bytes),
    );
    writeFileSync(
      path,
      Buffer.concat([sectionHeaderBlock('test'), interfaceBlock({ name: 'A' }), ...blocks]),
    );
    const found = (await fields(path, ['_ws.expert.message'], complaints)).flat().join(' ');
    t.regex(found, /[Bb]ad checksum/);
    t.regex(found, /not captured|unseen segment/);
  },
);

withPeer('tshark', 'datagrams are whole and right', async (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened(1, 'A', { transport: 'udp' });
  scripted.bytes('client', 'odd');
  scripted.bytes('server', Buffer.alloc(4000, 7));
  scripted.closed();
  const path = write(scripted.log.events);
  t.deepEqual(await fields(path, ['frame.number'], complaints), []);
  t.deepEqual(await fields(path, ['udp.srcport', 'udp.length']), [
    ['50001', '11'],
    ['8080', '4008'],
  ]);
});

withPeer('tshark', 'names, comments, application and times are in the file', async (t) => {
  const scripted = new ScriptedLog();
  scripted.began('2026-01-02T03:04:05.000Z');
  scripted.opened();
  scripted.bytes('client', 'GET / HTTP/1.1\r\n\r\n');
  const path = write(scripted.log.events);
  const rows = await fields(path, [
    'frame.time_epoch',
    'frame.interface_name',
    'frame.interface_description',
    'frame.comment',
    'tcp.len',
  ]);
  const comment = reconstructedComment;
  t.deepEqual(
    rows.map(([time, ...rest]) => [Number(time) > 1_767_323_045 && Number(time) < 1_767_323_046, ...rest]),
    [
      [true, 'A', 'client to server, http', comment, '0'],
      [true, 'A', 'client to server, http', comment, '0'],
      [true, 'A', 'client to server, http', comment, '0'],
      [true, 'A', 'client to server, http', '', '18'],
      [true, 'A', 'client to server, http', comment, '0'],
    ],
  );
  t.is(readCaptureFile(readFileSync(path)).application, 'wirelab 0.0.0');
});

const ways = [
  ['tls', 'TLSv1.3'],
  ['mtls', 'TLSv1.2'],
  ['tls', 'TLSv1.2'],
  ['mtls', 'TLSv1.3'],
] as const;

for (const [security, version] of shareOf(ways, 2, ([kind]) => kind)) {
  withPeer(
    'tshark',
    `${security}, ${version}: with the secrets the login reads with no option, without them it does not`,
    async (t) => {
      const { log, answered } = await recordLogin(security, { version, identity: 'alice' });
      t.true(answered);
      const opened = write(log.events, true);
      const sealed = write(log.events);
      const http = ['http.request.method', 'http.response.code'];
      t.deepEqual(await fields(opened, http, 'http'), [
        ['POST', ''],
        ['', '302'],
      ]);
      t.true(
        (await fields(opened, ['http.file_data'], 'http.request'))
          .flat()
          .some((data) => Buffer.from(data, 'hex').includes('tiger-lily')),
      );
      t.deepEqual(await fields(sealed, http, 'http'), []);
      t.true(
        (await fields(sealed, ['frame.number'], 'tls.app_data')).length > 0,
        'the twin: the records are there',
      );
      for (const path of [opened, sealed])
        t.deepEqual(await fields(path, ['_ws.expert.message'], complaints), []);
    },
  );
}

withPeer('tshark', 'plaintext, live: the login reads', async (t) => {
  const { log } = await recordLogin('plain');
  t.deepEqual(await fields(write(log.events), ['http.request.uri'], 'http.request'), [['/login']]);
});

test('only the vantage wire becomes packets', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  scripted.bytes('client', 'sealed');
  scripted.bytes('client', 'tiger-lily', { vantage: 'plaintext' });
  const bytes = readFileSync(write(scripted.log.events, true));
  t.true(bytes.includes('sealed'));
  t.false(bytes.includes('tiger-lily'));
});

test('the bytes of a stream are in the packets, in order, and no packet is larger than 1500 bytes', (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom('client', 'server'), fc.nat(5000)), { maxLength: 8 }),
      fc.boolean(),
      (pieces, v6) => {
        const scripted = new ScriptedLog();
        scripted.began();
        scripted.opened(1, 'A', v6 ? { from: '::1', to: '::1' } : {});
        const sent = { client: '', server: '' };
        pieces.forEach(([from, length], index) => {
          const piece = String.fromCharCode(97 + index).repeat(length);
          sent[from] += piece;
          scripted.bytes(from, piece);
        });
        const read = { client: '', server: '' };
        const header = v6 ? 40 : 20;
        for (const { bytes, reconstructed } of packetsOf(scripted.log.events)) {
          t.true(bytes.length <= 1500);
          const from = ((bytes[header] ?? 0) << 8) + (bytes[header + 1] ?? 0) === 8080 ? 'server' : 'client';
          if (!reconstructed) read[from] += Buffer.from(bytes.subarray(header + 20)).toString();
        }
        t.deepEqual(read, sent);
      },
    ),
    { numRuns: 50 },
  );
});

test('after the end of a connection nothing more is drawn, and one whose beginning was not seen is drawn without', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.bytes('client', 'joined late');
  scripted.closed();
  const count = packetsOf(scripted.log.events).length;
  t.is(count, 5);
  scripted.bytes('client', 'x');
  scripted.closed();
  t.is(packetsOf(scripted.log.events).length, count);
});

test('the reader gives back what the writer wrote', (t) => {
  const scripted = manyEnds();
  const path = write(scripted.log.events);
  const file = readCaptureFile(readFileSync(path));
  const packets = packetsOf(scripted.log.events);
  t.is(file.problem, undefined);
  t.deepEqual(file.interfaces, [{ linkType: 101, name: 'A', description: 'client to server, http' }]);
  t.is(file.packets.length, packets.length);
  file.packets.forEach((packet, index) => {
    const made = present(packets[index]);
    t.deepEqual(Buffer.from(packet.bytes), Buffer.from(made.bytes));
    t.is(packet.comment, made.reconstructed ? reconstructedComment : undefined);
    t.is(packet.microseconds, Date.UTC(2026, 0, 1) * 1000 + made.at);
  });
});

test('secrets stand before the packets, each line once, and only when asked for', (t) => {
  const scripted = new ScriptedLog();
  scripted.began();
  scripted.opened();
  scripted.bytes('client', 'x');
  const line = `CLIENT_RANDOM ${'ab'.repeat(32)} ${'cd'.repeat(48)}`;
  for (let times = 0; times < 2; times++) scripted.log.append({ type: 'keylog', line });
  const withSecrets = write(scripted.log.events, true);
  const without = write(scripted.log.events);
  t.deepEqual(readCaptureFile(readFileSync(withSecrets)).keylog, [line]);
  t.false(readFileSync(without).includes('cdcdcd'));
  t.is(statSync(withSecrets).mode & 0o777, 0o600);
  t.is(statSync(without).mode & 0o777, 0o666 & ~process.umask());
});

/** Big-endian: a section, an interface with nanoseconds, a packet with a comment, as another program on another machine writes them. */
function bigEndian(): Buffer {
  const block = (type: number, body: Uint8Array): Buffer => {
    const lengths = Buffer.alloc(4);
    lengths.writeUInt32BE(body.length + 12);
    const head = Buffer.alloc(4);
    head.writeUInt32BE(type);
    return Buffer.concat([head, lengths, body, lengths]);
  };
  return Buffer.concat([
    block(0x0a0d0d0a, fromHex('1a2b3c4d 00010000 ffffffff ffffffff')),
    block(1, fromHex('00010000 00040000  0002 0004 65746830  0009 0001 09000000  00000000')),
    block(99, fromHex('01020304')),
    block(6, fromHex('00000000 00000001 00000000 00000003 00000005 41424300  0001 0002 68690000  00000000')),
  ]);
}

test('a file of the other byte order and resolution is read, unknown blocks are passed over', (t) => {
  const file = readCaptureFile(bigEndian());
  t.is(file.problem, undefined);
  t.deepEqual(file.interfaces, [{ linkType: 1, name: 'eth0' }]);
  const packet = present(file.packets[0]);
  t.deepEqual(
    { ...packet, bytes: Buffer.from(packet.bytes).toString() },
    {
      interface: 0,
      linkType: 1,
      microseconds: Math.floor(2 ** 32 / 1000),
      bytes: 'ABC',
      originalLength: 5,
      comment: 'hi',
    },
  );
});

test('every strict prefix gives what stands before the cut, and random bytes never throw', (t) => {
  const whole = bigEndian();
  for (let length = 4; length < whole.length; length++) {
    const file = readCaptureFile(whole.subarray(0, length));
    const boundary = [28, 28 + 40, 28 + 40 + 16].includes(length);
    t.is(file.problem === undefined, boundary, `${length}`);
    t.is(file.packets.length, 0);
  }
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void readIfCapture(bytes)));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, value) => {
      const bent = Buffer.from(whole);
      bent[at] = value;
      readIfCapture(bent);
    }),
    { numRuns: 1000 },
  );
});

test('a path that cannot be written is a mistake before the run, in both languages, with a remedy', (t) => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  for (const [path, reason] of [
    [join(folder, 'none', 'run.pcapng'), /folder does not exist/],
    [join(file, 'run.pcapng'), /is a file, not a folder/],
    [folder, /it is a folder/],
    ['/dev/null', /not a regular file/],
  ] as const) {
    const mistake = t.throws(() => new PcapngSpool(path), { instanceOf: UserError });
    t.regex(mistake?.facts.what.en ?? '', reason);
    t.regex(mistake?.facts.what.ko ?? '', /[가-힣]/);
    t.truthy(mistake?.facts.remedy);
    t.is(mistake?.facts.where, `-w ${path}`);
  }
});

test('until it is closed the file is not there, and abort leaves nothing behind', (t) => {
  const path = fresh();
  const inside = join(path, '..');
  const spool = new PcapngSpool(path);
  for (const event of manyEnds().log.events) spool.fold(event);
  t.deepEqual(readdirSync(inside), ['run.pcapng.partial']);
  spool.abort();
  t.deepEqual(readdirSync(inside), []);
  t.throws(() => spool.close());
  const again = new PcapngSpool(path);
  again.close();
  t.deepEqual(readdirSync(inside), ['run.pcapng']);
});

test('a file that was there is replaced at the end only, as a whole, and keeps its mode', (t) => {
  const path = fresh();
  writeFileSync(path, 'old', { mode: 0o640 });
  const spool = new PcapngSpool(path);
  t.is(readFileSync(path, 'utf8'), 'old');
  t.is(statSync(partialOf(path)).mode & 0o777, 0o640);
  spool.close();
  t.is(readCaptureFile(readFileSync(path)).application, 'wirelab');
  t.is(statSync(path).mode & 0o777, 0o640);
  t.deepEqual(readdirSync(join(path, '..')), ['run.pcapng']);
});

test("a file with secrets is its owner's alone, whatever was there, at every moment", (t) => {
  const path = fresh();
  writeFileSync(path, 'old', { mode: 0o644 });
  const scripted = new ScriptedLog();
  scripted.began();
  const spool = new PcapngSpool(path, { withSecrets: true });
  scripted.log.subscribe(spool.fold);
  scripted.log.append({ type: 'keylog', line: keylogLine('a') });
  for (const name of [partialOf(path), partialKeysOf(path)]) t.is(statSync(name).mode & 0o777, 0o600);
  spool.close();
  t.is(statSync(path).mode & 0o777, 0o600);
  t.deepEqual(readdirSync(join(path, '..')), ['run.pcapng']);
});

test('a symbolic link is followed by neither file', (t) => {
  const path = fresh();
  writeFileSync(path, 'old');
  const link = join(path, '..', 'link');
  const dangling = join(path, '..', 'dangling');
  symlinkSync(path, link);
  symlinkSync(join(path, '..', 'nothing'), dangling);
  for (const where of [link, dangling]) {
    for (const open of [
      () => new PcapngSpool(where),
      () => new PcapngSpool(where, { withSecrets: true }),
      () => new KeylogFile(where),
    ]) {
      const mistake = t.throws(open, { instanceOf: UserError });
      t.regex(mistake?.facts.what.en ?? '', /symbolic link/);
      t.regex(mistake?.facts.what.ko ?? '', /심볼릭 링크/);
    }
  }
  t.is(readFileSync(path, 'utf8'), 'old');
  t.deepEqual(readdirSync(join(path, '..')).toSorted(), ['dangling', 'link', 'run.pcapng']);
});

test('what a killed run has left, or another one is writing, is not written over: it is a mistake before the run', (t) => {
  for (const withSecrets of [false, true]) {
    const path = fresh();
    const one = new PcapngSpool(path, { withSecrets });
    const mistake = t.throws(() => new PcapngSpool(path, { withSecrets }), { instanceOf: UserError });
    t.regex(mistake?.facts.what.en ?? '', /run\.pcapng\.partial already exists/);
    t.regex(mistake?.facts.remedy?.ko ?? '', /inspect/);
    one.close();
    writeFileSync(partialKeysOf(path), 'keys of another');
    t.notThrows(() => new PcapngSpool(path).close());
    t.throws(() => new PcapngSpool(path, { withSecrets: true }), {
      instanceOf: UserError,
      message: /partial\.keys/,
    });
    t.is(readFileSync(partialKeysOf(path), 'utf8'), 'keys of another');
    t.false(existsSync(partialOf(path)), 'nothing is left of the attempt');
  }
});

test('the file that grows is a whole capture after every write, and so is what is put in place', (t) => {
  const path = fresh();
  const { events } = manyEnds().log;
  const spool = new PcapngSpool(path);
  let most = 0;
  for (const event of events) {
    spool.fold(event);
    const read = readCaptureFile(readFileSync(partialOf(path)));
    t.is(read.problem, undefined);
    most = Math.max(most, read.packets.length);
  }
  t.true(most > 100, `${most} packets were on the disk before the end`);
  const { packets } = spool.close();
  t.is(readCaptureFile(readFileSync(path)).packets.length, packets);
  t.true(packets > most);
});

test('a second at most is lost: what has come is on the disk soon, with nothing behind it', async (t) => {
  const path = fresh();
  const scripted = new ScriptedLog();
  scripted.began();
  const spool = new PcapngSpool(path, { withSecrets: true });
  scripted.log.subscribe(spool.fold);
  scripted.opened();
  scripted.bytes('client', 'x');
  scripted.log.append({ type: 'keylog', line: keylogLine('a') });
  await until(() => readCaptureFile(readFileSync(partialOf(path))).packets.length > 0);
  t.is(readCaptureFile(readFileSync(partialOf(path))).packets.length, 5);
  t.is(readFileSync(partialKeysOf(path), 'utf8'), `${keylogLine('a')}\n`);
  spool.abort();
  t.deepEqual(readdirSync(join(path, '..')), []);
});

test('what was seen before its run said when it began has the time of that day', (t) => {
  const clock = tickingClock();
  const scripted = new ScriptedLog({ clock });
  scripted.opened();
  clock.advance(2_000_000);
  scripted.began('2026-01-01T00:00:02.000Z');
  scripted.bytes('client', 'x');
  const { packets } = readCaptureFile(readFileSync(write(scripted.log.events)));
  t.is(packets.length, 5);
  const began = Date.UTC(2026, 0, 1, 0, 0, 2) * 1000;
  // A wall clock is written in whole milliseconds.
  for (const { microseconds } of packets.slice(0, 3))
    t.true(Math.abs(microseconds - (began - 2_000_000)) <= 1000, String(microseconds));
  for (const { microseconds } of packets.slice(3))
    t.true(Math.abs(microseconds - began) <= 1000, String(microseconds));
});

test('a folder that vanished during the run is a mistake at the end, not a crash in the middle', (t) => {
  const path = fresh();
  const spool = new PcapngSpool(path);
  rmSync(join(path, '..'), { recursive: true });
  for (const event of manyEnds().log.events) spool.fold(event);
  t.throws(() => spool.close(), { instanceOf: UserError });
  t.false(existsSync(path));
});

const keylogLine = (digit: string): string => `CLIENT_RANDOM ${digit.repeat(64)} ${digit.repeat(96)}`;

test("the key log is appended, each line once, and is its owner's alone", (t) => {
  const path = join(fresh(), '..', 'keys.log');
  writeFileSync(path, 'an older line without an end', { mode: 0o644 });
  const scripted = new ScriptedLog();
  const file = new KeylogFile(path);
  scripted.log.subscribe(file.fold);
  scripted.log.append({ type: 'keylog', line: keylogLine('a') });
  t.is(
    readFileSync(path, 'utf8'),
    `an older line without an end\n${keylogLine('a')}\n`,
    'at once, for whoever follows it',
  );
  scripted.log.append({ type: 'keylog', line: `${keylogLine('a')}\n` });
  scripted.log.append({ type: 'keylog', line: keylogLine('b') });
  t.is(file.lines, 2);
  file.close();
  file.close();
  t.is(readFileSync(path, 'utf8').trimEnd().split('\n').length, 3);
  t.is(statSync(path).mode & 0o777, 0o600);
});

test('a key log that cannot be written is a mistake that names its flag', (t) => {
  const mistake = t.throws(() => new KeylogFile(join(folder, 'none', 'keys.log')), { instanceOf: UserError });
  t.regex(mistake?.facts.where ?? '', /^--keylog /);
  const named = t.throws(() => new KeylogFile(folder, { flag: 'SSLKEYLOGFILE' }), { instanceOf: UserError });
  t.regex(named?.facts.where ?? '', /^SSLKEYLOGFILE /);
});

/** What lasts of an etcd: after a crash at any moment, after any cut, and not after damage. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import * as fc from 'fast-check';
import { UserError } from '../../../../src/i18n/user-error.ts';
import { KeySpace } from '../../../../src/kube/etcd/embedded/mvcc.ts';
import type { Commit } from '../../../../src/kube/etcd/embedded/key-space-types.ts';
import type { EtcdReport } from '../../../../src/kube/etcd/reports.ts';
import type { JournalEntry } from '../../../../src/kube/etcd/embedded/service.ts';
import {
  changeOf,
  linesOf,
  logFormat,
  openWriteAheadLog,
  restoring,
} from '../../../../src/kube/etcd/embedded/write-ahead-log.ts';
import type { WriteAheadLog } from '../../../../src/kube/etcd/embedded/write-ahead-log.ts';
import { encodeLines, LogDamage, replay } from '../../../../src/kube/store/append-log.ts';
import type { Replayed } from '../../../../src/kube/store/append-log.ts';
import { cpuTime } from '../../../helpers/cpu-time.ts';
import { runProgram, withPeer } from '../../../helpers/peer.ts';
import { deleteOf, everything, putOf, rangeOf } from '../support/requests.ts';

function folderFor(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-log-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function read(bytes: Buffer, keys: KeySpace, pieceBytes = 1 << 20): Replayed {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  return replay(pieces, logFormat, restoring(keys));
}

function logFile(folder: string): string {
  return join(folder, 'etcd.log');
}

interface Written {
  readonly bytes: Buffer;
  /** Where its snapshot ends, and each change behind that. */
  readonly ends: readonly number[];
  /** The key space at each of these. */
  readonly states: readonly unknown[];
}

/** A file with everything in it. @param before what is in its snapshot. */
function written(before: readonly string[] = []): Written {
  const keys = new KeySpace();
  for (const key of before) keys.put(putOf(key, `before ${key}`));
  if (before.length > 2) keys.compact(3);
  let { text, checksum } = encodeLines([logFormat, ...linesOf(keys), null], 0);
  const ends = [Buffer.byteLength(text)];
  const states: unknown[] = [keys.state()];
  const add = (entry: JournalEntry): void => {
    const encoded = encodeLines([changeOf(entry)], checksum);
    text += encoded.text;
    ({ checksum } = encoded);
    ends.push(Buffer.byteLength(text));
    states.push(keys.state());
  };
  const commit = ({ commit: done }: { readonly commit: Commit | undefined }): void => {
    if (done) add({ kind: 'commit', commit: done });
  };
  commit(keys.put(putOf('a', '1')));
  commit(keys.put(putOf('b', '')));
  commit(keys.put(putOf('a', 'zwei\0\n\xff"\\')));
  commit(keys.deleteRange(deleteOf('a', 'c')));
  keys.setAlarm(true);
  add({ kind: 'alarm', on: true });
  keys.setAlarm(false);
  add({ kind: 'alarm', on: false });
  commit(
    keys.txn({
      compare: [],
      success: [
        { kind: 'put', request: putOf('c', '3') },
        { kind: 'put', request: putOf('\xff\0', '4') },
        { kind: 'deleteRange', request: deleteOf('b') },
      ],
      failure: [],
    }),
  );
  keys.compact(keys.revision - 1);
  add({ kind: 'compaction', revision: keys.compactRevision });
  commit(keys.put(putOf('c', 'x'.repeat(700))));
  return { bytes: Buffer.from(text), ends, states };
}

for (const [title, before] of [
  ['an empty snapshot', []],
  ['a snapshot with everything in it', ['\x80\n', 'k', 'k', 'm']],
] as const) {
  test(`cut at every byte, a file with ${title} gives all that was whole before the cut`, (t) => {
    const { bytes, ends, states } = written(before);
    for (let length = 0; length <= bytes.length; length++) {
      const keys = new KeySpace();
      const whole = ends.filter((end) => end <= length).length;
      const cut = bytes.subarray(0, length);
      if (whole === 0) t.throws(() => read(cut, keys), { instanceOf: LogDamage }, `${length}`);
      else {
        t.is(read(cut, keys, 1 + (length % 50)).end, ends[whole - 1]!, `${length}`);
        t.deepEqual(keys.state(), states[whole - 1], `${length}`);
      }
    }
  });
}

test('zeros that were never filled are cut off like a record that breaks off', (t) => {
  const { bytes, ends, states } = written();
  const last = ends.length - 1;
  for (const zeros of [1, 8, 4096, 100_000]) {
    const keys = new KeySpace();
    t.is(read(Buffer.concat([bytes, Buffer.alloc(zeros)]), keys).end, ends[last]!);
    t.deepEqual(keys.state(), states[last]);
  }
  // The last record is longer than a block: its beginning lasts, the rest does not.
  const half = Buffer.from(bytes);
  half.fill(0, Math.ceil((ends[last - 1]! + 20) / 512) * 512);
  const keys = new KeySpace();
  t.is(read(half, keys).end, ends[last - 1]!);
});

test('no byte can change without being found', (t) => {
  const { bytes } = written(['k', 'k', 'm']);
  for (let at = 0; at < bytes.length; at++) {
    for (const mask of [1 << (at % 8), bytes[at]! ^ 10].filter((one) => one !== 0)) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= mask;
      t.throws(() => read(changed, new KeySpace()), { instanceOf: LogDamage }, `${at} ^ ${mask}`);
    }
  }
});

test('a record that is left out, comes twice or stands elsewhere is found', (t) => {
  const { bytes } = written(['k', 'k', 'm']);
  const lines = bytes.toString('latin1').split(/(?<=\n)/);
  for (let at = 0; at < lines.length - 1; at++) {
    for (const altered of [
      lines.toSpliced(at, 1),
      lines.toSpliced(at, 0, lines[at]!),
      lines.toSpliced(at, 2, lines[at + 1]!, lines[at]!),
    ])
      t.throws(() => read(Buffer.from(altered.join(''), 'latin1'), new KeySpace()), {
        instanceOf: LogDamage,
      });
  }
});

test('whatever bytes there are, they are read or refused', (t) => {
  const beginning = written().bytes.subarray(0, written().ends[2]);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (noise, isHeaded) => {
      try {
        read(Buffer.concat([isHeaded ? beginning : Buffer.alloc(0), noise]), new KeySpace(), 7);
      } catch (error) {
        if (!(error instanceof LogDamage)) throw error;
      }
    }),
    { numRuns: 200 },
  );
  t.pass();
});

async function write(
  log: WriteAheadLog,
  keys: KeySpace,
  from: number,
  to: number,
  value = 'v',
): Promise<void> {
  for (let number = from; number < to; number++) {
    const { commit } = keys.put(putOf(`key ${number % 10}`, `${value}${number}`));
    if (commit) log.append({ kind: 'commit', commit });
  }
  await log.settled();
}

test('what lasts is there when it is opened again, and a torn end is cut off and told of', async (t) => {
  const folder = join(folderFor(t), 'data');
  const keys = new KeySpace();
  const { log, recovered } = await openWriteAheadLog({ folder, keys });
  t.is(recovered, undefined);
  await write(log, keys, 0, 100);
  t.is(log.lasting, keys.revision);
  await log.close();
  t.is(statSync(folder).mode & 0o777, 0o700);
  t.is(statSync(logFile(folder)).mode & 0o777, 0o600);

  const whole = readFileSync(logFile(folder));
  appendFileSync(logFile(folder), whole.subarray(-50, -10));
  const reports: EtcdReport[] = [];
  // What follows the chain is a length that was never written: garbage that is no record is damage.
  await t.throwsAsync(
    openWriteAheadLog({ folder, keys: new KeySpace(), onReport: (report) => reports.push(report) }),
    { instanceOf: UserError, message: /damaged/ },
  );
  t.is(readFileSync(logFile(folder)).length, whole.length + 40);
  writeFileSync(logFile(folder), whole.subarray(0, -5));
  const again = new KeySpace();
  const reopened = await openWriteAheadLog({
    folder,
    keys: again,
    onReport: (report) => reports.push(report),
  });
  t.is(again.revision, 100);
  t.is(reopened.recovered?.revision, 100);
  t.regex(
    reports.map((report) => (report.kind === 'log' ? report.text.en : '')).join('\n'),
    /bytes at the end of the etcd's log were an incomplete record/,
  );
  await write(reopened.log, again, 200, 210);
  await reopened.log.close();
  const last = new KeySpace();
  const third = await openWriteAheadLog({ folder, keys: last });
  t.is(third.recovered?.tornBytes, 0);
  t.deepEqual(last.state(), again.state());
  await third.log.close();
});

test('a folder that cannot be had is a mistake, one that others may read is told of', async (t) => {
  const folder = folderFor(t);
  writeFileSync(join(folder, 'file'), '');
  await t.throwsAsync(openWriteAheadLog({ folder: join(folder, 'file', 'data'), keys: new KeySpace() }), {
    instanceOf: UserError,
    message: /this is a file, and not a folder/,
  });
  chmodSync(folder, 0o755);
  const reports: EtcdReport[] = [];
  const { log } = await openWriteAheadLog({
    folder,
    keys: new KeySpace(),
    onReport: (report) => reports.push(report),
  });
  await log.close();
  t.regex(
    reports.map((report) => (report.kind === 'log' ? report.text.en : '')).join('\n'),
    /other users can read the folder of the etcd \(mode 755\)/,
  );
});

test('damage in the middle is told with its place, and nothing is changed', async (t) => {
  const folder = folderFor(t);
  const keys = new KeySpace();
  const { log } = await openWriteAheadLog({ folder, keys });
  await write(log, keys, 0, 50);
  await log.close();
  const bytes = readFileSync(logFile(folder));
  bytes[1000]! ^= 4;
  writeFileSync(logFile(folder), bytes);
  const mistake = await t.throwsAsync(openWriteAheadLog({ folder, keys: new KeySpace() }), {
    instanceOf: UserError,
  });
  t.regex(mistake.facts.where ?? '', /etcd\.log: line \d+, byte \d+$/);
  t.deepEqual(readFileSync(logFile(folder)), bytes);
});

const misfits: readonly (readonly [title: string, spoil: (lines: string[]) => string, says: RegExp])[] = [
  ['nothing', () => '', /not a log of the embedded etcd.*line 1, byte 0.*wirelab etcd log 2.*0 bytes/],
  [
    'the bytes of another program',
    () => 'SQLite format 3\0\x10\n',
    /not a log of the embedded etcd.*line 1, byte 0.*SQLite format 3·/,
  ],
  [
    'the log of a version to come',
    () => encodeLines(['wirelab etcd log 3', {}, null], 0).text,
    /not a log of the embedded etcd.*wirelab etcd log 3/,
  ],
  [
    'half a snapshot',
    (lines) => lines.slice(0, 2).join(''),
    /damaged.*line 3, byte \d+.*rest of the snapshot/,
  ],
  [
    'another byte in the last record',
    (lines) => lines.join('').replace(/.(?=.{5}\n$)/, '#'),
    /damaged.*line 53, byte \d+.*a record whose checksum matches/,
  ],
  [
    'a last record without its end of line and with more behind it',
    (lines) => `${lines.join('').slice(0, -1)}##`,
    /damaged.*line 53, byte \d+.*a record, or the beginning of one/,
  ],
  [
    'a change that goes on from nothing, with its checksum',
    (lines) => {
      const heads = lines.slice(0, 3).map((line) => JSON.parse(line.replace(/^\S+ \d+ /, '')) as unknown);
      return encodeLines([...heads, { revision: 9, versions: [] }], 0).text;
    },
    /damaged.*line 4, byte \d+.*the record that follows the one before/,
  ],
];

for (const [title, spoil, says] of misfits)
  test(`a log with ${title} is refused with its place, and is left as it is`, async (t) => {
    const folder = folderFor(t);
    const keys = new KeySpace();
    const { log } = await openWriteAheadLog({ folder, keys });
    await write(log, keys, 0, 50);
    await log.close();
    const spoilt = spoil(readFileSync(logFile(folder), 'latin1').split(/(?<=\n)/));
    writeFileSync(logFile(folder), spoilt, 'latin1');
    const { facts } = await t.throwsAsync(openWriteAheadLog({ folder, keys: new KeySpace() }), {
      instanceOf: UserError,
    });
    const { what, where, expected, received, remedy } = facts;
    t.regex([what.en, where, expected?.en, received].join(' | '), says);
    t.regex(remedy?.en ?? '', /Put back a copy of the folder, or move it away/);
    t.is(readFileSync(logFile(folder), 'latin1'), spoilt);
    t.deepEqual(readdirSync(folder), ['etcd.log']);
  });

test('many writes last by few calls, and what they say is in order', async (t) => {
  const folder = folderFor(t);
  const keys = new KeySpace();
  const { log } = await openWriteAheadLog({ folder, keys });
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 500 }, async (_, number) => {
      const { commit, answer } = keys.put(putOf(`${number}`, 'x'));
      if (commit) log.append({ kind: 'commit', commit });
      await log.settled();
      t.true(log.lasting >= answer.revision);
      order.push(answer.revision);
    }),
  );
  t.deepEqual(
    order,
    order.toSorted((one, other) => one - other),
  );
  await log.close();
});

test('the disk is bounded by what there is', async (t) => {
  const folder = folderFor(t);
  const keys = new KeySpace();
  const slackBytes = 20_000;
  const { log } = await openWriteAheadLog({ folder, keys, slackBytes });
  for (let round = 0; round < 40; round++) {
    await write(log, keys, 0, 50, 'x'.repeat(200));
    keys.compact(keys.revision);
    log.append({ kind: 'compaction', revision: keys.compactRevision });
    await log.settled();
    t.true(log.size < 2 * keys.bytes + slackBytes + 30_000, `${log.size}`);
  }
  t.is(readdirSync(folder).filter((name) => name.includes('.log')).length, 1);
  await log.close();
  const again = new KeySpace();
  let reopened = await openWriteAheadLog({ folder, keys: again, slackBytes });
  t.deepEqual(again.state(), keys.state());
  t.deepEqual(again.range(everything), keys.range(everything));
  // Restarts are no reason to keep more.
  let now = again;
  for (let restart = 0; restart < 12; restart++) {
    await write(reopened.log, now, 0, 40, 'x'.repeat(200));
    now.compact(now.revision);
    reopened.log.append({ kind: 'compaction', revision: now.compactRevision });
    await reopened.log.close();
    const next = new KeySpace();
    reopened = await openWriteAheadLog({ folder, keys: next, slackBytes });
    t.deepEqual(next.state(), now.state());
    t.true(reopened.log.size < 2 * next.bytes + slackBytes + 30_000, `${reopened.log.size}`);
    now = next;
  }
  await reopened.log.close();
});

test('a log that is closed while changes come, or written to after that, leaves no file open', async (t) => {
  const folder = folderFor(t);
  const openFiles = (): string[] =>
    readdirSync('/proc/self/fd').flatMap((fd) => {
      // The one that lists the others is gone by now.
      if (!existsSync(`/proc/self/fd/${fd}`)) return [];
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(folder) && path.includes('.log') ? [path] : [];
    });
  for (const when of ['before the last write has ended', 'as it closes', 'when it is closed']) {
    const keys = new KeySpace();
    const { log } = await openWriteAheadLog({ folder, keys, slackBytes: 0 });
    const change = (number: number): void => {
      const { commit } = keys.put(putOf(`${number % 10}`, 'x'.repeat(500)));
      if (commit) log.append({ kind: 'commit', commit });
    };
    // So large that the next change would write the file anew.
    for (let number = 0; number < 100; number++) change(number);
    await log.settled();
    if (when === 'before the last write has ended') change(100);
    const closing = log.close();
    if (when !== 'when it is closed') change(101);
    await closing;
    change(102);
    await t.throwsAsync(async () => log.settled(), { message: /the log is closed/ }, when);
    if (existsSync('/proc/self/fd')) t.deepEqual(openFiles(), [], when);
  }
});

test('one at a time: a folder in use is refused, one that a process left is taken', async (t) => {
  const folder = folderFor(t);
  const { log } = await openWriteAheadLog({ folder, keys: new KeySpace() });
  const mistake = await t.throwsAsync(openWriteAheadLog({ folder, keys: new KeySpace() }), {
    instanceOf: UserError,
  });
  t.regex(mistake.message, new RegExp(`another process runs an etcd in this folder: pid ${process.pid}$`));
  t.is(mistake.facts.expected, undefined);
  await log.close();
  const script = fileURLToPath(new URL('../support/writer.js', import.meta.url));
  const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  t.true(readdirSync(folder).includes('lock'));
  const { log: taken } = await openWriteAheadLog({ folder, keys: new KeySpace() });
  await taken.close();
  t.false(readdirSync(folder).includes('lock'));
});

test('a folder in the place of the log is a mistake, and is left as it is', async (t) => {
  const folder = folderFor(t);
  mkdirSync(join(folder, 'etcd.log'));
  const mistake = await t.throwsAsync(openWriteAheadLog({ folder, keys: new KeySpace() }), {
    instanceOf: UserError,
  });
  t.is(mistake.facts.where, join(folder, 'etcd.log'));
  t.is(mistake.facts.received, 'EISDIR');
  t.deepEqual(readdirSync(folder), ['etcd.log']);
});

test('a log that is deleted while it is written acknowledges nothing any more, and it is said once', async (t) => {
  const folder = folderFor(t);
  const keys = new KeySpace();
  const reports: EtcdReport[] = [];
  const { log } = await openWriteAheadLog({ folder, keys, onReport: (report) => reports.push(report) });
  await write(log, keys, 0, 10);
  rmSync(folder, { recursive: true });
  await t.throwsAsync(write(log, keys, 10, 11), { message: /etcd\.log has been deleted/ });
  await t.throwsAsync(write(log, keys, 11, 12));
  t.is(log.lasting, keys.revision - 2);
  t.is(reports.length, 1);
  t.regex(
    reports.map((report) => (report.kind === 'log' ? report.text.en : '')).join('\n'),
    /No further requests are acknowledged: check the disk and the folder, and start again/,
  );
  await log.close();
});

test('a disk that fails ends the acknowledging, not the process', async (t) => {
  const folder = folderFor(t);
  const keys = new KeySpace();
  const reports: EtcdReport[] = [];
  const { log } = await openWriteAheadLog({
    folder,
    keys,
    slackBytes: 0,
    onReport: (report) => reports.push(report),
  });
  await write(log, keys, 0, 10);
  // A file cannot be begun where there is a folder.
  mkdirSync(join(folder, 'etcd.log.new'));
  await t.throwsAsync(async () => {
    for (let round = 0; round < 100; round++) {
      keys.compact(keys.revision);
      await write(log, keys, 0, 50);
    }
  });
  await t.throwsAsync(async () => write(log, keys, 0, 1));
  t.is(reports.length, 1);
  await log.close();
  const again = new KeySpace();
  const reopened = await openWriteAheadLog({ folder, keys: again });
  t.true(again.revision >= log.lasting);
  await reopened.log.close();
});

test('killed at any moment, nothing that was acknowledged is lost', async (t) => {
  const folder = folderFor(t);
  const script = fileURLToPath(new URL('../support/writer.js', import.meta.url));
  for (const lines of [1, 40, 333]) {
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
    let acknowledged = 0;
    let seen = 0;
    createInterface({ input: child.stdout }).on('line', (line) => {
      acknowledged = Number(line);
      if (++seen === lines) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const keys = new KeySpace();
    const { log } = await openWriteAheadLog({ folder, keys });
    t.true(acknowledged > 0 && keys.revision >= acknowledged, `${keys.revision} of ${acknowledged}`);
    for (
      let number = Math.max(2, keys.compactRevision, acknowledged - 15);
      number <= acknowledged;
      number++
    ) {
      const [found] = keys.range(rangeOf(`k${number % 20}`, '', { revision: number })).kvs;
      t.deepEqual([found?.modRevision, Buffer.from(found?.value ?? []).toString()], [number, String(number)]);
    }
    await log.close();
  }
});

test('a large file without lines costs neither time nor memory', (t) => {
  const { bytes } = written(['a']);
  const [began, piece] = [cpuTime(), Buffer.alloc(1 << 20)];
  function* pieces(first: Buffer, fill: number, count: number): Generator<Buffer> {
    yield first;
    for (let at = 0; at < count; at++) yield Buffer.from(piece.fill(fill));
  }
  const into = (): ReturnType<typeof restoring> => restoring(new KeySpace());
  // Zeros that were never filled are no damage, however many.
  t.is(replay(pieces(bytes, 0, 100), logFormat, into()).end, bytes.length);
  const damage = t.throws(() => replay(pieces(Buffer.alloc(0), 97, 10_000), logFormat, into()), {
    instanceOf: LogDamage,
  });
  t.is(damage?.misfit, 'heading');
  const late = t.throws(() => replay(pieces(bytes, 97, 10_000), logFormat, into()), {
    instanceOf: LogDamage,
  });
  t.deepEqual([late?.misfit, late?.at], ['ending', bytes.length]);
  t.true(cpuTime() - began < 3000, String(cpuTime() - began));
});

async function refusedAs(t: ExecutionContext, make: (path: string) => unknown): Promise<void> {
  const folder = folderFor(t);
  await make(logFile(folder));
  const refused = await t.throwsAsync(openWriteAheadLog({ folder, keys: new KeySpace() }), {
    instanceOf: UserError,
  });
  t.is(refused?.facts.received, 'no regular file');
}

test('a device is no log', async (t) => refusedAs(t, (path) => symlinkSync('/dev/zero', path)));

withPeer('mkfifo', 'a pipe is no log, and nobody waits for it', async (t) =>
  refusedAs(t, async (path) => runProgram('mkfifo', [path])),
);

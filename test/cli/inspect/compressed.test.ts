import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { compressionOf } from '../../../src/cli/inspect/decompress.ts';
import { inputOf, openInput } from '../../../src/cli/inspect/input.ts';
import type { CaptureInput } from '../../../src/cli/inspect/input.ts';
import { grouped } from '../../../src/i18n/number.ts';
import { UserError } from '../../../src/i18n/user-error.ts';
import { present } from '../../helpers/capture.ts';

const folder = mkdtempSync(join(tmpdir(), 'wirelab-compressed-'));
test.after.always(() => rmSync(folder, { recursive: true }));

const content = Buffer.from(Array.from({ length: 90_000 }, (_, index) => (index * index) % 251));

/** RFC 8878: one segment, and blocks that are stored. */
function zstd(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0, 0, 0, 0, 0])];
  present(parts[0]).writeUInt32LE(bytes.length, 5);
  const most = 50_000;
  for (let at = 0; at < bytes.length; at += most) {
    const block = bytes.subarray(at, at + most);
    const header = (block.length << 3) | (at + most >= bytes.length ? 1 : 0);
    parts.push(Buffer.from([header & 0xff, (header >> 8) & 0xff, header >> 16]), Buffer.from(block));
  }
  return Buffer.concat(parts);
}

/** Blocks that are stored. */
function lz4(bytes: Uint8Array): Buffer {
  const parts = [Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0])];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const block = bytes.subarray(at, at + 65_536);
    const length = Buffer.alloc(4);
    length.writeUInt32LE((block.length | 0x80000000) >>> 0);
    parts.push(length, Buffer.from(block));
  }
  return Buffer.concat([...parts, Buffer.alloc(4)]);
}

const files: Readonly<Record<string, Buffer>> = {
  gzip: gzipSync(content),
  'gzip in two members': Buffer.concat([gzipSync(content.subarray(0, 100)), gzipSync(content.subarray(100))]),
  zstd: zstd(content),
  lz4: lz4(content),
};

async function readAll(input: CaptureInput): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const room = new Uint8Array(7000);
    const count = await input.read(room);
    if (count === 0) return Buffer.concat(parts);
    parts.push(Buffer.from(room.subarray(0, count)));
  }
}

async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

for (const [name, bytes] of Object.entries(files))
  test(`${name} is read as what is in it, from a file twice, and from a pipe`, async (t) => {
    const path = join(folder, `${name}.of-any-name`);
    writeFileSync(path, bytes);
    const input = openInput(path);
    t.deepEqual([input.size, input.canRewind], [undefined, true]);
    t.true((await readAll(input)).equals(content));
    input.rewind();
    t.true((await readAll(input)).equals(content));
    t.is(input.fault, undefined);
    input.close();
    for (const length of [1, 4096]) {
      const pipe = inputOf(inPieces(bytes, length));
      t.true((await readAll(pipe)).equals(content));
      t.false(pipe.canRewind);
      pipe.close();
    }
  });

for (const [name, bytes] of Object.entries(files))
  test(`${name} that is cut gives what was there, and says so`, async (t) => {
    const pipe = inputOf(inPieces(bytes.subarray(0, bytes.length - 20), 4096));
    const read = await readAll(pipe);
    t.true(content.subarray(0, read.length).equals(read));
    t.true(read.length < content.length);
    t.regex(present(pipe.fault).en, /damaged or cut .*everything before was read/);
  });

/** RFC 8878 section 3.1.2. */
const skippable = (bytes: string, nibble = 0): Buffer =>
  Buffer.concat([
    Buffer.from([0x50 + nibble, 0x2a, 0x4d, 0x18, bytes.length, 0, 0, 0]),
    Buffer.from(bytes, 'latin1'),
  ]);

for (const [name, bytes, most] of [
  ['gzip', gzipSync(content), 60_000],
  [
    'gzip of two members',
    Buffer.concat([gzipSync(content.subarray(0, 10)), gzipSync(content.subarray(10))]),
    60_000,
  ],
  ['zstd', zstd(content), 100_000],
] as const)
  for (const rest of ['garbage behind it', '\x1f\x8bnot gzip', '\0\0\0\x01'])
    test(`${name} with ${JSON.stringify(rest)} behind it: what was read is there, and where the rest begins`, async (t) => {
      t.true(bytes.length < most);
      for (const length of [1, 7, 4096, 200_000]) {
        const pipe = inputOf(inPieces(Buffer.concat([bytes, Buffer.from(rest, 'latin1')]), length));
        t.true((await readAll(pipe)).equals(content));
        const fault = present(pipe.fault);
        t.true(fault.en.includes(`from byte ${grouped(bytes.length)} of the file on`), fault.en);
        t.true(fault.ko.includes(`${grouped(bytes.length)}바이트부터`), fault.ko);
      }
    });

test('zeros behind gzip fill up a block, and are nothing', async (t) => {
  const pipe = inputOf(inPieces(Buffer.concat([gzipSync(content), Buffer.alloc(700)]), 300));
  t.true((await readAll(pipe)).equals(content));
  t.is(pipe.fault, undefined);
});

test('gzip whose checksum differs says so', async (t) => {
  const bytes = gzipSync(content);
  bytes[bytes.length - 6] = (bytes[bytes.length - 6] ?? 0) ^ 1;
  const pipe = inputOf(inPieces(bytes, 4096));
  t.true((await readAll(pipe)).equals(content));
  t.regex(present(pipe.fault).en, /incorrect data check/);
});

test('gzip with every field in its header is read', async (t) => {
  const plain = gzipSync(content);
  const head = Buffer.from(plain.subarray(0, 10));
  head[3] = 0x1e;
  const fields = Buffer.concat([
    Buffer.from([3, 0, 1, 2, 3]),
    Buffer.from('seen.pcap\0a comment\0'),
    Buffer.from([9, 9]),
  ]);
  const pipe = inputOf(inPieces(Buffer.concat([head, fields, plain.subarray(10)]), 3));
  t.true((await readAll(pipe)).equals(content));
  t.is(pipe.fault, undefined);
});

test('skippable frames of zstd are skipped, before, between and behind', async (t) => {
  const bytes = Buffer.concat([
    skippable('abcd'),
    zstd(content.subarray(0, 500)),
    skippable('', 15),
    zstd(content.subarray(500)),
    skippable('x'.repeat(200), 3),
  ]);
  t.is(compressionOf(bytes.subarray(0, 4)), 'zstd');
  for (const length of [1, 100, 200_000]) {
    const pipe = inputOf(inPieces(bytes, length));
    t.true((await readAll(pipe)).equals(content));
    t.is(pipe.fault, undefined);
  }
});

test('a zstd file with a window beyond 128 MiB is refused in words', async (t) => {
  const bytes = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xb0, 0x01, 0x00, 0x00]);
  const error = await t.throwsAsync(
    async () => readAll(inputOf(inPieces(Buffer.concat([bytes, Buffer.alloc(20)]), 100))),
    {
      instanceOf: UserError,
    },
  );
  t.regex(present(error).message, /too much memory/);
});

test('what is not compressed passes as it is, however short', async (t) => {
  for (const length of [0, 1, 3, 4, 5000]) {
    const pipe = inputOf(inPieces(content.subarray(0, length), 1));
    t.true((await readAll(pipe)).equals(content.subarray(0, length)));
  }
  t.is(compressionOf(Buffer.from([0x1f, 0x8b])), undefined);
});

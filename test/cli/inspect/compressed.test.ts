import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import test from 'ava';
import { compressionOf } from '../../../src/cli/inspect/decompress.ts';
import { inputOf, openInput } from '../../../src/cli/inspect/input.ts';
import type { CaptureInput } from '../../../src/cli/inspect/input.ts';
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

import test from 'ava';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarOf } from '../../../src/cli/build/tar.ts';
import type { TarEntry } from '../../../src/cli/build/tar.ts';
import { runProgram, withPeer } from '../../helpers/peer.ts';

const bytesOf = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index * 7);
const entry = (path: string, length = 3): TarEntry => ({ path, bytes: bytesOf(length) });

/** A name of 100 bytes is the last that one field holds. */
const inOneField = `a/${'b'.repeat(98)}`;
const entries: readonly TarEntry[] = [
  entry('top/empty', 0),
  ...[1, 511, 512, 513, 10_240].map((length) => entry(`top/of-${length}`, length)),
  { path: 'top/deep/er/program', bytes: Buffer.from('#!/bin/sh\necho it runs\n'), isProgram: true },
  entry(inOneField),
  entry(`${'c'.repeat(99)}/d`),
  entry(`${'d'.repeat(60)}/${'e'.repeat(60)}/f`),
  entry(`${'f'.repeat(77)}/${'g'.repeat(77)}/${'h'.repeat(100)}`),
  // Names that the two fields of ustar cannot hold are not cut.
  entry(`long/${'x'.repeat(101)}`),
  entry(`${'x'.repeat(156)}/${'y'.repeat(100)}`),
  entry(`${'z'.repeat(101)}/y`),
];

withPeer(
  'tar',
  'the system’s tar unpacks every file as it was, with its folders, modes and time',
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'wirelab tar '));
    t.teardown(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'it.tar'), await tarOf(entries));
    const { exitCode, stderr } = await runProgram('tar', ['-xpf', 'it.tar'], { cwd: folder });
    t.is(exitCode, 0, stderr);
    t.is(stderr, '');
    for (const { path, bytes, isProgram } of entries) {
      t.deepEqual(new Uint8Array(readFileSync(join(folder, path))), new Uint8Array(bytes), path);
      t.is(statSync(join(folder, path)).mode & 0o777, isProgram ? 0o755 : 0o644, path);
      t.is(statSync(join(folder, path)).mtime.toISOString(), '1980-01-01T00:00:00.000Z', path);
    }
    t.is((await runProgram(join(folder, 'top/deep/er/program'), [])).stdout, 'it runs\n');
    const { stdout } = await runProgram('tar', ['-tf', 'it.tar'], { cwd: folder });
    t.deepEqual(
      stdout
        .trim()
        .split('\n')
        .filter((line) => line.startsWith('top/') && line.endsWith('/')),
      ['top/', 'top/deep/', 'top/deep/er/'],
    );
  },
);

test('the order in which files are handed in makes no difference, and whole records are written', async (t) => {
  t.deepEqual(await tarOf(entries.toReversed()), await tarOf(entries));
  for (let count = 0; count < 24; count++) {
    const { length } = await tarOf(Array.from({ length: count }, (_, index) => entry(`n${index}`, 512)));
    t.is(length % 10_240, 0);
    t.is(length, Math.ceil((count * 1024 + 1024) / 10_240) * 10_240);
  }
});

for (const [title, path] of [
  ['not ASCII', '가'],
  ['with a line end', 'a\nb'],
  ['empty', ''],
] as const) {
  test(`a name is refused: ${title}`, async (t) => {
    await t.throwsAsync(tarOf([entry(path)]));
  });
}

test('a duplicate name is an error', async (t) => {
  await t.throwsAsync(tarOf([entry('same'), entry('same', 5)]), { message: /same is twice/ });
});

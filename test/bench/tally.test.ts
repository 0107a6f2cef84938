/** wirelab's own count of connections, read from its output in pieces of any length. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { FileTally, Tally } from '../../bench/relay/tally.ts';

const text = [
  '20:38:00.409 B #4 127.0.0.1:59060 → 127.0.0.1:60955 connected',
  '20:38:00.415 B #3 closed by the client → 64 B ← 64 B',
  '20:38:00.430 A #1 closed by the client → 2,295 B ← 1,200 B',
  '20:38:00.442 A #12 closed → 2,295 B ← 1,200 B',
  '20:38:00.468 A #5 closed by the server → 1,749 B ← 955 B',
  '20:38:00.468 A #5 REFUSED by proxy: the client (no certificate)',
  '    who        proxy (mtls proxy), on reading the empty Certificate message of the client',
  '',
].join('\n');

const json = [
  '{"v":1,"kind":"bytes","conn":1,"hop":"A","bytes":"ZXh4"}',
  '{"v":1,"kind":"stream","stream":1,"hop":"A","client":"127.0.0.1:38048"}',
  '{"v":1,"kind":"stream","stream":2,"hop":"B","client":"127.0.0.1:52852"}',
  '{"v":1,"kind":"stream","stream":13,"hop":"A","client":"127.0.0.1:38062"}',
  '',
].join('\n');

for (const [mark, output, wanted] of [
  ['text', text, { ended: 3, refused: 1 }],
  ['json', json, { ended: 2, refused: 2 }],
] as const)
  test(`${mark}: connections of clients are counted once, however the output is cut`, (t) => {
    const bytes = Buffer.from(output);
    for (const length of [1, 2, 7, 50, 101, 1000]) {
      const tally = new Tally(mark);
      for (let at = 0; at < bytes.length; at += length) tally.add(bytes.subarray(at, at + length));
      t.deepEqual(tally.reported, wanted, `${length}`);
    }
  });

test('a file is read on from where it ended', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-tally-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'output');
  const tally = new FileTally(path, 'text');
  t.is(tally.read().ended, 0);
  appendFileSync(path, text);
  t.is(tally.read().ended, 3);
  t.is(tally.read().ended, 3);
  appendFileSync(path, text);
  t.deepEqual(tally.read(), { ended: 6, refused: 2 });
});

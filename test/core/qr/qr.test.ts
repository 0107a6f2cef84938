/** QR codes: a known one module by module, the limits of each version, and every version read back by a decoder. */
import test from 'ava';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { correctionOf } from '../../../src/core/qr/correction.ts';
import { qrCode, quietZone } from '../../../src/core/qr/qr.ts';
import type { QrCode } from '../../../src/core/qr/qr.ts';
import { withPeer } from '../../helpers/peer.ts';

/** What each version holds at level M, in bytes (ISO/IEC 18004:2015 table 7). */
const capacities = [14, 26, 42, 62, 84, 106, 122, 152, 180, 213];

const versionOf = (code: QrCode | undefined): number => ((code?.length ?? 0) - 17) / 4;

test('each version holds what the standard says, and nothing is beyond the tenth', (t) => {
  for (const [index, most] of capacities.entries()) {
    t.is(versionOf(qrCode('a'.repeat(most))), index + 1);
    if (index < 9) t.is(versionOf(qrCode('a'.repeat(most + 1))), index + 2);
  }
  t.is(qrCode('a'.repeat(214)), undefined);
  // Letters beyond ASCII count as their bytes.
  t.is(versionOf(qrCode('한'.repeat(5))), 2);
});

test('the correction is that of the example in annex I of the standard', (t) => {
  const data = Uint8Array.of(
    0x10,
    0x20,
    0x0c,
    0x56,
    0x61,
    0x80,
    0xec,
    0x11,
    0xec,
    0x11,
    0xec,
    0x11,
    0xec,
    0x11,
    0xec,
    0x11,
  );
  t.is(Buffer.from(correctionOf(data, 10)).toString('hex'), 'a524d4c1ed36c7872c55');
});

test('finder and timing patterns stand where a reader looks for them', (t) => {
  const code = qrCode('https://127.0.0.1:40000/') ?? [];
  const drawn = code.map((row) => row.map((isDark) => (isDark ? '#' : '.')).join(''));
  const finder = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'];
  const size = drawn.length;
  for (const [row, line] of finder.entries()) {
    t.is(drawn[row]?.slice(0, 7), line);
    t.is(drawn[row]?.slice(-7), line);
    t.is(drawn[size - 7 + row]?.slice(0, 7), line);
  }
  t.regex(drawn[6]?.slice(6, -6) ?? '', /^(?:#\.)+#$/);
});

/** A portable bitmap, four by four dots a module. */
function bitmap(code: QrCode): string {
  const side = code.length + 2 * quietZone;
  const rows = Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (__, column) =>
      code[row - quietZone]?.[column - quietZone] ? '1 1 1 1' : '0 0 0 0',
    ).join(' '),
  );
  return `P1\n${side * 4} ${side * 4}\n${rows.flatMap((row) => [row, row, row, row]).join('\n')}\n`;
}

withPeer('zbarimg', 'a decoder reads every version, and every mask that is chosen', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wirelab-qr-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const texts = capacities.flatMap((most) => [
    `http://127.0.0.1:${most}/`.padEnd(most, 'AbC-_9').slice(0, most),
    Array.from({ length: most }, (_, at) => String.fromCharCode(33 + ((at * 7 + most) % 90))).join(''),
  ]);
  const files = texts.map((text, at) => {
    const file = join(folder, `${String(at).padStart(2, '0')}.pbm`);
    writeFileSync(file, bitmap(qrCode(text) ?? []));
    return file;
  });
  const { stdout } = spawnSync('zbarimg', ['-q', '--raw', '-Sdisable', '-Sqrcode.enable', ...files], {
    encoding: 'utf8',
  });
  t.deepEqual(stdout.trimEnd().split('\n'), texts);
});
